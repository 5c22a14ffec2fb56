import re

import pytest

from interactive_gym.configurations.experiment_config import ExperimentConfig
from interactive_gym.scenes.outcomes import Ending
from interactive_gym.scenes.stager import Stager
from interactive_gym.scenes.static_scene import EndScene, StartScene

STUN = {"urls": "stun:stun.example.org"}
TURN = {"urls": ["turn:turn.example.org:3478", "turns:turn.example.org"]}


def two_pages() -> Stager:
    return Stager(scenes=[StartScene().scene(scene_id="start"), EndScene().scene(scene_id="end")])


def test_an_experiment_with_scenes_and_an_id_is_complete():
    config = ExperimentConfig().experiment(stager=two_pages(), experiment_id="pilot_1-b")
    config.check()
    assert config.experiment_id == "pilot_1-b"


def test_a_setter_called_again_replaces_what_is_given_and_keeps_the_rest():
    config = ExperimentConfig().hosting(host="0.0.0.0", port=1234).hosting(port=4321)
    assert (config.host, config.port) == ("0.0.0.0", 4321)


def test_nobody_frames_an_experiment_unless_named():
    config = ExperimentConfig()
    assert config.framed_by == ()
    assert config.hosting(framed_by=["https://panel.example.org"]).framed_by == (
        "https://panel.example.org",
    )
    assert config.hosting(framed_by="*").framed_by is None


def test_an_experiment_is_at_the_root_and_open_to_all_origins_unless_told():
    config = ExperimentConfig()
    assert (config.base_path, config.allowed_origins) == ("/", None)
    config.hosting(base_path="/study1", allowed_origins=["https://study.example.org"])
    config.hosting(port=1234)
    assert config.base_path == "/study1/"
    assert config.allowed_origins == ("https://study.example.org",)
    assert config.hosting(allowed_origins="*").allowed_origins is None


@pytest.mark.parametrize("port", [1, 65535])
def test_every_port_that_there_is_may_be_used(port):
    assert ExperimentConfig().hosting(port=port).port == port


@pytest.mark.parametrize(
    ("setter", "options", "named"),
    [
        ("experiment", {"experiment_id": "../up"}, "experiment_id is '../up'"),
        ("experiment", {"experiment_id": ""}, "experiment_id is ''"),
        ("experiment", {"experiment_id": "a\n"}, "experiment_id is"),
        ("experiment", {"stager": ["start"]}, "stager is"),
        ("experiment", {"save_experiment_data": "yes"}, "save_experiment_data is 'yes'"),
        ("experiment", {"data_dir": ""}, "data_dir is ''"),
        ("hosting", {"port": "8000"}, "port is '8000'"),
        ("hosting", {"port": True}, "port is True"),
        ("hosting", {"port": 65536}, "from 1 to 65535"),
        ("hosting", {"port": 0}, "from 1 to 65535"),
        ("hosting", {"host": ""}, "host is ''"),
        ("hosting", {"base_path": "study1"}, "base_path is 'study1'"),
        ("hosting", {"allowed_origins": "example.org"}, "allowed_origins is 'example.org'"),
        ("hosting", {"allowed_origins": ["example.org"]}, "allowed_origins has 'example.org'"),
        ("hosting", {"framed_by": ["'self'"]}, "framed_by has \"'self'\""),
        ("webrtc", {"ice_servers": "stun:a"}, "ice_servers is 'stun:a'"),
        ("webrtc", {"ice_servers": [{"url": "stun:a"}]}, "ice_servers has the entry"),
        ("webrtc", {"ice_servers": [{"urls": "http://a"}]}, "ice_servers has the urls 'http://a'"),
        ("webrtc", {"ice_servers": [STUN], "force_relay": True}, "force_relay is True"),
        ("webrtc", {"ice_servers": [STUN], "turn_username": "u"}, "names no TURN server"),
        ("webrtc", {"ice_servers": [TURN], "turn_username": "u"}, "turn_credential is None"),
    ],
)
def test_a_wrong_option_fails_at_the_call_with_its_name_and_value(setter, options, named):
    with pytest.raises(ValueError, match=r".*") as caught:
        getattr(ExperimentConfig(), setter)(**options)
    assert named in str(caught.value)
    assert str(caught.value).endswith(".")


def test_an_unknown_option_fails_at_the_call():
    with pytest.raises(TypeError):
        ExperimentConfig().hosting(prot=8000)


def test_turn_credentials_are_filled_into_turn_servers_that_have_none():
    own = {"urls": "turn:own.example.org", "username": "me", "credential": "mine"}
    config = ExperimentConfig().webrtc(
        ice_servers=[STUN, TURN, own], turn_username="u", turn_credential="c"
    )
    assert config.ice_servers == [STUN, {**TURN, "username": "u", "credential": "c"}, own]
    assert "username" not in TURN


def test_later_credentials_replace_earlier_ones():
    config = ExperimentConfig().webrtc(
        ice_servers=[TURN], turn_username="u", turn_credential="c", force_relay=True
    )
    config.webrtc(turn_username="v")
    assert config.ice_servers[0]["username"] == "v"
    assert config.force_relay


def test_a_refused_call_changes_nothing():
    config = ExperimentConfig().webrtc(ice_servers=[STUN])
    with pytest.raises(ValueError, match="force_relay"):
        config.webrtc(force_relay=True)
    assert config.force_relay is False


@pytest.mark.parametrize(
    ("options", "missing"),
    [({"experiment_id": "a"}, "stager"), ({"stager": two_pages()}, "experiment_id")],
)
def test_an_incomplete_experiment_names_what_is_missing(options, missing):
    config = ExperimentConfig().experiment(**options)
    with pytest.raises(ValueError, match=f"{missing} is missing"):
        config.check()


def test_recruitment_ids_come_in_the_usual_parameters_and_lead_back_by_default():
    config = ExperimentConfig()
    assert config.recruitment_rules.id_parameters[0] == "PROLIFIC_PID"
    assert config.repeated_id == "continue"
    config.recruitment(id_parameters=["sona", "pid"]).recruitment(repeated_id="refuse")
    assert config.recruitment_rules.id_parameters == ("sona", "pid")
    assert config.repeated_id == "refuse"


@pytest.mark.parametrize(
    "options",
    [
        *({"id_parameters": value} for value in ("sona", [], [""], [1], None)),
        *({"repeated_id": value} for value in ("reject", None, True, "")),
        *({"panel": value} for value in ("Prolific", "mturk", None, 1)),
        *({"parameters": value} for value in ("wave", [], [""], None)),
        *({"ask_for_id": value} for value in (1, None, "yes")),
        *({"credit_url": value} for value in ("", 1, "https://x.org/a?survey_code=XXXX")),
    ],
)
def test_how_participants_are_recognised_is_checked(options):
    (option, value), *_ = options.items()
    with pytest.raises(ValueError, match=f"{option} is {re.escape(repr(value))}: give "):
        ExperimentConfig().recruitment(**options)


def test_a_panel_brings_its_own_parameters_unless_others_are_given():
    config = ExperimentConfig().recruitment("sona", ask_for_id=True, parameters=["wave"])
    rules = config.recruitment_rules
    assert (rules.id_parameters[0], rules.asks_for_id, rules.parameters) == (
        "survey_code",
        True,
        ("wave",),
    )
    config.recruitment(id_parameters=["who"]).recruitment("prolific")
    assert config.recruitment_rules.id_parameters == ("who",)
    assert config.recruitment_rules.panel.name == "Prolific"


def test_credit_is_granted_by_sona_alone():
    url = "https://x.sona-systems.com/webstudy_credit.aspx?experiment_id=1&credit_token=a"
    config = ExperimentConfig().recruitment("sona", credit_url=f"{url}&survey_code=XXXX")
    assert config.recruitment_rules.credit_url == f"{url}&survey_code="
    with pytest.raises(ValueError, match="the panel is not SONA"):
        ExperimentConfig().recruitment("prolific", credit_url=f"{url}&survey_code=XXXX")
    with pytest.raises(ValueError, match="the panel is not SONA"):
        config.recruitment("prolific")


@pytest.mark.parametrize("limit", [1, 5000, None])
def test_newcomers_of_an_address_may_be_limited_or_not(limit):
    assert ExperimentConfig().newcomers_per_address == 1000
    config = ExperimentConfig().hosting(newcomers_per_address=limit)
    assert config.newcomers_per_address == limit


@pytest.mark.parametrize("limit", [0, -1, 1.5, "many", True])
def test_a_limit_of_newcomers_that_is_no_number_of_people_is_refused(limit):
    with pytest.raises(ValueError, match="newcomers_per_address is"):
        ExperimentConfig().hosting(newcomers_per_address=limit)


@pytest.mark.parametrize("number", [0, 1, 64])
def test_recorders_are_counted(number):
    assert ExperimentConfig().recorders == 0
    assert ExperimentConfig().hosting(recorders=number).recorders == number


@pytest.mark.parametrize("number", [-1, 65, 1.5, "two", True, None])
def test_what_is_no_number_of_recorders_is_refused(number):
    with pytest.raises(ValueError, match="recorders is"):
        ExperimentConfig().hosting(recorders=number)


def test_recorders_of_a_study_that_keeps_nothing_are_refused_at_start():
    scenes = [StartScene().scene(scene_id="start"), EndScene().scene(scene_id="end")]
    config = ExperimentConfig().hosting(recorders=1)
    config.experiment(
        stager=Stager(scenes=scenes), experiment_id="pilot", save_experiment_data=False
    )
    with pytest.raises(ValueError, match=r"^recorders is 1, but save_experiment_data is False"):
        config.check()


def test_outcomes_are_as_by_default_until_the_script_calls_for_a_table():
    config = ExperimentConfig().experiment(stager=two_pages(), experiment_id="pilot")
    assert not config.endings.is_given
    assert config.outcomes().endings.is_given
    config.outcomes({"idle": Ending(code="A")}, currency="£").outcomes(reward=3)
    assert (config.endings.currency, config.endings.reward) == ("£", 3)
    with pytest.raises(ValueError, match="code of the outcome 'idle' is 'A'"):
        config.check()

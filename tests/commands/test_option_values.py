import click
import pytest

from interactive_gym.commands import option_values
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.populations.arrivals import BurstArrivals, PoissonArrivals


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10.0), ("500ms", 0.5), ("2.5m", 150.0), ("3min", 180.0), ("1h", 3600.0)],
)
def test_durations_are_read_with_their_units(text, seconds):
    assert option_values.duration_s(text) == seconds


@pytest.mark.parametrize("text", ["10", "0s", "-1s", "s", "ten seconds", "1d", ""])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(click.BadParameter, match="write for example 10s"):
        option_values.duration_s(text)


def test_arrivals_come_one_by_one_or_in_bursts():
    assert option_values.arrivals("10s") == PoissonArrivals(10.0)
    assert option_values.arrivals("20x5m") == BurstArrivals(20, 300.0)


@pytest.mark.parametrize("text", ["20x", "x5m", "2.5x5m", "often"])
def test_what_is_no_rule_for_arrivals_is_refused(text):
    with pytest.raises(click.BadParameter):
        option_values.arrivals(text)


def test_thresholds_are_sorted_and_different():
    assert option_values.thresholds_ms("150,60,150") == [60.0, 150.0]


@pytest.mark.parametrize("text", ["", "60,,100", "60;100", "0", "-5", "nan", "inf", "60ms"])
def test_what_is_no_threshold_is_refused(text):
    with pytest.raises(click.BadParameter, match="60,100,150,200"):
        option_values.thresholds_ms(text)


def test_shares_are_read_as_numbers_and_percentages():
    assert (option_values.share("0.25"), option_values.share("5%")) == (0.25, 0.05)


@pytest.mark.parametrize("text", ["1.5", "-1%", "half", "nan"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(click.BadParameter, match="is not a share"):
        option_values.share(text)


@pytest.mark.parametrize("text", list(option_values.MATCHMAKERS))
def test_every_short_name_makes_a_matchmaker_with_its_threshold(text):
    made = option_values.matchmaker(text)(80.0)
    assert type(made) is option_values.MATCHMAKERS[text]
    assert made.max_p2p_rtt_ms == 80.0


def test_a_matchmaker_of_ones_own_is_found_in_the_present_folder(tmp_path, monkeypatch):
    (tmp_path / "my_matchmaker.py").write_text(
        "from interactive_gym.server.matchmaker import FIFOMatchmaker\n"
        "class Mine(FIFOMatchmaker):\n    pass\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", ["/nowhere"])
    made = option_values.matchmaker("my_matchmaker:Mine")(80.0)
    assert isinstance(made, FIFOMatchmaker)
    assert made.max_p2p_rtt_ms == 80.0


REFUSED = """
from interactive_gym.server.matchmaker import FIFOMatchmaker
class NoThreshold(FIFOMatchmaker):
    def __init__(self): super().__init__()
class Forgets(FIFOMatchmaker):
    def __init__(self, max_p2p_rtt_ms): super().__init__()
class Other: pass
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("best", "'best' is no matchmaker; use"),
        ("missing_module:Mine", "cannot be imported"),
        ("refused_matchmakers:Missing", "cannot be imported"),
        ("refused_matchmakers:Other", "is no subclass"),
        ("refused_matchmakers:NoThreshold", "cannot be made: TypeError"),
        ("refused_matchmakers:Forgets", "ignores max_p2p_rtt_ms"),
        (":", "cannot be imported"),
    ],
)
def test_what_is_no_matchmaker_is_refused(tmp_path, monkeypatch, text, sentence):
    (tmp_path / "refused_matchmakers.py").write_text(REFUSED)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(click.BadParameter, match=sentence):
        option_values.matchmaker(text)

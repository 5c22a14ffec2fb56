from interactive_gym.server.matchmaker import FIFOMatchmaker
from tests.support.matching_fakes import FakeScene, World


def test_without_a_threshold_nothing_is_probed_and_the_group_starts_at_once():
    world = World()
    world.join("a", "b")
    assert world.games() == [("a", "b")]
    assert world.prober.probes == []


def test_without_a_coordinator_a_threshold_is_not_probed():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=None)
    world.join("a", "b")
    assert world.games() == [("a", "b")]


def test_the_scenes_matchmaker_is_used_unless_another_is_given():
    scene = FakeScene(matchmaker=FIFOMatchmaker(120))
    assert World(scene=scene, matchmaker=None).manager.matchmaker is scene.matchmaker
    own = FIFOMatchmaker(90)
    assert World(scene=scene, matchmaker=own).manager.matchmaker is own
    plain = World(matchmaker=None).manager.matchmaker
    assert isinstance(plain, FIFOMatchmaker)
    assert plain.max_p2p_rtt_ms is None


def test_somebody_who_plays_alone_starts_at_once():
    world = World(max_p2p_rtt_ms=150, scene=FakeScene(human_agents=("player",)))
    world.join("a")
    assert world.games() == [("a",)]
    assert world.sio.to("a", "game_created")[0]["peers"] == []


def test_nobody_in_a_game_can_join_again():
    world = World()
    world.join("a", "b")
    world.join("a", "c")
    assert world.games() == [("a", "b")]


def test_the_app_reports_a_disconnection_to_manager_and_coordinator_and_the_other_goes_on():
    world = World(max_p2p_rtt_ms=150, probe_coordinator=None)
    coordinator = world.probe_for_real()
    world.join("a", "b", "c")
    world.manager.handle_disconnect("a")
    coordinator.handle_disconnect("a")
    assert [payload["role"] for payload in world.sio.to("b", "probe_prepare")] == [
        "answerer",
        "offerer",
    ]
    assert world.sio.to("c", "probe_prepare")[0]["role"] == "answerer"

import pytest

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.server.participants.group_history import GroupHistory
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from interactive_gym.simulation.ledger_replay import LedgerError, parse_ledger, replay
from tests.support.ledger_study import THREE, Newest, Study, eventful


def same_condition(a, b):
    return a.attributes["condition"] == b.attributes["condition"]


def confirmed(lines, make=plan_matchmaker):
    result = replay(lines, make)
    assert result.difference is None, result.difference
    assert result.notes == []
    decisions = [line for line in lines if line["kind"] != "game_ended"]
    assert sum(result.confirmed.values()) == len(decisions)
    return result.confirmed


MATCHMAKERS = [
    FIFOMatchmaker(150),
    FIFOMatchmaker(),
    FIFOMatchmaker(100, rtt_expansions=[(5, 160), (20, 200)]),
    FIFOMatchmaker(100, rtt_expansions=[(5, 160), (20, 200)], expand_by="newest"),
    LatencyMatchmaker(150),
    LatencyMatchmaker(90, probe_price=3.0, rtt_expansions=[(20, 160)]),
    GroupReunionMatchmaker(150, fallback=LatencyMatchmaker(150, age_weight=0.7)),
    Newest(150, after_s=1.0),
]


@pytest.mark.parametrize("agents", [("left", "right"), THREE, (*THREE, "four")])
@pytest.mark.parametrize("matchmaker", MATCHMAKERS, ids=lambda m: type(m).__name__)
def test_a_study_is_confirmed_line_by_line(tmp_path, matchmaker, agents):
    lines = eventful(Study(tmp_path, matchmaker, agents)).lines()
    counts = confirmed(lines)
    assert counts["plan"] == 1
    assert counts["proposal"] >= 1
    assert counts["exit"] >= 1
    if matchmaker.max_p2p_rtt_ms is not None:
        assert counts["verdict"] >= 1
        assert counts["failure"] >= 1


@pytest.mark.parametrize("matchmaker", MATCHMAKERS, ids=lambda m: type(m).__name__)
def test_waits_from_before_a_restart_and_a_stop_amid_probes_are_replayed(tmp_path, matchmaker):
    study = Study(tmp_path, matchmaker)
    study.manager.restore_wait("b", 25.3)
    study.manager.restore_wait("c", 0.0)
    study.join("a", "b", "c", "d")
    study.pass_time(2.0)
    study.manager.stop_matching()
    study.join("e", "f")
    study.pass_time(100.0)
    lines = study.lines()
    counts = confirmed(lines)
    assert counts["stop"] == 1
    waited_ms = [line["waited_ms"] for line in lines if line["kind"] == "arrival"]
    # Time passes with every look at the clock.
    assert waited_ms == [0, pytest.approx(25_300, abs=9), pytest.approx(0, abs=9), 0, 0, 0]
    stop = [line["kind"] for line in lines].index("stop")
    later = {line["kind"] for line in lines[stop + 1 :]}
    assert "proposal" not in later
    assert {"exit"} <= later


def test_attributes_blocked_pairs_previous_partners_and_probe_limits_are_replayed(tmp_path):
    history = GroupHistory()
    history.record(["a", "d"])
    study = Study(
        tmp_path,
        GroupReunionMatchmaker(150, reunion_timeout_s=5, compatible=same_condition),
        history=history,
        attributes_of=lambda subject_id: {"condition": ord(subject_id) % 2},
        blocked_on_arrival=lambda subject_id: {"e": ["a"], "f": ["b", "d"]}.get(subject_id, []),
        max_probes_per_participant=3,
    )
    eventful(study)
    arrivals = {line["subject_id"]: line for line in study.lines() if line["kind"] == "arrival"}
    assert arrivals["a"]["previous_partners"] == ["d"]
    assert arrivals["a"]["attributes"] == {"condition": 1}
    assert arrivals["f"]["blocked_with"] == ["b", "d"]
    confirmed(study.lines())


@pytest.mark.parametrize("leaver", ["a", "b", None])
@pytest.mark.parametrize("agents", [("left", "right"), THREE])
def test_a_game_that_could_not_start_is_replayed_with_who_came_back_and_who_failed(
    tmp_path, agents, leaver
):
    study = Study(tmp_path, FIFOMatchmaker(300), agents)
    study.prober.inside = lambda probe: probe.complete(100.0)
    people = ["a", "b", "c"][: len(agents)]
    study.join(*people)
    if leaver is None:
        game_id = study.game_id("a")
        study.send("b", "game_ready", game_id=game_id)
        if len(people) == 3:
            study.send("c", "game_ready", game_id=game_id)
        study.pass_time(70.0)
    else:
        study.manager.leave(leaver, "closed the page")
        study.join("x")
    study.pass_time(20.0)
    counts = confirmed(study.lines())
    assert counts["repool"] >= 1
    assert any(line["kind"] == "repool" and line["game_id"] for line in study.lines())


def test_a_restarted_server_begins_anew_in_the_same_ledger(tmp_path):
    eventful(Study(tmp_path, FIFOMatchmaker(150)))
    lines = eventful(Study(tmp_path, LatencyMatchmaker(150), THREE)).lines()
    assert confirmed(lines)["plan"] == 2


def test_half_a_line_at_the_end_is_left_out_and_one_in_the_middle_is_named(tmp_path):
    text = eventful(Study(tmp_path, FIFOMatchmaker(150))).path.read_text()
    confirmed(parse_ledger(text + '{"kind": "arr'))
    with pytest.raises(LedgerError, match="line 1 is no JSON"):
        parse_ledger('{"kind": "arr\n' + text)


FORGERIES = {
    "a verdict turned round": (
        "verdict",
        lambda line: line["verdict"] == "rejected" and line["rtt_ms"] is not None,
        lambda line: [line | {"verdict": "accepted"}],
    ),
    "a measurement made better": (
        "verdict",
        lambda line: line["verdict"] == "rejected" and line["rtt_ms"] is not None,
        lambda line: [line | {"rtt_ms": 20.0}],
    ),
    "a threshold raised": ("verdict", lambda line: True, lambda line: [line | {"threshold_ms": 9}]),
    "a proposal of others": (
        "proposal",
        lambda line: True,
        lambda line: [line | {"matched": line["matched"][::-1]}],
    ),
    "a proposal left out": ("proposal", lambda line: True, lambda line: []),
    "an arrival left out": ("arrival", lambda line: True, lambda line: []),
    "an exit left out": ("exit", lambda line: True, lambda line: []),
    "a match made up": ("arrival", lambda line: True, lambda line: [line, line]),
    "another seed": ("matched", lambda line: True, lambda line: [line | {"seed": 7}]),
    "another plan": ("matched", lambda line: True, lambda line: [line | {"plan_digest": "0"}]),
    "a wait made longer": (
        "exit",
        lambda line: True,
        lambda line: [line | {"waited_ms": line["waited_ms"] + 1}],
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_first_line_that_differs_is_shown(tmp_path, forgery):
    kind, is_meant, forge = FORGERIES[forgery]
    lines = eventful(Study(tmp_path, FIFOMatchmaker(150))).lines()
    at = next(n for n, line in enumerate(lines) if line["kind"] == kind and is_meant(line))
    forged = [*lines[:at], *forge(lines[at]), *lines[at + 1 :]]
    difference = replay(forged, plan_matchmaker).difference
    assert difference is not None
    assert difference.line_number >= at + 1
    assert difference.expected != difference.got


def test_a_matchmaker_that_decides_otherwise_than_then_is_found_out(tmp_path):
    class Reversed(FIFOMatchmaker):
        def find_match(self, arriving, waiting, group_size):
            group = super().find_match(arriving, waiting, group_size)
            return None if group is None else group[::-1]

    lines = eventful(Study(tmp_path, FIFOMatchmaker(150))).lines()
    result = replay(lines, lambda plan: plan_matchmaker(plan, Reversed))
    assert result.difference is not None
    assert "matchmaker was" in result.notes[0]


def test_lines_of_another_schema_are_refused(tmp_path):
    lines = eventful(Study(tmp_path, FIFOMatchmaker(150))).lines()
    with pytest.raises(LedgerError, match="line 2 cannot be replayed: its schema is 1"):
        replay([lines[0], lines[1] | {"schema": 1}], plan_matchmaker)
    with pytest.raises(LedgerError, match="no plan comes before it"):
        replay(lines[1:], plan_matchmaker)


# The command


def test_a_study_without_a_coordinator_is_replayed_without_probes(tmp_path):
    study = Study(tmp_path, FIFOMatchmaker(150), probe_coordinator=None)
    study.join("a", "b", "c")
    study.pass_time(5.0)
    assert confirmed(study.lines())["matched"] == 1

"""Who cannot be connected, or does not answer, keeps nobody else from being tried."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.ledger.schema import SCHEMA
from interactive_gym.server.matchmaker import FIFOMatchmaker, Matchmaker
from interactive_gym.server.messages.signals import Answer, Candidate, IceCandidate, Offer
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal
from interactive_gym.server.reunion_matchmaker import GroupReunionMatchmaker
from interactive_gym.simulation.ledger_replay import replay
from tests.support.matching_fakes import FakeScene, World

PROBE_S = 15.5
"""The longest time that a probe takes, in seconds, with the tick that notices its end."""

HOST = Candidate(IceCandidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0"))


class Latest(FIFOMatchmaker):
    """A researcher's strategy that groups with whoever came last."""

    def find_match(self, arriving, waiting, group_size):
        return [waiting[-1], arriving] if waiting else None


class Backwards(Matchmaker):
    """A researcher's strategy that sees the pool, and prefers whom nobody ever met."""

    def find_match(self, arriving, waiting, group_size):
        return None

    def propose(self, pool):
        groups, free = [], list(reversed(pool.candidates))
        while free:
            one = free.pop(0)
            partner = next((c for c in free if not pool.is_blocked(one, c)), None)
            if partner is not None:
                free.remove(partner)
                groups.append([one, partner])
        return groups


STRATEGIES = {
    "first come": lambda: FIFOMatchmaker(150),
    "by latency": lambda: LatencyMatchmaker(150),
    "reunion": lambda: GroupReunionMatchmaker(150),
    "find_match": lambda: Latest(150),
    "propose": lambda: Backwards(150),
}

WAYS_TO_FAIL = [
    "not_ready",
    "no_signal",
    "no_candidates",
    "no_report",
    "bad_report",
    "not_started",
    "not_connected",
]


class Study:
    """A manager with a real coordinator, and browsers of which some fail in one way."""

    def __init__(self, matchmaker: Matchmaker, failing: dict[str, str], **parts) -> None:
        self.noted: list[dict] = []
        parts.setdefault("log_participant", self.note)
        self.world = World(matchmaker=matchmaker, **parts)
        self.coordinator = self.world.probe_for_real()
        self.failing = failing
        self.rtt_ms = 400.0
        self.met: list[frozenset[str]] = []

    def note(self, event, subject_id, **fields) -> None:
        self.noted.append({"event": event, "subject_id": subject_id, **fields})

    def run(self, seconds: float) -> None:
        """Let time pass, with browsers that do their part at once."""
        end_s = self.world.clock.now_s + seconds
        while self.world.clock.now_s < end_s:
            self._browse()
            self.world.clock.advance(0.5)
            self.coordinator.sweep()
            self.world.manager.tick()
            self._browse()
            for who in [s for game in self.world.open_games() for s in game.subject_ids]:
                if self.failing.get(who) != "not_started":
                    self.world.say(who, "ready")

    def _browse(self) -> None:
        for probe in list(self.coordinator._probes.values()):
            pair = frozenset(probe.participants)
            if not self.met or self.met[-1] != pair or not probe.started:
                self.met.append(pair)
            ways = {who: self.failing.get(who) for who in probe.participants}
            for who, way in ways.items():
                if way != "not_ready":
                    self.coordinator.handle_ready(who, ProbeReady(probe.probe_session_id))
            if probe.started and probe.probe_session_id in self.coordinator._probes:
                self._connect(probe, ways)

    def _connect(self, probe, ways) -> None:
        described = Offer("v=0"), Answer("v=0")
        for who, description in zip(probe.participants, described, strict=True):
            if ways[who] == "no_signal":
                return
            found = [HOST] * (ways[who] != "no_candidates")
            for signal in [description, *found, Candidate(None)]:
                self.coordinator.handle_signal(who, ProbeSignal(probe.probe_session_id, signal))
        if {"no_candidates", "not_connected"} & {*ways.values()}:
            return
        # Who does not start is near, and else nobody is, so that all are tried with all.
        rtt_ms = 20.0 if "not_started" in ways.values() else self.rtt_ms
        for who, way in ways.items():
            samples = [1e308] if way == "bad_report" else [rtt_ms] * 4
            if way != "no_report":
                told = ProbeResult(probe.probe_session_id, samples_ms=samples)
                self.coordinator.handle_result(who, told)

    def have_met(self, *pair: str) -> bool:
        return frozenset(pair) in self.met


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_honest_ones_are_tried_within_a_probes_time_whatever_others_do(strategy, way):
    """Two who fail came first, so that each of the honest ones meets one of them at once."""
    study = Study(STRATEGIES[strategy](), {"x": way, "y": way})
    study.world.join("x", "b", "y", "c")
    study.run(2 * PROBE_S)
    assert study.have_met("b", "c"), study.met


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_pair_that_was_never_tried_goes_before_one_that_failed(strategy, way):
    study = Study(STRATEGIES[strategy](), {"x": way})
    study.world.join("x", "b")
    study.run(PROBE_S)
    study.world.join("c")
    study.run(2 * PROBE_S)
    assert study.have_met("b", "c"), study.met


@pytest.mark.parametrize(
    "way", [way for way in WAYS_TO_FAIL if way not in {"not_connected", "not_started"}]
)
def test_the_ledger_names_who_failed_and_why(way):
    study = Study(FIFOMatchmaker(150), {"x": way})
    study.world.join("x", "b")
    study.run(PROBE_S)
    assert study.world.ledger.of("probe")[0]["causes"] == {"x": way}
    assert study.world.ledger.of("failure")[0]["ranks"] == {"x": 1}


def test_where_both_did_their_part_nobody_is_blamed():
    study = Study(FIFOMatchmaker(150), {"x": "not_connected"})
    study.world.join("x", "b")
    study.run(PROBE_S)
    (probe,) = study.world.ledger.of("probe")[:1]
    assert probe["causes"] == {"x": "not_connected", "b": "not_connected"}
    assert study.world.ledger.of("failure")[0]["ranks"] == {}


def test_who_failed_with_two_partners_ranks_last_and_is_probed_ever_more_rarely():
    study = Study(FIFOMatchmaker(150), {"x": "not_ready"})
    study.world.join("x", "b", "c", "d")
    study.run(400.0)
    failures = [line for line in study.world.ledger.of("failure") if "x" in line["pair"]]
    assert [line["ranks"] for line in failures[:2]] == [{"x": 1}, {"x": 2}]
    times_s = [line["monotonic_s"] for line in failures]
    waits_s = [later - earlier for earlier, later in itertools.pairwise(times_s)]
    assert waits_s[-1] > waits_s[1]
    assert max(waits_s) >= 60.0


def test_probes_that_fail_do_not_make_others_seem_long():
    study = Study(LatencyMatchmaker(150), {"x": "not_ready"})
    study.world.join("x", "b")
    before_s = study.world.manager._statistics.typical_probe_s
    study.run(60.0)
    assert study.world.ledger.of("failure")
    assert study.world.manager._statistics.typical_probe_s == before_s


def exits(study: Study) -> list[tuple[str, str]]:
    return [(line["subject_id"], line["reason"]) for line in study.world.ledger.of("exit")]


def wasted(study: Study, honest: str) -> list[tuple[str, str, str]]:
    """Honest participants who were proposed with somebody who had failed, and an honest partner who
    was free at that moment and whom they had never been tried with."""
    found, free, met, ranks = [], set(), set(), {}
    for line in study.world.ledger.lines:
        match line["kind"]:
            case "arrival":
                free.add(line["subject_id"])
            case "repool":
                free.update(line["subject_ids"])
            case "failure":
                ranks |= dict.fromkeys(line["pair"], 0) | line["ranks"]
            case "verdict" if line["rtt_ms"] is not None:
                ranks |= dict.fromkeys(line["pair"], 0)
            case "exit":
                free.discard(line["subject_id"])
            case "proposal":
                one, other = line["matched"]
                free -= {one, other}
                for who, partner in ((one, other), (other, one)):
                    if who not in honest or ranks.get(partner, 0) <= ranks.get(who, 0):
                        continue
                    # Whom nothing sets apart from those who failed may come after them.
                    free_honest = [c for c in honest if c in free and ranks.get(c, 0) == 0]
                    untried = [c for c in free_honest if frozenset((who, c)) not in met]
                    found += [(who, partner, c) for c in untried]
                met.add(frozenset((one, other)))
    return found


def confirm(study: Study) -> None:
    """Every decision follows again from the ledger alone."""
    lines = [study.world.ledger.plan, *study.world.ledger.lines]
    plain = json.loads(json.dumps([{"schema": SCHEMA, "time": "", **line} for line in lines]))
    result = replay(plain, plan_matchmaker)
    assert result.difference is None, result.difference


@settings(max_examples=60, deadline=None)
@given(
    strategy=st.sampled_from(sorted(STRATEGIES)),
    limit=st.sampled_from([None, 2, 3]),
    ways=st.lists(st.sampled_from(WAYS_TO_FAIL), min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_honest_ones_who_are_free_and_were_never_tried_do_not_wait_for_each_other(
    strategy, limit, ways, order
):
    failing = {f"x{number}": way for number, way in enumerate(ways)}
    scene = FakeScene(max_connection_failures=limit)
    study = Study(STRATEGIES[strategy](), failing, scene=scene)
    crowd = ["b", "c", "d", *failing]
    order.shuffle(crowd)
    idle_s = dict.fromkeys(itertools.combinations("bcd", 2), 0.0)
    waitroom = study.world.manager._waitroom
    for step in range(160):
        if crowd and (step == 0 or order.random() < 0.3):
            study.world.join(crowd.pop())
        study.run(0.5)
        for pair in idle_s:
            is_idle = set(pair) <= set(waitroom.available()) and not study.have_met(*pair)
            idle_s[pair] = idle_s[pair] + 0.5 if is_idle else 0.0
            assert idle_s[pair] <= PROBE_S, (pair, study.met)
    assert wasted(study, "bcd") == []
    assert not {who for who, _ in exits(study)} & {"b", "c", "d"}, study.world.ledger.lines
    confirm(study)


@pytest.mark.parametrize("way", [way for way in WAYS_TO_FAIL if way != "not_connected"])
def test_who_fails_with_several_partners_is_told_why_and_led_out(way):
    scene = FakeScene(
        max_connection_failures=3, waitroom_timeout_redirect_url="https://panel.example/back"
    )
    study = Study(FIFOMatchmaker(150), {"x": way}, scene=scene)
    study.world.join("x", "b", "c", "d")
    study.run(300.0)
    assert exits(study) == [("x", "connection_unsuitable")]
    (told,) = study.world.sio.to("x", "waitroom_ended")
    assert told["reason"] == "connection_unsuitable"
    assert told["redirect_url"] == "https://panel.example/back"
    is_network = way == "no_candidates"
    assert ("network does not allow direct connections" in told["message"]) == is_network
    assert ("did not answer in time" in told["message"]) != is_network
    (noted,) = [line for line in study.noted if line["event"] == "waitroom_ended"]
    assert (noted["subject_id"], noted["reason"]) == ("x", "connection_unsuitable")
    assert study.world.manager.outcome_of("x") == "connection_unsuitable"
    failures = [line for line in study.world.ledger.of("failure") if "x" in line["pair"]]
    assert len(failures) == 3
    confirm(study)


def test_who_is_never_connected_is_led_out_if_others_are():
    """Nobody saw through whom it failed, but the partners were connected with each other."""
    scene = FakeScene(max_connection_failures=3)
    study = Study(FIFOMatchmaker(150), {"x": "not_connected"}, scene=scene)
    study.world.join("x", "b", "c", "d")
    study.run(300.0)
    assert exits(study) == [("x", "connection_unsuitable")]
    (told,) = study.world.sio.to("x", "waitroom_ended")
    assert "network does not allow direct connections" in told["message"]
    confirm(study)


def test_nobody_is_led_out_because_of_one_partner_or_where_that_is_switched_off():
    study = Study(
        FIFOMatchmaker(150), {"x": "not_ready"}, scene=FakeScene(max_connection_failures=2)
    )
    study.world.join("x", "b")
    study.run(300.0)
    assert len(study.world.ledger.of("failure")) > 2
    assert exits(study) == []
    study = Study(FIFOMatchmaker(150), {"x": "not_ready"}, scene=FakeScene())
    study.world.join("x", "b", "c", "d")
    study.run(400.0)
    assert exits(study) == []


def test_who_comes_back_after_being_led_out_is_tried_once_more():
    study = Study(
        FIFOMatchmaker(150), {"x": "not_ready"}, scene=FakeScene(max_connection_failures=2)
    )
    study.world.join("x", "b", "c")
    for _ in range(120):
        study.run(0.5 if not exits(study) else 0.0)
    assert len(exits(study)) == 1
    study.world.join("x")
    study.run(1.0)
    assert "x" in study.world.manager._waitroom
    assert study.world.manager.outcome_of("x") is None
    study.run(120.0)
    assert len(exits(study)) == 2
    confirm(study)


def test_a_failed_probe_uses_up_no_probe_of_who_did_their_part():
    study = Study(
        FIFOMatchmaker(150), {"x": "not_ready", "y": "no_report"}, max_probes_per_participant=1
    )
    study.world.join("x", "b")
    study.run(PROBE_S)
    study.world.join("y")
    study.run(PROBE_S)
    assert study.world.manager._probing.at_limit == {"x", "y"}
    study.world.join("c")
    study.run(PROBE_S)
    assert study.have_met("b", "c")
    assert study.world.manager._probing.at_limit == {"x", "y", "b", "c"}


def test_who_has_no_address_at_all_is_known_at_once():
    study = Study(FIFOMatchmaker(150), {"x": "no_candidates"})
    study.world.join("x", "b")
    study.run(0.5)
    (probe,) = study.world.ledger.of("probe")
    assert probe["causes"] == {"x": "no_candidates"}
    assert probe["duration_ms"] < 1000.0


def test_a_start_that_one_page_gives_up_early_speaks_against_nobody():
    """It only has to say that it is ready, and that its partner is lost."""
    study = Study(FIFOMatchmaker(150), {"b": "not_started"})
    study.world.join("x", "b")
    study.run(1.0)
    (game,) = study.world.open_games()
    assert game.is_ready("x")
    study.world.say("x", "finished", reason="partner_lost", frames=0, digest="")
    (failure,) = study.world.ledger.of("failure")
    assert failure["ranks"] == {}


def test_a_failed_start_counts_once_for_who_was_not_ready():
    scene = FakeScene(human_agents=("1", "2", "3"), max_connection_failures=2)
    study = Study(FIFOMatchmaker(150), {"x": "not_started"}, scene=scene)
    study.rtt_ms = 20.0
    study.world.join("x", "b", "c")
    study.run(35.0)
    repools = [line for line in study.world.ledger.of("repool") if line["game_id"]]
    assert repools[0]["causes"] == {"x": "not_started"}
    assert study.world.manager._graph.reliability.failures("x") == 1
    assert exits(study) == []
    confirm(study)


def test_who_gives_up_at_once_has_no_partner_blamed_or_led_out():
    study = Study(
        FIFOMatchmaker(150),
        dict.fromkeys(("b", "x", "y", "z"), "not_ready"),
        scene=FakeScene(max_connection_failures=2),
    )
    study.world.join("b", "x", "y", "z")
    for _ in range(100):
        study.run(0.5)
        for probe in list(study.coordinator._probes.values()):
            for who in set(probe.participants) & {"x", "y", "z"}:
                probe_session_id = probe.probe_session_id
                study.coordinator.handle_ready(who, ProbeReady(probe_session_id))
                gives_up = ProbeResult(probe_session_id, samples_ms=[], reason="oops")
                study.coordinator.handle_result(who, gives_up)
    assert study.have_met("b", "x")
    assert study.have_met("b", "y")
    for probe in study.world.ledger.of("probe"):
        assert set(probe["causes"].values()) == {"not_connected"}
    assert exits(study) == []


def test_a_page_that_says_in_time_that_nothing_came_is_not_the_cause():
    """Its own deadline is before that of the server."""
    study = Study(FIFOMatchmaker(150), {"b": "not_connected", "x": "not_ready"})
    study.world.join("b", "x")
    study.run(14.5)
    (probe,) = study.coordinator._probes.values()
    gives_up = ProbeResult(probe.probe_session_id, samples_ms=[], reason="deadline")
    study.coordinator.handle_result("b", gives_up)
    (line,) = study.world.ledger.of("probe")
    assert line["causes"] == {"x": "not_ready"}

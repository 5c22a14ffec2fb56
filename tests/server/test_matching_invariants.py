"""What must always hold of matching (DESIGN §3), whatever people, networks and matchmakers do.

The real GameManager is driven through random days: people arrive, leave, reload and play, verdicts
come early, late, twice, forged or never, matchmakers raise and talk nonsense, edges expire and
thresholds relax, games start, lose participants and end. After every step the invariants are
checked, and at the end of a day with a sane matchmaker its ledger is replayed and every decision
confirmed.

In CI this takes more than 10,000 steps. For a long run multiply them:

    MATCHING_DAYS=50 pytest tests/server/test_matching_invariants.py
"""

from __future__ import annotations

import itertools
import json
import logging
import os
from collections import Counter
from collections.abc import Collection
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.ledger.schema import SCHEMA, read_line
from interactive_gym.server.matching.pool import MatchPool, Standing
from interactive_gym.server.matching.search import pairs
from interactive_gym.server.matching.search.bounded_deferral import BoundedDeferral
from interactive_gym.server.matchmaker import FIFOMatchmaker, MatchCandidate
from interactive_gym.server.messages.signals import Offer
from interactive_gym.server.participants.outcome import OUTCOME_OF_REASON, WaitEnd
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.server.probe_coordinator import ProbeCoordinator
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal
from interactive_gym.simulation.ledger_replay import replay
from tests.support.exploration import explore
from tests.support.matching_fakes import CancellingProber, FakeScene, FakeStore, StartedProbe, World

PEOPLE = [f"p{number}" for number in range(7)]
OFFER = Offer("v=0")
LOSSES = {"disconnected", "connection_lost", "hidden", "idle"}
"""The cuts that are explored here; the tests of games explore those that a page alone claims."""
FRESH_S = 120.0
BACKOFF_S = 2.0
DAYS = 140
STEPS_A_DAY = 60
STEPS = settings(
    max_examples=DAYS * int(os.environ.get("MATCHING_DAYS", "1")),
    stateful_step_count=STEPS_A_DAY,
    suppress_health_check=list(HealthCheck),
)

people = st.sampled_from(PEOPLE)
rtts_ms = st.sampled_from([20.0, 149.0, 151.0, 240.0, 400.0, None, float("nan"), -5, "12", True])


class MoodyMatchmaker(FIFOMatchmaker):
    """First come first served by `find_match`, or nonsense, as told; watches what it is offered."""

    def __init__(self) -> None:
        super().__init__(150)
        self.mood = "honest"
        self._reserved: Collection[str] = ()
        self._offered_though_reserved: set[str] = set()

    def find_match(self, arriving, waiting, group_size):
        self.watch([arriving, *waiting])
        match self.mood:
            case "raises":
                raise RuntimeError("a bug in an experiment")
            case "short":
                return [arriving] * (group_size - 1)
            case "stranger":
                return [arriving, *[MatchCandidate("stranger")] * (group_size - 1)]
            case "duplicate":
                return [arriving] * group_size
            case "omits":
                return list(waiting[:group_size]) or None
            case "text":
                return "nobody"
            case "empties":
                answer = super().find_match(arriving, waiting, group_size)
                waiting.clear()
                return answer
        return super().find_match(arriving, waiting, group_size)

    def should_reject_for_rtt(self, measured_rtt_ms):
        if self.mood == "raises":
            raise RuntimeError("a bug in an experiment")
        return super().should_reject_for_rtt(measured_rtt_ms)

    def watch(self, offered):
        self._offered_though_reserved |= {c.subject_id for c in offered} & set(self._reserved)


class MoodyProposer(MoodyMatchmaker):
    """The same for a strategy with a `propose` of its own."""

    def propose(self, pool):
        self.watch(pool.candidates)
        groups = FIFOMatchmaker.propose(self, pool)
        everybody = list(pool.candidates)
        match self.mood:
            case "raises":
                raise RuntimeError("a bug in an experiment")
            case "short":
                return [everybody[: pool.group_size - 1], *groups]
            case "stranger":
                return [[*everybody[: pool.group_size - 1], MatchCandidate("stranger")], *groups]
            case "duplicate":
                return [*groups, *groups]
            case "omits":
                # Whoever waits longest, blocked with each other or not.
                return [everybody[: pool.group_size], *groups]
            case "text":
                return "nobody"
        return groups

    find_match = FIFOMatchmaker.find_match


MOODS = ["honest", "raises", "short", "stranger", "duplicate", "omits", "text", "empties"]
HONEST = {"honest", "empties"}
EXPANSIONS = [(20, 200), (60, 300)]
MATCHMAKERS = {
    "find_match": MoodyMatchmaker,
    "propose": MoodyProposer,
    "first come": lambda: FIFOMatchmaker(150),
    "first come, relaxing": lambda: FIFOMatchmaker(150, rtt_expansions=EXPANSIONS),
    "by latency": lambda: LatencyMatchmaker(150),
    "by latency, one after another": lambda: LatencyMatchmaker(150, max_concurrent_probes=1),
    "by latency, three at once": lambda: LatencyMatchmaker(150, max_concurrent_probes=3),
    "by latency, relaxing": lambda: LatencyMatchmaker(
        150, rtt_expansions=EXPANSIONS, expand_by="newest"
    ),
}


class MatchingMachine(RuleBasedStateMachine):
    """People come, go, reload and play around a real GameManager."""

    world: World

    def __init__(self, explored: Counter[str]) -> None:
        super().__init__()
        self.explored = explored
        self.faults: list[str] = []

    @initialize(
        group_size=st.sampled_from([2, 2, 3, 4]),
        strategy=st.sampled_from(sorted(MATCHMAKERS)),
        max_probes=st.sampled_from([None, None, 5]),
        blocked=st.sampled_from([None, ("p0", "p1")]),
        on_cut=st.sampled_from(["end", "neutral"]),
        way_on=st.sampled_from(["next_scene", "waitroom", "exit"]),
        max_failures=st.sampled_from([None, 2, 3]),
        silent=st.sets(st.sampled_from(PEOPLE), max_size=3),
        crowd=st.sampled_from([None, None, 2]),
    )
    def open_the_scene(
        self,
        group_size: int,
        strategy: str,
        max_probes: int | None,
        blocked: Any,
        on_cut: str,
        way_on: Any,
        max_failures: int | None,
        silent: set[str],
        crowd: int | None,
    ) -> None:
        self.silent = silent
        self.make_small_crowds(crowd)
        self.group_size = group_size
        self.strategy = strategy
        self.max_probes = max_probes
        self.blocked = blocked
        self.matchmaker = MATCHMAKERS[strategy]()
        self.is_moody = isinstance(self.matchmaker, MoodyMatchmaker)
        self.store = FakeStore()
        self.probes_of: Counter[str] = Counter()
        self.rejected_at_s: dict[frozenset[str], float] = {}
        self.failed_at_s: dict[frozenset[str], float] = {}
        self.endings: Counter[str] = Counter()
        self.waited_in_vain: dict[str, str] = {}
        self.proposals: dict[str, dict[str, Any]] = {}
        self.thresholds_ms: dict[frozenset[str], float] = {}
        self.lines_checked = 0
        self.world = World(
            matchmaker=self.matchmaker,
            scene=FakeScene(
                human_agents=tuple(f"agent{seat}" for seat in range(group_size)),
                waitroom_timeout_ms=90_000,
                on_cut=on_cut,
                partner_loss_way_on=way_on,
                max_connection_failures=max_failures,
            ),
            probe_coordinator=self.make_prober(),
            data_store=self.store,
            max_probes_per_participant=max_probes,
            gathers_above=crowd,
            blocked_on_arrival=lambda who: (
                [p for p in blocked if p != who] if blocked and who in blocked else []
            ),
        )
        self.manager = self.world.manager
        if self.is_moody:
            self.matchmaker._reserved = self.manager._waitroom._reservations

    def make_prober(self) -> Any:
        raise NotImplementedError

    def make_small_crowds(self, crowd: int | None) -> None:
        """In a crowd, so many and more, each is compared with one other and one in turn."""
        self.patches = pytest.MonkeyPatch()
        if crowd is not None:
            self.patches.setattr(pairs, "CROWD", crowd)
            self.patches.setattr(pairs, "CROWD_NEARBY", 1)
            self.patches.setattr(pairs, "CROWD_IN_TURN", 1)
            self.patches.setattr(pairs, "CROWD_FOUND", 1)

    def look_at_crowd(self) -> None:
        """Let the looks come that a crowd waits for: a few for each of these people."""
        for _ in range(20):
            self.explored["looks at a crowd"] += self.manager.has_crowd
            self.manager.look_at_crowd()

    @property
    def is_sane(self) -> bool:
        return not self.is_moody or self.matchmaker.mood in HONEST

    def check_that_it_may_be_probed(self, subject_a: str, subject_b: str) -> None:
        """Called as every probe starts: invariants 5 and 7, and the limits."""
        self.read_ledger()
        pair, now_s = frozenset((subject_a, subject_b)), self.world.clock.now_s
        if now_s - self.rejected_at_s.get(pair, -1e9) < FRESH_S:
            self.faults.append(f"{subject_a} and {subject_b} are probed again too early")
        if now_s - self.failed_at_s.get(pair, -1e9) < BACKOFF_S:
            self.faults.append(f"{subject_a} and {subject_b} are retried without a backoff")
        if self.blocked and pair == {*self.blocked}:
            self.faults.append(f"{subject_a} and {subject_b} must never meet")
        if not any({*pair} <= {*line["matched"]} for line in self.proposals.values()):
            self.faults.append(f"{subject_a} and {subject_b} are probed without a proposal")
        for who in pair:
            # A larger group is probed to its end once it is begun.
            allowed = None if self.max_probes is None else self.max_probes + self.group_size - 2
            if allowed is not None and self.probes_of[who] >= allowed:
                self.faults.append(f"{who} is probed too often")

    def read_ledger(self) -> None:
        """Take in what the ledger says since last time: invariants 2, 7 and 8."""
        for line in self.world.ledger.lines[self.lines_checked :]:
            try:
                read_line({"schema": SCHEMA, "time": "", **line})
            except ValueError as error:
                self.faults.append(f"{line}: {error}")
            if line["kind"] == "proposal":
                self.proposals[line["proposal_id"]] = line
                self.allow(line["matched"], line["threshold_ms"])
            elif line["kind"] == "arrival":
                self.waited_in_vain.pop(line["subject_id"], None)
            elif line["kind"] == "exit" and line["reason"] in get_args(WaitEnd):
                self.waited_in_vain[line["subject_id"]] = line["reason"]
                self.explored[line["reason"]] += 1
            elif line["kind"] == "probe":
                causes = line["causes"].items()
                self.probes_of.update(who for who, cause in causes if cause != "not_connected")
            elif line["kind"] == "failure":
                self.read_failure(line)
            elif line["kind"] == "verdict":
                self.read_verdict(line)
            elif line["kind"] == "matched":
                self.read_match(line)
        self.lines_checked = len(self.world.ledger.lines)

    def read_verdict(self, line: dict[str, Any]) -> None:
        proposal = self.proposals[line["proposal_id"]]
        pair = frozenset(line["pair"])
        if not line["reason"] or not pair <= {*proposal["matched"]}:
            self.faults.append(f"{line} makes no sense")
        if line["verdict"] == "accepted":
            self.allow(proposal["matched"], line["threshold_ms"])
        else:
            self.endings[line["proposal_id"]] += 1
        if line["rtt_ms"] is not None:
            self.probes_of.update(pair)
            self.failed_at_s.pop(pair, None)
            is_raising = self.is_moody and self.matchmaker.mood == "raises"
            if line["verdict"] == "rejected" and not is_raising:
                self.rejected_at_s[pair] = line["monotonic_s"]

    def read_failure(self, line: dict[str, Any]) -> None:
        """A rejected pair can only fail in a start that relaxation allowed; it is measured anew."""
        pair = frozenset(line["pair"])
        self.failed_at_s[pair] = line["monotonic_s"]
        self.rejected_at_s.pop(pair, None)

    def read_match(self, line: dict[str, Any]) -> None:
        members = frozenset(member["subject_id"] for member in line["group"])
        threshold_ms = self.thresholds_ms.get(members)
        edges = self.group_size * (self.group_size - 1) // 2
        if threshold_ms is None or len(members) != self.group_size:
            self.faults.append(f"{sorted(members)} play without a proposal")
        elif len(line["edges"]) != edges:
            self.faults.append(f"{sorted(members)} play with an unmeasured pair")
        elif any(edge["rtt_ms"] > threshold_ms for edge in line["edges"]):
            self.faults.append(f"{sorted(members)} play beyond {threshold_ms} ms")
        if line["plan_digest"] != self.world.ledger.plan["plan_digest"]:
            self.faults.append("a match without its plan")

    def allow(self, matched: list[str], threshold_ms: float) -> None:
        """A group may play at this threshold: waiting only relaxes it."""
        group = frozenset(matched)
        self.thresholds_ms[group] = max(threshold_ms, self.thresholds_ms.get(group, 0.0))

    def teardown(self) -> None:
        """Confirm the day from its ledger alone, and count what it explored."""
        if not hasattr(self, "world"):
            return
        try:
            self.confirm_the_day()
        finally:
            self.patches.undo()

    def confirm_the_day(self) -> None:
        self.explored.update(self.store.tally())
        if not self.is_moody:
            lines = [self.world.ledger.plan, *self.world.ledger.lines]
            plain = json.loads(
                json.dumps([{"schema": SCHEMA, "time": "", **line} for line in lines])
            )
            result = replay(plain, plan_matchmaker)
            assert result.difference is None, result.difference

    @rule(who=people)
    def join(self, who: str) -> None:
        self.manager.join(who)

    @rule(first=people, second=people, third=people)
    def several_join(self, first: str, second: str, third: str) -> None:
        for who in (first, second, third):
            self.manager.join(who)

    @rule(who=people)
    def leave(self, who: str) -> None:
        self.manager.leave(who, "left")

    @rule(who=people)
    def lose_connection(self, who: str) -> None:
        self.manager.handle_disconnect(who)
        self.tell_prober_of_disconnection(who)

    def tell_prober_of_disconnection(self, who: str) -> None:
        """The real coordinator hears of it from the app; the fake one does not care."""

    @rule(who=people)
    def come_back(self, who: str) -> None:
        self.manager.handle_reconnect(who)
        self.manager.resync(who)

    @rule(who=people)
    def reload(self, who: str) -> None:
        self.manager.handle_disconnect(who)
        self.tell_prober_of_disconnection(who)
        self.manager.handle_reload(who)
        self.manager.resync(who)

    @rule(who=people)
    def move_on(self, who: str) -> None:
        if self.manager.outcome_of(who) is not None:
            self.manager.forget(who)
            self.waited_in_vain.pop(who, None)

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 16.0, 31.0, 61.0, 125.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
        self.manager.tick()

    @precondition(lambda self: self.is_moody)
    @rule(mood=st.sampled_from(MOODS))
    def change_the_mood(self, mood: str) -> None:
        self.matchmaker.mood = mood
        if mood in HONEST:
            self.pass_time(2.0)

    @rule(who=people, nonsense=st.booleans())
    def be_ready(self, who: str, nonsense: bool) -> None:
        self.world.say(who, "ready")
        if nonsense:
            self.world.send(who, "game_ready", game_id="3")

    @rule()
    def all_invited_are_ready(self) -> None:
        for who in PEOPLE:
            if who not in self.silent:
                self.world.say(who, "ready")

    @rule()
    def all_play_who_can(self) -> None:
        for who in PEOPLE:
            self.come_back(who)
            self.manager.join(who)
        self.measure_all(20.0)
        self.all_invited_are_ready()

    def measure_all(self, rtt_ms: float) -> None:
        """Have every probe that runs, and every one that follows from it, measure this."""
        raise NotImplementedError

    @precondition(lambda self: self.world.players())
    @rule(data=st.data(), how=st.sampled_from(["hidden", "idle", "stays away"]))
    def lose_a_player(self, data: st.DataObject, how: str) -> None:
        who = data.draw(st.sampled_from(sorted(self.world.players())))
        if how == "stays away":
            self.lose_connection(who)
            self.pass_time(9.0)
        else:
            self.world.say(who, "quit", reason=how)

    @precondition(lambda self: self.world.linked())
    @rule(data=st.data())
    def lose_links(self, data: st.DataObject) -> None:
        self.world.report_lost(data.draw(st.sampled_from(sorted(self.world.linked()))))
        self.pass_time(1.0)

    @rule(who=people)
    def resume(self, who: str) -> None:
        self.world.say(who, "ready")
        self.world.say(who, "resumed", frame=5)

    @rule(
        who=people,
        reason=st.sampled_from(["completed", "partner_lost", "engine_error", "desync", "won"]),
    )
    def finish(self, who: str, reason: str) -> None:
        self.world.say(who, "finished", reason=reason, frames=0, digest="")

    @rule(fails=st.sampled_from([False, False, True]))
    def disk(self, fails: bool) -> None:
        self.store.fails = fails

    @invariant()
    def everybody_is_in_exactly_one_place(self) -> None:
        waiting = set(self.manager._waitroom.everybody())
        playing = self.world.playing()
        assert not playing or max(playing.values()) == 1
        for who in PEOPLE:
            state = self.manager.states.state_of(who)
            assert (state is ParticipantState.IN_WAITROOM) == (who in waiting), who
            assert (state is ParticipantState.IN_GAME) == (who in playing), who

    @invariant()
    def only_who_waited_in_vain_or_is_led_on_after_a_game_may_go_on(self) -> None:
        self.read_ledger()
        for who in PEOPLE:
            state = self.manager.states.state_of(who)
            ended = self.world.sio.to(who, "game_ended")
            outcome = self.manager.outcome_of(who)
            if state is ParticipantState.GAME_ENDED and ended[-1]["way_on"] == "next_scene":
                assert outcome == OUTCOME_OF_REASON[ended[-1]["reason"]]
            elif state is ParticipantState.IDLE and who in self.waited_in_vain:
                assert outcome == OUTCOME_OF_REASON[self.waited_in_vain[who]]
            else:
                assert outcome is None

    @invariant()
    def pending_matches_hold_exactly_the_reserved_who_all_wait(self) -> None:
        pending = self.manager._pending_matches
        members = Counter(
            member.subject_id for match in pending.values() for member in match["matched"]
        )
        at_once = self.matchmaker.max_concurrent_probes if self.group_size == 2 else 1
        assert not members or max(members.values()) <= at_once
        assert members == self.manager._waitroom._reservations
        self.explored["reserved twice"] += max(members.values(), default=0) > 1
        assert set(members) <= set(self.manager._waitroom.everybody())
        assert all(match["key"] == key for key, match in pending.items())
        for match in pending.values():
            assert match["probing"], "what is pending is being probed"
            for probe in match["probing"]:
                assert not probe.is_starting
                assert not probe.early_ends
        open_pairs = {
            pair
            for match in pending.values()
            for pair in itertools.combinations([m.subject_id for m in match["matched"]], 2)
        }
        assert set(self.manager._probing.connections) <= open_pairs
        marked = {
            tuple(sorted((who, other)))
            for who in PEOPLE
            for other, link in self.manager._graph.links(who).items()
            if link.is_probed
        }
        assert marked == ({tuple(sorted(p)) for p in open_pairs} if at_once > 1 else set())

    @invariant()
    def a_pending_match_ends_at_most_once(self) -> None:
        self.read_ledger()
        assert not self.endings or max(self.endings.values()) == 1

    @invariant()
    def people_wait_in_order_of_arrival(self) -> None:
        since_s = [self.manager._waitroom.since_s(w) for w in self.manager._waitroom.everybody()]
        assert since_s == sorted(since_s)

    @invariant()
    def nobody_reserved_is_offered(self) -> None:
        if self.is_moody:
            assert self.matchmaker._offered_though_reserved == set()

    @invariant()
    def the_ledger_tells_of_nothing_that_must_not_be(self) -> None:
        self.read_ledger()
        assert self.faults == []

    @invariant()
    def no_feasible_group_sits_idle(self) -> None:
        """Who may be tried is being tried; a strategy that weighs may only put off the unknown."""
        is_complete = self.group_size == 2 or self.strategy.startswith("first come")
        if not self.is_sane or not (is_complete or self.strategy.startswith("by latency")):
            return
        self.look_at_crowd()
        pool = self.pool_of_the_patient()
        tried = {Standing.ACCEPTABLE}
        if not self.strategy.startswith("by latency"):
            tried.add(Standing.UNKNOWN)
        for group in itertools.combinations(pool.candidates, self.group_size):
            standings = {pool.standing(a, b, group) for a, b in itertools.combinations(group, 2)}
            assert not standings <= tried, [member.subject_id for member in group]

    @invariant()
    def nobody_free_waits_longer_than_the_hold_beside_somebody_untried(self) -> None:
        if not (self.group_size == 2 and self.strategy.startswith("by latency")):
            return
        self.look_at_crowd()
        pool, graph = self.pool_of_the_patient(), self.manager._graph
        hold_s = BoundedDeferral(1.0, 1.0).hold_s(self.manager._statistics)
        held = [c for c in pool.candidates if pool.waited_s(c) >= hold_s]
        for a, b in itertools.combinations(held, 2):
            pair = (a.subject_id, b.subject_id)
            is_untried = graph.link(pair) is None and not self.is_limited(pair)
            assert not is_untried or pool.standing(a, b) is Standing.BLOCKED, pair

    def is_limited(self, pair: tuple[str, str]) -> bool:
        return any(who in self.manager._probing.at_limit for who in pair)

    def pool_of_the_patient(self) -> MatchPool:
        ends_before_s = self.manager._waiting.patience_ends_before_s()
        retry_at_s, now_s = self.manager._graph.reliability.retry_at_s, self.world.clock.now_s
        free = [
            who
            for who, since_s in self.manager._waitroom.available_since()
            if since_s > ends_before_s and retry_at_s(who) <= now_s
        ]
        return MatchPool(
            [self.manager._candidates.candidate_of(who) for who in free],
            matchmaker=self.matchmaker,
            graph=self.manager._graph,
            group_size=self.group_size,
            now_s=self.world.clock.now_s,
            at_probe_limit=self.manager._probing.at_limit,
        )

    @invariant()
    def steps_are_counted(self) -> None:
        self.explored["steps"] += 1

    @invariant()
    def nothing_is_left_undone(self) -> None:
        assert not self.manager._outbox._queue
        assert not self.manager._outbox._carrying_out
        assert self.manager._outbox._depth == 0


class FakeProberMachine(MatchingMachine):
    """Verdicts come inside `create_probe`, late, twice, never, of strangers; or it raises."""

    def make_prober(self) -> CancellingProber:
        self.habit = "late"
        self.probes_measured = 0
        return CancellingProber(self.inside)

    def inside(self, probe: StartedProbe) -> None:
        self.check_that_it_may_be_probed(probe.subject_a, probe.subject_b)
        for who in (probe.subject_a, probe.subject_b):
            if not self.manager._waitroom.is_reserved(who):
                self.faults.append(f"{who} is probed but not reserved")
        match self.habit:
            case "accepts":
                probe.complete(20.0)
            case "rejects":
                probe.complete(400.0)
            case "fails":
                probe.complete(None)
            case "contradicts itself":
                probe.complete(20.0)
                probe.complete(400.0)
            case "raises":
                raise ConnectionError("no socket")
            case "loses somebody":
                self.manager.leave(probe.subject_a, "left while the probe was made")
            case "reloads somebody":
                self.manager.handle_reload(probe.subject_b)
                self.manager.join(probe.subject_b)

    @rule(
        habit=st.sampled_from(
            [
                "late",
                "accepts",
                "rejects",
                "fails",
                "contradicts itself",
                "raises",
                "loses somebody",
            ]
        )
    )
    def change_habit(self, habit: str) -> None:
        self.habit = habit

    @precondition(lambda self: self.world.prober.probes)
    @rule(data=st.data(), rtt_ms=rtts_ms, twice=st.booleans())
    def verdict(self, data: st.DataObject, rtt_ms: Any, twice: bool) -> None:
        probe = data.draw(st.sampled_from(self.world.prober.probes[-6:]))
        probe.complete(rtt_ms)
        if twice:
            probe.complete(20.0)

    def measure_all(self, rtt_ms: float) -> None:
        probes = self.world.prober.probes
        while self.probes_measured < len(probes):
            self.probes_measured += 1
            probes[self.probes_measured - 1].complete(rtt_ms)

    @rule(subject_a=people, subject_b=people, rtt_ms=rtts_ms)
    def verdict_of_nobodys_probe(self, subject_a: str, subject_b: str, rtt_ms: Any) -> None:
        self.manager._on_probe_complete(subject_a, subject_b, rtt_ms)

    @invariant()
    def no_probe_is_pending_for_ever(self) -> None:
        for match in self.manager._pending_matches.values():
            assert all(self.world.clock.now_s < p.expires_at_s for p in match["probing"])


class RealProberMachine(MatchingMachine):
    """A real ProbeCoordinator, with browsers that answer well, badly, or not at all."""

    def make_prober(self) -> ProbeCoordinator:
        # The coordinator is made before the world that holds clock and socket, so it borrows them.
        self.coordinator = ProbeCoordinator(
            self, clock=lambda: self.world.clock(), new_id=self.next_id
        )
        self.ids: list[str] = []
        return self.coordinator

    def next_id(self) -> str:
        self.ids.append(f"probe-{len(self.ids)}")
        return self.ids[-1]

    def emit(self, event: str, payload: dict[str, Any], *, to: str) -> None:
        self.world.sio.emit(event, payload, to=to)
        if event == "probe_prepare" and payload["role"] == "offerer":
            probe = self.coordinator._probes.get(payload["probe_session_id"])
            if probe is not None:
                self.check_that_it_may_be_probed(probe.offerer, probe.answerer)

    def tell_prober_of_disconnection(self, who: str) -> None:
        self.coordinator.handle_disconnect(who)

    @rule(seconds=st.sampled_from([0.5, 2.0, 5.0, 16.0, 31.0, 61.0, 125.0]))
    def pass_time(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
        self.coordinator.sweep()
        self.manager.tick()

    @precondition(lambda self: self.coordinator._probes)
    @rule(data=st.data(), rtt_ms=st.sampled_from([20.0, 149.0, 151.0, 400.0]))
    def browsers_measure(self, data: st.DataObject, rtt_ms: float) -> None:
        self.measure(data.draw(st.sampled_from(list(self.coordinator._probes.values()))), rtt_ms)

    def measure(self, probe: Any, rtt_ms: float) -> None:
        probe_session_id = probe.probe_session_id
        honest = [who for who in probe.participants if who not in self.silent]
        for who in honest:
            self.coordinator.handle_ready(who, ProbeReady(probe_session_id))
        for who in honest if probe.started else ():
            measured = ProbeResult(probe_session_id, samples_ms=[rtt_ms] * 3)
            self.coordinator.handle_result(who, measured)

    def measure_all(self, rtt_ms: float) -> None:
        is_honest = self.silent.isdisjoint
        while found := [p for p in self.coordinator._probes.values() if is_honest(p.participants)]:
            self.measure(found[0], rtt_ms)

    @precondition(lambda self: self.silent)
    @rule()
    def nobody_leaves_and_the_silent_stay_silent(self) -> None:
        for _ in range(4):
            for who in PEOPLE:
                self.manager.join(who)
            self.measure_all(400.0)
            self.pass_time(16.0)

    @precondition(lambda self: self.ids)
    @rule(
        data=st.data(),
        who=people,
        samples_ms=st.sampled_from([[20.0], [float("nan")], [], "12", [True], [400.0], None]),
    )
    def anybody_sends_anything(self, data: st.DataObject, who: str, samples_ms: Any) -> None:
        probe_session_id = data.draw(st.sampled_from(self.ids[-4:]))
        self.coordinator.handle_ready(who, ProbeReady(probe_session_id))
        self.coordinator.handle_signal(who, ProbeSignal(probe_session_id, OFFER))
        self.coordinator.handle_result(who, ProbeResult(probe_session_id, samples_ms=samples_ms))

    @invariant()
    def every_running_probe_belongs_to_a_pending_match_and_the_other_way_round(self) -> None:
        running = [
            probe.probe_session_id
            for match in self.manager._pending_matches.values()
            for probe in match["probing"]
        ]
        assert sorted(self.coordinator._probes) == sorted(running)


@pytest.fixture(autouse=True)
def quiet(caplog):
    caplog.set_level(logging.CRITICAL + 1)


@pytest.mark.parametrize("machine", [FakeProberMachine, RealProberMachine])
def test_they_hold_whatever_participants_networks_and_matchmakers_do(machine):
    needed = set(LOSSES | {"waitroom_timeout"})
    if machine is RealProberMachine:
        # A prober that only says that probes failed does not say through whom.
        needed.add("connection_unsuitable")
    least = {"started": 30, "reserved twice": 30, "looks at a crowd": 100}
    explored = explore(
        machine,
        STEPS,
        lambda found: (
            found.keys() >= needed and all(found[what] > times for what, times in least.items())
        ),
    )
    assert explored["steps"] > 5_000
    assert all(explored[what] > times for what, times in least.items()), explored
    assert explored.keys() >= needed

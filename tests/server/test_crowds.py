"""Matching while so many wait that what happens is gathered for looks at all of them."""

from typing import Any

from interactive_gym.server.game_manager import LOOK_AT_CROWD_S
from interactive_gym.server.latency_matchmaker import LatencyMatchmaker
from interactive_gym.server.participants.waiting import TURNS_IN_CROWD
from tests.support.matching_fakes import CancellingProber, World


def crowded(**parts: Any) -> World:
    world = World(
        **{
            "matchmaker": LatencyMatchmaker(60),
            "probe_coordinator": CancellingProber(),
            "gathers_above": 4,
            **parts,
        }
    )
    world.scene.hide_lobby_count = False
    return world


def proposals(world: World) -> list[frozenset[str]]:
    return [frozenset(x["matched"]) for x in world.ledger.lines if x["kind"] == "proposal"]


def blocked_crowd(count: int) -> World:
    """So many people who must not meet each other, so that they wait and wait."""
    world = crowded(
        blocked_on_arrival=lambda who: (
            [f"p{n}" for n in range(count) if f"p{n}" != who] if who[0] == "p" else []
        )
    )
    world.join(*(f"p{n}" for n in range(count)))
    world.pass_time(1.0)
    return world


def test_in_a_crowd_arrivals_wait_for_the_next_look() -> None:
    world = blocked_crowd(5)
    assert world.manager.has_crowd
    world.join("x")
    assert proposals(world) == []
    world.manager.look_at_crowd()
    assert len(proposals(world)) == 1


def test_so_do_those_whose_partner_has_left() -> None:
    world = blocked_crowd(7)
    world.join("x")
    world.manager.look_at_crowd()
    (pair,) = proposals(world)
    (partner,) = pair - {"x"}
    world.manager.leave(partner, "left")
    assert len(proposals(world)) == 1
    world.clock.advance(LOOK_AT_CROWD_S)
    world.manager.look_at_crowd()
    assert len(proposals(world)) == 2


def test_without_a_crowd_there_is_nothing_to_look_at_in_between() -> None:
    world = blocked_crowd(3)
    lines = len(world.ledger.lines)
    world.join("x")
    proposed = proposals(world)
    assert len(proposed) == world.manager.matchmaker.max_concurrent_probes
    world.manager.look_at_crowd()
    kinds = [line["kind"] for line in world.ledger.lines[lines:]]
    assert kinds == ["arrival", *["proposal"] * len(proposed)]


def test_when_the_crowd_has_gone_what_was_gathered_is_looked_at_by_the_next_tick() -> None:
    world = blocked_crowd(5)
    world.join("x", "y")
    for n in range(5):
        world.manager.leave(f"p{n}", "left")
    world.pass_time(0.5)
    assert proposals(world)[-1] == frozenset("xy")


def test_each_of_a_crowd_is_told_in_turn_how_they_wait() -> None:
    world = blocked_crowd(6)
    world.sio.emitted.clear()
    for _ in range(TURNS_IN_CROWD):
        world.manager.look_at_crowd()
    told = [to for to, event, _ in world.sio.emitted if event == "waitroom_update"]
    assert set(told) == {f"p{n}" for n in range(6)}
    assert len(told) == TURNS_IN_CROWD

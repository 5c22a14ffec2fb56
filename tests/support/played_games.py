"""A game of a few people in a `World`: what they say, and what they are told."""

import itertools
from typing import Any

from interactive_gym.server.participants.participant_state import ParticipantState
from tests.support.browser_events import events
from tests.support.matching_fakes import FakeScene, FakeStore, World

IDLE, WAITING, PLAYING, ENDED = ParticipantState


def playing(people: str = "ab", *, starts: bool = True, **options) -> World:
    """Everybody of `people` in one game."""
    parts = {name: options.pop(name) for name in ("log_participant", "data_store") & options.keys()}
    scene = FakeScene(human_agents=tuple(f"agent-{who}" for who in people), **options)
    codes = (f"CODE{number}" for number in itertools.count())
    world = World(
        scene=scene, new_completion_code=lambda: next(codes), **{"data_store": FakeStore(), **parts}
    )
    world.join(*people)
    if starts:
        world.start_game(*people)
    return world


def say(world: World, event: str, subject_id: str, **fields):
    return world.send(subject_id, f"game_{event}", game_id=world.game_id(subject_id), **fields)


def tell(world: World, subject_id: str, kind: str, frame: int, detail: Any = None):
    """Have a page tell of an event."""
    event = {"kind": kind, "frame": frame, "detail": detail}
    return say(world, "events", subject_id, **events(event))


def finish(world: World, subject_id: str, reason: str = "partner_lost"):
    return say(world, "finished", subject_id, reason=reason, frames=9, digest="d")


def ended(world: World, subject_id: str) -> list[dict]:
    return world.sio.to(subject_id, "game_ended")


def reasons(world: World, subject_id: str) -> list[str]:
    return [payload["reason"] for payload in ended(world, subject_id)]


def cuts(world: World, subject_id: str) -> list[tuple[int, str]]:
    return [(cut["seat"], cut["reason"]) for cut in world.sio.to(subject_id, "game_cut")]


def calls(world: World) -> list[tuple]:
    return world.store.records[0].calls

"""Whatever JSON a browser sends, no handler fails, and nobody else notices.

Mallory plays with a partner, while two others play and two are being probed. All of it stands
behind the real handlers. What Mallory's page sends is anything, or a payload with something wrong.
"""

import copy
import itertools
import json
import logging
import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interactive_gym.scenes.end_scenes import EndScene
from interactive_gym.scenes.way import Way
from interactive_gym.server.experiment import RunningExperiment
from interactive_gym.server.participants.participant_state import ParticipantState
from interactive_gym.server.participants.registry import Participant
from interactive_gym.server.probing.events import ProbeReady, ProbeResult
from interactive_gym.server.verifying.rehearsals import Rehearsals
from interactive_gym.server.web.handlers import flow, play, probing
from interactive_gym.server.web.handlers.registrar import HandlerRegistrar
from tests.support.browser_events import MESSAGE_TYPES, SOUND, FakeSocketIO, is_dropped
from tests.support.matching_fakes import FakeStore, World

OTHERS = ("anna", "bert", "cleo", "dora")


class _Nothing:
    """Takes any call."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


class House:
    """A running experiment behind the real handlers, in the midst of its work."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.world = World(max_p2p_rtt_ms=150, data_store=self.store, probe_coordinator=None)
        self.coordinator = self.world.probe_for_real()
        self.probe_ids: list[str] = []
        self.people = {
            who: Participant(who, None, "CODE", scene_index=1) for who in ("mallory", "mo", *OTHERS)
        }
        scenes = [
            SimpleNamespace(scene_id=scene_id, only_if=None, to_client=lambda _: {})
            for scene_id in ("start", "game")
        ]
        scenes.append(EndScene().scene(scene_id="end"))
        experiment = RunningExperiment(
            Way(scenes, lambda _: (0, 1, 2)),
            self.world.sio,
            participants=_Nothing(),
            probe_coordinator=self.coordinator,
            managers={"game": self.world.manager},
            data_store=_Nothing(),
            late_games=_Nothing(),
            server_rtt=_Nothing(),
            rehearsals=Rehearsals({}),
        )
        self._sio = FakeSocketIO()
        registrar = HandlerRegistrar(self._sio, SimpleNamespace(of_socket=self.people.get))
        flow.register(registrar, experiment)
        probing.register(registrar, self.coordinator)
        play.register(registrar, experiment)
        for pair in (("mallory", "mo"), ("anna", "bert")):
            self._begin_probe(pair)
            for who in pair:
                result = ProbeResult(self.probe_ids[-1], samples_ms=[40.0])
                self.coordinator.handle_result(who, result)
            self.world.start_game(*pair)
        self._begin_probe(("cleo", "dora"))

    @property
    def is_playing(self) -> bool:
        """Whether Mallory's game still goes on."""
        return self.world.manager.states.state_of("mallory") is ParticipantState.IN_GAME

    def ids(self, subject: str) -> dict[str, str]:
        """By the first word of an event, the id of what it may be about: Mallory's, or others'."""
        if subject == "mallory":
            return {"game": self.world.game_id("mallory"), "probe": self.probe_ids[0]}
        return {"game": self.world.game_id("anna"), "probe": self.probe_ids[-1]}

    def send(self, event: str, payload: Any) -> Any:
        return self._sio.receive("mallory", event, payload)

    def seen_by(self, *people: str) -> str:
        """Everything that these people, their games' data and their probes know by now."""
        world = self.world
        told = [
            entry
            for entry in world.sio.emitted
            # How many wait, and for how long, may change at any time.
            if entry[0] in people and entry[1] != "waitroom_update"
        ]
        stored = [
            record.calls
            for record in self.store.records
            if record.match["group"][0]["subject_id"] in people
        ]
        standing = [(who, world.manager.states.state_of(who), self.people[who]) for who in people]
        probes = [p for p in self.coordinator._probes.values() if {*p.participants} & {*people}]
        return repr((told, stored, standing, probes))

    def _begin_probe(self, pair: tuple[str, str]) -> None:
        self.world.join(*pair)
        (probe_session_id,) = self.coordinator._probes
        for who in pair:
            self.coordinator.handle_ready(who, ProbeReady(probe_session_id))
        self.probe_ids.append(probe_session_id)


NASTY: list[Any] = [
    *(None, True, False, 0, 1, 2, 3, -1, 2**53, 2**53 + 1, -(2**63), 10**400),
    *(0.0, 1.0, -0.5, math.nan, math.inf, "", "0", "x", "x" * 101, "x" * 70_000, "\ud800", b"x"),
    *([], {}, [1], {"x": 1}, [[]], ["host"], "host", "offer", "idle", "completed"),
]
numbers = st.integers() | st.floats()
texts = st.text(st.characters(), max_size=8) | st.sampled_from(["type", "seat", "signal"])
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts | st.binary(max_size=3) | st.sampled_from(NASTY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def keys(place: Any) -> list[Any]:
    """Where something stands in an object or list."""
    if isinstance(place, dict):
        return list(place)
    return list(range(len(place))) if isinstance(place, list) else []


def paths(place: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a payload, however deep."""
    for key in keys(place):
        yield (*before, key)
        yield from paths(place[key], (*before, key))


def changed(payload: Any, path: tuple[Any, ...], change: str, value: Any) -> Any:
    """A copy of a payload with something at this place replaced, left out or added beside it."""
    payload = copy.deepcopy(payload)
    place = payload
    for key in path[:-1]:
        place = place[key]
    if change == "leave out":
        del place[path[-1]]
    elif change == "replace" or isinstance(place, list):
        place[path[-1]] = value
    else:
        place["more"] = value
    return payload


def about(house: House, event: str, subject: str) -> Any:
    """A sound payload about something of Mallory's, or of others."""
    payload = copy.deepcopy(SOUND[event])
    payload[next(iter(payload))] = house.ids(subject).get(event.partition("_")[0], "game")
    return payload


@st.composite
def almost_sound(draw: st.DrawFn, house: House, event: str) -> Any:
    """A payload with up to three things wrong."""
    payload = about(house, event, draw(st.sampled_from(["mallory", "others"])))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([*paths(payload)] or [("more",)]))
        change = draw(st.sampled_from(["replace", "add"]))
        payload = changed(payload, path, change, draw(anything))
    return payload


@pytest.fixture
def failures():
    """What the package logged as an error."""
    records: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("interactive_gym")
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def check(house: House, event: str, payload: Any) -> None:
    """Let Mallory send something, and see that it does no harm."""
    others, own = house.seen_by(*OTHERS), house.seen_by("mallory", "mo")
    answer = house.send(event, payload)
    assert house.seen_by(*OTHERS) == others
    if is_dropped(event, payload):
        assert answer is None
        assert house.seen_by("mallory", "mo") == own
    json.dumps(house.world.sio.emitted, allow_nan=False)


@pytest.mark.parametrize("subject", ["mallory", "others"])
@pytest.mark.parametrize("event", sorted(MESSAGE_TYPES))
def test_no_wrong_value_anywhere_makes_a_handler_fail_or_reaches_others(failures, event, subject):
    house = House()
    for path in paths(SOUND[event]):
        changes = [("leave out", None), *itertools.product(("replace", "add"), NASTY)]
        for change, value in changes:
            if not house.is_playing:
                house = House()
            check(house, event, changed(about(house, event, subject), path, change, value))
    assert failures == []


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_payload_makes_a_handler_fail_or_reaches_others(failures, data):
    house = House()
    for _ in range(data.draw(st.integers(1, 4))):
        event = data.draw(st.sampled_from(sorted(MESSAGE_TYPES)))
        check(house, event, data.draw(almost_sound(house, event) | anything))
    assert failures == []


@pytest.mark.parametrize("event", sorted(MESSAGE_TYPES))
def test_every_event_has_a_sound_payload_to_begin_with(event):
    assert not is_dropped(event, SOUND[event])
    assert set(SOUND[event]) == set(MESSAGE_TYPES[event].__struct_fields__)

"""`docs/protocol.md` and `types.js` say of every event what the server takes and sends.

What browsers send is compared with the Structs that payloads are converted to, what they are sent
with the payloads of a run in which everything happens that is told to a browser.
"""

import re

import msgspec
import pytest

from interactive_gym.netcode.network_statistics import COLUMNS as STATISTICS_COLUMNS
from interactive_gym.server.data.network_rows import NetworkRow
from interactive_gym.server.messages.signals import Offer
from interactive_gym.server.probing.events import ProbeReady, ProbeResult, ProbeSignal
from tests.support.browser_events import MESSAGE_TYPES, OFFER
from tests.support.matching_fakes import FakeScene, World
from tests.support.paths import DOCS, ROOT

PAGE = (DOCS / "protocol.md").read_text()
TYPES = (ROOT / "interactive_gym/server/static/js/types.js").read_text()
ROWS = re.findall(r"^\| `(\w+)` \| (→ browser|→ server|both)[^|]*\| (.*) \|$", PAGE, re.MULTILINE)


def documented(direction: str) -> dict[str, list[str]]:
    """The fields of every event in this direction, in the order of the page."""
    found = {}
    for event, where, text in ROWS:
        if where in ("both", f"→ {direction}"):
            apart = re.search(rf"to the {direction} `(\{{.*?\}})`", text)
            fields = apart[1] if apart else re.search(r"`(\{.*?\})`", text)[1]
            found[event] = re.findall(r"\w+", fields)
    return found


def row(event: str) -> str:
    (text,) = (text for name, _, text in ROWS if name == event)
    return text


def typedef(name: str) -> dict[str, str]:
    """The types of a typedef's fields."""
    inline = re.search(rf"@typedef \{{\{{(.*?)\}}\}} {name} ", TYPES)
    if inline:
        return dict(re.findall(r"(\w+): (.*?)(?:, (?=\w+: )|$)", inline[1]))
    block = re.search(rf"@typedef \{{object\}} {name}\n((?: \* @property.*\n)*)", TYPES)
    assert block, f"types.js has no typedef {name}"
    return {name: js for js, name in re.findall(r"@property \{(.*?)\} \[?(\w+)\]?", block[1])}


def texts(js_type: str) -> set[str]:
    """The strings that a type consists of, looked up if it is a name."""
    named = re.search(rf"@typedef \{{(\"[^}}]*)\}} {re.escape(js_type)} ", TYPES)
    return set(re.findall(r'"(\w+)"', named[1] if named else js_type))


def test_the_page_lists_every_event_that_the_server_takes_and_no_other():
    assert set(documented("server")) == set(MESSAGE_TYPES)


@pytest.mark.parametrize("event", MESSAGE_TYPES)
def test_the_page_and_the_types_have_the_fields_of_what_browsers_send(event):
    fields = list(MESSAGE_TYPES[event].__struct_fields__)
    assert documented("server")[event] == fields
    assert list(typedef(typedef("SentEvents")[event])) == fields


def literals() -> list[tuple[str, str, set[str]]]:
    """Every field that takes certain words only."""
    found = []
    for event, message_type in MESSAGE_TYPES.items():
        for field in msgspec.inspect.type_info(message_type).fields:
            if isinstance(field.type, msgspec.inspect.LiteralType):
                found.append((event, field.name, set(field.type.values)))
    return found


@pytest.mark.parametrize(("event", "field", "words"), literals())
def test_the_page_and_the_types_know_every_word_of_what_browsers_send(event, field, words):
    assert words <= set(re.findall(r"`(\w+)`", row(event)))
    assert texts(typedef(typedef("SentEvents")[event])[field]) == words


def test_the_page_names_every_figure_of_the_network_that_only_a_browser_knows():
    own = set(NetworkRow.__struct_fields__) - set(STATISTICS_COLUMNS)
    named = set(re.findall(r"`(\w+)`", row("game_network")))
    assert own == named - {"null", "age_ms"}


def test_the_types_know_every_event_that_browsers_send():
    assert set(typedef("SentEvents")) == set(MESSAGE_TYPES)


BY_THE_EXPERIMENT = {
    *("scene", "measure_server_rtt", "session_replaced", "server_stopping"),
}
"""What is told by others than matching, probing and games."""


@pytest.fixture(scope="module")
def told():
    """What two people are told who meet, play, reload and lose each other, by event."""
    scene = FakeScene(waitroom_timeout_ms=60_000)
    world = World(max_p2p_rtt_ms=150, scene=scene, probe_coordinator=None)
    coordinator = world.probe_for_real()

    def measure(people: str, rtt_ms: float) -> None:
        world.join(*people)
        (probe_session_id,) = coordinator._probes
        for who in people:
            coordinator.handle_ready(who, ProbeReady(probe_session_id))
        coordinator.handle_signal(people[0], ProbeSignal(probe_session_id, Offer("v=0")))
        for who in people:
            coordinator.handle_result(who, ProbeResult(probe_session_id, samples_ms=[rtt_ms]))

    measure("cd", 500.0)
    world.pass_time(61.0)
    measure("ab", 40.0)
    game_id = world.start_game("a", "b")
    world.send("a", "game_signal", game_id=game_id, to_seat=1, signal=OFFER)
    world.manager.handle_reload("a")
    world.manager.resync("a")
    world.join("a")
    world.send("a", "game_ready", game_id=game_id)
    world.send("a", "game_quit", game_id=game_id, reason="idle")
    return {event: payload for _, event, payload in world.sio.emitted}


def test_everything_that_a_browser_is_told_is_on_the_page(told):
    assert set(told) == set(documented("browser")) - BY_THE_EXPERIMENT


@pytest.mark.parametrize("event", sorted(set(documented("browser")) - BY_THE_EXPERIMENT))
def test_the_page_and_the_types_have_the_fields_of_what_browsers_are_told(event, told):
    assert documented("browser")[event] == list(told[event])
    name = "".join(word.capitalize() for word in event.split("_"))
    assert list(typedef(name)) == list(told[event])


def test_the_page_explains_the_whole_of_a_created_game(told):
    explained = re.search(
        r"^`game` in `game_created`:\n\n(.*?)\n\n", PAGE, re.DOTALL | re.MULTILINE
    )
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", explained[1], re.M))))
    assert set(told["game_created"]["game"]) <= named == set(typedef("GameConfig"))
    for peer in told["game_created"]["peers"]:
        assert list(peer) == list(typedef("PeerSpec"))

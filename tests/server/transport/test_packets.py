import pytest
from socketio.packet import ACK, CONNECT, EVENT

from interactive_gym.server.transport.packets import (
    MAX_CONTAINERS,
    CheckedPacket,
    MalformedPacketError,
    is_frame,
)


@pytest.mark.parametrize(
    ("text", "packet_type", "number", "data"),
    [
        ('0{"token":"t"}', CONNECT, None, {"token": "t"}),
        ("0", CONNECT, None, None),
        ('2["join_game",{"scene_id":"a"}]', EVENT, None, ["join_game", {"scene_id": "a"}]),
        ('217["game_frames",{}]', EVENT, 17, ["game_frames", {}]),
        ("31[{}]", ACK, 1, [{}]),
    ],
)
def test_what_pages_send_is_decoded(text, packet_type, number, data):
    packet = CheckedPacket(encoded_packet=text)
    assert (packet.packet_type, packet.id, packet.data) == (packet_type, number, data)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2[]",
            "2",
            "2{}",
            '2"join"',
            "2[1]",
            "2[null]",
            '2[["join"]]',
            "2[",
            "2nonsense",
            "2²[]",
        ),
        *("3[]", "30[]", "31", "31{}", "3" + "9" * 200 + "[]"),
        *("4{}", '51-["a",{"_placeholder":true,"num":0}]', "61-[]", "7", "9", "x", "-1"),
        *('2/other,["join_game",{}]', "0/other,", "1[]"),
        *("2" + "[" * 5000, '2["a",' + "[" * 5000, "2[" + "[]," * MAX_CONTAINERS + "[]]"),
        *('2["a",' + "1" * 5000 + "]",),
        *(b"2[]", b"", ["join_game"], {"a": 1}, 2, None),
    ],
    ids=lambda text: str(text)[:20],
)
def test_everything_else_is_malformed(text):
    with pytest.raises(MalformedPacketError):
        CheckedPacket().decode(text)


def test_a_packet_is_decoded_only_once():
    first = CheckedPacket(encoded_packet='25["join_game",{}]')
    second = CheckedPacket(encoded_packet=first)
    assert (second.packet_type, second.id, second.data) == (EVENT, 5, ["join_game", {}])
    assert second.data is first.data


def test_as_many_parts_as_are_taken_are_taken():
    CheckedPacket().decode('2["a"' + ",[]" * (MAX_CONTAINERS - 1) + "]")


@pytest.mark.parametrize(
    "text",
    ["40", '42["a"]', "41", "430[]", "1", "2", "3", "2probe", "5", "6"],
)
def test_engine_io_gets_what_it_knows(text):
    assert is_frame(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "4[1,1]",
        '4"x"',
        "44{}",
        "45-",
        "0",
        "0{}",
        "7",
        "x",
        "٣",
        "²",
        "b4",
        "2x",
        "3\n",
        "66",
    ],
)
def test_engine_io_gets_nothing_that_it_would_trip_over(text):
    assert not is_frame(text)

from typing import Any

from interactive_gym.netcode.checkpoints import NO_CHECKSUMS
from interactive_gym.netcode.peer import Peer
from interactive_gym.netcode.wire import InputMessage, clock_stamp


def message(**changes: Any) -> InputMessage:
    return InputMessage(
        seat=1,
        incarnation=0,
        receiver_incarnation=0,
        complete=False,
        resuming=False,
        frame=10,
        lead=0.5,
        sent_at=5000,
        echo=None,
        cut_seats=0,
        checkpoint=0,
        checksums=NO_CHECKSUMS,
        counts=(4, 6),
        first_input=0,
        inputs=b"",
    )._replace(**changes)


def test_an_overtaken_message_takes_nothing_back() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(frame=20, counts=(9, 2), sent_at=9000, lead=2.0, complete=True), 100)
    peer.hear(message(), 110)
    assert (peer.frame, peer.counts, peer.lead, peer.complete) == (20, [9, 6], 2.0, True)
    assert peer.echo(100) == 9000


def test_the_echo_grows_with_the_time_for_which_it_is_held() -> None:
    peer = Peer(1, 2, frame_ms=40)
    assert peer.echo(0) is None
    peer.hear(message(sent_at=2**32 - 10), 100)
    assert peer.echo(102) == 10


def test_the_rtt_is_what_an_echo_leaves_of_the_time_gone_by() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(echo=clock_stamp(1000)), 1080)
    assert peer.rtt_ms == 80
    peer.hear(message(echo=clock_stamp(1000)), 1160)
    assert peer.rtt_ms == 90


def test_silence_counts_from_the_start_until_the_peer_is_heard() -> None:
    peer = Peer(1, 2, frame_ms=40)
    assert peer.silence_ms(700, started_at_ms=500) == 200
    peer.hear(message(), 800)
    assert peer.silence_ms(830, started_at_ms=500) == 30


def test_the_peer_is_thought_to_go_on_while_nothing_is_heard() -> None:
    peer = Peer(1, 2, frame_ms=40)
    assert peer.estimate_lead(5, 1000) == 0
    peer.hear(message(frame=10), 1000)
    assert peer.estimate_lead(14, 1080) == 2

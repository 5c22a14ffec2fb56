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
        asked_for=0,
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


def test_nothing_is_known_of_a_peer_that_was_not_heard() -> None:
    peer = Peer(1, 3, frame_ms=40, incarnation=2)
    assert (peer.seat, peer.incarnation, peer.counts) == (1, 2, [0, 0, 0])
    assert (peer.frame, peer.cut_seats, peer.complete, peer.resuming) == (0, 0, False, False)
    assert (peer.lead, peer.rtt_ms, peer.was_heard) == (None, None, False)
    peer.hear(message(counts=(0, 0, 0)), 0)
    assert peer.was_heard
    assert Peer(1, 3, frame_ms=40).incarnation == 0


def test_the_newest_message_tells_of_frame_lead_and_resuming() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(frame=20, lead=2.0, resuming=True, sent_at=9000), 100)
    assert (peer.frame, peer.lead, peer.resuming) == (20, 2.0, True)
    peer.hear(message(frame=15, lead=-1.0, resuming=False, sent_at=9001), 110)
    assert (peer.frame, peer.lead, peer.resuming) == (20, -1.0, False)
    peer.hear(message(frame=30, lead=5.0, resuming=True, sent_at=9001), 120)
    assert (peer.frame, peer.lead, peer.resuming) == (20, -1.0, False)


def test_what_was_cut_or_complete_once_stays_so() -> None:
    peer = Peer(1, 4, frame_ms=40)
    for cut_seats, complete in ((0b0100, True), (0b0001, False)):
        peer.hear(message(cut_seats=cut_seats, complete=complete, counts=(0,) * 4), 100)
    assert (peer.cut_seats, peer.complete) == (0b0101, True)


def test_an_rtt_is_never_negative_and_an_eighth_of_each_sample_counts() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(echo=clock_stamp(1010)), 1000)
    assert peer.rtt_ms == 0
    peer.hear(message(echo=clock_stamp(1000)), 1080)
    assert peer.rtt_ms == 10
    peer.hear(message(), 1500)
    assert peer.rtt_ms == 10
    peer.hear(message(echo=clock_stamp(2000)), 2002)
    assert peer.rtt_ms == 9


def test_silence_is_never_negative() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(), 800)
    assert peer.silence_ms(790, started_at_ms=500) == 0


def test_half_the_rtt_is_added_to_the_age_of_what_a_peer_said() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(frame=10, echo=clock_stamp(1000)), 1080)
    assert peer.estimate_lead(14, 1080) == 3
    assert peer.estimate_lead(14, 1120) == 2


def test_what_a_peer_has_brought_itself_grows_without_gaps_and_never_shrinks() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.bring(0, 5)
    peer.bring(3, 1)
    assert peer.brought == 5
    peer.bring(6, 9)
    assert peer.brought == 5
    peer.bring(5, 2)
    assert peer.brought == 7


def test_what_is_given_back_to_a_new_page_counts_as_brought() -> None:
    assert Peer(1, 2, frame_ms=40, incarnation=1, brought=30).brought == 30


def test_what_a_peer_asks_for_is_what_its_newest_message_says() -> None:
    peer = Peer(1, 2, frame_ms=40)
    peer.hear(message(sent_at=200, asked_for=0b100), 100)
    peer.hear(message(sent_at=100, asked_for=0), 100)
    assert peer.asked_for == 0b100
    peer.hear(message(sent_at=300, asked_for=0), 100)
    assert peer.asked_for == 0

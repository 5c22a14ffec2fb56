from interactive_gym.netcode.detours import (
    BEGIN_FRAMES,
    BETTER_FRAMES,
    HELPFUL_FRAMES,
    HOLD_S,
    LONGEST_FRAMES,
    Detours,
)
from interactive_gym.netcode.peer import Peer

ORIGIN, NEAR, FAR = 1, 2, 3
TICKS = round(HOLD_S * 30)


class Group:
    """Seat 0 of a game of four, who hears of seat 1 from itself and from the two others."""

    def __init__(self) -> None:
        self.detours = Detours(fps=30)
        self.peers = {seat: Peer(seat, 4, frame_ms=1000 / 30) for seat in (ORIGIN, NEAR, FAR)}
        self.held = 100

    def choose(self, near: int = 100, far: int = 0, ticks: int = 1) -> int | None:
        """The helper for seat 1, which has brought 100 inputs, after the others said these."""
        self.peers[ORIGIN].brought = 100
        self.peers[NEAR].counts[ORIGIN] = near
        self.peers[FAR].counts[ORIGIN] = far
        for _ in range(ticks):
            self.detours.choose(self.peers.values(), [0, self.held, 0, 0])
        return self.helper

    @property
    def helper(self) -> int | None:
        through = [seat for seat in (NEAR, FAR) if self.detours.runs_through(seat, ORIGIN)]
        assert [seat for seat in (NEAR, FAR) if self.detours.asked_of(seat)] == through
        return through[0] if through else None


def test_a_helper_is_asked_once_it_would_have_brought_inputs_early_enough() -> None:
    group = Group()
    assert group.choose(near=100 + BEGIN_FRAMES - 1) is None
    assert group.choose(near=100 + BEGIN_FRAMES) == NEAR
    assert group.detours.asked_of(NEAR) == 1 << ORIGIN


def test_a_detour_goes_on_as_long_as_it_helps_now_and_then() -> None:
    group = Group()
    group.choose(near=100 + BEGIN_FRAMES)
    for _ in range(3):
        assert group.choose(near=100, ticks=TICKS - 1) == NEAR
        assert group.choose(near=100 + HELPFUL_FRAMES) == NEAR


def test_a_detour_that_does_not_help_any_more_ends() -> None:
    group = Group()
    group.choose(near=100 + BEGIN_FRAMES)
    assert group.choose(near=100 + HELPFUL_FRAMES - 1, ticks=TICKS) is None
    assert group.choose(near=100 + BEGIN_FRAMES - 1) is None


def test_of_several_the_one_who_holds_most_is_asked_and_of_equals_the_lowest_seat() -> None:
    more = 100 + BEGIN_FRAMES
    assert Group().choose(near=more, far=more) == NEAR
    assert Group().choose(near=more, far=more + 1) == FAR


def test_another_helper_is_chosen_only_if_it_is_much_better() -> None:
    group = Group()
    group.choose(near=110)
    assert group.choose(near=110, far=110 + BETTER_FRAMES - 1) == NEAR
    assert group.choose(near=110, far=110 + BETTER_FRAMES) == FAR
    assert group.choose(near=110, far=110) == FAR


def test_whoever_reloads_is_neither_asked_nor_asked_for() -> None:
    group = Group()
    group.peers[NEAR].resuming = True
    assert group.choose(near=120, far=110) == FAR
    group.peers[ORIGIN].resuming = True
    assert group.choose(near=120, far=110) is None


def test_a_detour_goes_no_further_than_the_origins_own_datagrams_reach() -> None:
    group = Group()
    group.held = 100 + LONGEST_FRAMES
    assert group.choose(near=500) == NEAR
    group.held += 1
    assert group.choose(near=500) is None


def test_detours_from_and_through_a_lost_participant_end() -> None:
    for lost in (ORIGIN, NEAR):
        group = Group()
        group.choose(near=110)
        group.detours.forget(lost)
        assert group.helper is None
    group = Group()
    group.choose(near=110)
    group.detours.forget(FAR)
    assert group.helper == NEAR


def test_two_players_have_nobody_to_ask() -> None:
    detours = Detours(fps=30)
    peer = Peer(1, 2, frame_ms=1000 / 30)
    peer.counts = [90, 90]
    detours.choose([peer], [90, 0])
    assert detours.asked_of(1) == 0

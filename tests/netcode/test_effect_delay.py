import pytest

from interactive_gym.netcode.effect_delay import EffectDelay
from interactive_gym.netcode.input_delay import (
    JITTER_MS,
    input_delay_of_target,
    largest_equal_rtt_ms,
)
from tests.support.simulated_network import (
    Machine,
    Network,
    Player,
    SimulatedGame,
    game_config,
)
from tests.support.stub_game import StubGame

FRAME_MS = 100


def played(frames: int) -> EffectDelay:
    """A game of so many frames, one every 100 ms."""
    effects = EffectDelay(FRAME_MS)
    for frame in range(frames):
        effects.note_tick(1000 + FRAME_MS * frame, frame + 1, advanced=True)
    return effects


def test_an_input_that_is_there_in_time_is_seen_after_the_input_delay() -> None:
    effects = played(6)
    effects.take_effects(1, 5, input_delay=2)
    assert effects.take_effects(1, 6, input_delay=2).delays_ms == [200]
    assert effects.take_effects(1, 9, input_delay=2).delays_ms == []


def test_a_late_input_is_seen_when_it_comes() -> None:
    effects = played(6)
    effects.take_effects(1, 3, input_delay=2)
    found = effects.take_effects(1, 5, input_delay=2)
    assert found.delays_ms == [400, 300]
    assert found.late == 2


def test_a_peer_that_is_behind_sampled_later_and_one_ahead_earlier() -> None:
    for lead, delay_ms in ((0.5, 150), (-0.5, 250)):
        effects = played(6)
        effects.note_lead(1, lead)
        effects.take_effects(1, 5, input_delay=2)
        assert effects.take_effects(1, 6, input_delay=2).delays_ms == [delay_ms]


def test_a_single_estimate_of_the_lead_counts_little() -> None:
    effects = played(6)
    effects.note_lead(1, 0)
    effects.note_lead(1, 1.6)
    effects.take_effects(1, 5, input_delay=2)
    assert effects.take_effects(1, 6, input_delay=2).delays_ms == [190]


def test_frames_that_were_simulated_again_after_a_reload_tell_nothing() -> None:
    effects = EffectDelay(FRAME_MS)
    effects.note_tick(1000, 50, advanced=False)
    effects.note_tick(1100, 51, advanced=True)
    effects.note_tick(1200, 52, advanced=True)
    found = effects.take_effects(1, 52, input_delay=1)
    assert (found.delays_ms, found.late) == ([100], 0)


def test_what_is_not_needed_any_more_is_forgotten_and_nothing_else() -> None:
    effects = played(50)
    effects.take_effects(1, 40, input_delay=2)
    effects.take_effects(2, 45, input_delay=2)
    effects.forget([1, 2], input_delay=2)
    assert len(effects._simulated_at_ms) == 12
    assert len(effects.take_effects(1, 50, input_delay=2).delays_ms) == 10


@pytest.mark.parametrize(("delay_ms", "input_delay"), [(5, 4), (30, 4), (60, 4), (90, 4), (60, 8)])
@pytest.mark.parametrize("apart_ms", [0, 13, 250])
def test_the_told_effect_delay_is_the_true_one(
    delay_ms: float, input_delay: int, apart_ms: float
) -> None:
    config = game_config(num_episodes=8, input_delay=input_delay)
    machines = [Machine(), Machine(starts_at_ms=apart_ms)]
    game = SimulatedGame(StubGame, config, 3, Network(delay_ms, jitter_ms=8), machines).run()
    for player, other in (game.players, game.players[::-1]):
        for row in player.network[3:]:
            until = row["frame"]
            told_ms = row["effect_delay_ms"]
            true_ms = [
                at(player.leads, frame) - at(other.leads, frame - input_delay)
                for frame in range(until - 30, until)
            ]
            assert told_ms == pytest.approx(sum(true_ms) / 30, abs=config.frame_ms * 0.75)
            assert row["late_inputs"] == 0
            assert told_ms == pytest.approx(input_delay * config.frame_ms, abs=config.frame_ms)


def at(leads: list[tuple[float, int]], frame: int) -> float:
    """The time at which a player has simulated a frame."""
    return next(time_ms for time_ms, count in leads if count > frame)


def test_inputs_that_come_too_late_are_counted_and_take_as_long_as_their_way() -> None:
    config = game_config(num_episodes=8, input_delay=1)
    game = SimulatedGame(StubGame, config, 3, Network(delay_ms=100, jitter_ms=8)).run()
    for player in game.players:
        for row in player.network[3:]:
            assert row["late_inputs"] >= 25
            assert 100 < row["effect_delay_ms"] < 160


def test_in_a_group_everyone_is_seen_after_the_same_delay_whatever_their_links() -> None:
    input_delay = input_delay_of_target(120, 30)
    rtts_ms = {(0, 1): 20, (0, 2): 100, (1, 2): largest_equal_rtt_ms(input_delay, 30)}
    config = game_config(3, num_episodes=8, input_delay=input_delay)
    game = SimulatedGame(lambda: StubGame(3), config, 3, Network(jitter_ms=JITTER_MS))
    send = game._send

    def send_over_link(sender: Player, receiver: Player, datagram: bytes, time_ms: float) -> None:
        link = min(sender.seat, receiver.seat), max(sender.seat, receiver.seat)
        game.network.delay_ms = rtts_ms[link] / 2
        send(sender, receiver, datagram, time_ms)

    game._send = send_over_link  # type: ignore[method-assign]
    game.run().verify()
    rows = [row for player in game.players for row in player.network if row["time_ms"] > 3000]
    assert {row["late_inputs"] for row in rows} == {0}
    frame_ms = config.frame_ms
    told = [row["effect_delay_ms"] for row in rows]
    assert max(told) - min(told) < frame_ms
    assert sum(told) / len(told) == pytest.approx(input_delay * frame_ms, abs=frame_ms / 4)

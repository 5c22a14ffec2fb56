import pytest

from interactive_gym.scenes.latency import EqualLatency, Manipulated


@pytest.mark.parametrize(
    ("target_ms", "fps", "frames", "max_rtt_ms"),
    [(120, 30, 4, 160), (100, 30, 3, 280 / 3), (120, 60, 7, 160), (67, 60, 4, 60), (120, 10, 1, 0)],
)
def test_input_delay_and_threshold_follow_from_the_target(target_ms, fps, frames, max_rtt_ms):
    if max_rtt_ms == 0:
        with pytest.raises(ValueError, match="give at least 200 at 10 fps"):
            EqualLatency(target_ms, fps)
        return
    latency = EqualLatency(target_ms, fps)
    assert latency.input_delay() == frames
    assert latency.max_rtt_ms == pytest.approx(max_rtt_ms)
    assert latency.record() == {
        "target_ms": target_ms,
        "levels_ms": None,
        "level_ms": None,
        "delay_ms": round(frames * 1000 / fps, 1),
        "max_rtt_ms": round(max_rtt_ms, 1),
    }


def test_every_level_adds_to_the_target_and_has_the_threshold_of_the_lowest():
    latency = EqualLatency(100, 30, Manipulated(levels_ms=[120, 0, 60]).levels_ms)
    assert [latency.input_delay(level) for level in (0, 60, 120)] == [3, 5, 7]
    assert latency.max_rtt_ms == EqualLatency(100, 30).max_rtt_ms
    assert latency.record(60)["level_ms"] == 60
    assert latency.record(60)["delay_ms"] == 166.7
    assert latency.record(60)["max_rtt_ms"] == 93.3


def test_who_plays_alone_needs_no_connection_and_may_have_any_target():
    alone = EqualLatency(0, 30, (0.0, 60.0), is_alone=True)
    assert alone.max_rtt_ms is None
    assert (alone.input_delay(0), alone.input_delay(60)) == (0, 2)
    assert alone.record(60)["max_rtt_ms"] is None


@pytest.mark.parametrize(
    "levels_ms", [[], [60], [0, 0], "60", 60, {0, 60}, [0, -1], [0, True], [0, float("nan")]]
)
def test_levels_that_are_no_condition_are_refused(levels_ms):
    with pytest.raises(ValueError, match="levels_ms is"):
        Manipulated(levels_ms=levels_ms)


@pytest.mark.parametrize(
    ("target_ms", "fps", "levels_ms", "message"),
    [
        (30, 30, (), "target_ms is 30: give at least 67 at 30 fps"),
        (1100, 30, (), "at most 1000 in all at 30 fps"),
        (100, 60, (0.0, 600.0), "with its highest level 700: give at most 500 in all"),
        (100, 30, (0.0, 10.0), "at least 33.3 ms apart, a frame at 30 fps"),
    ],
)
def test_a_delay_that_no_game_can_have_is_refused(target_ms, fps, levels_ms, message):
    with pytest.raises(ValueError, match=message):
        EqualLatency(target_ms, fps, levels_ms)


def test_the_least_target_that_a_refusal_names_is_taken():
    for fps in range(1, 61):
        with pytest.raises(ValueError, match="give at least") as refusal:
            EqualLatency(0, fps)
        least_ms = int(str(refusal.value).split("at least ")[1].split()[0])
        if least_ms * fps / 1000 <= 30:
            assert EqualLatency(least_ms, fps).input_delay() >= 1

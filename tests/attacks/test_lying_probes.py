"""Participants who lie about their probes, among honest ones who play with the right data."""

import json

import pytest

from tests.support.probing_page import ProbingPage
from tests.support.served_experiment import ServedExperiment
from tests.support.uploading import Player, wait_until

FRAMES = 60
IMPOSSIBLE = {
    "endless": [1e308] * 3,
    "no time at all": [1e-300] * 3,
    "negative": [-5.0, 20.0],
    "no number": ["20"] * 3,
    "not a number": [float("nan")] * 3,
    "too many": [20.0] * 10_000,
    "longer than the probe": [59_000.0],
    "no list": {"0": 20.0},
}


class LyingPage(ProbingPage):
    """Reports `claim` instead of a measurement."""

    claim: object = None

    def samples_ms(self, pings):
        return self.claim if self.claim is not None else super().samples_ms(pings)


@pytest.fixture
def served(tmp_path):
    experiment = ServedExperiment(
        tmp_path,
        threshold_ms=100,
        gameplay={"num_episodes": 1, "max_steps": FRAMES},
        user_experience={"waitroom_timeout": 600_000},
    )
    yield experiment
    log = experiment.log
    experiment.stop()
    assert "Traceback" not in log, log


def come(served, claim=None):
    """A participant who waits; returns the page and their subject id."""
    page = LyingPage(served)
    page.claim = claim
    page.connect().into_waitroom()
    page.wait_for("waitroom_update")
    started = [line for line in served.participant_lines() if line["event"] == "started"]
    return page, started[-1]["subject_id"]


def arrive(served):
    """An honest participant on whose arrival a probe begins, and their subject id."""
    page = LyingPage(served).connect().into_waitroom()
    page.wait_for("probe_prepare")
    started = [line for line in served.participant_lines() if line["event"] == "started"]
    return page, started[-1]["subject_id"]


def ledger(served, kind):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    lines = (served.data / "game" / "matching.jsonl").read_text().splitlines()
    read = [json.loads(line, parse_constant=refuse) for line in lines]
    return [line for line in read if line["kind"] == kind]


def play(served, pages):
    """Play a game to its end, and return its match.json; all frames are there."""
    players = [Player(page, page.wait_for("game_created")) for page in pages]
    for player in players:
        player.say("game_ready")
    for player in players:
        player.page.wait_for("game_start")
        player.play(FRAMES, ends_at=FRAMES)
        player.finish()
    folder = served.data / "game" / players[0].game_id
    match = wait_until(
        lambda: m if "ended_at" in (m := json.loads((folder / "match.json").read_text())) else None
    )
    assert (match["agreed"], match["end_reason"], match["frames"]) == (True, "completed", FRAMES)
    assert (folder / "frames.csv").read_text().splitlines()[1:] == players[0].lines
    return match


@pytest.mark.parametrize("claim", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_values_that_cannot_be_are_never_stored_and_speak_against_who_told_them(served, claim):
    liar, liar_id = come(served, claim)
    first, _ = arrive(served)
    first.wait_for("probe_close")
    second, _ = arrive(served)
    match = play(served, (first, second))
    (edge,) = match["edges"]
    assert (edge["rtt_ms"], edge["disputed_seats"]) == (20.0, [])
    causes = [line["causes"] for line in ledger(served, "probe") if line["failure_reason"]]
    assert causes
    assert all(cause == {liar_id: "bad_report"} for cause in causes)
    for page in (liar, first, second):
        page.close()


def test_a_pair_that_plays_although_its_reports_disagree_is_flagged(served):
    liar, _ = come(served, [44.0, 45.0, 46.0])
    honest, _ = arrive(served)
    (edge,) = play(served, (liar, honest))["edges"]
    assert edge["rtt_ms"] == 45.0
    assert "sides_disagree" in edge["doubts"]
    assert edge["disputed_seats"] == []
    (line,) = ledger(served, "verdict")
    assert line["doubts"] == edge["doubts"]
    liar.close()
    honest.close()


def test_who_reports_high_until_a_friend_comes_is_flagged_and_keeps_nobody_from_playing(served):
    liar, liar_id = come(served, [900.0] * 4)
    honest = []
    for _ in range(2):
        page, _ = arrive(served)
        page.wait_for("probe_close")
        honest.append(page)
    (edge,) = play(served, honest)["edges"]
    assert (edge["rtt_ms"], edge["disputed_seats"]) == (20.0, [])
    assert "sides_disagree" not in edge["doubts"]
    verdicts = [line for line in ledger(served, "verdict") if liar_id in line["pair"]]
    assert [line["verdict"] for line in verdicts] == ["rejected", "rejected"]
    assert all("sides_disagree" in line["doubts"] for line in verdicts)
    assert [line["disputed"] for line in verdicts] == [[], [liar_id]]
    liar.claim = [20.0] * 4
    friend, _ = arrive(served)
    match = play(served, (liar, friend))
    seats = {member["subject_id"]: member["seat"] for member in match["group"]}
    assert match["edges"][0]["disputed_seats"] == [seats[liar_id]]
    for page in (liar, friend, *honest):
        page.close()


def test_who_seems_nearer_than_they_are_is_judged_by_what_the_partner_measured(served):
    liar, _ = come(served, [0.5] * 4)
    honest, _ = arrive(served)
    (edge,) = play(served, (liar, honest))["edges"]
    assert edge["rtt_ms"] == 20.0
    assert "sides_disagree" in edge["doubts"]
    liar.close()
    honest.close()

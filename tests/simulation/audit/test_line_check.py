import json

import msgspec
import pytest

from interactive_gym.server.ledger.schema import GameEndedLine, MatchedLine, ProbeLine, VerdictLine
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.audit.line_check import check_lines
from interactive_gym.simulation.ledger_replay import parse_ledger, read_lines
from tests.support.audited_study import AuditedStudy, answer, eventful_start


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    study = AuditedStudy(tmp_path_factory.mktemp("study"), FIFOMatchmaker(150))
    study.prober.inside = answer
    eventful_start(study).close()
    return read_lines(parse_ledger(study.path.read_text()))


def found(lines, is_chained=True):
    return [
        (finding.line_number, finding.what)
        for finding in check_lines(lines, [is_chained] * len(lines))
    ]


def place_of(lines, kind, is_meant=lambda line: True):
    return next(n for n, (_, line) in enumerate(lines) if isinstance(line, kind) and is_meant(line))


def with_changed(lines, at, **changes):
    header, line = lines[at]
    return [*lines[:at], (header, msgspec.structs.replace(line, **changes)), *lines[at + 1 :]]


def measured(line):
    return line.rtt_ms is not None


def test_lines_that_a_server_has_written_agree_with_each_other(lines):
    assert found(lines) == found(lines, is_chained=False) == []


def test_a_probe_that_is_told_twice_had_ended_already(lines):
    at = place_of(lines, ProbeLine)
    doubled = [*lines[: at + 1], lines[at], *lines[at + 1 :]]
    assert (at + 2, "its probe had ended already") in found(doubled)


def test_a_probe_without_its_verdict_is_named_at_the_end(lines):
    at = place_of(lines, VerdictLine, measured)
    name = lines[at][1].probe_session_id
    assert (None, f"no verdict follows from the probe {name}") in found(
        lines[:at] + lines[at + 1 :]
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"rtt_ms": 1.0}, "its rtt_ms is 1.0, and that of its probe"),
        ({"pair": ("a", "z")}, "its pair is not that of its probe"),
        ({"probe_session_id": "none"}, "no line tells of its probe"),
        ({"probe_session_id": None}, "it is about a measurement, but names no probe"),
    ],
)
def test_a_verdict_is_held_against_its_probe(lines, changes, what):
    at = place_of(lines, VerdictLine, measured)
    said = [text for number, text in found(with_changed(lines, at, **changes)) if number == at + 1]
    assert any(text.startswith(what) for text in said), said


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"game_id": "none"}, "no line tells of the beginning of its game"),
        ({"reason": "boredom"}, "no game ends with the reason 'boredom'"),
        ({"reason": "start_timeout"}, "its reason and the line about its game's start"),
        ({"reason": "partner_lost"}, "a partner is said to be lost, and nobody was"),
        ({"cuts": [{"seat": 9, "reason": "absent"}]}, "it tells of a cut that no game has"),
    ],
)
def test_the_end_of_a_game_is_held_against_its_beginning(lines, changes, what):
    at = place_of(lines, GameEndedLine, lambda line: line.reason == "completed")
    said = [text for number, text in found(with_changed(lines, at, **changes)) if number == at + 1]
    assert any(text.startswith(what) for text in said), said


def test_an_edge_was_measured_when_its_verdict_says(lines):
    at = place_of(lines, MatchedLine)
    edges = json.loads(json.dumps(lines[at][1].edges))
    edges[0]["measured_at"] = "2001-01-01T00:00:00+00:00"
    said = found(with_changed(lines, at, edges=edges))
    assert said == [(at + 1, "the measured_at of an edge is not when the verdict on it was")]
    # Earlier versions did not name the probe of an edge.
    assert found(with_changed(lines, at, edges=edges), is_chained=False) == []

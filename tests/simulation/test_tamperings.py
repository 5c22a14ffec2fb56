"""Every way to tamper with a ledger, and what finds it out.

The table in `docs/ledger.md` is what these tests find: `pytest -k table` shows the one to be.
"""

import copy
import json
import shutil

import pytest

from interactive_gym.server.data.chain import chain_end, digest_of_start, linked, next_digest
from interactive_gym.server.ledger.matchmaker_record import plan_matchmaker
from interactive_gym.server.ledger.plan import plan_digest
from interactive_gym.server.ledger.schema import LINES
from interactive_gym.server.matchmaker import FIFOMatchmaker
from interactive_gym.simulation.ledger_audit import audit
from tests.support.audited_study import AuditedStudy, answer, eventful_start, play, tell
from tests.support.paths import ROOT

PAGE = ROOT / "interactive_gym/docs/ledger.md"
CHECKS = ["refused", "lines", "decisions", "participants", "games"]


class Faulty(FIFOMatchmaker):
    """Fails for one participant."""

    def find_match(self, arriving, waiting, group_size):
        if arriving.subject_id == "u":
            raise ValueError("not this one")
        return super().find_match(arriving, waiting, group_size)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of two starts, the first of which was killed, with lines of every kind."""
    tmp_path = tmp_path_factory.mktemp("study")
    parts = {
        "attributes_of": lambda subject_id: {"condition": ord(subject_id) % 2},
        "blocked_on_arrival": lambda subject_id: {"e": ["a"], "s": ["p"]}.get(subject_id, []),
    }
    first = AuditedStudy(tmp_path, Faulty(150, rtt_expansions=[(20, 160)]), **parts)
    eventful_start(first)
    with first.path.open("a") as file:
        file.write('{"schema": 2, "ki')
    second = AuditedStudy(tmp_path, Faulty(150, rtt_expansions=[(20, 160)]), **parts)
    second.prober.inside = answer
    second.manager.restore_wait("p", 12.0)
    second.join("p", "q")
    second.pass_time(2.0)
    play(second, "p", "q")
    second.pass_time(40.0)
    second.join("u", "s")
    second.pass_time(70.0)
    second.prober.inside = lambda probe: tell(probe, None)
    second.join("n", "o")
    second.pass_time(20.0)
    second.prober.inside = None
    second.join("v", "w")
    second.pass_time(1.0)
    second.close()
    lines = [json.loads(row) for row in second.path.read_text().splitlines()]
    assert {line["kind"] for line in lines} == set(LINES)
    assert audit(second.path, plan_matchmaker).findings == []
    return second


# Tamperings


def first(kind, is_meant=lambda line: True):
    def find(lines):
        return next(n for n, line in enumerate(lines) if line["kind"] == kind and is_meant(line))

    return find


def change(find, field, to):
    """Change one field of one line."""

    def forge(lines):
        line = lines[find(lines)]
        before = copy.deepcopy(line[field])
        line[field] = to(line[field]) if callable(to) else to
        assert line[field] != before
        return lines

    return forge


def delete(find):
    def forge(lines):
        at = find(lines)
        return lines[:at] + lines[at + 1 :]

    return forge


def double(find):
    def forge(lines):
        at = find(lines)
        return [*lines[: at + 1], copy.deepcopy(lines[at]), *lines[at + 1 :]]

    return forge


def swap(find):
    """Swap a line with the next of another kind."""

    def forge(lines):
        at = find(lines)
        other = next(n for n in range(at + 1, len(lines)) if lines[n]["kind"] != lines[at]["kind"])
        lines[at], lines[other] = lines[other], lines[at]
        return lines

    return forge


def invented_arrival(lines):
    at = first("arrival")(lines) + 3
    return [*lines[:at], lines[first("arrival")(lines)] | {"subject_id": "x"}, *lines[at:]]


def with_plan(**changes):
    """Change the plan, its digest, and the digest in all matches."""

    def forge(lines):
        lines[0]["plan"] |= changes
        digest = plan_digest(lines[0]["plan"])
        before = lines[0]["plan_digest"]
        return [
            line | {"plan_digest": digest} if line.get("plan_digest") == before else line
            for line in lines
        ]

    return forge


def other_sample(sides):
    sides[0]["samples_ms"][1] += 30.0
    return sides


def other_median(sides):
    """Raise all samples, and what is summed up of them."""
    for side in sides:
        side["samples_ms"] = [sample + 1.0 for sample in side["samples_ms"]]
        side["median_ms"] += 1.0
        side["minimum_ms"] += 1.0
    return sides


def other_loss(sides):
    sides[0]["lost"] += 2
    return sides


def nearer(lines):
    """Make a rejected measurement a good one, in the probe and the verdict."""
    at = first("verdict", lambda line: line["verdict"] == "rejected" and line["rtt_ms"])(lines)
    probe = lines[at - 1]
    less = probe["rtt_ms"] - 20.0
    for side in probe["sides"]:
        side["samples_ms"] = [sample - less for sample in side["samples_ms"]]
        side["median_ms"] -= less
        side["minimum_ms"] -= less
    probe["rtt_ms"] = lines[at]["rtt_ms"] = 20.0
    lines[at] |= {"verdict": "accepted", "reason": "20.0 ms <= 150 ms"}
    return lines


def is_measured(line):
    return line["rtt_ms"] is not None


def is_failed(line):
    return line["rtt_ms"] is None


def of_game(line):
    return line["game_id"] is not None


PROBED, FAILED = first("probe", is_measured), first("probe", is_failed)
VERDICT, GAME, EXIT = first("verdict", is_measured), first("matched"), first("exit")
IDLE = first("exit", lambda line: line["reason"] == "idle")
ENDED = first("game_ended", lambda line: line["reason"] == "completed")
UNSTARTED = first("repool", of_game)

CHANGED = {
    ("plan", "plan"): change(first("plan"), "plan", lambda plan: plan | {"patience_ms": 61_000}),
    ("plan", "plan_digest"): change(first("plan"), "plan_digest", "0" * 64),
    ("mended", "removed_bytes"): change(first("mended"), "removed_bytes", 3),
    ("mended", "missing_lines"): change(first("mended"), "missing_lines", 3),
    ("mended", "is_as_in_manifest"): change(first("mended"), "is_as_in_manifest", False),
    ("arrival", "subject_id"): change(first("arrival"), "subject_id", "x"),
    ("arrival", "server_rtt_ms"): change(first("arrival"), "server_rtt_ms", 300.0),
    ("arrival", "attributes"): change(first("arrival"), "attributes", {"condition": 7}),
    ("arrival", "previous_partners"): change(first("arrival"), "previous_partners", ["x"]),
    ("arrival", "blocked_with"): change(first("arrival"), "blocked_with", ["z"]),
    ("arrival", "waited_ms"): change(
        first("arrival", lambda line: line["waited_ms"] > 0), "waited_ms", 0
    ),
    ("server_rtt", "subject_id"): change(first("server_rtt"), "subject_id", "x"),
    ("server_rtt", "server_rtt_ms"): change(first("server_rtt"), "server_rtt_ms", 999.0),
    ("proposal", "proposal_id"): change(first("proposal"), "proposal_id", "x"),
    ("proposal", "arriving"): change(first("proposal"), "arriving", "x"),
    ("proposal", "matched"): change(first("proposal"), "matched", lambda ids: ids[::-1]),
    ("proposal", "threshold_ms"): change(first("proposal"), "threshold_ms", 200),
    ("proposal", "edges"): change(first("proposal"), "edges", []),
    ("relaxation", "proposal_id"): change(first("relaxation"), "proposal_id", "x"),
    ("relaxation", "waits_s"): change(first("relaxation"), "waits_s", {}),
    ("relaxation", "max_p2p_rtt_ms"): change(first("relaxation"), "max_p2p_rtt_ms", 160),
    ("relaxation", "threshold_ms"): change(first("relaxation"), "threshold_ms", 150),
    ("probe", "probe_session_id"): change(PROBED, "probe_session_id", "x"),
    ("probe", "offerer"): change(PROBED, "offerer", "x"),
    ("probe", "answerer"): change(PROBED, "answerer", "x"),
    ("probe", "sides: a sample"): change(PROBED, "sides", other_sample),
    ("probe", "sides: all samples, with median_ms and minimum_ms"): change(
        PROBED, "sides", other_median
    ),
    ("probe", "sides: lost"): change(PROBED, "sides", other_loss),
    ("probe", "rtt_ms"): change(PROBED, "rtt_ms", 20.0),
    ("probe", "disagreement"): change(PROBED, "disagreement", lambda told: not told),
    ("probe", "duration_ms: longer than since the proposal"): change(PROBED, "duration_ms", 9e5),
    ("probe", "failure_reason"): change(PROBED, "failure_reason", "a cable"),
    ("probe", "causes: another cause"): change(
        FAILED, "causes", lambda causes: dict.fromkeys(causes, "not_ready")
    ),
    ("probe", "causes: another participant"): change(
        FAILED, "causes", lambda causes: {"n" if "o" in causes else "o": "no_report"}
    ),
    ("verdict", "proposal_id"): change(VERDICT, "proposal_id", "x"),
    ("verdict", "probe_session_id"): change(VERDICT, "probe_session_id", "x"),
    ("verdict", "pair"): change(VERDICT, "pair", ["x", "y"]),
    ("verdict", "rtt_ms"): change(VERDICT, "rtt_ms", 20.0),
    ("verdict", "threshold_ms"): change(VERDICT, "threshold_ms", 500),
    ("verdict", "verdict"): change(
        VERDICT, "verdict", lambda told: {"rejected": "accepted"}.get(told, "rejected")
    ),
    ("verdict", "reason"): change(VERDICT, "reason", "for a reason"),
    ("verdict", "doubts"): change(VERDICT, "doubts", ["sides_disagree"]),
    ("verdict", "disputed"): change(VERDICT, "disputed", ["a"]),
    ("failure", "pair"): change(first("failure"), "pair", ["x", "y"]),
    ("failure", "count"): change(first("failure"), "count", 5),
    ("failure", "retry_in_s"): change(first("failure"), "retry_in_s", 99.0),
    ("failure", "ranks"): change(first("failure"), "ranks", {"a": 2}),
    ("repool", "subject_ids"): change(first("repool"), "subject_ids", ["x"]),
    ("repool", "game_id"): change(UNSTARTED, "game_id", "x"),
    ("repool", "unconnected"): change(UNSTARTED, "unconnected", [["x", "y"]]),
    ("repool", "causes"): change(UNSTARTED, "causes", {"x": "not_started"}),
    ("matched", "game_id"): change(GAME, "game_id", "x"),
    ("matched", "group"): change(GAME, "group", lambda group: group[::-1]),
    ("matched", "edges"): change(GAME, "edges", []),
    ("matched", "seed"): change(GAME, "seed", 7),
    ("matched", "plan_digest"): change(GAME, "plan_digest", "0" * 64),
    ("game_ended", "game_id"): change(ENDED, "game_id", "x"),
    ("game_ended", "reason"): change(ENDED, "reason", "reloaded"),
    ("game_ended", "cuts"): change(ENDED, "cuts", [{"seat": 0, "reason": "idle"}]),
    ("game_ended", "desync"): change(
        ENDED, "desync", {"frame": 1, "seats": [0, 1], "part": "rows"}
    ),
    ("exit", "subject_id"): change(EXIT, "subject_id", "x"),
    ("exit", "reason, of one who did not answer"): change(IDLE, "reason", "disconnected"),
    ("exit", "reason, of one who left: waitroom_timeout"): change(
        IDLE, "reason", "waitroom_timeout"
    ),
    ("exit", "reason, of one who waited in vain"): change(
        first("exit", lambda line: line["reason"] == "waitroom_timeout"), "reason", "disconnected"
    ),
    ("exit", "waited_ms"): change(EXIT, "waited_ms", lambda waited: waited + 1),
    ("matchmaker_error", "matchmaker"): change(first("matchmaker_error"), "matchmaker", "Other"),
    ("matchmaker_error", "arriving"): change(first("matchmaker_error"), "arriving", "x"),
    ("matchmaker_error", "fault"): change(first("matchmaker_error"), "fault", "it slept"),
    ("every line", "schema"): change(first("exit"), "schema", 1),
    ("every line", "kind"): change(first("look"), "kind", "stop"),
    ("every line", "monotonic_s, back"): change(
        first("look"), "monotonic_s", lambda at_s: at_s - 900.0
    ),
    ("every line", "monotonic_s, of an exit"): change(
        EXIT, "monotonic_s", lambda at_s: at_s + 0.001
    ),
    ("every line", "time"): change(first("look"), "time", "2020-01-01T00:00:00.000Z"),
    ("every line", "a field more"): lambda lines: [lines[0] | {"more": 1}, *lines[1:]],
}
"""A changed field of every kind of line."""

OTHERS = {
    "a rejected measurement made good, in samples, probe and verdict": nearer,
    "another patience, with all digests of the plan": with_plan(patience_ms=61_000),
    "another seed, with all digests of the plan": with_plan(seed=2),
    "another environment_digest, with all digests of the plan": with_plan(environment_digest="x"),
    "an arrival made up": invented_arrival,
    "the last line cut off": lambda lines: lines[:-1],
    "everything from the last exit on cut off": lambda lines: lines[
        : max(n for n, line in enumerate(lines) if line["kind"] == "exit")
    ],
    "a whole start of the server cut off": lambda lines: lines[
        : max(n for n, line in enumerate(lines) if line["kind"] == "plan") - 1
    ],
}

DELETABLE = {
    **{kind: first(kind) for kind in LINES},
    "exit of one who waited in vain": first(
        "exit", lambda line: line["reason"] == "waitroom_timeout"
    ),
    "exit of one who left": IDLE,
    "probe that failed": FAILED,
    "repool of a game that could not start": UNSTARTED,
}

TAMPERINGS = {
    **{
        (f"a field of `{kind}`" if kind in LINES else "a field of every line", field): forge
        for (kind, field), forge in CHANGED.items()
    },
    **{("a line left out", kind): delete(find) for kind, find in DELETABLE.items()},
    **{("a line twice", kind): double(first(kind)) for kind in LINES},
    **{
        ("a line swapped with the next of another kind", kind): swap(first(kind))
        for kind in LINES
        if kind not in ("plan", "mended")
    },
    **{("besides", name): forge for name, forge in OTHERS.items()},
}


# Forging


def rechained(lines):
    digest, rows = digest_of_start(b""), []
    for line in lines:
        body = json.dumps({name: of for name, of in line.items() if name != "chain"})
        digest = next_digest(digest, body.encode())
        rows.append(linked(body, digest) + "\n")
    return "".join(rows)


def forged(study, folder, forge, *, chain, manifest):
    """What an audit says of a copy of the study with a forged ledger."""
    copied = folder / "study"
    shutil.copytree(study.folder, copied)
    ledger = copied / "game/matching.jsonl"
    lines = forge([json.loads(row) for row in ledger.read_text().splitlines()])
    text = rechained(lines) if chain else "".join(json.dumps(line) + "\n" for line in lines)
    assert text != ledger.read_text()
    ledger.write_text(text)
    if manifest:
        end = chain_end(text.encode())
        told = {"lines": end.lines, "chain": end.digest, "closed": True}
        (copied / "manifest.json").write_text(json.dumps({"schema": 1, "ledgers": {"game": told}}))
    try:
        return [finding.check for finding in audit(ledger, plan_matchmaker).findings]
    except ValueError:
        return ["refused"]
    finally:
        shutil.rmtree(copied)


def test_every_field_of_every_kind_is_tampered_with():
    changed = {(kind, field.split(",")[0].split(":")[0]) for kind, field in CHANGED}
    fields = {(kind, name) for kind, line in LINES.items() for name in line.__struct_fields__}
    assert fields <= changed


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=" ".join)
def test_who_leaves_the_chain_is_found_out_by_it(study, tmp_path, tampering):
    found = forged(study, tmp_path, TAMPERINGS[tampering], chain=False, manifest=False)
    assert {"chain", "manifest", "refused"} & set(found)


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=" ".join)
def test_who_computes_the_chain_anew_is_found_out_by_the_manifest(study, tmp_path, tampering):
    found = forged(study, tmp_path, TAMPERINGS[tampering], chain=True, manifest=False)
    assert {"manifest", "refused"} & set(found)


def test_the_table_of_what_is_found_though_chain_and_manifest_are_computed_anew(study, tmp_path):
    rows = {}
    for (group, name), forge in TAMPERINGS.items():
        found = forged(study, tmp_path, forge, chain=True, manifest=True)
        assert not {"chain", "manifest"} & set(found)
        by = ", ".join(check for check in CHECKS if check in found) or "–"
        rows.setdefault((group, by), []).append(name)
    names = {
        row: "; ".join(name if " " in name else f"`{name}`" for name in of)
        for row, of in rows.items()
    }
    table = "\n".join(f"| {group} | {names[group, by]} | {by} |" for group, by in rows)
    assert table in PAGE.read_text(), f"{PAGE} should have\n{table}"


def test_an_untouched_copy_is_as_sound_as_the_study(study, tmp_path):
    shutil.copytree(study.folder, tmp_path / "study")
    assert audit(tmp_path / "study/game/matching.jsonl", plan_matchmaker).findings == []


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text())


def told(**changes):
    def forge(folder):
        content = manifest_of(folder)
        content["ledgers"]["game"] |= changes
        (folder / "manifest.json").write_text(json.dumps(content))

    return forge


def strip_chain(folder):
    ledger = folder / "game/matching.jsonl"
    lines = [json.loads(row) for row in ledger.read_text().splitlines()]
    for line in lines:
        del line["chain"]
    ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))


def add_a_line(folder):
    ledger = folder / "game/matching.jsonl"
    lines = [json.loads(row) for row in ledger.read_text().splitlines()]
    ledger.write_text(rechained([*lines, lines[first("look")(lines)]]))


OF_FILES = {
    "another digest in the manifest": told(chain="0" * 32),
    "fewer lines in the manifest": told(lines=5),
    "more lines in the manifest": told(lines=10_000),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "no ledger in the manifest": lambda folder: (folder / "manifest.json").write_text(
        '{"schema": 1, "ledgers": {}}'
    ),
    "no manifest but a text": lambda folder: (folder / "manifest.json").write_text("none"),
    "the digests taken off all lines": strip_chain,
    "a line added, with its digest": add_a_line,
}


@pytest.mark.parametrize("tampering", OF_FILES)
def test_tampering_with_the_manifest_or_the_whole_chain_is_found(study, tmp_path, tampering):
    folder = tmp_path / "study"
    shutil.copytree(study.folder, folder)
    OF_FILES[tampering](folder)
    checks = {f.check for f in audit(folder / "game/matching.jsonl", plan_matchmaker).findings}
    assert "manifest" in checks
    assert f"| {tampering} | manifest |" in PAGE.read_text()

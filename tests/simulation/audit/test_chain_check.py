import json

from interactive_gym.server.data.chain import ChainEnd, digest_of_start, linked, next_digest
from interactive_gym.server.data.manifest import LedgerEnd
from interactive_gym.simulation.audit.chain_check import check_chain


def chained(count, before=b""):
    digest, rows = digest_of_start(before), []
    for number in range(count):
        body = json.dumps({"number": number})
        digest = next_digest(digest, body.encode())
        rows.append(linked(body, digest).encode() + b"\n")
    return before + b"".join(rows), digest


def told(check):
    return [(finding.check, finding.line_number) for finding in check.findings]


def test_a_whole_chain_is_confirmed_with_its_end():
    content, digest = chained(4)
    check = check_chain(content, LedgerEnd(4, digest, closed=True))
    assert check.findings == []
    assert (check.chained, check.attested, check.is_closed) == (4, 4, True)
    assert check.end == ChainEnd(4, digest)


def test_a_manifest_may_be_behind_unless_the_server_ended_in_order():
    _, digest = chained(2)
    content, _ = chained(4)
    assert check_chain(content, LedgerEnd(2, digest, closed=False)).attested == 2
    assert told(check_chain(content, LedgerEnd(2, digest, closed=True))) == [("manifest", 3)]


def test_a_changed_line_is_named_once_and_the_chain_goes_on_after_it():
    content, digest = chained(4)
    changed = content.replace(b'"number": 1', b'"number": 9')
    check = check_chain(changed, LedgerEnd(4, digest, closed=True))
    assert told(check) == [("chain", 2)]
    assert check.chained == 3


def test_lines_before_the_chain_are_covered_and_between_its_lines_are_named():
    old = b'{"a": 1}\n{"a": 2}\n'
    content, _ = chained(2, old)
    check = check_chain(content, None)
    assert (check.findings, check.unchained, check.chained) == ([], 2, 2)
    assert told(check_chain(content.replace(b'"a": 1', b'"a": 7'), None)) == [("chain", 3)]
    rows = content.splitlines(keepends=True)
    assert told(check_chain(b"".join([*rows[:3], b'{"a": 3}\n', *rows[3:]]), None)) == [
        ("chain", 4)
    ]


def test_without_a_chain_there_is_no_end_of_it():
    check = check_chain(b'{"a": 1}\n', None)
    assert (check.end, check.unchained, check.findings) == (None, 1, [])
    assert check_chain(b"", None).end is None


def test_missing_lines_and_another_digest_are_the_manifests():
    content, _ = chained(2)
    assert told(check_chain(content, LedgerEnd(3, "0" * 32, closed=False))) == [("manifest", None)]
    assert told(check_chain(content, LedgerEnd(2, "0" * 32, closed=False))) == [("manifest", 2)]


def test_half_a_line_at_the_end_is_left_out_unless_the_server_had_ended():
    content, digest = chained(2)
    check = check_chain(content + b'{"numb', LedgerEnd(2, digest, closed=False))
    assert (check.findings, check.half_bytes, check.end) == ([], 6, ChainEnd(2, digest))
    assert told(check_chain(content + b'{"numb', LedgerEnd(2, digest, closed=True))) == [
        ("manifest", 3)
    ]
    whole = check_chain(content[:-1], None)
    assert (whole.findings, whole.chained, whole.half_bytes) == ([], 2, 0)

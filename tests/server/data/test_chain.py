import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactive_gym.server.data.chain import (
    DIGEST_LENGTH,
    chain_end,
    digest_of_start,
    linked,
    next_digest,
    split,
)

OBJECTS = st.dictionaries(st.text(max_size=5), st.text() | st.integers(), min_size=1)


@given(OBJECTS, st.binary(max_size=9))
def test_a_linked_line_is_json_with_its_digest_last_and_comes_apart_again(fields, before):
    fields.pop("chain", None)
    body = json.dumps(fields | {"kind": "look"})
    digest = next_digest(digest_of_start(before), body.encode())
    row = linked(body, digest)
    assert list(json.loads(row))[-1] == "chain"
    assert split(row.encode()) == (body.encode(), digest)


def test_a_digest_is_sha_256_over_the_one_before_and_the_line_cut_to_128_bits():
    start = hashlib.sha256(b"").hexdigest()[:32]
    assert digest_of_start(b"") == start
    expected = hashlib.sha256(start.encode() + b'\n{"a": 1}').hexdigest()[:DIGEST_LENGTH]
    assert next_digest(start, b'{"a": 1}') == expected


@pytest.mark.parametrize(
    "row", [b"", b"{}", b'{"chain": "ab"}', b'{"a": 1, "chain": 5}', b'{"a": {"chain": "x"}}']
)
def test_a_line_without_a_digest_is_left_as_it_is(row):
    assert split(row) == (row, None)


def test_a_chain_goes_on_from_its_last_line_or_begins_after_what_was_there_before():
    old = b'{"a": 1}\n{"a": 2}\n'
    assert chain_end(b"").lines == 0
    assert chain_end(old) == type(chain_end(old))(2, digest_of_start(old))
    digest = next_digest(digest_of_start(old), b'{"a": 3}')
    row = linked('{"a": 3}', digest)
    end = chain_end(old + row.encode() + b"\n")
    assert (end.lines, end.digest) == (3, digest)

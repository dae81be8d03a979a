"""The fast spelling and reading of records says the same as the slow one, to the byte and to the refusal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=0xD7FF), max_size=4)
PLAIN = st.none() | st.booleans() | st.integers(-(2**54), 2**54) | TEXTS
RECORDS = st.dictionaries(KEYS, PLAIN, max_size=5)
ODD = st.recursive(
    PLAIN | st.floats(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


def outcome(act, given):
    """What came, or which error: never both ways different."""
    try:
        return act(given)
    except CarrierRefused as error:
        return error.code
    except (TypeError, ValueError) as error:
        return type(error)


@given(RECORDS | st.dictionaries(KEYS, ODD, max_size=3))
def test_the_same_bytes_are_written(fields):
    assert outcome(canonical.encode_record, fields) == outcome(canonical.encode, fields)


@given(RECORDS)
def test_the_same_values_are_read(fields):
    for data in (
        json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps(fields, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps(fields, ensure_ascii=False).encode(),
    ):
        slow = outcome(lambda data: canonical.decode(data, "record"), data)
        assert outcome(lambda data: canonical.decode_record(data, "record"), data) == slow


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"7", b'"x"', b"null", b'{"a":1.0}', b'{"a":1e3}', b'{"a":01}', b'{"a":-0}', b'{"a":NaN}',
        b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'{"a":{"b":1}}', b'{"a":[1,2]}', b'{"a":9007199254740992}',
        b'{"a":123456789012345678901234567890}', b'{"a":"\\u0041"}', b'{"a":"\\/"}', b'{"a":"\x7f"}', b'{"a":"\x01"}',
        b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\\ud800"}', b'{"a":1}\n', b' {"a":1}', b"\xef\xbb\xbf{}",
        '{"\U0001f600":1}'.encode(), '{"\ue000":1,"\uffff":2}'.encode(), '{"a":"\U0001f600"}'.encode(),
        b'{"a":true,"b":null,"c":""}',
    ],
)  # fmt: skip
def test_odd_bytes_are_judged_alike(data):
    slow = outcome(lambda data: canonical.decode(data, "record"), data)
    assert outcome(lambda data: canonical.decode_record(data, "record"), data) == slow

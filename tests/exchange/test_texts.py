"""One spelling of JSON, keys by eye, and the closed list of kinds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical, kinds
from mab_desktop.exchange.device import DeviceKeys, SigningKey, fingerprint

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=0xD7FF))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_one_spelling_comes_back(value):
    data = canonical.encode(value)
    assert canonical.decode(data, "x") == value
    assert json.loads(data) == value


@given(VALUES)
def test_any_other_spelling_is_refused(value):
    data = canonical.encode(value)
    for other in (data + b" ", b" " + data, data + b"\n", json.dumps(value, indent=1).encode(), b"\xef\xbb\xbf" + data):
        if other != data:
            with pytest.raises(CarrierRefused):
                canonical.decode(other, "x")


def test_published_example_of_rfc_8785():
    """The strings and the key order of RFC 8785, section 3.2.2 and 3.2.3, without its fractions."""
    value = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    assert canonical.encode(value) == (
        b'{"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    keys = ["€", "\r", "1", "\u0080", "ö"]
    assert list(json.loads(canonical.encode(dict.fromkeys(keys, 1)))) == ["\r", "1", "\u0080", "ö", "€"]


@pytest.mark.parametrize(
    "value", [1.0, {1: 2}, {"a": b"x"}, 2**53, float("nan"), {"\U0001f600": 1}, "\ud800", object()]
)
def test_what_has_no_spelling(value):
    with pytest.raises((TypeError, ValueError)):
        canonical.encode(value)


def test_nesting_is_bounded(refused):
    deep: list = []
    for _ in range(40):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        canonical.encode(deep)
    with refused("json-not-canonical"):
        canonical.decode(b"[" * 100_000 + b"]" * 100_000, "x")


def test_keys_survive_the_database_and_hide_in_logs():
    keys = DeviceKeys.generate("nu027", "nu027-op1", kinds.NETWORK_UNI)
    again = DeviceKeys.load(json.loads(json.dumps(keys.dump())))
    assert again == keys
    assert keys.signing.dump() not in repr(keys)
    assert keys.age_identity not in repr(keys)
    assert SigningKey.load(keys.signing.dump()).keyid == keys.keyid == keys.public.keyid
    wrong = (("nu027", "nu028-1", "ntc"), ("NU", "NU", "ntc"), ("nu027", "nu027", "king"), ("a", "a-", "ntc"))
    for org, device, role in wrong:
        with pytest.raises(ValueError, match="cannot be"):
            DeviceKeys.generate(org, device, role)


def test_fingerprints_have_eight_groups_that_all_matter():
    keys = DeviceKeys.generate("nu027", "nu027", kinds.NETWORK_UNI)
    assert [len(group) for group in keys.public.fingerprint.split()] == [4] * 8
    assert len({fingerprint(bytes([n])) for n in range(100)}) == 100


def test_kinds_are_a_closed_list_with_every_file_of_the_order():
    numbers = {kind.number for kind in kinds.KINDS.values()}
    assert {f"F{n}" for n in range(1, 17)} - numbers == {"F13"}  # the seating password goes by telephone
    for name, kind in kinds.KINDS.items():
        assert name == kind.name
        assert set(kind.sender_roles) | set(kind.recipient_roles) <= set(kinds.ROLES)
        assert len(set(kind.record_types)) == len(kind.record_types)
        assert kind.routes

"""Whatever bytes a stranger brings: words come out, no crash, and what passes has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange.entry_points import ENTRY_POINTS

TOKENS = (b"", b"0", b"-1", b"1.0", b"1e9", b"null", b"true", b"[]", b"{}", b'""', b'"*"', b"\\ud800", b"\xff", b"\0",
          b"\n", b"9" * 40, "Ә".encode(), b"[" * 2000)  # fmt: skip
DOCUMENTS = ("manifest", "trust-list", "signed-trust-list", "records", "piece", "sealed-key", "key-ring")


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_good_bytes_are_taken(name: str) -> None:
    point = ENTRY_POINTS[name]
    assert [point.run(data) for data in point.seeds()] == [True] * len(point.seeds())


@pytest.mark.parametrize("name", ENTRY_POINTS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_any_bytes_are_answered_in_words(name: str, data: st.DataObject) -> None:
    point = ENTRY_POINTS[name]
    given_bytes = data.draw(st.binary(max_size=300) | st.sampled_from(TOKENS))
    point.run(given_bytes)
    seeds = point.seeds()
    for _ in range(4):
        seed = data.draw(st.sampled_from(seeds))
        at = data.draw(st.integers(0, len(seed)))
        end = data.draw(st.integers(at, min(len(seed), at + 40)))
        point.run(seed[:at] + data.draw(st.sampled_from(TOKENS) | st.binary(max_size=8)) + seed[end:])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_value_put_in_another_s_place(name: str) -> None:
    """Each number, text, list and object of a JSON document replaced by each of another sort."""
    point = ENTRY_POINTS[name]
    seed = point.seeds()[0]
    for start in [i for i, byte in enumerate(seed[:8000]) if byte in b":[,"][:80]:
        for token in (b"null", b"-1", b"1.5", b'"x"', b"[]", b"{}", b"true"):
            end = start + 1
            while end < len(seed) and seed[end] not in b",]}\n":
                end += 1
            point.run(seed[: start + 1] + token + seed[end:])

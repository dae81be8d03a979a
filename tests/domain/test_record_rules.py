"""The quick look at a record never says yes where the rules say no."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.carrier_records import RECORDS
from mab_desktop.domain.fields import Field, Kind, RecordSpec, field_problem

VALUES = (
    st.none() | st.booleans() | st.integers(-3, 130) | st.just(date(2011, 1, 2))
    | st.just(datetime(2011, 1, 2, tzinfo=UTC))
    | st.sampled_from(["", "0", "12", "٣", "²", "a", "Ә", "a\u202eb", "a\n", "12345", "\ufeff", 1.5, b"x"])
    | st.sampled_from(["\u0306", "и\u0306", "й", "\x85", "\ud800", "а\u200bб"])
)  # fmt: skip
FIELDS = st.builds(
    Field, st.sampled_from("abc"), st.just("x"), st.sampled_from(list(Kind)), required=st.booleans(),
    max_length=st.sampled_from([0, 1, 2, 4]), exact=st.just(False), low=st.none() | st.integers(0, 9),
    high=st.none() | st.integers(10, 99),
)  # fmt: skip


SPECS = st.lists(FIELDS, max_size=3, unique_by=lambda field: field.name)


@given(SPECS, st.dictionaries(st.sampled_from("abcd"), VALUES))
def test_plainly_right_is_right(fields: list[Field], values: dict[str, object]) -> None:
    spec = RecordSpec("any", "x", tuple(fields))
    slow = [p for field in fields if (p := field_problem(field, values.get(field.name)))]
    slow += [name for name in values if name not in spec.names]
    if spec.plainly_right(values):
        assert slow == []
    assert len(spec.problems(values)) == len(slow)


def test_exact_lengths_are_looked_at() -> None:
    spec = RecordSpec("any", "x", (Field("a", "x", Kind.DIGITS, max_length=3, exact=True),))
    assert [spec.plainly_right({"a": text}) for text in ("123", "12", "1234", "12a", "")] == [True, False, False, False,
                                                                                             True]  # fmt: skip
    assert [len(spec.problems({"a": text})) for text in ("123", "12", "1234", "12a", "")] == [0, 1, 1, 1, 0]


def test_every_record_of_every_carrier_knows_its_names_and_dates() -> None:
    for specs in RECORDS.values():
        for spec in specs.values():
            assert spec.names == tuple(field.name for field in spec.fields)
            assert set(spec.dates) == {field.name for field in spec.fields if field.kind is Kind.DATE}


def test_what_cannot_be_seen_or_is_spelt_in_parts_is_refused() -> None:
    field = Field("a", "x")
    for text in ("Али\x85", "Али\u2028", "Ал\u200bи", "Али\ud800", "Али\u2067"):
        found = field_problem(field, text)
        assert found is not None
        assert found.text == "Holds a character that cannot be printed."
    found = field_problem(field, "Али\u0438\u0306")
    assert found is not None
    assert "parts" in found.text
    assert field_problem(field, "Ыңғай Әй-ұлы") is None

"""Statistics: every student counted once in every cut."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.statistics import (
    CUTS,
    FINAL,
    PRELIMINARY_1,
    PRELIMINARY_2,
    STATISTICS_ROW,
    added,
    count_rows,
    counts_of,
    stage_on,
    tabulate,
)

records = st.lists(
    st.fixed_dictionaries({
        "specialty": st.sampled_from(["050102", "050103", "050501"]), "study_language": st.sampled_from("123"),
        "study_form": st.sampled_from("123"), "payment": st.sampled_from("123"),
        "foreign_language": st.sampled_from("0123"), "sex": st.sampled_from("12"),
    }), max_size=40,
)  # fmt: skip


@given(records)
def test_each_cut_adds_up_to_the_total(found: list[dict[str, str]]) -> None:
    rows = count_rows(found, "027", FINAL)
    counts = counts_of(rows)
    assert counts.total == len(found) == sum(row.students for row in rows)
    assert counts.kazakh + counts.russian + counts.english == counts.total
    assert counts.full_time + counts.evening + counts.extramural == counts.total
    assert counts.grant + counts.credit + counts.paid == counts.total
    assert counts.men + counts.women == counts.total
    sitting = sum(record["foreign_language"] != "0" for record in found)
    assert counts.foreign_english + counts.foreign_german + counts.foreign_french == sitting
    assert len({tuple(getattr(row, cut) for cut in CUTS) for row in rows}) == len(rows)
    assert all(STATISTICS_ROW.problems(row.record()) == [] for row in rows)


@given(records)
def test_the_table_adds_up_to_the_rows_direction_by_direction(found: list[dict[str, str]]) -> None:
    rows = count_rows(found, "027", FINAL)
    table = tabulate(rows, lambda cipher: cipher[2:4])
    assert added(direction.total for direction in table) == counts_of(rows)
    assert [direction.direction for direction in table] == sorted({record["specialty"][2:4] for record in found})
    for direction in table:
        assert added(counts for _, counts in direction.specialties) == direction.total


def test_the_stage_is_the_next_control_date() -> None:
    days = {date(2011, 2, 1): PRELIMINARY_1, date(2011, 3, 16): PRELIMINARY_1, date(2011, 3, 17): PRELIMINARY_2,
            date(2011, 4, 1): PRELIMINARY_2, date(2011, 4, 2): FINAL}  # fmt: skip
    assert {day: stage_on(day, 2011) for day in days} == days

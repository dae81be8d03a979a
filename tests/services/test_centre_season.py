"""Setting up the season: ties, shifts, contingent; what is wrong is refused whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import centre_season
from mab_desktop.services.centre_season import ShiftPlan, planned_shifts
from mab_desktop.services.context import Context
from tests.conftest import MakeContext


@pytest.fixture
def centre(make_context: MakeContext) -> Context:
    return make_context(Role.NTC)


def test_shifts_fall_on_successive_days_but_sundays() -> None:
    plans = planned_shifts(date(2011, 5, 20), 4, "09:00")
    assert [plan.exam_date.isoformat()[5:] for plan in plans] == ["05-20", "05-21", "05-23", "05-24"]


def test_a_season_is_set_up(centre: Context) -> None:
    centre_season.set_up(centre, {"013": ["013", "027"]}, planned_shifts(date(2011, 5, 16), 3, "09:00"))
    assert centre_season.bases(centre) == ["013"]
    assert [plan.number for plan in centre_season.shifts(centre)] == [1, 2, 3]


def test_an_unknown_university_is_refused_and_nothing_changes(centre: Context) -> None:
    before = centre_season.base_ties(centre)
    with pytest.raises(UserError, match="no university with the code 998"):
        centre_season.load_reference(centre, {"013": ["998"]})
    assert centre_season.base_ties(centre) == before


@pytest.mark.parametrize(
    ("plans", "told"),
    [
        ([ShiftPlan(2, date(2011, 5, 16), "09:00")], "without a gap"),
        ([ShiftPlan(1, date(2011, 5, 17), "09:00"), ShiftPlan(2, date(2011, 5, 16), "09:00")], "day of its own"),
        ([ShiftPlan(1, date(2011, 5, 17), "9")], "5 characters"),
    ],
)
def test_wrong_shifts_are_refused(centre: Context, plans: list[ShiftPlan], told: str) -> None:
    with pytest.raises(Refused, match=told):
        centre_season.plan_shifts(centre, plans)
    assert centre_season.shifts(centre) == []


def test_the_contingent_is_replaced_whole(centre: Context) -> None:
    centre_season.set_contingent(centre, "013", [("01", "1", 100), ("02", "2", 50)])
    assert centre_season.set_contingent(centre, "013", [("01", "1", 120)]) == 120
    assert centre_season.contingent(centre, "013") == [("01", "1", 120)]


def test_every_wrong_line_of_the_contingent_is_named(centre: Context) -> None:
    with pytest.raises(Refused) as refused:
        centre_season.set_contingent(centre, "013", [("99", "1", 5), ("01", "9", -1), ("02", "1", 1), ("02", "1", 2)])
    texts = [problem.message("en") for problem in refused.value.problems]
    assert "99 is not in the list." in texts
    assert "9 is not in the list." in texts
    assert "Must be from 0 to 100000." in texts
    assert "Direction 02 in language 1 stands twice." in texts
    with pytest.raises(UserError, match="not a base university"):
        centre_season.set_contingent(centre, "027", [("01", "1", 5)])


def test_the_contingent_comes_from_csv(centre: Context, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("\ufeffbase,direction,language,students\n013,01,1,30\n013,02,2,12\n007,01,1,5\n", encoding="utf-8")
    assert centre_season.contingent_from_csv(centre, path) == {"013": (42, True), "007": (5, True)}
    path.write_text("base,direction,language,students\n013,01,1,many\n", encoding="utf-8")
    with pytest.raises(UserError, match="row 2, column students"):
        centre_season.contingent_from_csv(centre, path)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("база;бағыт\n".encode("utf-16"), "not written in UTF-8"),
        ("base;direction;language;students\n013;01;1;30\nҚ".replace("Қ", "Ж").encode("cp1251"), "lose Kazakh letters"),
        (b'base,direction,language,students\n013,01,1,"30\n', "cannot be read as CSV"),
        (b"", "column students: This column is missing"),
        (b"base,direction,language\n013,01,1\n", "row 1, column students: This column is missing"),
        ("base,direction,language,students\n013,01,1,٣\n".encode(), "row 2, column students: Expected"),
        (b"base,direction,language,students\n013,01,1,3\n\n013,01,1,4\n", "row 4, column base: .* in row 2"),
    ],
)
def test_an_odd_table_is_refused_in_words_and_changes_nothing(
    centre: Context, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(data)
    before = centre_season.contingent(centre, "013")
    with pytest.raises(UserError, match=words):
        centre_season.contingent_from_csv(centre, path)
    assert centre_season.contingent(centre, "013") == before


def test_a_table_may_come_from_any_spreadsheet(centre: Context, tmp_path: Path) -> None:
    """Semicolons, carriage returns, a byte order mark, blanks, empty rows, quotes, columns in another order."""
    path = tmp_path / "c.csv"
    path.write_bytes('\ufeffstudents;base;"direction";language\r\n 30 ;013;01;1\r\n;;;\r\n"5";013;"02";2\r\n'.encode())
    assert centre_season.contingent_from_csv(centre, path)["013"] == (35, True)
    with pytest.raises(UserError, match=r"There is no file .*absent\.csv"):
        centre_season.contingent_from_csv(centre, tmp_path / "absent.csv")


def test_a_head_is_said_as_it_stands_in_the_file(centre: Context, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("base,direction,language,students\n013,01,1,many\n", encoding="utf-8")
    with pytest.raises(UserError) as refused:
        centre_season.contingent_from_csv(centre, path)
    assert "students:" in refused.value.message("ru")

"""Duty officers of a table from elsewhere: columns by heading, several rows of a person, what is not right left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import duty_intake, duty_list
from mab_desktop.services.context import Context
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE

TABLE = """Р/с №;Т.А.Ә.;Қызметі, кафедрасы;Телефон;Аудитория / дәліз;Лек;Жеке ісі;Оқытылды
1;Омарова Айгүл;Физика кафедрасы;87011112233;101;1, 3;иә;+
2;Омарова Айгүл;;;102;2;;
3;Серіков Дәурен;;;2-дәліз;;жоқ;жоқ
4;;;;103;1;;
5;Жұмабаев Ерлан;;;103;бірінші;;
6;Серіков Дәурен;;;101;1;;
7;Бар болған;;;;;;
"""


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    return make_context(Role.BASE_UNI, BASE)


def table(folder: Path, text: str) -> Path:
    path = folder / "кезекшілер.csv"
    path.write_text(text, "utf-8-sig")
    return path


def test_a_table_is_looked_at_and_its_right_rows_are_brought_in_at_once(base: Context, tmp_path: Path) -> None:
    duty_list.save_officer(base, {"full_name": "Бар болған"})
    found = duty_intake.look_in(base, table(tmp_path, TABLE))
    assert [one.officer.full_name for one in found.new] == ["Омарова Айгүл", "Серіков Дәурен"]
    assert found.known == ("Бар болған",)
    assert [(line, problem.field) for line, problem in found.wrong] == [(5, "full_name"), (6, "shift"), (7, "place")]
    assert len(duty_list.officers(base)) == 1  # nothing is taken by looking
    made = duty_intake.bring_in(base, found)
    by_name = {o.full_name: o for o in duty_list.officers(base)}
    aigul = by_name["Омарова Айгүл"]
    assert [(p.shift, p.place) for p in aigul.places] == [(1, "101"), (2, "102"), (3, "101")]
    assert (aigul.post, aigul.phone, aigul.ready) == ("Физика кафедрасы", "87011112233", True)
    assert [(p.shift, p.place) for p in by_name["Серіков Дәурен"].places] == [(None, "2-дәліз")]
    again = duty_intake.look_in(base, table(tmp_path, TABLE))
    assert again.new == ()
    with pytest.raises(OutOfOrder, match="nothing to bring in"):
        duty_intake.bring_in(base, again)
    duty_list.remove(base, made)
    assert [o.full_name for o in duty_list.officers(base)] == ["Бар болған"]


def test_a_table_without_names_says_how_columns_are_headed(base: Context, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="headed as one with names") as told:
        duty_intake.look_in(base, table(tmp_path, "Бірінші;Екінші\nА;Б\n"))
    assert "first row" in told.value.next_step

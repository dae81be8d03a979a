"""The lines of the log in words: names of details, codes among their values, nothing that is empty."""

from __future__ import annotations

import re

import pytest

from mab_desktop.domain.organisation import Role
from mab_desktop.services import backups, log_view
from mab_desktop.services.log_view import detail_lines, subject
from tests.conftest import MakeContext

NOTED = {"printer": "emu", "copies": 2, "found": [], "remark": "", "ready": True, "way": "write", "old": None, "zz": 1}


def test_details_are_named_in_the_language_and_empty_ones_left_out() -> None:
    assert detail_lines(NOTED, "en") == "Copies: 2, Printer: emu, Ready: yes, Way: onto the drive, zz: 1"
    for lang in ("kk", "ru"):
        told = detail_lines({**NOTED, "zz": None}, lang)
        assert not any(f"{key}:" in told for key in NOTED), told
    assert detail_lines({"was": "a", "before": "b"}, "en") == "As it was before: a, As it was before: b"
    assert detail_lines({"reason": "export", "pages": [1, 2]}, "en") == "Pages: 1, 2, Reason: At an export"


def test_codes_among_the_values_are_said_in_the_language() -> None:
    noted = {"fields": ["surname", "birth_date"], "kind": "wrong-data", "role": "network_uni", "erred": "typist"}
    assert detail_lines(noted, "en") == (
        "Fields: Surname, Date of birth, Kind: List of students with wrong data, "
        "Role: Network university, Who was wrong: The typist"
    )
    for lang in ("kk", "ru"):
        told = detail_lines({**noted, "records": {"sealed-key": 3}, "choice": "first", "outcome": "printed"}, lang)
        assert not re.search("[a-z]{3}", told), told
    said = [
        ["{mb} MB were written and read back.", {"mb": 8}],
        ["Sheets found: {sheets} of {all}.", {"sheets": 1, "all": 2}],
    ]
    assert detail_lines({"said": said}, "en") == "Said: 8 MB were written and read back. Sheets found: 1 of 2."


def test_a_printed_paper_is_called_by_its_title() -> None:
    assert subject("application-journal:013", "en") == "Application journal: 013"
    assert subject("unknown:013", "en") == "unknown:013"


@pytest.mark.parametrize(
    ("paper", "said"),
    [
        ("representative-report:20110524140043", "Өкілдің есебі: 24.05.2011 14:00"),
        ("operators-journal:2011-03-01-2011-04-04", "Операторлар журналы: 01.03.2011 – 04.04.2011"),
        ("training-list:a84075add3c928060735347e205a7f4a", "Оқытуға қатысқандар тізімі"),
        ("wrong-data:all", "Деректері қате студенттердің тізімі"),
        ("statistics:final-013", "Статистика: Соңғы · 013"),
        ("appeal-journal:3", "Өтініштерді тіркеу журналы: 3-лек"),
        ("protocol:3-201-2", "Сәйкестендіру хаттамасы: 3-лек · 201-2"),
        ("hall-list:s1-201", "Аудитория студенттері: 1-лек · 201"),
        ("passes:013-s2", "Рұқсаттамалар: 013 · 2-лек"),
        ("passes:013", "Рұқсаттамалар: 013"),
        ("act-given:013", "Рұқсаттамаларды беру актісі: 013"),
        ("act-technical-fault:3-201", "Техникалық ақау: 3-лек · 201"),
    ],
)
def test_which_paper_it_was_is_said_in_words(paper: str, said: str) -> None:
    assert subject(paper, "kk") == said


def test_what_a_check_of_the_equipment_was_about_is_said() -> None:
    assert (subject("glass", "en"), subject("shift-2", "en"), subject("013", "en")) == ("White sheet", "Shift 2", "013")


def test_a_row_of_the_page_carries_them(make_context: MakeContext) -> None:
    ctx = make_context(Role.MINISTRY_PROGRAMMER, "013")
    backups.back_up(ctx, "asked")
    newest = log_view.log_rows(ctx)[0]
    assert newest.what == "Backup made"
    assert "Reason: Asked for" in newest.details

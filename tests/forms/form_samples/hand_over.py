"""What the base university gives away: to the representative, to the centre; duty officers of a shift by hall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mab_desktop.forms import act, duty_list, hand_over_act
from mab_desktop.forms.table import Total

from .people import IMPRINT, SEASON, name

_LINES: dict[act.ActKind, tuple[act.Row, ...]] = {
    hand_over_act.HAND_OVER: (
        ("Рұқсаттамалардың түбіртектері\nКорешки пропусков", "4868", "жетпейді: 2\nнедостаёт: 2"),
        ("Студенттердің аудиториялық тізімдері\nАудиторные списки студентов", "162", ""),
        ("Рұқсаттамаларды беру тізілімдері (көшірме)\nРеестры выдачи пропусков (копии)", "7", ""),
        ("Аудиториялар бойынша кезекшілердің тізімі: адам\nСписок дежурных по аудиториям: человек", "118", ""),
        ("Мәліметтері қате студенттердің тізімі: жол\nСписок студентов с ошибочными данными: строк", "13", ""),
        ("Тасығыштағы файл: ҚР БҒМ өкіліне тапсыру\nФайл на носителе: передача представителю МОН РК", "1",
         "mab-bu013-mp013-hand-over-0001.mab\n7F21C0D94A6B"),
    ),
    hand_over_act.HAND_OVER_BY_HALL: (
        *((str(1 + n // 4), f"{101 + n % 4}", "30", "30" if n != 2 else "28", "–" if n != 2 else "1187, 1203",
           f"{name(n)}, {name(n + 1)}") for n in range(12)),
        Total(("", "Барлығы\nИтого", "360", "358", "", "")),
    ),
    hand_over_act.TO_CENTRE: (
        ("Студенттер статистикасы\nСтатистика студентов", "mab-bu013-ntc-statistics-0003.mab", "214", "5A0C11D2",
         "14.04.2011 16:20"),
        ("Базалық ЖОО-ның студенттер деректер қоры\nБаза студентов базового вуза",
         "mab-bu013-ntc-base-students-0001.mab", "4870", "A1C94E07", "14.04.2011 16:42"),
    ),
}  # fmt: skip


def given(kind: act.ActKind) -> act.Act:
    names = (name(0), name(3))
    return act.Act(kind, SEASON, IMPRINT, _LINES[kind], given_by=names[: len(kind.given_by)], taken_by=(name(1),))


def by_hall() -> duty_list.DutyList:
    post = "физика-математика факультетінің аға оқытушысы"
    lines = [
        duty_list.DutyLine(name(n), post if n % 3 else "оқытушы", f"8 701 555 {n:02d} {n:02d}", f"{101 + n // 2}", "1")
        for n in range(6)
    ]
    lines[3] = replace(lines[3], full_name="", post="", phone="")
    top = replace(SEASON, shift=1, day=date(2011, 5, 16))
    return duty_list.DutyList(top, IMPRINT, (*lines, replace(lines[0], full_name=name(9), place="2-дәліз")),
                              coordinator=name(0), by_hall=True)  # fmt: skip

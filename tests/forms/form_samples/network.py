"""Papers between the base university and its network universities, and the board of its duties."""

from __future__ import annotations

from datetime import date

from mab_desktop.domain.board import DUTIES
from mab_desktop.domain.network_register import OFFICE_LABELS, OFFICES
from mab_desktop.domain.student import STUDENT
from mab_desktop.forms import (
    database_changes,
    database_findings,
    duty_board,
    program_register,
    reminder_list,
    training_list,
)
from mab_desktop.forms.database_changes import DatabaseVersion
from mab_desktop.forms.database_findings import Finding
from mab_desktop.forms.reminder_list import Owed
from mab_desktop.i18n import N_

from .people import BASE, IMPRINT, MEMBERS, NETWORK, NETWORK_LONG, OF_NETWORK, SEASON, name

POST = "ақпараттық технологиялар бөлімінің бағдарламашысы"


def given() -> program_register.ProgramRegister:
    lines = (
        program_register.RegisterLine(BASE, date(2011, 3, 1), "0.1.0, № 3 флэш-тасығыш",
                                      f"{name(2)}, {POST}, 8 701 555 12 34",
                                      f"02.03.2011: {name(2)}, {name(5)}", True),
        program_register.RegisterLine(NETWORK, date(2011, 3, 2), "0.1.0", name(3), f"02.03.2011: {name(3)}"),
        program_register.RegisterLine(NETWORK_LONG),
    )  # fmt: skip
    return program_register.ProgramRegister(SEASON, IMPRINT, lines, MEMBERS[0], MEMBERS[1])


def attendance() -> training_list.TrainingList:
    groups = [(university, [(OFFICE_LABELS[office], name(n + place) if place else "")
                            for place, office in enumerate(OFFICES)])
              for n, university in enumerate((BASE, NETWORK, NETWORK_LONG))]  # fmt: skip
    return training_list.TrainingList(
        SEASON, IMPRINT, date(2011, 3, 2), "Бас оқу ғимараты, 214-дәрісхана",
        "«Желілік ЖОО» бағдарламалық кешенімен жұмыс, деректерді енгізу және тапсыру мерзімдері", MEMBERS[1], groups,
        MEMBERS[0], MEMBERS[1],
    )  # fmt: skip


def owed() -> reminder_list.ReminderList:
    groups = (
        (NETWORK, f"{name(3)}, 8 701 555 12 34", (
            Owed(N_("Preliminary statistics, 1 April"), date(2011, 4, 1), 9),
            Owed(N_("Student database"), date(2011, 4, 9), 1),
        )),
        (NETWORK_LONG, "", (
            Owed(N_("Final statistics signed and sealed"), date(2011, 4, 14), -4,
                 N_("A newer database came: to be signed and sealed anew")),
        )),
    )  # fmt: skip
    return reminder_list.ReminderList(SEASON, IMPRINT, date(2011, 4, 10), groups, MEMBERS[0], MEMBERS[1])


def nothing_owed() -> reminder_list.ReminderList:
    return reminder_list.ReminderList(SEASON, IMPRINT, date(2011, 4, 10), (), MEMBERS[0], MEMBERS[1])


def differences() -> database_changes.DatabaseChanges:
    before = DatabaseVersion(1, "08.04.2011 16:20", 665, "0A1B-2C3D-4E5F-6071")
    after = DatabaseVersion(2, "09.04.2011 17:55", 666, "9F8E-7D6C-5B4A-3928")
    lines = (
        (name(1), STUDENT["surname"].label, "ӘБІЛКАСЫМОВ", "ӘБІЛҚАСЫМОВ"),
        (name(4), STUDENT["birth_date"].label, "12.03.1991", "13.03.1991"),
        (name(7), N_("New student"), "", ""), (name(8), N_("New student"), "", ""),
        (name(9), N_("No longer in the database"), "", ""),
    )  # fmt: skip
    return database_changes.DatabaseChanges(OF_NETWORK, IMPRINT, before, after, (2, 2, 1), lines, MEMBERS[1])


def findings() -> database_findings.DatabaseFindings:
    groups = (
        ("8 цифр керек.", [Finding(name(n), STUDENT["certificate"].label, f"1122{n}") for n in range(1, 5)]),
        ("Қайталанатын жазба", [Finding(name(3), STUDENT["identity_document"].label,
                                        f"023 – {name(3)} жазбасымен бірдей")]),
    )  # fmt: skip
    return database_findings.DatabaseFindings(OF_NETWORK, IMPRINT, 666, "9F8E-7D6C-5B4A-3928", groups, MEMBERS[1])


def duties() -> duty_board.DutyBoard:
    lines = [
        duty_board.DutyLine(
            duty.number, duty.title, date(2011, *duty.month_day) if duty.month_day else date(2011, 5, 10),
            name(duty.number) if duty.number % 2 else "",
            "Орындалды" if duty.number < 4 else "Басталды\nДеректер қоры келді: 12 / 18; орталыққа жіберілді: –",
            date(2011, 3, 14) if duty.number < 4 else None, "№ 12 бұйрық" if duty.number == 7 else "",
        )
        for duty in DUTIES
    ]  # fmt: skip
    return duty_board.DutyBoard(SEASON, IMPRINT, date(2011, 4, 10), lines, MEMBERS[0])

"""The file of one appeal."""

from __future__ import annotations

from datetime import UTC, datetime

from mab_desktop.forms import appeal_file
from mab_desktop.forms.analysis_card import CardSubject
from mab_desktop.forms.appeal_minutes import ItemDecision

from .people import IMPRINT, MEMBERS, SITTING, SUBJECTS, code, name, picture


def whole() -> appeal_file.AppealFile:
    key = "ABCDE" * 5
    subjects = [CardSubject(s, key, key[:n] + "–*" + key[n + 2 :], "1" * n + "00" + "1" * (23 - n))
                for n, s in enumerate(SUBJECTS)]  # fmt: skip
    decisions = [
        ItemDecision(
            SUBJECTS[0], 1, True, 5, 4, 1, "Шарты толық емес, сондықтан жалғыз дұрыс жауап жоқ; Оқулық, 12-бет"
        ),
        ItemDecision(SUBJECTS[1], 3, False, 0, 0, 5),
    ]
    changes = [
        appeal_file.Change(datetime(2011, 5, 14, 16, n, tzinfo=UTC), MEMBERS[1], what, details)
        for n, (what, details) in enumerate((
            ("Күмәнді белгі шешілді", "Қазақстан тарихы, 2: оқылғаны B D, шешім B"),
            ("Апелляция бойынша шешім енгізілді", "1-пән, 1-тапсырма"),
        ))
    ]  # fmt: skip
    return appeal_file.AppealFile(
        SITTING, IMPRINT, 12, datetime(2011, 5, 15, 11, 40, tzinfo=UTC), MEMBERS[2], name(0), code(0), "050102", "2104",
        "17", "Decision taken", "115 + 1 = 116", MEMBERS[:4], 7, subjects, [(0, 1), (1, 3)], decisions, changes,
        [appeal_file.Scan(1, picture()), appeal_file.Scan(2, picture())], MEMBERS[0], MEMBERS[1],
    )  # fmt: skip

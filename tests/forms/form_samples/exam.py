"""Documents of the exam, its processing and the appeal (p.30-47)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from mab_desktop.forms import (
    act,
    analysis_card,
    answer_key,
    appeal_form,
    appeal_journal,
    appeal_minutes,
    appeal_register,
    appeal_report,
    attendance,
    daily_statistics,
    enrolment_sheet,
    envelope_cover,
    fingerprint_sheet,
    identification_protocol,
    key_act,
    representative_report,
    reset_sheet,
    result_sheet,
    root_key_sheet,
    secret_sheet,
    signature,
)
from mab_desktop.forms.signature import Signer

from .people import BASE, IMPRINT, MEMBERS, NETWORK, SEASON, SITTING, SUBJECTS, code, name, picture


def key() -> answer_key.AnswerKey:
    variants = tuple(
        answer_key.VariantKey(
            f"{2101 + v}",
            tuple(
                answer_key.SubjectKey(s, "".join("ABCDE"[(i * 7 + v + k) % 5] for i in range(25)))
                for k, s in enumerate(SUBJECTS)
            ),
        )
        for v in range(6)
    )
    return answer_key.AnswerKey(
        replace(SITTING, hall="", building=""), IMPRINT, variants, answer_key.FOR_APPEAL, MEMBERS[0], MEMBERS[1]
    )


def an_act(kind: act.ActKind, **more: Any) -> act.Act:
    return act.Act(kind, SITTING, IMPRINT, given_by=(MEMBERS[0],), taken_by=(MEMBERS[1],), number="7", **more)


def presence() -> attendance.Attendance:
    p = attendance.Presence
    return attendance.Attendance(
        replace(SITTING, hall="", building=""),
        IMPRINT,
        (
            (
                "01 Білім",
                (
                    attendance.AttendanceLine(
                        "050102 Бастауыш оқытудың педагогикасы мен әдістемесі", (p(84, 80), p(36, 35), p())
                    ),
                    attendance.AttendanceLine("050103 Педагогика және психология", (p(60, 60), p(24, 22), p())),
                ),
            ),
            (
                "05 Әлеуметтік ғылымдар, экономика және бизнес",
                (attendance.AttendanceLine("050506 Экономика", (p(110, 104), p(96, 96), p(4, 4))),),
            ),
        ),
        13,
        MEMBERS[0],
        MEMBERS[1],
    )


def protocol(last: bool = False) -> identification_protocol.IdentificationProtocol:
    said = "Түзету" if last else ""
    students = (
        identification_protocol.UnidentifiedStudent(name(0), code(0), "2104", "17", said),
        identification_protocol.UnidentifiedStudent(name(9), code(9), "2108", "23", said),
        identification_protocol.UnidentifiedStudent(name(14), code(14), "2111", "41", "Келмеді" if last else ""),
    )
    found = (
        {"name": name(0), "right_code": code(0), "right_seat": "17", "booklet_variant": "2104", "decision": "Түзету"}
        if last
        else {}
    )
    sheets = (
        identification_protocol.UnidentifiedSheet(
            "02302312 0017", "3145-000", "17", "2104", frozenset({"code"}), picture(), **found
        ),
        identification_protocol.UnidentifiedSheet(
            "02302312 0023", code(9), "32", "21*8", frozenset({"seat", "variant", "name"}), picture()
        ),
    )
    return identification_protocol.IdentificationProtocol(
        SITTING, IMPRINT, 2 if last else 1, last, 48, 45, 2, students, sheets, MEMBERS[0], MEMBERS[1], MEMBERS[2:],
        "14.05.2011 08:05",
    )


def bad_hall(lines: int = 23) -> identification_protocol.IdentificationProtocol:
    """A hall in which nearly nothing was filled in right: both tables go over pages, names are as long as they get."""
    long = [
        "Мұхаммедрахымқызы-Қожахметова Гүлбаршынханым Нұрмұхамедқызы",
        "Абдрахманқызы-Әлімғазиева Нұрсұлтанбек Қайырғалиұлы", "Әбдіғаппаров-Жаңабергенов Ғұсманғали Өтепбергенұлы",
    ]  # fmt: skip
    cells = ("name", "code", "seat", "variant")
    students = tuple(
        identification_protocol.UnidentifiedStudent(
            long[n % 3], code(n), "2104", str(n + 1), "Келмеді" if n % 4 == 3 else "Түзету"
        )
        for n in range(lines)
    )
    sheets = tuple(
        identification_protocol.UnidentifiedSheet(
            f"02302312 {n + 1:04d}", "3145-*00", "---", "21*8", frozenset(cells[: n % 5]), picture(), long[n % 3],
            code(n), str(n + 1), "2104", "Түзету",
        )
        for n in range(lines)
    )  # fmt: skip
    return replace(protocol(True), version=12, students=students, sheets=sheets)


def results(after: bool, by_code: bool = False, final: bool = False, size: int = 34) -> result_sheet.ResultSheet:
    def line(i: int) -> result_sheet.ResultLine:
        if i == 6:
            return result_sheet.ResultLine(name(i), code(i), "050102", "қаз", "–", (None,) * 5, remark="келмеді")
        points = tuple(9 + (i * 3 + k * 5) % 16 for k in range(5))
        added = (0, 2, 0, 1, 0) if after and i % 5 == 0 else ()
        return result_sheet.ResultLine(name(i), code(i), "050102", "қаз", f"{2101 + i % 12}", points, added)

    return result_sheet.ResultSheet(
        replace(SITTING, hall="", building=""),
        IMPRINT,
        (
            result_sheet.ResultGroup("01 Білім", SUBJECTS, tuple(map(line, range(size))), NETWORK),
            result_sheet.ResultGroup(
                "05 Әлеуметтік ғылымдар, экономика және бизнес",
                (*SUBJECTS[:4], "Математика"),
                tuple(map(line, range(5))),
                BASE,
            ),
        ),
        after,
        result_sheet.FOR_DISPLAY if by_code else result_sheet.FOR_REPRESENTATIVE,
        by_code,
        final,
        *MEMBERS[:4],
    )


def graded() -> result_sheet.ResultSheet:
    """Where the ministry has set a threshold and grades."""
    sheet = results(False)

    def line(one: result_sheet.ResultLine) -> result_sheet.ResultLine:
        low = one.before is not None and one.before < 70
        grade = "" if one.before is None else "2" if low else "4"
        return replace(one, grade=grade, remark=one.remark or ("шекті балдан төмен" if low else ""))

    groups = tuple(replace(group, lines=tuple(map(line, group.lines))) for group in sheet.groups)
    return replace(sheet, groups=groups, threshold=70, graded=True)


def applications() -> appeal_journal.AppealJournal:
    lines = tuple(
        appeal_journal.ApplicationLine(
            i + 1,
            datetime(2011, 5, 15, 9, 10 + i * 7, tzinfo=UTC),
            name(i),
            code(i),
            "050102",
            "312",
            str(i + 3),
            "2104",
            "Қазақстан тарихы; Экономикалық теория",
            MEMBERS[3],
        )
        for i in range(5)
    )
    return appeal_journal.AppealJournal(replace(SITTING, hall="", building=""), IMPRINT, lines, 6, MEMBERS[0])


def form(filled: bool = True) -> appeal_form.AppealForm:
    def subject(i: int, s: str) -> appeal_form.AppealSubject:
        if not filled or i % 2:
            return appeal_form.AppealSubject(s)
        decisions = tuple({3: "1", 17: "0"}.get(n, "") for n in range(1, 26))
        grounds = tuple({3: "4"}.get(n, "") for n in range(1, 26))
        return appeal_form.AppealSubject(s, 25, frozenset({3, 17}), decisions, grounds, 1)

    reasons = (
        (
            (
                "Қазақстан тарихы, 3-тапсырма (4-негіздеме)",
                "Студенттің жауабы «Қазақстан тарихы» оқулығының (Алматы: Атамұра, 2009, 214-б.) мәтінімен дәл келеді, "
                "тапсырманың екі дұрыс шешімі бар деп танылды.",
            ),
        )
        if filled
        else ()
    )
    return appeal_form.AppealForm(
        SITTING,
        IMPRINT,
        3,
        name(0),
        code(0),
        "050102",
        "2104",
        "17",
        tuple(subject(i, s) for i, s in enumerate(SUBJECTS)),
        reasons,
        MEMBERS[0],
        MEMBERS[1],
        MEMBERS[2:5],
    )


def card() -> analysis_card.AnalysisCard:
    def subject(k: int, s: str) -> analysis_card.CardSubject:
        right = "".join("ABCDE"[(i * 7 + k) % 5] for i in range(25))
        read = "".join(
            "–" if i == 4 + k else "*" if i == 11 else ("B" if i % 6 == k else c) for i, c in enumerate(right)
        )
        return analysis_card.CardSubject(
            s, right, read, "".join("1" if a == b else "0" for a, b in zip(right, read, strict=True))
        )

    return analysis_card.AnalysisCard(
        SITTING, IMPRINT, name(0), code(0), "050102", "2104", "17", tuple(subject(i, s) for i, s in enumerate(SUBJECTS))
    )


def appeals(last: bool = True) -> appeal_register.AppealRegister:
    lines = tuple(
        appeal_register.RegisterLine(
            name(i),
            code(i),
            "312",
            str(i + 3),
            "2104",
            SUBJECTS[i % 5],
            2 + i,
            "Did not come to the appeal" if i == 2 else "Decision taken",
            0 if i == 2 else i % 3,
        )
        for i in range(7)
    )
    return appeal_register.AppealRegister(
        replace(SITTING, hall="", building=""), IMPRINT, lines, last, MEMBERS[0], MEMBERS[2:5], MEMBERS[1]
    )


def minutes() -> appeal_minutes.AppealMinutes:
    item = appeal_minutes.ItemDecision
    considered = (
        appeal_minutes.Considered(
            1,
            name(0),
            code(0),
            True,
            (
                item(
                    SUBJECTS[0],
                    3,
                    True,
                    4,
                    5,
                    1,
                    "Екі дұрыс шешімі бар: «Қазақстан тарихы» оқулығы, Алматы: Атамұра, 2009, 214-б.",
                ),
                item(SUBJECTS[0], 17, False, 0, 0, 6, "Кодпен дәл келмейді"),
            ),
        ),
        appeal_minutes.Considered(
            2, name(9), code(9), True, (item(SUBJECTS[4], 8, True, 2, 6, 0, "Сканер екі дөңгелекше деп қабылдаған"),)
        ),
        appeal_minutes.Considered(3, name(14), code(14), False),
    )
    return appeal_minutes.AppealMinutes(
        replace(SITTING, hall="", building=""),
        IMPRINT,
        "2",
        "15:00–18:30",
        "205",
        7,
        MEMBERS[:6],
        ("Екінші лек бойынша түскен апелляция өтініштерін қарау.", "Апелляция нәтижелерін бекіту."),
        considered,
        MEMBERS[0],
        MEMBERS[1:7],
    )


def report() -> appeal_report.AppealReport:
    lines = tuple(appeal_report.SubjectReport(s, 5 + i, 12 + i, (0, 1, 2, 1, 0), 8 + i) for i, s in enumerate(SUBJECTS))
    return appeal_report.AppealReport(replace(SITTING, hall="", building=""), IMPRINT, lines, name(3), MEMBERS[0])


def daily() -> daily_statistics.DailyStatistics:
    means = tuple((s, 14.37 + i) for i, s in enumerate(SUBJECTS))
    return daily_statistics.DailyStatistics(
        replace(SITTING, hall="", building=""),
        IMPRINT,
        (
            daily_statistics.LanguageCounts("қазақ", 640, 622, 17, 1),
            daily_statistics.LanguageCounts("орыс", 310, 305, 5, 0),
        ),
        (
            daily_statistics.DirectionMeans("01 Білім", 500, means, 76.28, 31, 121, 12),
            daily_statistics.DirectionMeans(
                "05 Әлеуметтік ғылымдар, экономика және бизнес", 427, means, 74.02, 28, 119, 15
            ),
        ),
        50,
        950,
        918,
        9,
        24,
        57,
        11,
        MEMBERS[0],
        MEMBERS[1],
    )


def representative() -> representative_report.RepresentativeReport:
    shifts = tuple(
        representative_report.ShiftLine(i, date(2011, 5, 12 + i), 950, 927, 22, 1, 24, 11) for i in range(1, 5)
    )
    texts = (
        "Тестілеу технологиясы толық сақталды. Барлық аудиториялар таңғы 7:30-да тексерілді, мөрлер бүтін.",
        "",
        "Нұсқама 11 мамырда өткізілді, 64 кезекші қатысты.",
    )
    return representative_report.RepresentativeReport(SEASON, IMPRINT, name(1), shifts, texts)


def cover() -> envelope_cover.EnvelopeCover:
    return envelope_cover.EnvelopeCover(SITTING, IMPRINT, 50, 1, (MEMBERS[0], MEMBERS[1]), MEMBERS[2])


def reset_request() -> reset_sheet.ResetSheet:
    return reset_sheet.ResetSheet(SEASON, replace(IMPRINT, copies=1), "nu027-op1", "ғалымжан", "10.03.2011 09:00",
                                  _groups())  # fmt: skip


def secret() -> secret_sheet.SecretSheet:
    return secret_sheet.SecretSheet(
        SEASON,
        replace(IMPRINT, copies=1),
        "Code of the right answers",
        ("K7QW", "M2FD", "9XRT", "HB4N", "V6PS", "3CJA", "L8YE", "W5GZ"),
        (
            "Sit only at the seat named in the seating sheet and sign the sheet.",
            "A spoilt answer sheet is not replaced.",
        ),
        (("Shift", "2"),),
        (Signer(signature.COMMISSION_CHAIR, MEMBERS[0]), Signer(signature.REPRESENTATIVE, MEMBERS[1])),
    )


def _groups(n: int = 8, start: int = 977) -> tuple[str, ...]:
    return tuple(f"{(i * 40503 + start) % 65536:04X}" for i in range(n))


def enrolment() -> enrolment_sheet.EnrolmentSheet:
    key = enrolment_sheet.KeyGroups
    return enrolment_sheet.EnrolmentSheet(
        SEASON, IMPRINT, f"mp013 · {BASE}", "Ministry programmer", key("mp013", "a3f19c07d2e4b851", _groups()),
        (key(MEMBERS[0], "mp013-k7q2", _groups(start=31)), key(MEMBERS[1], "mp013-9xd3", _groups(start=4242))),
        MEMBERS[0],
    )  # fmt: skip


def root_key() -> root_key_sheet.RootKeySheet:
    groups = ("K7Q2M", "9XD3T", "RV8H")
    return root_key_sheet.RootKeySheet(SEASON, IMPRINT, 2, "01.02.2011", "a3f19c07d2e4b851", groups, MEMBERS[2])


def key_change(kind: key_act.KeyActKind) -> key_act.KeyAct:
    counts = (("Статистика", "bu013", "3", "1"), ("Университет студенттері", "bu013", "1", "1")) if kind.counts else ()
    facts = {
        key_act.DEVICE_WITHDRAWN: (("Workplace", f"nu027-op1 · {BASE}"), ("Withdrawn on", "14.05.2011")),
        key_act.PERSON_WITHDRAWN: (("Person", f"{MEMBERS[0]} · mp013-k7q2"), ("Withdrawn on", "14.05.2011")),
        key_act.STAND_IN: (("Person", f"{MEMBERS[0]} · mp013-k7q2"), ("Stand-in", f"{MEMBERS[1]} · mp013-9xd3")),
        key_act.ROOT_CHANGED: (("Root number", "2"), ("Holders with new keys", "3"), ("Holds until", "14.05.2014")),
    }[kind]
    return key_act.KeyAct(
        kind, SEASON, IMPRINT, (*facts, ("Trust list number", "17")),
        "Ноутбук пойызда ұрланды, полицияға 14.05.2011 күні хабарланды, № 418 талон." if kind.counts else "", counts,
        () if kind.counts else _groups(), (MEMBERS[2], MEMBERS[3]) if kind.counts else (),
    )  # fmt: skip


def fingerprint() -> fingerprint_sheet.FingerprintSheet:
    return fingerprint_sheet.FingerprintSheet(
        SEASON,
        IMPRINT,
        BASE,
        "Base-university programmer",
        "MAB-BU-01",
        date(2011, 2, 1),
        date(2011, 12, 31),
        tuple(f"{(i * 40503 + 977) % 65536:04X}" for i in range(16)),
        signature.BASE_PROGRAMMER,
        MEMBERS[0],
        MEMBERS[1],
    )

"""Documents of the months before the exam (p.4-34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from mab_desktop.domain.building_plan import Drawing, Item, Thing
from mab_desktop.domain.student import STUDENT
from mab_desktop.forms import (
    admission_pass,
    application_journal,
    building_plan,
    direction_sign,
    duty_list,
    fund_change_list,
    hall_directory,
    hall_fund,
    hall_list,
    hall_plan,
    hall_sign,
    operator_list,
    operators_journal,
    pass_register,
    seat_labels,
    seating_plan,
    seating_sheet,
    second_errors,
    specialty_list,
    statistics_fax,
    statistics_report,
    student_database,
    variant_sheet,
    wrong_data_list,
)
from mab_desktop.i18n import N_

from .people import (
    ADDRESS,
    BASE,
    BUILDING,
    IMPRINT,
    MEMBERS,
    NETWORK,
    NETWORK_LONG,
    OF_NETWORK,
    SEASON,
    SITTING,
    SUBJECTS,
    code,
    name,
)


def student(i: int) -> application_journal.StudentLine:
    return application_journal.StudentLine(
        name(i),
        date(1991, 1 + i % 12, 1 + i % 28),
        "Қазақстан",
        "қазақ",
        "әйел" if i % 2 else "ер",
        "2",
        "күндізгі",
        "мемлекеттік грант" if i % 3 else "ақылы",
        f"{20090000 + i}",
        f"{11200000 + i}",
        f"{30500000 + i}" if i % 3 else "",
        f"0{27654321 + i}",
        "2009",
        f"ЭК-09/{100 + i}",
        "ағылшын",
    )


def groups(size: int) -> tuple[application_journal.JournalGroup, ...]:
    return (
        application_journal.JournalGroup(
            "050102 Бастауыш оқытудың педагогикасы мен әдістемесі", "қазақ", tuple(map(student, range(size)))
        ),
        application_journal.JournalGroup("050506 Экономика", "орыс", tuple(map(student, range(size, size + 5)))),
    )


def counts(n: int) -> statistics_report.Counts:
    return statistics_report.Counts(n, n - 20, 20, 0, n - 10, 0, 10, n - 40, 5, 35, n - 12, 12, 0, n // 3, n - n // 3)


STATISTICS = (
    statistics_report.StatisticsGroup(
        "01 Білім",
        (
            ("050102 Бастауыш оқытудың педагогикасы мен әдістемесі", counts(120)),
            ("050103 Педагогика және психология", counts(84)),
            ("050117 Қазақ тілінде оқытпайтын мектептердегі қазақ тілі мен әдебиеті", counts(61)),
        ),
    ),
    statistics_report.StatisticsGroup(
        "05 Әлеуметтік ғылымдар, экономика және бизнес",
        (("050506 Экономика", counts(210)), ("050508 Есеп және аудит", counts(190))),
    ),
)


def journal(size: int = 24) -> application_journal.ApplicationJournal:
    return application_journal.ApplicationJournal(
        OF_NETWORK, IMPRINT, groups(size), "Қасымжомартова Г. Т.", "Ержанов Б. Қ."
    )


def operators() -> operators_journal.OperatorsJournal:
    days = tuple(
        operators_journal.OperatorDay(
            date(2011, 3, 1 + i // 3), name(i), f"Оператор-{i % 3 + 1}", "09:00", "18:05", 84 - i, 12, 1, 84 * (i + 1),
            8, i % 3, None if i == 4 else 9870 + i,
        )
        for i in range(9)
    )
    return operators_journal.OperatorsJournal(OF_NETWORK, IMPRINT, days, MEMBERS[0], MEMBERS[1])


def second_entry_errors() -> second_errors.SecondErrors:
    people = tuple(second_errors.PersonLine(name(i), 42 + i, i, i / 8, 40, i % 2, 0.13 * (i % 2)) for i in range(4))
    fields = tuple(
        second_errors.FieldLine(field.label, 3 - i, 2 - i, 1, i)
        for i, field in enumerate((STUDENT["surname"], STUDENT["identity_document"]))
    )
    return second_errors.SecondErrors(OF_NETWORK, IMPRINT, 174, 168, people, fields, MEMBERS[0], MEMBERS[1])


def operator_names() -> operator_list.OperatorList:
    return operator_list.OperatorList(
        OF_NETWORK, IMPRINT, tuple((name(i), f"oper{i + 1}") for i in range(6)), MEMBERS[0], MEMBERS[1]
    )


def specialties() -> specialty_list.SpecialtyList:
    lines = (
        specialty_list.SpecialtyLine(
            "050102",
            "Бастауыш оқытудың педагогикасы мен әдістемесі",
            "Педагогика и методика начального обучения",
            "01 Білім",
            84,
            36,
            0,
        ),
        specialty_list.SpecialtyLine(
            "050117",
            "Қазақ тілінде оқытпайтын мектептердегі қазақ тілі мен әдебиеті",
            "Казахский язык и литература в школах с неказахским языком обучения",
            "01 Білім",
            61,
            0,
            0,
        ),
        specialty_list.SpecialtyLine(
            "050506", "Экономика", "Экономика", "05 Әлеуметтік ғылымдар, экономика және бизнес", 110, 96, 4
        ),
    )
    return specialty_list.SpecialtyList(OF_NETWORK, IMPRINT, lines, MEMBERS[0], MEMBERS[1])


def statistics(final: bool) -> statistics_report.StatisticsReport:
    return statistics_report.StatisticsReport(
        OF_NETWORK, IMPRINT, STATISTICS, final, None if final else date(2011, 3, 16), MEMBERS[0], MEMBERS[1]
    )


def fax(whole: bool = True) -> statistics_fax.StatisticsFax:
    """Everything in and signed, or one database missing, one signature, and why."""
    universities = tuple(
        statistics_fax.UniversityCounts(university, 665 + i, 500, 160 + i, 5)
        for i, university in enumerate((BASE, NETWORK, NETWORK_LONG))
    )
    made = statistics_fax.StatisticsFax(
        SEASON, IMPRINT, universities, "023-2011-F7.mab", "5C90A1F2", "8 (7172) 24-15-60", "8 (727) 292-03-84",
        MEMBERS[0], MEMBERS[1], 42, 1998,
    )  # fmt: skip
    if whole:
        return made
    reason = "145 ЖОО-ның серверлік бөлмесінде өрт болды, дерекқор қайта теріліп жатыр; ЖОО-ның 12.04.2011 № 17 хаты"
    lacking = (replace(universities[0], signed=False), universities[1],
               statistics_fax.UniversityCounts(NETWORK_LONG, None))  # fmt: skip
    without = statistics_fax.Without(reason, MEMBERS[1], datetime.fromisoformat("2011-04-14T17:40:00+06:00"))
    return replace(made, universities=lacking, without=without)


CHANGED = "Replaces the paper printed {at}, checksum {checksum}: the database was changed since."


def database(size: int = 30) -> student_database.StudentDatabase:
    return student_database.StudentDatabase(
        OF_NETWORK,
        IMPRINT,
        groups(size),
        size + 5,
        "5C90-A1F2-0B7D-E413",
        "145-2011-F6.mab",
        "Академик Алдамжар З. Ә.",
        MEMBERS[0],
        MEMBERS[1],
        ((CHANGED, {"at": "08.04.2011 17:40", "checksum": "77A0-19C4-F2D8-6B35"}),),
    )


def halls() -> hall_fund.HallFund:
    def hall(i: int) -> hall_fund.HallLine:
        kind = "спорт залы" if i == 3 else "дәріс аудиториясы"
        return hall_fund.HallLine(
            str(1 + i % 4),
            f"{300 + i}",
            kind,
            8,
            12,
            48,
            120,
            True,
            i % 2 == 0,
            "орындықтар жаңартылды" if i == 2 else "",
        )

    return hall_fund.HallFund(
        SEASON,
        IMPRINT,
        (
            hall_fund.BuildingHalls(f"{BUILDING}, {ADDRESS}", tuple(map(hall, range(7)))),
            hall_fund.BuildingHalls("03 – Спорт кешені, Алматы қ., Абай даңғылы, 8", tuple(map(hall, range(3, 5)))),
        ),
        (
            hall_fund.ContingentLine("01 Білім", "қазақ", 640),
            hall_fund.ContingentLine("01 Білім", "орыс", 210),
            hall_fund.ContingentLine("05 Әлеуметтік ғылымдар, экономика және бизнес", "қазақ", 820),
        ),
        4,
        MEMBERS[0],
        MEMBERS[1],
        "Жұмағұлова Л. Н.",
        2,
        "7b3d019f44ce",
    )


def plan() -> hall_plan.HallPlan:
    rows, seat = [], 0
    for r in range(8):
        row: list[int | None] = []
        for c in range(9):
            if c in (3, 6):
                row.append(None)
            elif (r + c) % 4 == 0:
                row.append(0)
            else:
                seat += 1
                row.append(seat)
        rows.append(tuple(row))
    rows[7] = (*rows[7][:4], 0, 0, None, *rows[7][7:])
    marks = ("...T.....", *["." * 9] * 6, "....PRD..")
    return hall_plan.HallPlan(replace(SITTING, shift=None, day=None), IMPRINT, tuple(rows), MEMBERS[0], marks)


def one_pass(i: int, network: str = NETWORK) -> admission_pass.AdmissionPass:
    return admission_pass.AdmissionPass(
        4000 + i,
        name(i),
        code(i),
        "050102",
        "Бастауыш оқытудың педагогикасы мен әдістемесі",
        "қазақ",
        SUBJECTS,
        "ағылшын",
        2,
        date(2011, 5, 14),
        "09:00",
        BASE,
        BUILDING,
        ADDRESS,
        "312",
        network,
        f"MABPAS1|{code(i)}|2|312",
    )


def passes(count: int = 3) -> admission_pass.PassSet:
    return admission_pass.PassSet(
        OF_NETWORK, IMPRINT, (one_pass(i, NETWORK_LONG if i == 1 else NETWORK) for i in range(count))
    )


def close_passes(count: int = 4) -> admission_pass.PassSet:
    """Three to a sheet; the second and third are no first copies."""
    ones = (replace(one_pass(i, NETWORK_LONG if i == 1 else NETWORK), copy=(1, 2, 3)[i % 3]) for i in range(count))
    return admission_pass.PassSet(OF_NETWORK, IMPRINT, ones, per_sheet=3)


def register(size: int = 30) -> pass_register.PassRegister:
    lines = tuple(
        pass_register.PassLine(code(i), name(i), "050102", "қазақ", 2, date(2011, 5, 14), "312") for i in range(size)
    )
    return pass_register.PassRegister(OF_NETWORK, IMPRINT, lines, MEMBERS[0], MEMBERS[1])


def hall_students(by_university: bool, size: int = 40) -> hall_list.HallList:
    lines = tuple(
        hall_list.HallListLine(
            name(i),
            code(i),
            "145 – Қостанай әлеуметтік-техникалық университеті",
            "050102",
            "қазақ",
            2,
            date(2011, 5, 14),
            BUILDING,
            "312",
        )
        for i in range(size)
    )
    return hall_list.HallList(
        OF_NETWORK if by_university else SITTING, IMPRINT, lines, by_university, MEMBERS[0], MEMBERS[1]
    )


def wrong_data() -> wrong_data_list.WrongDataList:
    lines = tuple(
        wrong_data_list.WrongDataLine(
            "145",
            code(i),
            name(i),
            "Foreign language",
            "ағылшын",
            "неміс тілі",
            "жеке куәлік № 027654321, 12.03.2009",
            f"{i + 1}",
            date(2011, 4, 20 if i < 3 else 26),
            late=i == 3,
        )
        for i in range(4)
    )
    return wrong_data_list.WrongDataList(OF_NETWORK, IMPRINT, lines, MEMBERS[0], date(2011, 4, 24))


def collected_wrong_data() -> wrong_data_list.WrongDataList:
    """As the base university sends it on: with the count of applications on paper."""
    one = wrong_data()
    lines = tuple(replace(line, enclosed=n != 1) for n, line in enumerate(one.lines))
    return replace(one, head=SEASON, lines=lines, coordinator="")


def duties(daily: bool) -> duty_list.DutyList:
    lines = tuple(
        duty_list.DutyLine(
            name(i),
            "аға оқытушы, жалпы білім беру пәндері кафедрасы",
            "8 701 555 12 3" + str(i),
            "312" if i % 3 else "3-қабат дәлізі",
            "1, 2",
        )
        for i in range(8)
    )
    return duty_list.DutyList(
        replace(SITTING, hall="", building="") if daily else SEASON, IMPRINT, lines, daily, MEMBERS[0], MEMBERS[2]
    )


def seating(size: int = 48, reprint: bool = False) -> seating_sheet.SeatingSheet:
    lines = tuple(seating_sheet.SeatLine(i + 1, name(i * 7), code(i * 7), "050102", "қазақ") for i in range(size))
    return seating_sheet.SeatingSheet(
        SITTING,
        replace(IMPRINT, reprint=reprint, test_mode=reprint),
        size + 2,
        lines,
        (MEMBERS[0], MEMBERS[1]),
        MEMBERS[2],
    )


def seats_by_variant(wide: bool = False) -> seating_plan.SeatingPlan:
    rows, columns = (15, 16) if wide else (8, 6)
    numbers = iter(range(1, 1000))
    at = {3, 7, 12} if wide else {3}
    grid = tuple(tuple(None if c in at else next(numbers) for c in range(columns + len(at))) for _ in range(rows))
    seats = [n for row in grid for n in row if n]
    sitting = {
        n: seating_plan.Sitting(*((name(n * 7).split()[0], "Н. Қ.") if n < len(seats) - 1 else ("", "")), code(n * 7),
                                f"{2101 + n % 12}")
        for n in seats
    }  # fmt: skip
    return seating_plan.SeatingPlan(SITTING, IMPRINT, grid, (), sitting, (MEMBERS[0], MEMBERS[1]))


def variants(size: int = 48) -> variant_sheet.VariantSheet:
    return variant_sheet.VariantSheet(
        SITTING, IMPRINT, tuple((i + 1, f"{2101 + i % 12}") for i in range(size)), ("", ""), 2
    )


def labels(layout: str) -> seat_labels.SeatLabels:
    seats = tuple(("204", seat) for seat in (*range(1, 14), 128, 129))
    return seat_labels.SeatLabels(SEASON, IMPRINT, seats, layout, first=2)


def door() -> hall_sign.HallSign:
    return hall_sign.HallSign(replace(SEASON, building=BUILDING, hall="204"), IMPRINT, 2, "қазақ")


def way(arrow: str, halls: str) -> direction_sign.DirectionSign:
    head = replace(SEASON, building=BUILDING)
    return direction_sign.DirectionSign(head, IMPRINT, arrow, halls, "2-қабат", "Кіреберіс")


def directory() -> hall_directory.HallDirectory:
    halls = tuple((f"{floor}{n:02}", floor, "дәрісхана", 24 + n) for floor in (1, 2) for n in range(1, 6))
    return hall_directory.HallDirectory(replace(SEASON, building=BUILDING), IMPRINT, halls, ADDRESS, "12-автобус")


def changes() -> fund_change_list.FundChangeList:
    lines = (("101-аудитория", "Жоспарланған орындар", "30", "28"), ("103-аудитория", "Жойылды", "20", "–"))
    return fund_change_list.FundChangeList(SEASON, IMPRINT, "1-нұсқа", "2-нұсқа", lines, (4, 3), (190, 168), "Жөндеу",
                                           MEMBERS[0], MEMBERS[1])  # fmt: skip


def building(floor: str | None) -> building_plan.PlanPage:
    thing = Thing
    if floor is None:
        items = (Item(thing.ROAD, 0, 22, 48, 3, "Студенттер даңғылы"),
                 Item(thing.BUILDING, 14, 6, 20, 10, "Бас корпус"),
                 Item(thing.ENTRANCE, 22, 16, 5, 3), Item(thing.STOP, 38, 19, 7, 3, "12-автобус"))  # fmt: skip
        facts = ((N_("Address"), ADDRESS), (N_("How to get there"), "12-автобус, «Университет» аялдамасы"))
    else:
        halls = tuple(Item(thing.HALL, 1 + 8 * n, 2, 7, 8, f"{201 + n}") for n in range(5))
        items = (*halls, Item(thing.CORRIDOR, 0, 11, 48, 4), Item(thing.STAIRS, 20, 17, 8, 6),
                 Item(thing.LIFT, 30, 17, 4, 4), Item(thing.TOILET, 2, 17, 6, 5),
                 Item(thing.HALL, 36, 17, 11, 8, "206"))  # fmt: skip
        facts = ()
    return building_plan.PlanPage(replace(SEASON, building=BUILDING), IMPRINT, Drawing(items), floor, b"", facts,
                                  MEMBERS[0])  # fmt: skip

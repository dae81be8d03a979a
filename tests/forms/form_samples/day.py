"""Documents of the eve and the exam day: readiness, corrections, the drawn allocation of duty officers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mab_desktop.domain.readiness import ITEM_LABELS, VERDICT_LABELS, Item, Verdict
from mab_desktop.forms import correction_list, duty_list, readiness_report

from .people import IMPRINT, MEMBERS, SEASON, code, name
from .preparation import duties

FOUND = {
    Item.VERSION: "Бағдарлама 0.1.0, Python 3.11.9, SQLite 3.53.4, схема 0021. Орталықтың бағдарламасы: 0.1.0.",
    Item.DATABASE: "187.4 МБ, журналдың 60 214 жолы.",
    Item.DISK: "84 312 МБ бос; емтиханға 19 200 МБ керек.",
    Item.PACK: "Табылған парақтар: 12 / 12. Шеңбер топтары: 1704, толтырылғандай 1704, сұралған 0, қате оқылған 0.",
}


def readiness(ready: bool) -> readiness_report.ReadinessReport:
    at = datetime(2011, 5, 13, 15, 40, tzinfo=UTC)
    bad = Item.GLASS
    lines = tuple(
        readiness_report.CheckLine(
            ITEM_LABELS[item], VERDICT_LABELS[Verdict.GOOD if ready or item is not bad else Verdict.BAD],
            ready or item is not bad, (FOUND.get(item, "Сканер: Fujitsu fi-7160; принтер: HP LaserJet P3015."),),
            at, MEMBERS[0],
        )
        for item in Item
    )  # fmt: skip
    reason = "" if ready else "Шыны тазартылды, ақ парақ ертең таңертең, ауысым ашылмай тұрып тексеріледі."
    return readiness_report.ReadinessReport(
        SEASON, IMPRINT, 2, at, lines, ready, reason, "7f3a90cc12d4e5a1b2", MEMBERS[0], MEMBERS[2],
        readiness_report.DigitalSignature("mp013", "7K3M Q9X2 T4RV 8HN6 0WJ5 CDPE B1ZG Y2SA", "823S-YM24-GY2N",
                                          "readiness-013-2.dsse.json"),
    )  # fmt: skip


def corrected() -> correction_list.CorrectionList:
    ground = "{n}-тармақ: жеке куәлік № 027654321, 12.03.2009; № {n} өтініш, 20.04.2011"
    entered = "13.05.2011 15:02\nprogrammer"
    lines = tuple(
        correction_list.CorrectionLine(
            "145", code(i), name(i), "Foreign language" if i != 3 else "Record-book number", "ағылшын", "неміс тілі",
            ground.format(n=i + 1), entered if i < 2 else "",
            "" if i < 2 else correction_list.OPEN if i == 2 else correction_list.NOT_MINE,
        )
        for i in range(4)
    )  # fmt: skip
    return correction_list.CorrectionList(SEASON, IMPRINT, lines, MEMBERS[0], MEMBERS[2])


def drawn() -> duty_list.DutyList:
    how = duty_list.DutyDrawn(2, "3f" * 32, "9ac1" * 16, "Кезекші сырқаттанып қалды, орнына басқа адам келді")
    return replace(duties(True), draw=how)

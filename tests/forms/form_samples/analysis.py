"""Samples of what the results tell: statistics, items, sheets that are alike."""

from __future__ import annotations

from dataclasses import replace

from mab_desktop.domain.item_analysis import REMARKS, Remark
from mab_desktop.forms import item_statistics, likeness_report, result_statistics

from .people import IMPRINT, MEMBERS, SITTING, SUBJECTS, code, name

_SHIFT = replace(SITTING, hall="", building="")
_LONG = "Әл-Фараби атындағы Қазақ ұлттық университеті"


def statistics() -> result_statistics.ResultStatistics:
    def group(title: str, short: str, n: int) -> result_statistics.Group:
        mean = 58.2 + (n * 7) % 23
        return result_statistics.Group(title, short, 40 + n, mean, mean / 125, 14.5 + n / 3, 21, mean - 1, 118 - n, 3)

    cuts = (
        result_statistics.CutTable("By subject", [group(s, f"{n:02}", n) for n, s in enumerate(SUBJECTS, 1)]),
        result_statistics.CutTable("By hall", [group(str(301 + n), str(301 + n), n) for n in range(20)]),
        result_statistics.CutTable("By university", [group(f"013 {_LONG}", "013", 1), group("021 ҚазҰТЗУ", "021", 2)]),
    )
    bins = (0, 1, 4, 9, 20, 41, 66, 90, 118, 130, 128, 110, 92, 70, 40, 21, 9, 3, 1, 0)
    return result_statistics.ResultStatistics(_SHIFT, IMPRINT, bins, 125, 50, cuts, False, MEMBERS[0], MEMBERS[1])


def items() -> item_statistics.ItemStatistics:
    def item(n: int) -> item_statistics.Item:
        remark = {3: REMARKS[Remark.KEY], 9: REMARKS[Remark.EASY], 17: REMARKS[Remark.WEAK]}.get(n, "")
        shares = (40 + n, 20, 18, 12, 9, 4, 1)
        return item_statistics.Item(
            n, "A", 104 + n, (40 + n) / (104 + n), None if n == 5 else 0.62 - n / 20, shares, remark
        )

    groups = [
        item_statistics.ItemGroup(variant, subject, [item(n) for n in range(1, 26)])
        for variant, subject in (("2104", SUBJECTS[0]), ("2111", SUBJECTS[0]))
    ]
    return item_statistics.ItemStatistics(_SHIFT, IMPRINT, "ABCDE", groups, MEMBERS[0], MEMBERS[1])


def alike() -> likeness_report.LikenessReport:
    pairs = [
        likeness_report.Pair(
            "312", (name(n), name(n + 1)), (code(n), code(n + 1)), (17 + n, 25 + n), ("2104", "2111"), 97 - n, 31.4,
            22, ("less than 1 in 1 000 000 000", "1 in 41 000 000", "1 in 320 000")[n],
        )
        for n in range(3)
    ]  # fmt: skip
    return likeness_report.LikenessReport(_SHIFT, IMPRINT, pairs, 11_403, "1 in 228 060", 20_000, 0, MEMBERS[0])

"""Papers on what the results tell: statistics with plots, analysis of the items, sheets that are alike."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy.orm import Session

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.item_analysis import REMARKS, ItemLine, histogram
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.reference import named
from mab_desktop.domain.shift import ShiftState, reached
from mab_desktop.forms import item_statistics, likeness_report, result_statistics
from mab_desktop.services import hall_sheets, results
from mab_desktop.services import result_statistics as analysis
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.exam_heads import representative_name, shift_head
from mab_desktop.services.imprint import imprint
from mab_desktop.services.result_statistics import CUT_LABELS, Cut, GroupLine, PairLine, odds_words
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.students import Shift


def print_statistics(ctx: Context, shift: int) -> Document:
    """The points of a shift by every cut, with plots; with the appeal once it is closed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        points = [x.total_after for x in results.result_lines(session, shift) if x.total_after is not None]
        profile, top = hall_sheets.exam_profile(session), shift_head(ctx, session, shift)
        cuts = [_cut(session, shift, cut, ctx.lang, profile) for cut in Cut]
        representative = representative_name(session)
        after = reached(ShiftState(session.get_one(Shift, shift).state), ShiftState.APPEAL_CLOSED)

    def draw(printing: Printing) -> bytes:
        page = result_statistics.ResultStatistics(
            top, imprint(printing), histogram(points, profile.max_points), profile.max_points, profile.threshold_total,
            cuts, after, representative, ctx.actor.name, profile.threshold_per_subject,
        )  # fmt: skip
        return result_statistics.draw(page, lang=printing.lang)

    return print_document(ctx, "result-statistics", str(shift), draw)


def _cut(session: Session, shift: int, cut: Cut, lang: str, profile: ExamProfile) -> result_statistics.CutTable:
    known = analysis.has_threshold(profile, cut)
    lines = analysis.group_lines_of(session, shift, cut)
    return result_statistics.CutTable(
        CUT_LABELS[cut],
        [_group(line, analysis.group_name(session, cut, line.code, lang), known) for line in lines],
    )


def _group(line: GroupLine, name: str, threshold: bool) -> result_statistics.Group:
    p = line.points
    return result_statistics.Group(
        name, line.code, p.count, p.mean, line.share, p.deviation, p.least, p.median, p.greatest,
        p.below if threshold else None,
    )  # fmt: skip


def print_items(ctx: Context, shift: int) -> Document:
    """The items of a shift by subject and variant, for the expert council."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        lines, options = analysis.items_of(session, shift), hall_sheets.exam_profile(session).options
        top, representative = shift_head(ctx, session, shift), representative_name(session)
        subjects = reference_list(session, "subject")
    groups = [
        item_statistics.ItemGroup(variant, named(subjects, subject, ctx.lang), [_item(line) for line in found])
        for (subject, variant), found in groupby(lines, lambda line: (line.subject, line.variant))
    ]

    def draw(printing: Printing) -> bytes:
        page = item_statistics.ItemStatistics(top, imprint(printing), options, groups, representative, ctx.actor.name)
        return item_statistics.draw(page, lang=printing.lang)

    return print_document(ctx, "item-statistics", str(shift), draw)


def _item(line: ItemLine) -> item_statistics.Item:
    remark = REMARKS[line.remark] if line.remark else ""
    shares = tuple(count for _, count in line.shares)
    return item_statistics.Item(line.item, line.key, line.answers, line.difficulty, line.discrimination, shares, remark)


def print_likeness(ctx: Context, shift: int, progress: Progress = Silent()) -> Document:
    """Neighbours whose sheets are more alike than chance makes them; for the representative only."""
    report = analysis.likeness(ctx, shift, progress)
    with ctx.store.read() as session:
        top, representative = shift_head(ctx, session, shift), representative_name(session)

    def draw(printing: Printing) -> bytes:
        page = likeness_report.LikenessReport(
            top, imprint(printing), [_pair(pair, printing.lang) for pair in report.pairs if pair.suspicious],
            report.neighbours, odds_words(report.limit, printing.lang), report.apart, report.apart_below,
            representative or ctx.actor.name,
        )  # fmt: skip
        return likeness_report.draw(page, lang=printing.lang)

    return print_document(ctx, "likeness-report", str(shift), draw)


def _pair(pair: PairLine, lang: str) -> likeness_report.Pair:
    a, b = pair.first, pair.second
    return likeness_report.Pair(
        pair.hall, (a.name, b.name), (a.code, b.code), (a.seat, b.seat), (a.variant, b.variant), pair.equal,
        pair.expected, pair.equal_wrong, odds_words(pair.tail, lang),
    )  # fmt: skip

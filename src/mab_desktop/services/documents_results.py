"""The papers of the results (p.39, p.45-47): key, result sheets, daily statistics, the representative's report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mab_desktop.domain.attendance import PRESENCE_LABELS, Presence
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.reference import Lines, named
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.forms import answer_key, daily_statistics, representative_report, result_sheet
from mab_desktop.i18n import N_, translate
from mab_desktop.services import daily, hall_sheets, keys, results, shifts
from mab_desktop.services import representative_report as report
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.exam_heads import (
    appeal_commission,
    commission_chair,
    imprints,
    representative_name,
    shift_head,
    short_language,
)
from mab_desktop.services.imprint import head, imprint, university_name
from mab_desktop.services.results import ResultLine
from mab_desktop.services.settings import reference_list
from mab_desktop.services.statistics import direction_finder
from mab_desktop.storage.tables.students import Shift

PURPOSES = (result_sheet.FOR_DISPLAY, result_sheet.FOR_REPRESENTATIVE, result_sheet.FOR_FILES)


def print_answer_key(ctx: Context, shift: int) -> Document:
    """The opened key by variant and subject, for public display and for the appeal commission (p.39)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        letters = keys.letters_of(session, shift)
        top, names = shift_head(ctx, session, shift), reference_list(session, "subject")
        chair, announced = commission_chair(session), keys.announced_of(session, shift)

    def draw(printing: Printing) -> bytes:
        variants = tuple(
            answer_key.VariantKey(
                variant,
                tuple(
                    answer_key.SubjectKey(named(names, code, printing.lang), letters[v, code])
                    for v, code in sorted(letters)
                    if v == variant
                ),
            )
            for variant in sorted({v for v, _ in letters})
        )
        sheets = [
            answer_key.AnswerKey(top, foot, variants, purpose, chair, ctx.actor.name, announced)
            for foot, purpose in zip(
                imprints(printing, 2), (answer_key.FOR_DISPLAY, answer_key.FOR_APPEAL), strict=True
            )
        ]
        return answer_key.draw(*sheets, lang=printing.lang)

    return print_document(ctx, "answer-key", str(shift), draw, copies=2)


def print_results(ctx: Context, shift: int, *, after: bool = False) -> Document:
    """The result sheets of a shift by university and direction, before or with the appeal, three copies (p.39, p.45).

    The copy for the wall is by name or by code, as chosen (`results.choose_wall_copy`). The sheet with the appeal asks
    for the representative's approval (p.46).
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        needed = (ShiftState.APPEAL_CLOSED, ShiftState.CLOSED) if after else tuple(KEY_KNOWN)
        shifts.require_state(session, shift, *needed)
        lines = results.result_lines(session, shift)
        if shifts.not_scored(session, shift):
            raise OutOfOrder(N_("The points of shift {n} are not counted yet (p.39)."), n=shift)
        top, profile = shift_head(ctx, session, shift), hall_sheets.exam_profile(session)
        by_code = results.wall_copy_by_code_in(session)
        directions, subjects = reference_list(session, "direction"), reference_list(session, "subject")
        direction_of = direction_finder(session)
        universities = {u: university_name(session, u, ctx.lang) for u in {line.university for line in lines}}
        representative, chair = representative_name(session), commission_chair(session)
        (appeal_chair, _), announced = appeal_commission(session), keys.announced_of(session, shift)
    grouped: dict[tuple[str, str], list[ResultLine]] = {}
    for line in lines:
        grouped.setdefault((line.university, direction_of(line.specialty)), []).append(line)

    def groups(lang: str) -> list[result_sheet.ResultGroup]:
        return [
            result_sheet.ResultGroup(
                named(directions, direction, lang), tuple(named(subjects, s, lang) for s in found[0].subjects),
                [_result_line(line, lang, profile, after=after) for line in found], universities[university],
            )
            for (university, direction), found in sorted(grouped.items())
        ]  # fmt: skip

    def draw(printing: Printing) -> bytes:
        sheets = [
            result_sheet.ResultSheet(
                top, foot, groups(printing.lang), after, purpose, by_code and purpose == result_sheet.FOR_DISPLAY,
                after, representative, ctx.actor.name, chair, appeal_chair, announced, profile.threshold_total,
                bool(profile.grades), profile.threshold_per_subject,
            )
            for foot, purpose in zip(imprints(printing, 3), PURPOSES, strict=True)
        ]  # fmt: skip
        return result_sheet.draw(*sheets, lang=printing.lang)

    return print_document(ctx, shifts.RESULTS_AFTER if after else shifts.RESULTS_BEFORE, str(shift), draw, copies=3)


def print_daily(ctx: Context, shift: int) -> Document:
    """The daily statistics of a shift (p.8)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        rows = daily.daily_rows_of(session, shift)
        row = session.get(Shift, shift)
        known = row is not None and ShiftState(row.state) in KEY_KNOWN
        lines = results.result_lines(session, shift) if known else []
        top, scanned = shift_head(ctx, session, shift), daily.scanned_sheets(session, shift)
        languages, directions = reference_list(session, "study_language"), reference_list(session, "direction")
        subjects, direction_of = reference_list(session, "subject"), direction_finder(session)
        profile = hall_sheets.exam_profile(session)
        representative = representative_name(session)
    by_direction: dict[str, list[ResultLine]] = {}
    for line in lines:
        if line.total_after is not None:
            by_direction.setdefault(direction_of(line.specialty), []).append(line)

    def draw(printing: Printing) -> bytes:
        lang = printing.lang
        page = daily_statistics.DailyStatistics(
            top, imprint(printing), tuple(_language_counts(rows, languages, lang)),
            tuple(
                _means(named(directions, d, lang), found, lambda s: named(subjects, s, lang), profile)
                for d, found in sorted(by_direction.items())
            ),
            profile.threshold_total, scanned, sum(r.automatic for r in rows), sum(r.visual for r in rows),
            sum(r.appeals for r in rows), sum(r.appeal_items for r in rows), sum(r.appeal_satisfied for r in rows),
            representative, ctx.actor.name, profile.threshold_per_subject,
        )  # fmt: skip
        return daily_statistics.draw(page, lang=lang)

    return print_document(ctx, "daily-statistics", str(shift), draw)


def print_report(ctx: Context) -> Document:
    """The representative's full report to the centre (p.7, p.47): every shift in numbers, her words on each task."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        top, representative = head(ctx, session), representative_name(session)
        lines, written = report.shift_lines(session), report.report_of(session)

    def draw(printing: Printing) -> bytes:
        paper = representative_report.RepresentativeReport(
            top, imprint(printing), written.by or representative, tuple(lines), written.texts
        )
        return representative_report.draw(paper, lang=printing.lang)

    # What was written anew is another paper, not a duplicate of the one before.
    version = "".join(sign for sign in written.at[:19] if sign.isdigit())
    return print_document(ctx, "representative-report", version, draw)


def _result_line(line: ResultLine, lang: str, profile: ExamProfile, *, after: bool) -> result_sheet.ResultLine:
    total = line.total_after if after else line.total_before
    remark = ""
    if line.presence is not Presence.PRESENT:
        remark = translate(lang, PRESENCE_LABELS[line.presence])
    elif profile.below_threshold(total, line.after if after else line.before):
        remark = translate(lang, N_("below the threshold"))
    points: tuple[int | None, ...] = line.before or (None,) * len(line.subjects)
    language = short_language(line.test_language, lang)
    return result_sheet.ResultLine(
        line.name, line.code, line.specialty, language, line.variant, points, line.added if after else (), remark,
        profile.grade(total),
    )  # fmt: skip


def _language_counts(
    rows: Sequence[daily.DailyRow], languages: Lines, lang: str
) -> list[daily_statistics.LanguageCounts]:
    """A line for each language of the test; the form itself adds them up."""
    by_language = {code: [r for r in rows if r.language == code] for code in sorted({r.language for r in rows})}
    return [
        daily_statistics.LanguageCounts(
            named(languages, code, lang), sum(r.planned for r in found), sum(r.present for r in found),
            sum(r.absent for r in found), sum(r.removed for r in found),
        )
        for code, found in by_language.items()
    ]  # fmt: skip


def _means(
    direction: str, lines: Sequence[ResultLine], named: Callable[[str], str], profile: ExamProfile
) -> daily_statistics.DirectionMeans:
    totals = [line.total_after or 0 for line in lines]
    by_subject: dict[str, list[int]] = {}
    for line in lines:
        for subject, points in zip(line.subjects, line.after, strict=True):
            by_subject.setdefault(subject, []).append(points)
    means = tuple((named(subject), sum(points) / len(points)) for subject, points in by_subject.items())
    below = sum(profile.below_threshold(line.total_after, line.after) for line in lines)
    return daily_statistics.DirectionMeans(
        direction, len(lines), means, sum(totals) / len(totals), min(totals), max(totals), below
    )

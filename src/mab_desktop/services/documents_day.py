"""The papers of the eve and the exam day that the programmer makes beside the sheets (p.7, p.8, p.29-34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from mab_desktop.domain.duty_draw import CORRIDOR
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.exam_act import COUNT, ActContent, ActSpec
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.readiness import GOOD_ENOUGH, ITEM_LABELS, VERDICT_LABELS
from mab_desktop.forms import act, correction_list, duty_list, readiness_report
from mab_desktop.forms.table import Row
from mab_desktop.i18n import N_, translate
from mab_desktop.services import corrections, duty, exam_acts, readiness, readiness_signature, seating
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.documents_exam import ACTS
from mab_desktop.services.exam_heads import representative_name, shift_head
from mab_desktop.services.imprint import head, imprint
from mab_desktop.storage.tables.students import Allotment

_ABOUT = N_("{name}, code {code}, seat {seat}, {time}.")
READINESS, CORRECTIONS, DUTY = "readiness-report", "correction-list", "duty-draw"


def print_readiness(ctx: Context, n: int = 0) -> Document:
    """A report of readiness, the newest where `n` is 0; OutOfOrder while none is signed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    found = next((report for report in readiness.reports(ctx) if n in (0, report.n)), None)
    if found is None:
        raise OutOfOrder(N_("No report of readiness is signed yet (p.29)."))
    signed = None
    if by := found.signature:
        signed = readiness_report.DigitalSignature(by.device.device, by.device.fingerprint, by.code,
                                                   readiness_signature.file_name(ctx.university, found.n))  # fmt: skip
    with ctx.store.read() as session:
        top = head(ctx, session)

    def draw(printing: Printing) -> bytes:
        lines = tuple(
            readiness_report.CheckLine(
                ITEM_LABELS[one.item], VERDICT_LABELS[one.verdict], one.verdict in GOOD_ENOUGH,
                tuple(problem.message(printing.lang) for problem in (*one.problems, *one.said)), one.at, one.by,
            )
            for one in found.findings
        )  # fmt: skip
        report = readiness_report.ReadinessReport(
            top, imprint(printing), found.n, datetime.fromisoformat(found.at), lines, found.ready, found.reason,
            found.digest, found.made_by, found.confirmed_by, signed,
        )  # fmt: skip
        return readiness_report.draw(report, lang=printing.lang)

    return print_document(ctx, READINESS, str(found.n), draw)


def print_corrections(ctx: Context) -> Document:
    """The list of the corrections with old and new value, the ground, when and by whom (p.8)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    found = corrections.wrong_lines(ctx)
    with ctx.store.read() as session:
        top, present = head(ctx, session), representative_name(session)
        codes = {row[0]: row[1] for row in session.execute(select(Allotment.student, Allotment.code))}

    def draw(printing: Printing) -> bytes:
        lines = tuple(
            correction_list.CorrectionLine(
                w.university, codes.get(w.student, ""), w.name, w.label, w.old_words, w.new_words,
                corrections.ground_words(w, printing.lang), _when(w.applied_at, w.applied_by),
                "" if w.applied_at else correction_list.OPEN if w.mine else correction_list.NOT_MINE,
            )
            for w in sorted(found, key=lambda line: line.item)
        )  # fmt: skip
        paper = correction_list.CorrectionList(top, imprint(printing), lines, ctx.actor.name, present)
        return correction_list.draw(paper, lang=printing.lang)

    return print_document(ctx, CORRECTIONS, "", draw, file_name=CORRECTIONS)


def print_duty(ctx: Context, shift: int) -> Document:
    """The allocation of the day as it was drawn, by hall, with number and seed; OutOfOrder before the draw."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    found = duty.drawn(ctx, shift)
    if found is None:
        raise OutOfOrder(N_("The duty officers of shift {n} are not drawn yet (p.7)."), n=shift)
    with ctx.store.read() as session:
        top, present = shift_head(ctx, session, shift), representative_name(session)

    def draw(printing: Printing) -> bytes:
        corridor = translate(printing.lang, N_("corridor"))
        lines = tuple(
            duty_list.DutyLine(
                one.officer.full_name, one.officer.post, one.officer.phone,
                corridor if one.place == CORRIDOR else one.place, str(shift),
            )
            for one in found.placed
        )  # fmt: skip
        how = duty_list.DutyDrawn(found.n, found.seed, found.result, found.reason)
        paper = duty_list.DutyList(top, imprint(printing), lines, True, representative=present, draw=how)
        return duty_list.draw(paper, lang=printing.lang)

    return print_document(ctx, DUTY, f"{shift}-{found.n}", draw)


def print_entered_act(ctx: Context, number: int) -> Document:
    """An act as it was entered, two copies, for both sides to sign."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    line = exam_acts.line(ctx, number)
    with ctx.store.read() as session:
        top = shift_head(ctx, session, line.shift, line.hall)
        # The student whom it is about: his act names him, his seat and the hour, and he signs it.
        seats = seating.seat_lines_of(session, line.shift, line.hall) if line.content.code else []
    content = line.content
    about = next((seat for seat in seats if seat.code == content.code), None)

    def draw(printing: Printing) -> bytes:
        story = content.story
        if about is not None:
            words = translate(printing.lang, _ABOUT).format(
                name=about.name, code=about.code, seat=about.seat, time=content.time
            )
            story = f"{words}\n{story}"
        paper = act.Act(
            ACTS[line.kind], top, imprint(printing, 2), _rows(line.spec, content, printing.lang), content.given_by,
            content.taken_by, content.students or ((about.name,) if about is not None else ()), story, line.number,
        )  # fmt: skip
        return act.draw(paper, replace(paper, imprint=replace(paper.imprint, copy_no=2)), lang=printing.lang)

    key = "-".join(part for part in (str(line.shift), line.hall, line.number) if part)
    return print_document(ctx, f"act-{line.kind}", key, draw, copies=2)


def _rows(spec: ActSpec, content: ActContent, lang: str) -> tuple[Row, ...]:
    """The rows under the paper's columns; the paper of an opening also has the difference."""
    rows: list[Row] = []
    for n, cells in enumerate(content.rows):
        line = list(cells)
        if spec.lines:
            label = spec.lines[n][1]
            below = translate("ru", label) if lang == "kk" else ""
            line.insert(0, "\n".join(part for part in (translate(lang, label), below) if part))
        counts = [n for n, column in enumerate(spec.columns, 1) if column.kind == COUNT]
        if len(counts) == 2:
            listed, fact = (int(line[at] or 0) for at in counts)
            line.insert(counts[1] + 1, f"{fact - listed:+d}".replace("-", "−") if fact != listed else "0")
        rows.append(tuple(line))
    return tuple(rows)


def _when(at: str, by: str) -> str:
    if not at:
        return ""
    return f"{at[8:10]}.{at[5:7]}.{at[:4]} {at[11:16]}\n{by}"

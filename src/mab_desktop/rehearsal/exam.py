"""The days of the exam at the ministry programmer's (p.30, p.35-45), played by simulated people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.domain.sheet import layout
from mab_desktop.i18n import N_
from mab_desktop.rehearsal import answers, appeal_day, commission_work, hall, readiness_day, slips
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import Stage, write_pdf
from mab_desktop.services import (
    attendance,
    centre_season,
    centre_secrets,
    corrections,
    documents_day,
    documents_exam,
    doubtful,
    duty,
    envelopes,
    exam_acts,
    exam_clock,
    identification,
    keys,
    results,
    seating,
    shifts,
)
from mab_desktop.services.context import Context

REPRESENTATIVE = "representative"


def exam_date(stage: Stage, shift: int) -> date:
    """The day of a shift."""
    return next(plan.exam_date for plan in centre_season.shifts(slips.programmer(stage)) if plan.number == shift)


def eve(stage: Stage, shift: int) -> None:
    """The day before a shift (p.30): corrections, the draw of the seats, its paper; and what people will do."""
    stage.begin(f"eve-{shift}")
    stage.progress.stage(N_("The eve of a shift: seats, paper"))
    with stage.counting("rest"):
        mp, ntc, base = slips.programmer(stage), stage.ctx("ntc"), stage.plan.base
        if shift == 1:
            stage.on(exam_date(stage, 1) - timedelta(days=1), 15)
            _add_representative(stage)
            corrections.correct_all(mp)
            readiness_day.get_ready(stage, REPRESENTATIVE)
        frozen = seating.freeze_seating(mp, shift)
        # By telephone: the ministry programmer reads the characters out, the centre reads out the password.
        stage.memory.setdefault("frozen", {})[str(shift)] = frozen.shown
        password = centre_secrets.give_seating_password(ntc, base, shift, mp.actor.name, frozen.shown)
        seating.draw_seating(mp, shift, password)
        _print_eve(stage, shift)
    with stage.counting("people"):
        _foresee(stage, shift)
    stage.memory["next_shift"] = shift


def _add_representative(stage: Stage) -> None:
    name = f"mp{stage.plan.base}"
    stage.add_person(name, REPRESENTATIVE, "Нұрланова Айгүл Серікқызы", "representative")


def _print_eve(stage: Stage, shift: int) -> None:
    mp = slips.programmer(stage)
    for number in halls_of(mp, shift):
        pile = stage.out / "paper" / f"shift-{shift}" / number
        pile.mkdir(parents=True, exist_ok=True)
        papers = {
            "answer-sheets": documents_exam.print_answer_sheets(mp, shift, number, filled=False),
            "seating-sheet": documents_exam.print_seating_sheets(mp, shift, number),
            "variant-sheet": documents_exam.print_variant_sheets(mp, shift, number),
            "envelope-cover": documents_exam.print_covers(mp, shift, number),
        }
        for label, document in papers.items():
            write_pdf(pile / f"{label}.pdf", document)


def halls_of(mp: Context, shift: int) -> list[str]:
    """The halls of a shift."""
    return sorted({line.hall for line in seating.seat_lines(mp, shift)})


def _foresee(stage: Stage, shift: int) -> None:
    """Write down what everybody will put on paper."""
    mp, seed = slips.programmer(stage), stage.plan.seed
    seats = slips.seats_of(stage, shift)
    away = answers.draw_absent(stream(seed, "absent", shift), len(seats), hall.ABSENT_SHARE, at_least=1)
    absent = frozenset(seats[number].code for number in away)
    sheet_layout = layout(slips.profile(mp))
    filled = {
        number: hall.fill_hall(
            lambda *names: stream(seed, shift, *names), sheet_layout, shift, number,
            [seat for seat in seats if seat.hall == number], slips.serials(mp, shift, number), absent,
        )
        for number in halls_of(mp, shift)
    }  # fmt: skip
    keys_of = {seat.code: seat.key for seat in seats}
    spoilt = hall.spoil_shift(stream(seed, "spoil", shift), filled, keys_of)
    hall.write_truth(slips.truth_path(stage, shift), shift, spoilt)


def play_day(stage: Stage, scans: Path | None) -> None:
    """One operational day (p.35, p.36); after the last shift also the day after (p.37)."""
    shift = int(stage.memory["next_shift"])
    stage.begin(f"day-{shift}")
    stage.progress.stage(N_("The day of a shift"))
    with stage.counting("rest"):
        mp = slips.programmer(stage)
        folder = _hold_test(stage, shift, scans)
        for number in halls_of(mp, shift):
            _scan_envelope(stage, shift, number, folder)
            _settle_envelope(stage, shift, number)
        _confirm_and_open_key(stage, shift)
        _issue_results(stage, shift)
        if shift > 1:
            appeal_day.end_appeal(stage, shift - 1)
        if shift < stage.plan.shifts:
            eve(stage, shift + 1)
        else:
            stage.on(exam_date(stage, shift) + timedelta(days=1), 9)
            appeal_day.file_applications(stage, shift)
            stage.on(exam_date(stage, shift) + timedelta(days=1), 14)
            appeal_day.end_appeal(stage, shift)
            appeal_day.send_everything(stage, REPRESENTATIVE)
            commission_work.end(stage)
            stage.memory["finished"] = True


def play_to_the_scans(stage: Stage) -> None:
    """The day up to the scanned envelopes and no further: every page of the day has something to show."""
    shift = int(stage.memory["next_shift"])
    stage.begin(f"day-{shift}")
    folder = _hold_test(stage, shift, None)
    for number in halls_of(slips.programmer(stage), shift):
        _scan_envelope(stage, shift, number, folder)


def _hold_test(stage: Stage, shift: int, scans: Path | None) -> Path:
    """Morning and test: applications of the shift before, the shift is opened, heads counted; where the scans are."""
    if shift > 1:
        # The day after the results (p.41), though the next shift waits where a Sunday lies between.
        stage.on(exam_date(stage, shift - 1) + timedelta(days=1), 8, 30)
        appeal_day.file_applications(stage, shift - 1)
    stage.on(exam_date(stage, shift), 8, 40)
    mp = slips.programmer(stage)
    duty.draw(mp, shift)
    stage.keep(f"06-shift-{shift}", documents_day.print_duty(mp, shift))
    shifts.open_shift(mp, shift)
    stage.on(exam_date(stage, shift), 9)
    exam_clock.start(mp, shift)
    stage.on(exam_date(stage, shift), 9, 25)
    _count_heads(stage, shift)
    stage.on(exam_date(stage, shift), 12, 40)
    _take_back(stage, shift)
    folder = scans or _simulate_scans(stage, shift)
    stage.on(exam_date(stage, shift), 13, 30)
    return folder


def _simulate_scans(stage: Stage, shift: int) -> Path:
    """Fill the printed sheets in and scan every envelope twice."""
    mp, folder = slips.programmer(stage), stage.out / "scans" / f"shift-{shift}"
    sheet_layout = layout(slips.profile(mp))
    halls = hall.read_truth(slips.truth_path(stage, shift))
    stage.progress.stage(N_("People fill their sheets in, the envelopes are scanned twice"), len(halls))
    with stage.counting("paper"):
        for number, truths in halls.items():
            stage.progress.step()
            pdf = (stage.out / "paper" / f"shift-{shift}" / number / "answer-sheets.pdf").read_bytes()
            hall.scan_hall(stage.plan.seed, shift, number, sheet_layout, pdf, truths, folder / number)
    return folder


def _count_heads(stage: Stage, shift: int) -> None:
    """20-25 minutes after the start (p.33): who is there, by hall, specialty and language of the test."""
    mp = slips.programmer(stage)
    for number, truths in hall.read_truth(slips.truth_path(stage, shift)).items():
        here = {truth.student for truth in truths if truth.used}
        present: dict[tuple[str, str], int] = {}
        for line in seating.seat_lines(mp, shift, number):
            group = (line.specialty, line.test_language)
            present[group] = present.get(group, 0) + (line.code in here)
        attendance.save_count(mp, shift, number, present)
    stage.keep(f"06-shift-{shift}", documents_exam.print_attendance(mp, shift))


def _take_back(stage: Stage, shift: int) -> None:
    """The duty officers hand everything over by the acts (p.34)."""
    mp = slips.programmer(stage)
    for number, truths in hall.read_truth(slips.truth_path(stage, shift)).items():
        used = sum(truth.used for truth in truths)
        begun = exam_acts.begin(mp, shift, number, "materials-returned")
        seated = exam_acts.facts(mp, shift, number).seated
        counts = (used, len(truths) - used, 1, seated, 1, 1, 0)
        content = replace(begun, rows=tuple((str(count), "") for count in counts))
        act = exam_acts.enter(mp, shift, number, "materials-returned", exam_acts.next_number(mp, shift), content)
        stage.keep(f"06-shift-{shift}/{number}", documents_day.print_entered_act(mp, act))


def _scan_envelope(stage: Stage, shift: int, number: str, folder: Path) -> None:
    """One envelope (p.38): the act's counts and two passes."""
    mp = slips.programmer(stage)
    truths = hall.read_truth(slips.truth_path(stage, shift))[number]
    used = sum(truth.used for truth in truths)
    envelopes.receive_envelope(mp, shift, number, used, len(truths) - used)
    with stage.counting("reading"):
        for scan_pass in hall.PASSES:
            source = folder / number / f"pass-{scan_pass}"
            if not source.is_dir():
                raise UserError(N_("There is no folder {name} with scans."), name=str(source))
            envelopes.scan_pass(mp, shift, number, scan_pass, [source], stage.progress)


def _settle_envelope(stage: Stage, shift: int, number: str) -> None:
    """What people decide on an envelope (p.38): pages, doubtful marks, protocol, decisions, last version."""
    mp = slips.programmer(stage)
    truths = hall.read_truth(slips.truth_path(stage, shift))[number]
    _settle_pages(mp, shift, number, truths)
    _decide_marks(mp, shift, number, truths)
    _identify(stage, shift, number, truths)


def _settle_pages(mp: Context, shift: int, number: str, truths: Sequence[SheetTruth]) -> None:
    """Pages without a readable serial or refused ones: people take the sheet out and look (p.38)."""
    for scan_pass in hall.PASSES:
        pages = envelopes.page_lines(mp, shift, number, scan_pass)
        seen = {page.serial for page in pages if page.ok}
        missing = [truth.sheet for truth in truths if truth.sheet not in seen]
        for page in pages:
            if page.ok and page.serial:
                continue
            serial = _printed_on(page, truths, missing)
            if not serial:
                envelopes.set_aside(mp, page.page, "Жауап парағы емес")
            elif page.ok:
                envelopes.name_page(mp, page.page, serial)
            else:
                envelopes.put_to_eye(mp, page.page, serial)


def _printed_on(page: envelopes.PageLine, truths: Sequence[SheetTruth], missing: list[str]) -> str:
    """The serial that a person reads on the paper; "" for a page that is no answer sheet of this hall."""
    in_order = truths[page.position - 1].sheet if page.position <= len(truths) else ""
    wanted = next((serial for serial in (page.serial, in_order) if serial in missing), "")
    if not wanted and missing:
        wanted = missing[0]
    if wanted:
        missing.remove(wanted)
    return wanted


def _decide_marks(mp: Context, shift: int, number: str, truths: Sequence[SheetTruth]) -> None:
    """People look at each doubtful mark on the paper and say what stands there."""
    by_serial = {truth.sheet: truth for truth in truths}
    decided = [
        doubtful.MarkDecision(mark.serial, mark.field, mark.column, _on_paper(by_serial[mark.serial], mark))
        for mark in doubtful.doubtful_marks(mp, shift, number)
    ]
    if decided:
        doubtful.decide_marks(mp, decided)


def _on_paper(truth: SheetTruth, mark: doubtful.DoubtfulMark) -> tuple[str, ...]:
    return tuple(truth.marks[mark.field].get(str(mark.column), ()))


def _identify(stage: Stage, shift: int, number: str, truths: Sequence[SheetTruth]) -> None:
    mp = slips.programmer(stage)
    first = identification.issue_protocol(mp, shift, number)
    stage.keep(f"06-shift-{shift}/{number}", documents_exam.print_protocol(mp, shift, number))
    if first.open_lines:
        _enter_decisions(mp, shift, number, truths, first.version)
        identification.issue_protocol(mp, shift, number)
        stage.keep(f"06-shift-{shift}/{number}", documents_exam.print_protocol(mp, shift, number))


def _enter_decisions(mp: Context, shift: int, number: str, truths: Sequence[SheetTruth], version: int) -> None:
    """The commission compares seating sheet, variant sheet, booklets and sheets; its word is entered (p.38)."""
    identification.sign_protocol(mp, shift, number, version, slips.commission_names(mp))
    by_serial = {truth.sheet: truth for truth in truths}
    result = identification.hall_view(mp, shift, number).result
    sheets = [by_serial[line.sheet.serial] for line in result.sheets]
    unused = [truth.sheet for truth in sheets if not truth.used]
    if unused:
        identification.mark_unused(mp, shift, number, unused, "Парақ қолданылмаған")
    true = [
        IdentityDecision(t.sheet, t.student or "", int(t.seat or 0), t.variant or "", "Кітапша мен отырғызу парағы")
        for t in sheets
        if t.used
    ]
    if true:
        identification.decide_identities(mp, shift, number, true)
    here = {truth.student for truth in truths if truth.used}
    away = [line.place.student for line in result.missing if line.place.code not in here]
    if away:
        identification.mark_absent(mp, shift, number, away)


def _confirm_and_open_key(stage: Stage, shift: int) -> None:
    """The representative confirms, the centre releases the key, two persons open it (p.39)."""
    stage.progress.stage(N_("Identification confirmed, answer key, results, appeals"))
    mp, ntc, base = slips.programmer(stage), stage.ctx("ntc"), stage.plan.base
    shifts.confirm_identification(stage.ctx(f"mp{base}", REPRESENTATIVE), shift)
    centre_secrets.release_key(ntc, base, shift, "Нұрланова А. С.", keys.key_state(mp, shift).marks)
    stage.hand_over("ntc", "answer-key", f"mp{base}", persons=stage.signers("ntc"))
    chair = slips.commission_names(mp)[0]
    ministry = centre_secrets.give_password(ntc, base, shift, centre_secrets.MINISTRY, mp.actor.name)
    joint = centre_secrets.give_password(ntc, base, shift, centre_secrets.CHAIR, chair)
    keys.open_key(mp, shift, ministry, joint, chair)
    stage.keep(f"06-shift-{shift}", documents_exam.print_answer_key(mp, shift))


def _issue_results(stage: Stage, shift: int) -> None:
    mp = slips.programmer(stage)
    results.score_shift(mp, shift, stage.progress)
    stage.keep(f"06-shift-{shift}", documents_exam.print_results(mp, shift))
    shifts.announce_results(mp, shift)
    stage.hand_over(f"mp{stage.plan.base}", "daily-statistics", "ntc")

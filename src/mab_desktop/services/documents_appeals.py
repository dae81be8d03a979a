"""The papers of the appeal (p.40-45): journal, register, analysis cards, forms, minutes, reports by subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.appeal import AppealState, ItemDecision
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.reference import Lines, named
from mab_desktop.domain.score import RIGHT
from mab_desktop.domain.shift import ShiftState
from mab_desktop.forms import (
    act,
    analysis_card,
    appeal_form,
    appeal_journal,
    appeal_minutes,
    appeal_register,
    appeal_report,
)
from mab_desktop.i18n import N_, translate
from mab_desktop.services import appeal_portions, appeals, hall_sheets, shifts
from mab_desktop.services.appeals import AppealView
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.exam_heads import (
    appeal_commission,
    commission_chair,
    imprints,
    representative_name,
    shift_head,
)
from mab_desktop.services.imprint import imprint
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.results import AppealMember
from mab_desktop.storage.tables.students import Shift

_LATER = (ShiftState.RESULTS, ShiftState.APPEAL_CLOSED, ShiftState.CLOSED)
_CLOSED = (ShiftState.APPEAL_CLOSED, ShiftState.CLOSED)
CASTING_VOTE = N_("on a tie, by the chair's vote (p.9)")
_STATES = {
    AppealState.PENDING: "", AppealState.NOT_COME: appeal_register.ABSENT, AppealState.DECIDED: appeal_register.DECIDED,
}  # fmt: skip


def print_appeal_journal(ctx: Context, shift: int, blank_rows: int = 0) -> Document:
    """The journal of applications in the order received (p.40); `blank_rows` for writing by hand."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        views = _views(session, shift)
        top, names = shift_head(ctx, session, shift), reference_list(session, "subject")
        chair, _ = appeal_commission(session)

    def draw(printing: Printing) -> bytes:
        lines = tuple(
            appeal_journal.ApplicationLine(
                v.line.number, v.line.filed_at, v.line.name, v.line.code, v.line.specialty, v.line.hall,
                str(v.line.seat), v.line.variant,
                ", ".join(named(names, code, printing.lang) for code, _ in _by_subject(v)), v.line.received_by,
            )
            for v in views
        )  # fmt: skip
        journal = appeal_journal.AppealJournal(top, imprint(printing), lines, blank_rows, chair)
        return appeal_journal.draw(journal, lang=printing.lang)

    return print_document(ctx, "appeal-journal", str(shift), draw)


def print_register(ctx: Context, shift: int, portion: int = 0) -> Document:
    """The register with the state of each application; once the appeal is closed its last version, twice (p.44).

    `portion` gives only what the commission was handed at a time (p.42).
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        last = shifts.require_state(session, shift, *_LATER) in _CLOSED and not portion
        views = _views(session, shift, portion)
        top, names = shift_head(ctx, session, shift), reference_list(session, "subject")
        chair, members = appeal_commission(session)

    def draw(printing: Printing) -> bytes:
        lines = tuple(
            appeal_register.RegisterLine(
                v.line.name, v.line.code, v.line.hall, str(v.line.seat), v.line.variant,
                named(names, subject, printing.lang), len(items), _STATES[v.line.state], _given(v, subject),
            )
            for v in views
            for subject, items in _by_subject(v)
        )  # fmt: skip
        copies = [
            appeal_register.AppealRegister(top, foot, lines, last, chair, members, ctx.actor.name)
            for foot in imprints(printing, 2 if last else 1)
        ]
        return appeal_register.draw(*copies, lang=printing.lang)

    name = shifts.LAST_REGISTER if last else "appeal-register"
    return print_document(ctx, name, _key(shift, portion), draw, copies=2 if last else 1)


def print_cards(ctx: Context, shift: int, code: str = "", portion: int = 0) -> Document:
    """The answer analysis cards of all who appeal, of a portion, or of one student (p.40): five tables of four rows."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        shifts.require_state(session, shift, *_LATER, ShiftState.KEY_OPEN)
        codes = [code] if code else [view.line.code for view in _views(session, shift, portion)]
        cards = [appeals.card_of(ctx, session, c) for c in codes]
        heads = {c.code: shift_head(ctx, session, shift, c.hall) for c in cards}
    if not cards:
        raise OutOfOrder(N_("There are no applications in the journal of shift {n} (p.41)."), n=shift)

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        pages = [
            analysis_card.AnalysisCard(
                heads[c.code], foot, c.name, c.code, c.specialty, c.variant, str(c.seat),
                tuple(
                    analysis_card.CardSubject(
                        s.name_kk if printing.lang == "kk" else s.name_ru, s.key, s.answers.replace("-", "–"),
                        "".join("1" if r == RIGHT else "0" for r in s.results),
                    )
                    for s in c.subjects
                ),
            )
            for c in cards
        ]  # fmt: skip
        return analysis_card.draw(*pages, lang=printing.lang)

    return print_document(ctx, "analysis-cards", f"{shift}-{code}" if code else _key(shift, portion), draw)


def print_appeal_act(ctx: Context, shift: int, portion: int) -> Document:
    """The act on the papers of a portion, in two copies: what the chair got, and what came back (p.42, p.44)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        shifts.require_state(session, shift, *_LATER)
        found = appeal_portions.portion_of(session, shift, portion)
        top, representative = shift_head(ctx, session, shift), representative_name(session)
        chair, _ = appeal_commission(session)
    back = "" if found.sheets is None else str(found.sheets)
    counts = (found.applications, 1, found.applications, found.applications, 1)

    def draw(printing: Printing) -> bytes:
        lines = [translate(printing.lang, words) for words in act.APPEAL_PAPERS.usual_lines]
        rows = [
            (words, str(count), (back if n == 0 else str(count)) if back else "", found.remark if n == 0 else "")
            for n, (words, count) in enumerate(zip(lines, counts, strict=True))
        ]
        copies = [
            act.Act(act.APPEAL_PAPERS, top, foot, tuple(rows), (representative,), (chair,), number=str(portion))
            for foot in imprints(printing, 2)
        ]
        return act.draw(*copies, lang=printing.lang)

    return print_document(ctx, "appeal-act", _key(shift, portion), draw, copies=2)


def print_appeal_forms(ctx: Context, shift: int, appeal_id: str = "") -> Document:
    """The appeal forms of a shift or of one application, with what is known filled in (p.41)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        views = [v for v in _views(session, shift) if not appeal_id or v.line.id == appeal_id]
        if not views:
            raise OutOfOrder(N_("There are no applications in the journal of shift {n} (p.41)."), n=shift)
        heads = {v.line.id: shift_head(ctx, session, shift, v.line.hall) for v in views}
        names, items = reference_list(session, "subject"), hall_sheets.exam_profile(session).items
        chair, members = appeal_commission(session)
        commission = commission_chair(session)

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        forms = [
            appeal_form.AppealForm(
                heads[v.line.id], foot, v.line.number, v.line.name, v.line.code, v.line.specialty, v.line.variant,
                str(v.line.seat), tuple(_form_subjects(v, names, items, printing.lang)),
                tuple(_reasons(v, names, printing.lang)), chair, commission,
                (*members, "", "", "")[: max(3, len(members))],
            )
            for v in views
        ]  # fmt: skip
        return appeal_form.draw(*forms, lang=printing.lang)

    return print_document(ctx, "appeal-forms", f"{shift}-{views[0].line.number}" if appeal_id else str(shift), draw)


def print_minutes(ctx: Context, shift: int, room: str = "") -> Document:
    """The minutes of the appeal commission in two copies, after the appeal is closed (p.44)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        shifts.require_state(session, shift, *_CLOSED)
        views = _views(session, shift)
        closed = shifts.steps_made(session)["close-appeal", shift].at
        # The commission sits on another day than the exam was on: the paper bears the day of its sitting.
        top = replace(shift_head(ctx, session, shift), day=datetime.fromisoformat(closed).date())
        names = reference_list(session, "subject")
        chair, members = appeal_commission(session)
        listed = hall_sheets.count(session, AppealMember)
    present = tuple(sorted({name for v in views for name in v.present}))

    def draw(printing: Printing) -> bytes:
        agenda = (translate(printing.lang, N_("Consideration of the appeal applications of the shift")),)
        copies = [
            appeal_minutes.AppealMinutes(
                top, foot, str(shift), closed[11:16], room, listed, present, agenda,
                tuple(considered(v, names, printing.lang) for v in views), chair, members,
            )
            for foot in imprints(printing, 2)
        ]  # fmt: skip
        return appeal_minutes.draw(*copies, lang=printing.lang)

    return print_document(ctx, shifts.MINUTES, str(shift), draw, copies=2)


def print_appeal_reports(ctx: Context, shift: int) -> Document:
    """«Appeal report by subject»: one of each member for his subjects, and one of the whole commission (p.44)."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        shifts.require_state(session, shift, *_CLOSED)
        views = _views(session, shift)
        top, names = shift_head(ctx, session, shift), reference_list(session, "subject")
        chair, _ = appeal_commission(session)
        members = [(m.full_name, m.subject or "") for m in session.scalars(select(AppealMember))]

    def draw(printing: Printing) -> bytes:
        foot = imprint(printing)
        whole = appeal_report.AppealReport(top, foot, tuple(_subject_reports(views, names, printing.lang)), "", chair)
        own = [
            appeal_report.AppealReport(
                top, foot, tuple(_subject_reports(_of_member(views, name), names, printing.lang, subject)), name, chair
            )
            for name, subject in sorted(members)
        ]
        return appeal_report.draw(*own, whole, lang=printing.lang)

    return print_document(ctx, "appeal-reports", str(shift), draw)


def _views(session: Session, shift: int, portion: int = 0) -> list[AppealView]:
    if session.get(Shift, shift) is None:
        raise UserError(N_("There is no shift {n}."), n=shift)
    lines = appeals.lines_of(session, shift)
    if portion:
        found = appeal_portions.portion_of(session, shift, portion)
        lines = [line for line in lines if found.holds(line.number)]
    return [appeals.appeal_view(session, line.id) for line in lines]


def _key(shift: int, portion: int) -> str:
    return f"{shift}-p{portion}" if portion else str(shift)


def _by_subject(v: AppealView) -> list[tuple[str, list[int]]]:
    """Subject code and the items appealed in it, in the sheet's order."""
    found: dict[int, list[int]] = {}
    for subject, item in v.line.items:
        found.setdefault(subject, []).append(item)
    return [(v.line.subjects[subject - 1], items) for subject, items in sorted(found.items())]


def _subject_decisions(v: AppealView, code: str) -> list[ItemDecision]:
    return [d for d in v.decisions if v.line.subjects[d.subject - 1] == code]


def _given(v: AppealView, code: str) -> int | None:
    """Points added in one subject; None while nothing is decided."""
    if v.line.state is AppealState.PENDING:
        return None
    return sum(d.satisfied for d in _subject_decisions(v, code))


def _form_subjects(v: AppealView, names: Lines, items: int, lang: str) -> list[appeal_form.AppealSubject]:
    found = []
    for n, code in enumerate(v.line.subjects, 1):
        word = {d.item: d for d in v.decisions if d.subject == n}
        found.append(
            appeal_form.AppealSubject(
                named(names, code, lang), items, frozenset(item for subject, item in v.line.items if subject == n),
                tuple(("1" if word[i].satisfied else "0") if i in word else "" for i in range(1, items + 1)),
                tuple(d.ground.value if (d := word.get(i)) and d.ground else "" for i in range(1, items + 1)),
                sum(d.satisfied for d in word.values()) if word else None,
            )
        )  # fmt: skip
    return found


def _reasons(v: AppealView, names: Lines, lang: str) -> list[tuple[str, str]]:
    return [
        (
            f"{named(names, v.line.subjects[d.subject - 1], lang)}, {d.item}",
            "; ".join(filter(None, (d.reasons, d.literature))),
        )
        for d in v.decisions
        if d.reasons or d.literature
    ]


def considered(v: AppealView, names: Lines, lang: str) -> appeal_minutes.Considered:
    """An application with the commission's word on every item, as minutes and files print it."""
    decisions = tuple(
        appeal_minutes.ItemDecision(
            named(names, v.line.subjects[d.subject - 1], lang), d.item, d.satisfied, int(d.ground) if d.ground else 0,
            d.votes_for or 0, d.votes_against,
            "; ".join(filter(None, (d.reasons, d.literature, translate(lang, CASTING_VOTE) if d.chair_for else ""))),
        )
        for d in v.decisions
    )  # fmt: skip
    came = v.line.state is not AppealState.NOT_COME
    return appeal_minutes.Considered(v.line.number, v.line.name, v.line.code, came, decisions)


def _of_member(views: Sequence[AppealView], name: str) -> list[AppealView]:
    return [v for v in views if name in v.present]


def _subject_reports(
    views: Sequence[AppealView], names: Lines, lang: str, only: str = ""
) -> list[appeal_report.SubjectReport]:
    """By subject: applications decided, their items, those satisfied by each ground, those rejected."""
    found = []
    for code in sorted({c for v in views for c, _ in _by_subject(v)}):
        if only and code != only:
            continue
        words = [d for v in views for d in _subject_decisions(v, code)]
        by_ground = [
            sum(d.satisfied and d.ground is not None and int(d.ground) == n for d in words) for n in range(1, 6)
        ]
        found.append(
            appeal_report.SubjectReport(
                named(names, code, lang), sum(bool(_subject_decisions(v, code)) for v in views), len(words),
                (by_ground[0], by_ground[1], by_ground[2], by_ground[3], by_ground[4]),
                sum(not d.satisfied for d in words),
            )
        )  # fmt: skip
    return found

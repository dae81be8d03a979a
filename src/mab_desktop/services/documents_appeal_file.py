"""One file for each appeal: scan, card, decision, and everything that people changed by hand on the way (p.40-44)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mab_desktop.domain.appeal import APPEAL_STATE_LABELS
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.reading import subject_fields, values_of
from mab_desktop.domain.reference import Lines, named
from mab_desktop.domain.score import RIGHT
from mab_desktop.domain.student import STUDENT
from mab_desktop.forms import appeal_file
from mab_desktop.forms.analysis_card import CardSubject
from mab_desktop.i18n import N_, translate
from mab_desktop.services import appeals, hall_sheets, sheet_pictures, who
from mab_desktop.services.appeals import AppealView, Card
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.documents_appeals import considered
from mab_desktop.services.exam_heads import appeal_commission, shift_head
from mab_desktop.services.imprint import imprint
from mab_desktop.services.settings import reference_list
from mab_desktop.storage.tables.core import AuditEntry
from mab_desktop.storage.tables.exam import AnswerSheet, Decision
from mab_desktop.storage.tables.results import AppealMember, ScoreRow

_FIELDS = {"code": N_("Personal code"), "seat": N_("Seat"), "variant": N_("Variant")}
_EVENTS = {
    "appeal-registered": N_("Appeal application entered"), "appeal-decided": N_("Appeal decided"),
    "appeal-not-come": N_("Did not come to the appeal"), "appeal-undone": N_("Appeal decision taken back"),
    "appeal-given-to-all": N_("Point of an automatic ground given to all"),
    "student-corrected": N_("Student's data corrected"),
}  # fmt: skip
_KINDS = {
    hall_sheets.MARK: N_("Doubtful mark decided"), hall_sheets.IDENTITY: N_("Sheet identified by the commission"),
    hall_sheets.SERIAL: N_("Serial typed from the page"), hall_sheets.BY_EYE: N_("Page read by eye"),
    hall_sheets.UNUSED: N_("Sheet found blank"), hall_sheets.ABSENT: N_("Students marked absent"),
}  # fmt: skip


def print_appeal_file(ctx: Context, appeal_id: str) -> Document:
    """The file of one application, from the key's opening on; what is not decided yet is empty in it."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    view = appeals.appeal(ctx, appeal_id)
    card = appeals.card(ctx, view.line.code)
    with ctx.store.read() as session:
        top, names = shift_head(ctx, session, view.line.shift, card.hall), reference_list(session, "subject")
        row = session.get_one(ScoreRow, view.line.student)
        listed = len(session.scalars(select(AppealMember.id)).all())
        (chair, _), sheet = appeal_commission(session), session.get_one(AnswerSheet, row.serial)
        people = who.names(session)
        found = _changes(session, view, row.serial, names, ctx.lang)
        changes = sorted((replace(x, who=people.get(x.who, x.who)) for x in found), key=lambda change: change.at)
        points = f"{row.total_before} + {sum(row.added)} = {row.total_after}"
        pages = (sheet.page1, sheet.page2)
    scans = [appeal_file.Scan(n, sheet_pictures.saved_why_picture(ctx, page)) for n, page in enumerate(pages, 1)]

    def draw(printing: Printing) -> bytes:
        line = view.line
        page = appeal_file.AppealFile(
            top, imprint(printing), line.number, line.filed_at, line.received_by, line.name, line.code, line.specialty,
            line.variant, str(line.seat), APPEAL_STATE_LABELS[line.state], points, view.present, listed,
            _subjects(card, names, printing.lang), [(subject - 1, item) for subject, item in line.items],
            considered(view, names, printing.lang).decisions, changes, scans, chair, ctx.actor.name,
        )  # fmt: skip
        return appeal_file.draw(page, lang=printing.lang)

    return print_document(ctx, "appeal-file", f"{view.line.shift}-{view.line.number}", draw)


def _subjects(card: Card, names: Lines, lang: str) -> list[CardSubject]:
    return [
        CardSubject(named(names, s.code, lang), s.key, s.answers.replace("-", "–"),
                    "".join("1" if r == RIGHT else "0" for r in s.results))
        for s in card.subjects
    ]  # fmt: skip


def _changes(session: Session, view: AppealView, serial: str, names: Lines, lang: str) -> Iterator[appeal_file.Change]:
    """Decisions on this sheet and this student, taken back or not, and the log of the application itself."""
    sheet = hall_sheets.sheet(session, serial)
    about = select(Decision).where(or_(Decision.serial == serial, Decision.student == view.line.student))
    for row in session.scalars(about):
        details = "; ".join(filter(None, (_decided(row, sheet, view, names, lang), row.ground)))
        yield _change(row.at, row.by, translate(lang, _KINDS.get(row.kind, row.kind)), details)
        if row.undone_at:
            yield _change(row.undone_at, row.undone_by or "", translate(lang, N_("Decision taken back")), details)
    query = select(AuditEntry).where(
        AuditEntry.event.in_(_EVENTS), AuditEntry.object.in_((view.line.id, view.line.student))
    )
    for entry in session.scalars(query):
        yield _change(entry.at, entry.user, translate(lang, _EVENTS[entry.event]), _logged(entry, lang))


def _change(at: str, who: str, what: str, details: str) -> appeal_file.Change:
    return appeal_file.Change(datetime.fromisoformat(at), who, what, details)


def _decided(row: Decision, sheet: hall_sheets.Sheet | None, view: AppealView, names: Lines, lang: str) -> str:
    """What a decision says: the place on the sheet, what was read there, what a person saw."""
    if row.kind == hall_sheets.MARK and row.field is not None and row.column is not None:
        fields = subject_fields(len(view.line.subjects))
        place = (
            named(names, view.line.subjects[fields.index(row.field)], lang)
            if row.field in fields
            else translate(lang, _FIELDS.get(row.field, row.field))
        )
        read = values_of(sheet.read[row.field][row.column]) if sheet else ()
        words = translate(lang, N_("{place}, {n}: read {read}, decided {value}"))
        value = " ".join(row.value["values"])
        return words.format(place=place, n=row.column + 1, read=" ".join(read) or "–", value=value or "–")
    if row.kind == hall_sheets.IDENTITY:
        return ", ".join(str(row.value[name]) for name in ("code", "seat", "variant"))
    return ", ".join(str(value) for value in row.value.values())


def _logged(entry: AuditEntry, lang: str) -> str:
    details = entry.details
    if entry.event == "student-corrected":
        label = translate(lang, STUDENT[details["field"]].label)
        words = translate(lang, N_("{field}: was {old}, is {new}; {ground}"))
        return words.format(field=label, old=details["old"], new=details["new"], ground=details["ground"])
    given = details.get("satisfied", details.get("items", ()))
    return "; ".join(_item(item, lang) for item in given) if isinstance(given, list) else ""


def _item(item: Sequence[Any], lang: str) -> str:
    """A subject and an item of the log, with the ground where a point was given."""
    subject, number, *ground = item
    words = N_("subject {s}, item {i}, ground {g}") if ground else N_("subject {s}, item {i}")
    return translate(lang, words).format(s=subject, i=number, g=(*ground, "")[0])

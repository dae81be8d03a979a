"""Minutes of the appeal commission's sitting, in two copies (p.43, 44)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import APPEAL_CHAIR, APPEAL_MEMBER, Signer, signatures, signatures_height
from mab_desktop.forms.table import Band, Cell, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Minutes of the sitting of the appeal commission")
SATISFIED = N_("satisfied")
REJECTED = N_("rejected")
GROUNDS = 5


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """One item decided: the ground 1-5 if satisfied (0 if not), votes for and against, the reason and literature."""

    subject: str
    item: int
    satisfied: bool
    ground: int
    votes_for: int
    votes_against: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Considered:
    """An application: no decisions when the student did not come (p.43)."""

    number: int
    full_name: str
    code: str
    came: bool
    decisions: tuple[ItemDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class AppealMinutes:
    """The minutes of a shift's sitting: members listed, the names of those present, applications in their order."""

    head: DocumentHead
    imprint: Imprint
    number: str
    time: str
    room: str
    listed: int
    present: tuple[str, ...]
    agenda: tuple[str, ...]
    applications: tuple[Considered, ...]
    chair: str = ""
    members: tuple[str, ...] = ()


COLUMNS = (
    Column(N_("Subject"), 38),
    Column(N_("Item No"), 15, "center"),
    Column(N_("Decision"), 32),
    Column(N_("Ground 1–5"), 20, "center"),
    Column(N_("Votes for"), 16, "center"),
    Column(N_("Votes against"), 14, "center"),
    Column(N_("Reasons, literature"), 49),
)
GROUND_COLUMNS = tuple(Column(str(n), 12, "right") for n in range(1, GROUNDS + 1))
TOTAL_COLUMNS = (
    Column(N_("Subject"), 54),
    Column(N_("Items"), 18, "right"),
    Column(N_("Satisfied by ground"), parts=GROUND_COLUMNS),
    Column(N_("In all"), 20, "right"),
    Column(N_("Rejected"), 30, "right"),
)


def draw(*documents: AppealMinutes, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The minutes as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, minutes: AppealMinutes) -> None:
    present = sheet.words(N_("{n} of {total} listed"), n=len(minutes.present), total=minutes.listed)
    sheet.begin(TITLE, minutes.head, minutes.imprint, facts=(
        (N_("Minutes No"), minutes.number), (N_("Time"), minutes.time), (N_("Room"), minutes.room),
        (N_("Members present"), present)))  # fmt: skip
    sheet.paragraph(", ".join(minutes.present))
    sheet.caption(N_("Agenda"), keep=20)
    for no, point in enumerate(minutes.agenda, 1):
        sheet.paragraph(f"{no}. {point}")
    sheet.caption(N_("Applications considered"))
    draw_table(sheet, COLUMNS, _rows(sheet, minutes))
    signers = (Signer(APPEAL_CHAIR, minutes.chair), *(Signer(APPEAL_MEMBER, name) for name in minutes.members))
    sheet.caption(N_("Totals by subject and ground"), keep=110)  # the head of its table is high
    draw_table(sheet, TOTAL_COLUMNS, _totals(sheet, minutes), keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _rows(sheet: Sheet, minutes: AppealMinutes) -> Iterator[Row]:
    words = sheet.words
    for a in minutes.applications:
        yield Band(f"№ {a.number} · {a.full_name} · {a.code}")
        if not a.came:
            yield ("", "", Cell(words(N_("Did not come to the appeal")), bold=True), "", "", "",
                   words(N_("Not considered and not satisfied (p.43).")))  # fmt: skip
        for d in a.decisions:
            yield (d.subject, str(d.item), Cell(words(SATISFIED if d.satisfied else REJECTED), bold=d.satisfied),
                   str(d.ground or "–"), str(d.votes_for), str(d.votes_against), d.reason)  # fmt: skip


def _totals(sheet: Sheet, minutes: AppealMinutes) -> Iterator[Row]:
    decisions = [d for a in minutes.applications for d in a.decisions]
    for subject in dict.fromkeys(d.subject for d in decisions):
        yield subject, *_counted([d for d in decisions if d.subject == subject])
    yield Total((sheet.words(N_("In all")), *_counted(decisions)))


def _counted(decisions: list[ItemDecision]) -> list[str]:
    by_ground = [sum(1 for d in decisions if d.satisfied and d.ground == n) for n in range(1, GROUNDS + 1)]
    satisfied = sum(1 for d in decisions if d.satisfied)
    return [str(n) for n in (len(decisions), *by_ground, satisfied, len(decisions) - satisfied)]

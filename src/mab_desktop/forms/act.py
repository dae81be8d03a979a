"""Acts of hand-over, opening, removal, fault: one layout, own columns, lines and parties (p.24, 30-34, 42, 44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD, REGULAR
from mab_desktop.forms.page import BODY, HAIRLINE, DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    APPEAL_CHAIR,
    BASE_COORDINATOR,
    BASE_PROGRAMMER,
    DUTY_OFFICER,
    MINISTRY_PROGRAMMER,
    NETWORK_COORDINATOR,
    NETWORK_PROGRAMMER,
    REPRESENTATIVE,
    STUDENT,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Column, Row, draw_table
from mab_desktop.i18n import N_

GROUND = N_(
    "Drawn up under the Law on Education of the Republic of Kazakhstan of 27 July 2007 No 319-III and "
    "the technology of holding the MAB (order No 27 of 27 January 2011)."
)
HANDED_OVER = N_("Handed over by")
ACCEPTED = N_("Accepted by")
WITNESSED = N_("Students of the hall present at the opening")
SIGNED = N_("Signed by")


@dataclass(frozen=True, slots=True)
class ActKind:
    """What one sort of act says: title, statement, columns, the usual lines of the first column, who gives and takes.

    A kind without columns is a story told on ruled lines. `students` is how many students sign.
    """

    title: str
    statement: str
    columns: tuple[Column, ...]
    given_by: tuple[str, ...]
    taken_by: tuple[str, ...] = ()
    usual_lines: tuple[str, ...] = ()
    students: int = 0
    blank_rows: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """An act: `rows` under its kind's columns (without them: the usual lines with empty cells, to fill in by hand).

    `given_by`, `taken_by`, `students` are names in the order of the kind's roles; missing ones are left to write in.
    `story` is what happened, in words.
    """

    kind: ActKind
    head: DocumentHead
    imprint: Imprint
    rows: tuple[Row, ...] = ()
    given_by: tuple[str, ...] = ()
    taken_by: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    story: str = ""
    number: str = ""


_PAPERS = (
    N_("Answer sheets"), N_("Copies of answer sheets"), N_("Question booklets"), N_("Envelope for answer sheets"),
    N_("Variant distribution sheet"),
)  # fmt: skip

PASS_STUBS = ActKind(
    N_("Act on receiving stubs of admission passes"),
    N_("The stubs of admission passes were counted against the list of network universities attached "
       "to the base university."),
    (Column(N_("Network university"), 70), Column(N_("Hall"), 18, "center"),
     Column(N_("Stubs by the list"), 24, "right"), Column(N_("Stubs received"), 24, "right"),
     Column(N_("Numbers of missing stubs"), 44)),
    (NETWORK_COORDINATOR,), (BASE_COORDINATOR,), blank_rows=8,
)  # fmt: skip
STUBS_HANDED_OVER = ActKind(
    N_("Act on handing over stubs of admission passes"),
    N_("The passes received from the base university were counted: each was issued, was spoilt or was not issued. "
       "The stubs of those issued were handed over to the base university."),
    (Column(N_("Shift"), 12, "center"), Column(N_("Hall"), 16, "center"), Column(N_("Passes received"), 26, "right"),
     Column(N_("Issued"), 18, "right"), Column(N_("Spoilt"), 18, "right"), Column(N_("Not issued"), 18, "right"),
     Column(N_("Stubs handed over"), 20, "right"), Column(N_("Numbers of missing stubs"), 52)),
    (NETWORK_COORDINATOR,), (BASE_COORDINATOR,), blank_rows=8,
)  # fmt: skip
MATERIALS_RECEIVED = ActKind(
    N_("Act of acceptance and hand-over of exam materials"),
    N_("The bags and boxes were compared with the postal notice; their seals were inspected."),
    (Column(N_("Bag, box"), 40), Column(N_("Number"), 24, "center"), Column(N_("Seal number"), 34, "center"),
     Column(N_("Seal number by the notice"), 34, "center"), Column(N_("State of package and seal"), 48)),
    (BASE_COORDINATOR,), (REPRESENTATIVE,), blank_rows=10,
)  # fmt: skip
MATERIALS_TO_DUTY = ActKind(
    N_("Act of acceptance and hand-over of exam materials to hall duty officers"),
    N_("Before the exam the duty officers of the hall were given:"),
    (Column(N_("Exam materials"), 100), Column(N_("Quantity"), 30, "right"), Column(N_("Remark"), 50)),
    (REPRESENTATIVE,), (DUTY_OFFICER, DUTY_OFFICER),
    (N_("Sealed box with exam materials"), N_("Seating sheet"), N_("Folder of pass stubs")),
)  # fmt: skip
MATERIALS_RETURNED = ActKind(
    N_("Act of acceptance of exam materials from hall duty officers"),
    N_("After the exam the duty officers of the hall handed over:"),
    (Column(N_("Exam materials"), 100), Column(N_("Quantity"), 30, "right"), Column(N_("Remark"), 50)),
    (DUTY_OFFICER, DUTY_OFFICER), (REPRESENTATIVE,),
    (N_("Envelope with answer sheets: used"), N_("Envelope with answer sheets: unused"),
     N_("Seating sheet signed by the students"), N_("Box of question booklets"),
     N_("Variant distribution sheet signed by the students"), N_("Folder of pass stubs"),
     N_("Further papers (acts, remarks)")),
)  # fmt: skip
OPENING = ActKind(
    N_("Act on opening exam materials"),
    N_("The seals of the box were inspected, the box was opened before three students of the hall, "
       "its content was counted."),
    (Column(N_("Exam materials"), 66), Column(N_("By the variant distribution sheet"), 34, "right"),
     Column(N_("In fact"), 24, "right"), Column(N_("Difference"), 24, "right"), Column(N_("Remark"), 32)),
    (DUTY_OFFICER, DUTY_OFFICER), (), (N_("Seals of the box (whole / broken)"), *_PAPERS), students=3,
)  # fmt: skip
APPEAL_PAPERS = ActKind(
    N_("Act on acceptance and hand-over of papers for the appeal"),
    N_("The papers were handed over before the sitting and given back after it; the answer sheets were compared with "
       "the copies kept."),
    (Column(N_("Papers"), 84), Column(N_("Handed over"), 28, "right"), Column(N_("Given back"), 28, "right"),
     Column(N_("Compared with the copies"), 40)),
    (REPRESENTATIVE,), (APPEAL_CHAIR,),
    (N_("Answer sheets (originals)"), N_("Codes of the right answers"), N_("Question booklets"),
     N_("Answer analysis cards"), N_("Register of appeal applications")),
)  # fmt: skip
REMOVAL = ActKind(
    N_("Act on removal from the hall for a breach of the rules"),
    N_("Who broke which rule, when, and what was taken away:"), (), (DUTY_OFFICER, REPRESENTATIVE),
    students=1, blank_rows=12,
)  # fmt: skip
TECHNICAL_FAULT = ActKind(
    N_("Act on a technical fault"),
    N_("Which device failed, when, at which step, and what was done:"), (), (MINISTRY_PROGRAMMER, REPRESENTATIVE),
    blank_rows=14,
)  # fmt: skip
PROGRAM_GIVEN = ActKind(
    N_("Act of hand-over of the network program"),
    N_("The base university handed over, the network university accepted the network program (p.19, p.20):"),
    (Column(N_("What was handed over"), 76), Column(N_("Version"), 34, "center"), Column(N_("Carrier"), 34),
     Column(N_("Remark"), 40)),
    (BASE_COORDINATOR, BASE_PROGRAMMER), (NETWORK_COORDINATOR, NETWORK_PROGRAMMER), blank_rows=3,
)  # fmt: skip
DATABASE_TAKEN = ActKind(
    N_("Act of acceptance of the student database"),
    N_("The network university handed over, the base university accepted the student database in electronic form and "
       "on paper signed by the head (p.21); the totals of both were compared."),
    (Column(N_("What was handed over"), 74), Column(N_("By the paper"), 38, "center"),
     Column(N_("By the program"), 38, "center"), Column(N_("Remark"), 34)),
    (NETWORK_COORDINATOR, NETWORK_PROGRAMMER), (BASE_COORDINATOR, BASE_PROGRAMMER), blank_rows=3,
)  # fmt: skip
HALLS_READY = ActKind(
    N_("Act on the daily check of the halls"),
    N_("Before the students were let in, the halls of the shift were looked at (p.7, p.28, p.31):"),
    (Column(N_("What was checked"), 100), Column(N_("Quantity"), 30, "right"), Column(N_("Remark"), 50)),
    (REPRESENTATIVE, BASE_COORDINATOR), (),
    (N_("Halls with their number and numbered seats"), N_("Halls whose seats fit the seating sheet"),
     N_("Halls with board and chalk"), N_("Halls whose duty officers are there and briefed"),
     N_("Entrances and rooms not used: locked and sealed")),
)  # fmt: skip
KINDS = (
    PASS_STUBS, MATERIALS_RECEIVED, MATERIALS_TO_DUTY, MATERIALS_RETURNED, OPENING, APPEAL_PAPERS, REMOVAL,
    TECHNICAL_FAULT, STUBS_HANDED_OVER,
    PROGRAM_GIVEN, DATABASE_TAKEN, HALLS_READY,
)  # fmt: skip


def draw(*documents: Act, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The acts as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, act: Act) -> None:
    kind = act.kind
    sheet.begin(kind.title, act.head, act.imprint, facts=((N_("Act No"), act.number),) if act.number else ())
    sheet.statement(GROUND, "left")
    sheet.gap(4)
    sheet.statement(kind.statement)
    sheet.gap(5)
    blocks = _blocks(act)
    if kind.columns:
        keep = 20 + signatures_height(sheet, blocks[0][1])
        draw_table(sheet, kind.columns, _rows(sheet, act), size=10, row_height=22, keep=keep)
    _tell(sheet, act.story, 0 if kind.columns else kind.blank_rows)
    for heading, signers in blocks:
        sheet.gap(8)
        sheet.need(14 + signatures_height(sheet, signers))
        sheet.paragraph(sheet.words.both(heading), BODY, BOLD)
        signatures(sheet, signers)


def _rows(sheet: Sheet, act: Act) -> Sequence[Row]:
    if act.rows:
        return act.rows
    empty = ("",) * (len(act.kind.columns) - 1)
    return [(_in_both(sheet, line), *empty) for line in act.kind.usual_lines] or [("", *empty)] * act.kind.blank_rows


def _in_both(sheet: Sheet, msgid: str) -> str:
    return "\n".join(part for part in (sheet.words(msgid), sheet.words.below(msgid)) if part)


def _tell(sheet: Sheet, story: str, lines: int) -> None:
    """The story, or ruled lines to write it on."""
    sheet.gap(6)
    if story:
        sheet.paragraph(story, BODY + 1, REGULAR)
        return
    for _ in range(lines):
        sheet.need(20)
        sheet.gap(20)
        sheet.rule(HAIRLINE)


def _blocks(act: Act) -> list[tuple[str, tuple[Signer, ...]]]:
    """The groups of signatures under their headings."""
    kind, blocks = act.kind, []
    given = _signers(kind.given_by, act.given_by)
    if kind.students == 1:
        given += _signers((STUDENT,), act.students)
    blocks.append((HANDED_OVER if kind.taken_by else SIGNED, given))
    if kind.taken_by:
        blocks.append((ACCEPTED, _signers(kind.taken_by, act.taken_by)))
    if kind.students > 1:
        blocks.append((WITNESSED, _signers((STUDENT,) * kind.students, act.students)))
    return blocks


def _signers(roles: tuple[str, ...], names: tuple[str, ...]) -> tuple[Signer, ...]:
    known = (*names, *("",) * len(roles))
    return tuple(Signer(role, name) for role, name in zip(roles, known, strict=False))

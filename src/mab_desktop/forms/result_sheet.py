"""Exam result sheet «Емтихан ведомосы», before and after the appeal, in three copies (p.36, 39, 45, 46)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.answer_key import ANNOUNCED
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.signature import (
    APPEAL_CHAIR,
    COMMISSION_CHAIR,
    MINISTRY_PROGRAMMER,
    REPRESENTATIVE,
    Signer,
    approval,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Band, Cell, Column, Row, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Exam result sheet")
BEFORE_APPEAL = N_("without the results of the appeal")
AFTER_APPEAL = N_("with the results of the appeal")
FOR_DISPLAY = N_("Copy for public display")
FOR_REPRESENTATIVE = N_("Copy for the ministry representative")
FOR_FILES = N_("Copy for the university's files")


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A student's points by subject, None where there is no sheet; `added` are points given by the appeal."""

    full_name: str
    code: str
    specialty: str
    language: str
    variant: str
    points: tuple[int | None, ...]
    added: tuple[int, ...] = ()
    remark: str = ""
    grade: str = ""

    @property
    def before(self) -> int | None:
        """Points in all before the appeal."""
        known = [p for p in self.points if p is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """The students of one university and direction, who share their subjects."""

    direction: str
    subjects: tuple[str, ...]
    lines: Iterable[ResultLine]
    university: str = ""


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """One copy of a shift's result sheet; `by_code` leaves names out (the wall), `final` asks for approval (p.46).

    `announced` is the beginning of the commitment of the key that points were counted by; thresholds and the column of
    grades stand there where the ministry has set them.
    """

    head: DocumentHead
    imprint: Imprint
    groups: Iterable[ResultGroup]
    after_appeal: bool
    purpose: str = FOR_FILES
    by_code: bool = False
    final: bool = False
    representative: str = ""
    programmer: str = ""
    chair: str = ""
    appeal_chair: str = ""
    announced: str = ""
    threshold: int | None = None
    graded: bool = False
    threshold_each: int | None = None


def each_subject(threshold: int | None) -> list[tuple[str, str]]:
    """The fact that a threshold stands for every subject, where the ministry has set one."""
    return [] if threshold is None else [(N_("Threshold in each subject"), str(threshold))]


def columns(
    subjects: tuple[str, ...], *, after_appeal: bool, by_code: bool, graded: bool = False
) -> tuple[Column, ...]:
    """The columns for one group."""
    name = () if by_code else (Column(N_("Full name"), 60 if after_appeal else 46),)
    marks = tuple(Column(subject, 17 if after_appeal else 11, "right", turned=True) for subject in subjects)
    labels: tuple[str, ...] = (N_("Points in all"),)
    if after_appeal:
        labels = (N_("Total before the appeal"), N_("Added by the appeal"), N_("New total"))
    totals = tuple(Column(label, 15 if after_appeal else 12, "right", turned=True) for label in labels)
    if graded:
        totals += (Column(N_("Grade"), 10, "center", turned=True),)
    return (
        Column(N_("Row No"), 9, "right"),
        *name,
        Column(N_("Personal code"), 18, "center"),
        Column(N_("Cipher"), 14, "center"),
        Column(N_("Language"), 9, "center", turned=True),
        Column(N_("Variant"), 11, "center", turned=True),
        *marks,
        *totals,
        Column(N_("Remark"), 24),
    )


def draw(*documents: ResultSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The result sheets, all before or all after the appeal, as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=any(d.after_appeal for d in documents))


def _body(sheet: Sheet, data: ResultSheet) -> None:
    facts = [(N_("Which copy"), sheet.words(data.purpose))]
    if data.announced:
        facts.append((ANNOUNCED, data.announced))
    if data.threshold is not None:
        facts.append((N_("Threshold"), str(data.threshold)))
    facts += each_subject(data.threshold_each)
    sheet.begin(TITLE, data.head, data.imprint, subtitle=AFTER_APPEAL if data.after_appeal else BEFORE_APPEAL,
                facts=facts)  # fmt: skip
    if data.final:
        approval(sheet, Signer(REPRESENTATIVE, data.representative, seal=True))
    signers = _signers(data)
    keep = signatures_height(sheet, signers)
    groups = iter(data.groups)
    group = next(groups, None)
    while group is not None:
        after = next(groups, None)
        cols = columns(group.subjects, after_appeal=data.after_appeal, by_code=data.by_code,
                       graded=data.graded)  # fmt: skip
        draw_table(sheet, cols, _rows(group, data), keep=keep if after is None else 0)
        sheet.gap(10)
        group = after
    signatures(sheet, signers)


def _signers(data: ResultSheet) -> tuple[Signer, ...]:
    signers = [Signer(REPRESENTATIVE, data.representative), Signer(MINISTRY_PROGRAMMER, data.programmer),
               Signer(COMMISSION_CHAIR, data.chair)]  # fmt: skip
    if data.after_appeal:
        signers.append(Signer(APPEAL_CHAIR, data.appeal_chair))
    return tuple(signers[1:] if data.final else signers)


def _rows(group: ResultGroup, data: ResultSheet) -> Iterator[Row]:
    yield Band(" · ".join(part for part in (group.university, group.direction) if part))
    for no, line in enumerate(group.lines, 1):
        name = () if data.by_code else (line.full_name,)
        yield (str(no), *name, line.code, line.specialty, line.language, line.variant, *_marks(line, data.after_appeal),
               *((line.grade or "–",) if data.graded else ()), line.remark)  # fmt: skip


def _marks(line: ResultLine, after_appeal: bool) -> list[str | Cell]:
    """Points by subject and the totals; after the appeal «23 (+2)» where points were added."""
    before = line.before
    if not after_appeal:
        return [*(_shown(p) for p in line.points), Cell(_shown(before), bold=True)]
    added = line.added or (0,) * len(line.points)
    cells: list[str | Cell] = [
        Cell(f"{(p or 0) + plus} (+{plus})", bold=True) if plus else _shown(p)
        for p, plus in zip(line.points, added, strict=True)
    ]
    gained = sum(added)
    total = None if before is None and not gained else (before or 0) + gained
    return [*cells, _shown(before), f"+{gained}" if gained else "–", Cell(_shown(total), bold=True)]


def _shown(points: int | None) -> str:
    return "–" if points is None else str(points)

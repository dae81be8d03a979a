"""Statistics of the student database: preliminary on 16 March and 1 April, final with signature and seal (p.21-23)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.domain.statistics import Counts
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.signature import (
    BASE_PROGRAMMER,
    NETWORK_COORDINATOR,
    NETWORK_PROGRAMMER,
    Signer,
    signatures,
    signatures_height,
)  # fmt: skip
from mab_desktop.forms.table import Band, Column, Row, Total, draw_table
from mab_desktop.i18n import N_

PRELIMINARY = N_("Preliminary statistics of the student database")
FINAL = N_("Final statistics of the student database")


@dataclass(frozen=True, slots=True)
class StatisticsGroup:
    """A direction of training with its specialties as («050102 Specialty», counts)."""

    direction: str
    specialties: tuple[tuple[str, Counts], ...]


@dataclass(frozen=True, slots=True)
class StatisticsReport:
    """The statistics of a university (or, for the base university, of all): final or as of a control date.

    The final ones come from the base university (p.22) and name the control sum of the database that they count;
    `by_network` is a network university's own printing.
    """

    head: DocumentHead
    imprint: Imprint
    groups: tuple[StatisticsGroup, ...]
    final: bool = False
    as_of: date | None = None
    coordinator: str = ""
    programmer: str = ""
    by_network: bool = False
    checksum: str = ""


def _number(label: str, share: float = 14) -> Column:
    return Column(label, share, "right", turned=True)


COLUMNS = (
    Column(N_("Specialty"), 75),
    _number(N_("Total"), 15),
    Column(N_("By language"), parts=(
        _number(N_("Kazakh (instruction)")), _number(N_("Russian (instruction)")),
        _number(N_("English (instruction)")))),
    Column(N_("By form of study"), parts=(
        _number(N_("full-time")), _number(N_("evening")), _number(N_("extramural")))),
    Column(N_("By payment"), parts=(_number(N_("grant")), _number(N_("credit")), _number(N_("paid")))),
    Column(N_("By foreign language"), parts=(
        _number(N_("English (subject)")), _number(N_("German (subject)")), _number(N_("French (subject)")))),
    Column(N_("By sex"), parts=(_number(N_("men")), _number(N_("women")))),
)  # fmt: skip


def draw(*documents: StatisticsReport, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The statistics as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out, landscape=True)


def added(counts: Iterable[Counts]) -> Counts:
    """The sum of `counts`, cut by cut."""
    table = [astuple(c) for c in counts]
    return Counts(*(sum(column) for column in zip(*table, strict=True))) if table else Counts()


def _body(sheet: Sheet, report: StatisticsReport) -> None:
    facts = [(N_("As of"), shown_date(report.as_of))] if report.as_of else []
    if report.checksum:
        facts.append((N_("Control sum"), report.checksum))
    sheet.begin(FINAL if report.final else PRELIMINARY, report.head, report.imprint, facts=facts)
    signers = _signers(report)
    draw_table(sheet, COLUMNS, _rows(sheet, report), keep=signatures_height(sheet, signers))
    signatures(sheet, signers)


def _signers(report: StatisticsReport) -> tuple[Signer, ...]:
    """The final one is signed by the coordinator over the university's seal (p.22)."""
    programmer = BASE_PROGRAMMER if report.final and not report.by_network else NETWORK_PROGRAMMER
    return Signer(programmer, report.programmer), Signer(NETWORK_COORDINATOR, report.coordinator, seal=report.final)


def _rows(sheet: Sheet, report: StatisticsReport) -> Iterable[Row]:
    for group in report.groups:
        yield Band(group.direction)
        for specialty, counts in group.specialties:
            yield (specialty, *_shown(counts))
        yield Total((sheet.words(N_("Total of the direction")), *_shown(added(c for _, c in group.specialties))))
    whole = added(c for group in report.groups for _, c in group.specialties)
    yield Total((sheet.words(N_("In all")), *_shown(whole)))


def _shown(counts: Counts) -> tuple[str, ...]:
    return tuple(str(n) if n else "–" for n in astuple(counts))

"""Acceptance of the databases (p.21, p.22): what came, what it changed and breaks, and the signed papers against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QDialog, QMenu

from mab_desktop.base_uni.paper_question import Command, PaperQuestion, held_words
from mab_desktop.base_uni.record_check import RecordCheck, record_check
from mab_desktop.base_uni.reference_words import ReferenceWords, day_words, field_label, moment_words
from mab_desktop.domain.fields import RecordSpec
from mab_desktop.domain.network_register import CONFIRMED, PAPER, PAPER_RECORD, STATISTICS_RECORD
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import acceptance, base_board, network_register
from mab_desktop.services.acceptance import Papers, Version
from mab_desktop.services.base_board import BoardLine
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import GLYPHS, Mark

# What can be printed of a university's database: its paper, its words, whether an older version must be there.
_PAPERS = (
    ("statistics", N_("Final statistics"), 1), ("database-act", N_("Act of acceptance"), 1),
    ("database-findings", N_("Mistakes found"), 1), ("database-changes", N_("Differences to the version before"), 2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """A university: its line of the board, the versions of its database, its papers."""

    university: str
    name: str
    received: str
    version: int | None
    students: int | None
    problems: int | None
    printed: str
    confirmed: str
    line: BoardLine
    versions: tuple[Version, ...]
    papers: Papers


class AcceptancePage(ListPage):
    """The databases that came, with their broken rules; the signed papers are compared here."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._check = RecordCheck()
        self.words = ReferenceWords()

    def table(self) -> TableSource:
        """A line for each network university."""
        columns = (
            Column("university", N_("Univ."), 8, kind="code"),
            Column("name", N_("University"), 13, shown=False),  # found by the search; the card says it whole
            Column("received", N_("Database"), 10, show=lambda at: moment_words(at)[:10], kind="code"),
            Column("version", N_("Version"), 4, kind="number"),
            Column("students", N_("Students"), 6, kind="number"),
            Column("problems", N_("Errors"), 6, kind="number"),
            Column("printed", N_("Signed print"), 10, show=_paper_words, colour=_paper_mark),
            Column("confirmed", N_("Signed statistics"), 10, show=_paper_words, colour=_paper_mark),
        )
        return Rows(columns, load=self._lines, key_of="university", mark_of=_mark)

    def _lines(self) -> Sequence[_Row]:
        ctx = self.app.ctx
        complete, papers = base_board.completeness(ctx), acceptance.papers(ctx)
        versions: dict[str, list[Version]] = {}
        for version in acceptance.versions(ctx):
            versions.setdefault(version.university, []).append(version)
        return [
            self._row(line, versions.get(line.university, []), papers.get(line.university, Papers()),
                      line.university in complete.confirmed)
            for line in base_board.board(ctx)
        ]  # fmt: skip

    def _row(self, line: BoardLine, versions: Sequence[Version], papers: Papers, signed: bool) -> _Row:
        database, confirmed = line.cells["database"], line.cells["confirmed"]
        broken = None if self._check.running else len(self._check.broken.get(line.university, ()))
        printed = (papers.print_day if papers.print_fits else "old") if papers.print_day else ""
        return _Row(
            line.university, line.name, database.at, versions[0].number if versions else database.times or None,
            line.students if database.at else None, broken if database.at else None, printed,
            confirmed.at if signed else "old" if confirmed.at else "", line, tuple(versions), papers,
        )  # fmt: skip

    def refresh(self, changed: set[str] | None = None) -> None:
        """The lines at once, the broken rules when the records are checked."""
        self._check = record_check(self.app, changed)
        self.words.read(self.app.ctx)
        super().refresh(changed)

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("waiting", N_("Not signed"), lambda row: bool(row.received) and not _stands(row.confirmed)),
            FilterChip("missing", N_("Without a database"), lambda row: not row.received),
            FilterChip("broken", N_("With broken rules"), lambda row: bool(row.problems)),
            FilterChip("replaced", N_("Came more than once"), lambda row: row.line.cells["database"].times > 1),
        )

    def page_actions(self) -> Sequence[Action]:
        """A database comes by drive and is looked at before it is taken."""
        return (Action(N_("Receive a database"), lambda: self.app.open_page("transfer"), "accept", primary=True),)

    def row_actions(self) -> Sequence[Action]:
        """Compare, print, have it signed, confirm."""
        return (
            Action(N_("Compare the signed print…"), self.compare, "verify", obstacle=self._not_here),
            Action(N_("Print…"), self.print_papers, "print", obstacle=self._not_here),
            Action(N_("Confirm the signed statistics"), self.confirm, "seal", obstacle=self._not_here),
            Action(N_("Show its students"), self.show_students, "students", obstacle=self._not_here),
        )

    def _not_here(self) -> str:
        row = self.current()
        return "" if row and row.received else _("The database has not come yet.")

    def print_papers(self) -> None:
        """Choose what to print of the database under the cursor."""
        menu = self.papers_menu()
        menu.popup(self.row_buttons[1].mapToGlobal(self.row_buttons[1].rect().topLeft()))
        menu.setActiveAction(menu.actions()[0])

    def papers_menu(self) -> QMenu:
        """The papers of the database under the cursor."""
        row, menu = self.current(), QMenu(self)
        assert row is not None
        menu.aboutToHide.connect(menu.deleteLater)
        for paper, words, least in _PAPERS:
            option = f"{row.university}:{row.version}" if least > 1 else row.university
            shown = menu.addAction(_(words), lambda paper=paper, option=option: self._print(paper, option))
            shown.setEnabled(len(row.versions) >= least or paper == "statistics")
        return menu

    def _print(self, paper: str, option: str) -> None:
        self.app.open_page("papers", paper=paper, option=option)

    def show_students(self) -> None:
        """Its students in the list."""
        if (row := self.current()) is not None:
            self.app.open_page("students", university=row.university)

    def compare(self) -> None:
        """Type count and control sum of the print that the head signed (p.21)."""
        row = self.current()
        if row is None or self._not_here():
            return

        def carry(total: int, checksum: str, signed: base_board.Signed) -> None:
            acceptance.confirm_paper(self.app.ctx, row.university, total, checksum, signed)

        text = _("Type from the print that the head of the university signed. Both numbers must be those of the "
                 "database that came.")  # fmt: skip
        self._ask(row, PAPER, PAPER_RECORD, N_("Signed print of {university}"), text, _("The print agrees"), carry)

    def confirm(self) -> None:
        """Type the numbers of the signed and sealed statistics; wrong ones confirm nothing (p.22)."""
        row = self.current()
        if row is None or self._not_here():
            return

        def carry(total: int, checksum: str, signed: base_board.Signed) -> None:
            base_board.confirm_statistics(self.app.ctx, row.university, total, checksum, signed)

        text = _("Type from the paper that the head signed and sealed. Both must be those of the database that came; "
                 "else nothing is confirmed.")  # fmt: skip
        title = N_("Signed final statistics of {university}")
        self._ask(row, CONFIRMED, STATISTICS_RECORD, title, text, _("Confirm the statistics"), carry)

    def _ask(
        self, row: _Row, item: str, spec: RecordSpec, title: str, text: str, verb: str, carry: Command
    ) -> None:  # fmt: skip
        ctx = self.app.ctx
        held = acceptance.held(ctx, row.university)
        before = network_register.lines(ctx, row.university, item, withdrawn=False)
        known = {"person": before[-1].person, "post": before[-1].post} if before else {}
        asked = PaperQuestion(
            self, _(title).format(university=f"{row.university} {row.name}"),
            "\n".join(part for part in (text, held_words(row.versions)) if part), verb, spec, row.versions, held, carry,
            {"day": ctx.clock.now().date(), **known},
        )  # fmt: skip
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.refresh()

    def activate(self, row: _Row) -> None:
        """Enter: the next paper that is due."""
        if row.received and not _stands(row.printed):
            self.compare()
        elif row.received and not _stands(row.confirmed):
            self.confirm()

    def opened(self, **where: Any) -> None:
        """`row` goes to a university, `confirm` asks for its paper at once."""
        super().opened(**where)
        if "row" in where:
            self.go_to(where["row"])
        if where.get("confirm"):
            self.confirm()

    def details(self, row: _Row) -> Sequence[Facts]:
        """The database and its versions, its papers, where its students sit, what does not agree."""
        groups = [Facts(f"{row.university} {row.name}", tuple(self._head(row)))]
        if row.versions:
            groups.append(Facts(_("Versions"), tuple(_version_line(version) for version in row.versions)))
        if row.versions and row.versions[0].elsewhere:
            whole = row.versions[0].students + sum(row.versions[0].elsewhere.values())
            others = tuple((self.words.coded("university", code), shown_number(n))
                           for code, n in sorted(row.versions[0].elsewhere.items()))  # fmt: skip
            groups.append(Facts(_("Its students by base university"), (
                (_("Here"), shown_number(row.versions[0].students)), *others, (_("In all"), shown_number(whole)),
            )))  # fmt: skip
        if differing := acceptance.disagreements(self.app.ctx, row.university):
            words = _("sent {sent}, in the database {counted}")
            groups.append(Facts(_("The final statistics that came differ"), tuple(
                (self.words.coded("specialty", one.specialty), words.format(sent=one.sent, counted=one.counted))
                for one in differing
            )))  # fmt: skip
        broken = Counter((found.problem.field, found.problem.message(active()))
                         for found in self._check.broken.get(row.university, ()))  # fmt: skip
        if broken:
            lines = tuple((f"{field_label(field)}: {words}", shown_number(n))
                          for (field, words), n in broken.most_common(12))  # fmt: skip
            groups.append(Facts(_("Broken rules"), lines))
        return groups

    def _head(self, row: _Row) -> Sequence[tuple[str, str]]:
        lines = [(_("Database came"), moment_words(row.received) or _("Not yet")),
                 (_("Students"), shown_number(row.students or 0))]  # fmt: skip
        if row.versions:
            lines.append((_("Control sum"), row.versions[0].control_sum))
        signed = row.line.cells["confirmed"]
        lines.append((_("Signed print"), _signed_words(row.printed, row.papers.print_day, row.papers.print_by)))
        lines.append((_("Signed and sealed"), _signed_words(row.confirmed, signed.at, signed.note)))
        return lines

    def empty_words(self) -> tuple[str, str]:
        """Where the universities come from."""
        return _("No network university is known yet."), _("Receive the reference package from the testing centre.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "After taking a database the base university prints the final statistics; the network university checks "
            "them, its head signs, its seal is put on (p.22). A newer database needs a new signature."
        )


def _version_line(version: Version) -> tuple[str, str]:
    """One version: when, how many, what it changed."""
    parts = [_("{n} students").format(n=shown_number(version.students))]
    if version.number > 1:
        words = _("new {new}, changed {changed}, no longer there {gone}")
        parts.append(words.format(new=version.new, changed=version.changed, gone=version.gone))
    parts.append(version.control_sum)
    return f"№ {version.number} · {moment_words(version.at)}", " · ".join(parts)


def _signed_words(state: str, day: str, person: str) -> str:
    if not day:
        return _("Not yet")
    words = ", ".join(part for part in (day_words(day), person) if part)
    return words if _stands(state) else f"{words} · " + _("for an older database")


def _stands(state: str) -> bool:
    return state not in ("", "old")


def _paper_words(state: str) -> str:
    """The day of a paper that stands; a sign for one of an older database."""
    if not state:
        return "–"
    return f"{GLYPHS[Mark.DONE]} {day_words(state)[:5]}" if _stands(state) else f"↻ {_('anew')}"


def _paper_mark(state: str) -> Mark:
    if not state:
        return Mark.NONE
    return Mark.DONE if _stands(state) else Mark.LATE


def _mark(row: _Row) -> Mark:
    if not row.received:
        return Mark.NONE
    if row.confirmed == "old" or row.printed == "old":
        return Mark.LATE
    return Mark.DONE if _stands(row.confirmed) else Mark.DUE

"""The board of network universities (p.19-25): who was given and who sent what, when; what is late, what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter

from mab_desktop.base_uni.reference_words import day_words, moment_words
from mab_desktop.domain.board import ITEMS, CellState
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, board_versions, reminders
from mab_desktop.services.base_board import BoardCell, BoardLine
from mab_desktop.services.board_versions import STANDING_WORDS, Received, Standing
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_to_confirm
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import GLYPHS, Mark

# Short heads, so that all of them stand on one screen; the pointer and the details give the whole words.
HEADS = {
    "program": N_("Prog."),
    "training": N_("Train."),
    "preliminary1": "16.03",
    "preliminary2": "01.04",
    "database": N_("Datab."),
    "final": N_("Final st."),
    "confirmed": N_("Sealed"),
    "passes": N_("Slp."),
    "wrong-data": N_("Err."),
    "stubs": N_("Stb."),
}
STATES = {
    CellState.DONE: (Mark.DONE, N_("Done")),
    CellState.LATE_DONE: (Mark.DONE, N_("Came late")),
    CellState.PARTLY: (Mark.DUE, N_("Done in part")),
    CellState.OUTDATED: (Mark.LATE, N_("A newer database came: to be signed and sealed anew")),
    CellState.DIFFERS: (Mark.LATE, N_("Not the statistics of the database: to be sent anew")),
    CellState.LATE: (Mark.LATE, N_("Late")),
    CellState.DUE: (Mark.DUE, N_("Due within a week")),
    CellState.OPEN: (Mark.NONE, N_("Not yet")),
}
# Beside colour and day a shape of its own for what came and does not stand.
_SHAPES = {CellState.OUTDATED: "↻", CellState.DIFFERS: "≠", CellState.PARTLY: "◐"}
_NARROW = "\u202f"
_TIMES = ("", "", *"²³⁴⁵⁶⁷⁸⁹")
PARTS = {"program": N_("No signature is noted"), "training": N_("Without the programmer")}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A cell of the matrix with its last day and today, from which its words are made."""

    cell: BoardCell
    due: date | None
    today: date

    def words(self) -> str:
        """A shape and the day it came, or how many days are over or left; a raised figure tells how often it came."""
        cell, shape = self.cell, _SHAPES.get(self.cell.state, GLYPHS[STATES[self.cell.state][0]])
        if cell.at:
            return f"{shape}{_NARROW}{day_words(cell.at)[:5]}{_TIMES[min(cell.times, 9)]}"
        if self.due is None or cell.state is CellState.OPEN:
            return "–"
        return f"{shape}{_NARROW}" + _("{n} d").format(n=abs((self.today - self.due).days))

    def sentence(self) -> str:
        """The whole of it."""
        return f"{_(ITEMS[self.cell.item].label)}: {state_words(self.cell, self.due, self.today)}"

    def mark(self) -> Mark:
        """The colour."""
        return STATES[self.cell.state][0]


class BoardPage(ListPage):
    """A line for each attached network university, a column for each item; every version beside it."""

    def table(self) -> TableSource:
        """Universities and items."""
        items = tuple(
            Column(key, HEADS[key], 6, show=MatrixCell.words, colour=MatrixCell.mark, tip=MatrixCell.sentence,
                   about=ITEMS[key].label)
            for key in ITEMS
        )
        columns = (
            Column("university", N_("Univ."), 6, kind="code", tip=self._name_of),
            Column("name", N_("Title"), 14, shown=False),
            Column("students", N_("Students"), 7, kind="number", shown=False),
            *items,
            Column("untold", N_("Rcpt."), 5, show=_untold, colour=lambda n: Mark.DUE if n else Mark.DONE,
                   tip=_untold_words, about=N_("Receipts")),
        )  # fmt: skip
        return Rows(columns, load=self._lines, key_of="university", mark_of=_mark)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._untold = 0  # files of all universities whose receipt is on no drive yet

    def settle(self, spec: PageSpec) -> None:
        """The matrix needs its width; the name stands beside it."""
        super().settle(spec)
        both = self.stack.parentWidget()
        assert isinstance(both, QSplitter)
        both.setSizes([800, 270])
        self.view.squeeze()

    def _name_of(self, code: str) -> str:
        return next((row["name"] for row in self.shown_rows() if row["university"] == code), code)

    def _lines(self) -> Sequence[dict[str, Any]]:
        ctx = self.app.ctx
        year, today, lines = ctx.season.year, ctx.clock.now().date(), base_board.board(ctx)
        self._untold = sum(line.untold for line in lines)
        return [
            {"university": line.university, "name": line.name, "students": line.students, "line": line,
             "untold": line.untold,
             **{key: MatrixCell(line.cells[key], ITEMS[key].due(year), today) for key in ITEMS}}
            for line in lines
        ]  # fmt: skip

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("late", N_("Late"), lambda row: bool(row["line"].missing)),
            FilterChip("doubtful", N_("Does not stand"), lambda row: bool(row["line"].doubtful)),
            FilterChip("no-database", N_("Without a database"), lambda row: not row["line"].cells["database"].at),
            FilterChip("untold", N_("Without a receipt"), lambda row: bool(row["line"].untold)),
        )

    def page_actions(self) -> Sequence[Action]:
        """Reminders, receipts, and what came by drive."""
        return (
            Action(N_("Reminders"), lambda: self.app.open_page("papers", paper="reminders"), "clock"),
            Action(N_("Copy the reminders"), self.copy_reminders, "copy"),
            Action(N_("Write the receipts"), self.write_receipts, "export", obstacle=self._all_told),
            Action(N_("Receive a file"), lambda: self.app.open_page("transfer"), "accept", primary=True),
        )

    def row_actions(self) -> Sequence[Action]:
        """What is given by hand, and the way to what came."""
        return (
            Action(N_("Program given…"), self.give_program, "database"),
            Action(N_("Training given…"), lambda: self.app.open_page("trainings"), "specialty"),
            Action(N_("Passes given"), self.note_passes, "pass"),
            Action(N_("Its database…"), self.open_acceptance, "accept", obstacle=self._no_database),
        )

    def _all_told(self) -> str:
        return "" if self._untold else _("Every university has its receipts.")

    def _no_database(self) -> str:
        row = self.current()
        return "" if row and row["line"].cells["database"].at else _("The database has not come yet.")

    def write_receipts(self) -> None:
        """To the wizard: a receipt goes back on the drive of its university."""
        self.app.open_page("transfer", export="receipt")

    def copy_reminders(self) -> None:
        """The list as text, for a letter."""
        ctx = self.app.ctx
        found = reminders.reminders(ctx, soon=True)
        if not found:
            self.app.inform(_("Nobody owes anything."))
            return
        QGuiApplication.clipboard().setText(reminders.as_text(ctx, found))
        self.app.inform(_("Copied: what {n} universities owe. Put it into a letter with Ctrl+V.").format(n=len(found)))

    def give_program(self) -> None:
        """To the register, with this university begun."""
        if (row := self.current()) is not None:
            self.app.open_page("register", new=row["university"])

    def note_passes(self) -> None:
        """The passes were given to the chosen universities today."""
        rows = self.chosen() or [self.current()]
        names = ", ".join(row["university"] for row in rows)
        if not ask_to_confirm(
            self, _("Passes given"), _("Universities: {names}. The date of today is noted.").format(names=names),
            _("Note it"), cannot_undo=True,
        ):  # fmt: skip
            return
        with self.app.guarded():
            for row in rows:
                base_board.note_item(self.app.ctx, row["university"], "passes")
        self.refresh()

    def open_acceptance(self) -> None:
        """Its database, paper and statistics."""
        if (row := self.current()) is not None:
            self.app.open_page("acceptance", row=row["university"])

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: its acceptance."""
        self.app.open_page("acceptance", row=row["university"])

    def waits(self, row: dict[str, Any]) -> bool:
        """A university that is late or whose things do not stand."""
        return _mark(row) is Mark.LATE

    def details(self, row: dict[str, Any]) -> Sequence[Facts]:
        """Every version that came, newest first; then what is still to come."""
        line: BoardLine = row["line"]
        came = board_versions.received(self.app.ctx, line.university)
        head = [(_("Students"), shown_number(line.students)), (_("Lines of wrong data"), shown_number(line.wrong_data)),
                (_("Receipts"), _untold_words(line.untold))]  # fmt: skip
        if line.forks:
            head.append((_("Second files with one number"), shown_number(line.forks)))
        groups = [Facts(f"{line.university} {line.name}", tuple(head))]
        open_items = []
        for key, item in ITEMS.items():
            shown: MatrixCell = row[key]
            lines = [(_when(one), _version_words(one)) for one in came[key]]
            if shown.cell.at and not came[key]:  # given by hand, or signed
                lines = [(day_words(shown.cell.at), shown.cell.note)]
            if lines or shown.cell.at:
                state = state_words(shown.cell, shown.due, shown.today)
                groups.append(Facts(_(item.label), ((_("State"), state), *lines)))
            else:
                open_items.append((_(item.label), state_words(shown.cell, shown.due, shown.today)))
        return [*groups, Facts(_("Still to come"), tuple(open_items))] if open_items else groups

    def empty_words(self) -> tuple[str, str]:
        """Where the universities come from."""
        return _("No network university is known yet."), _("Receive the reference package from the testing centre.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university gives its network universities their program and training, takes their statistics on "
            "16 March and 1 April, their databases before 10 April and the signed final statistics before 15 April "
            "(p.19-23)."
        )


def state_words(cell: BoardCell, due: date | None, today: date) -> str:
    """How a cell stands, in words: its shape, day, last day, how often it came."""
    mark, word = STATES[cell.state]
    shape = _SHAPES.get(cell.state, GLYPHS[mark])
    parts = [f"{shape} {_(PARTS.get(cell.item, word) if cell.state is CellState.PARTLY else word)}".strip()]
    if due and not cell.at:
        parts.append(_("until {day}").format(day=shown_date(due)))
        if cell.state is CellState.LATE:
            parts.append(_("{n} days ago").format(n=(today - due).days))
    if cell.times > 1:
        parts.append(_("came {n} times").format(n=cell.times))
    if cell.again:
        parts.append(_("{n} of them just the same again").format(n=cell.again))
    return " · ".join(parts)


def _when(one: Received) -> str:
    return f"№ {one.number} · {moment_words(one.at)}" if one.number else moment_words(one.at)


def _version_words(one: Received) -> str:
    """One version: what became of it, how many students, its carrier, its receipt."""
    parts = [_(STANDING_WORDS[one.standing])]
    if one.count:
        parts.append(_("{n} students").format(n=shown_number(one.count)))
    if one.again:
        parts.append(_("the same file came again: {n}").format(n=one.again))
    if one.late:
        parts.append(_("{n} days late").format(n=one.late))
    if one.carrier:
        parts.append(_("carrier № {n} ({check})").format(n=one.carrier, check=one.check))
    if one.told:
        parts.append(_("receipt given {day}").format(day=day_words(one.told)))
    elif one.owes and one.standing is not Standing.ASIDE:
        parts.append(_("no receipt yet"))
    return " · ".join(parts)


def _untold(count: int) -> str:
    return f"{GLYPHS[Mark.DUE]} {count}" if count else GLYPHS[Mark.DONE]


def _untold_words(count: int) -> str:
    if not count:
        return _("Everything taken is receipted.")
    return _("Files taken whose receipt is on no drive yet: {n}").format(n=shown_number(count))


def _mark(row: dict[str, Any]) -> Mark:
    line: BoardLine = row["line"]
    hard = [key for key in line.doubtful if STATES[line.cells[key].state][0] is Mark.LATE]
    if line.missing or hard or line.forks:
        return Mark.LATE
    return Mark.DONE if line.cells["confirmed"].at and not line.doubtful else Mark.DUE

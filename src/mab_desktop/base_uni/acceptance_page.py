"""Acceptance of the databases (p.21, p.22): what came, what it breaks, and the signed paper against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QWidget

from mab_desktop.base_uni.record_check import RecordCheck, record_check
from mab_desktop.base_uni.reference_words import field_label, moment_words
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import base_board
from mab_desktop.services.base_board import BoardLine
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class PaperQuestion(Question):
    """Asks for what stands on the signed paper: the number of students and the control sum."""

    def __init__(self, parent: QWidget | None, university: str) -> None:
        super().__init__(
            parent, _("Signed final statistics of {university}").format(university=university),
            _("Type from the paper that the head signed and sealed. Both must be those of the database that came; else "
              "nothing is confirmed."),
            _("Confirm the statistics"),
        )  # fmt: skip
        self.total, self.checksum = QLineEdit(), QLineEdit()
        self.total.setObjectName("total")
        self.checksum.setObjectName("checksum")
        self.total.setValidator(QIntValidator(0, 999_999, self))
        for title, field in ((_("Number of students"), self.total), (_("Control sum"), self.checksum)):
            name = QLabel(title)
            name.setBuddy(field)
            field.setAccessibleName(title)
            self.fields.addWidget(name)
            self.fields.addWidget(field)
            field.textChanged.connect(self._renew)
        self._renew()
        self.total.setFocus()

    def _renew(self) -> None:
        self.act_button.setEnabled(bool(self.total.text().strip() and self.checksum.text().strip()))


class AcceptancePage(ListPage):
    """The databases that came, with their broken rules; the signed statistics are confirmed here."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._check = RecordCheck()

    def table(self) -> TableSource:
        """A line for each network university."""
        columns = (
            Column("university", N_("Univ."), 8, kind="code"),
            Column("name", N_("University"), 13),
            Column("received", N_("Database came"), 16, show=moment_words),
            Column("times", N_("Times"), 5, kind="number", shown=False),
            Column("students", N_("Students"), 6, kind="number"),
            Column("problems", N_("Errors"), 6, kind="number"),
            Column("confirmed", N_("Signed"), 16, show=moment_words),
        )
        return Rows(columns, load=self._lines, key_of="university", mark_of=_mark)

    def _lines(self) -> Sequence[dict[str, Any]]:
        ctx = self.app.ctx
        complete = base_board.completeness(ctx)
        return [
            _row(line, self._count(line.university), line.university in complete.confirmed)
            for line in base_board.board(ctx)
        ]

    def _count(self, university: str) -> int | None:
        return None if self._check.running else len(self._check.broken.get(university, ()))

    def refresh(self, changed: set[str] | None = None) -> None:
        """The lines at once, the broken rules when the records are checked."""
        self._check = record_check(self.app, changed)
        super().refresh(changed)

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("waiting", N_("Not signed"), lambda row: bool(row["received"]) and not row["confirmed"]),
            FilterChip("missing", N_("Without a database"), lambda row: not row["received"]),
            FilterChip("broken", N_("With broken rules"), lambda row: bool(row["problems"])),
        )

    def page_actions(self) -> Sequence[Action]:
        """A database comes by drive and is looked at before it is taken."""
        return (Action(N_("Receive a database"), lambda: self.app.open_page("transfer"), "accept", primary=True),)

    def row_actions(self) -> Sequence[Action]:
        """Print, have it signed, confirm."""
        return (
            Action(N_("Print the final statistics"), self.print_statistics, "print", obstacle=self._not_here),
            Action(N_("Confirm the signed statistics"), self.confirm, "seal", obstacle=self._not_here),
            Action(N_("Show its students"), self.show_students, "students", obstacle=self._not_here),
        )

    def _not_here(self) -> str:
        row = self.current()
        return "" if row and row["received"] else _("The database has not come yet.")

    def print_statistics(self) -> None:
        """The statistics of the university under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="statistics", option=row["university"])

    def show_students(self) -> None:
        """Its students in the list."""
        if (row := self.current()) is not None:
            self.app.open_page("students", university=row["university"])

    def confirm(self) -> None:
        """Type the paper's count and control sum; a wrong one confirms nothing."""
        row = self.current()
        if row is None or self._not_here():
            return
        asked = PaperQuestion(self, f"{row['university']} {row['name']}")
        if asked.exec() != QDialog.DialogCode.Accepted:
            return
        with self.app.guarded():
            base_board.confirm_statistics(
                self.app.ctx, row["university"], int(asked.total.text()), asked.checksum.text().strip()
            )
            self.refresh()

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: confirm when it waits."""
        if row["received"] and not row["confirmed"]:
            self.confirm()

    def opened(self, **where: Any) -> None:
        """`row` goes to a university, `confirm` asks for its paper at once."""
        super().opened(**where)
        if "row" in where:
            self.go_to(where["row"])
        if where.get("confirm"):
            self.confirm()

    def details(self, row: dict[str, Any]) -> Sequence[Facts]:
        """The database and the rules it breaks, the most frequent first."""
        head = (
            (_("Database came"), moment_words(row["received"]) or _("Not yet")),
            (_("Students"), shown_number(row["students"])),
            (_("Signed and sealed"), moment_words(row["confirmed"]) or _("Not yet")),
        )  # fmt: skip
        groups = [Facts(f"{row['university']} {row['name']}", head)]
        broken = Counter((found.problem.field, found.problem.message(active()))
                         for found in self._check.broken.get(row["university"], ()))  # fmt: skip
        if broken:
            lines = tuple((f"{field_label(field)}: {words}", shown_number(n))
                          for (field, words), n in broken.most_common(12))  # fmt: skip
            groups.append(Facts(_("Broken rules"), lines))
        return groups

    def empty_words(self) -> tuple[str, str]:
        """Where the universities come from."""
        return _("No network university is known yet."), _("Receive the reference package from the testing centre.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "After taking a database the base university prints the final statistics; the network university checks "
            "them, its head signs, its seal is put on (p.22). A newer database needs a new signature."
        )


def _row(line: BoardLine, problems: int | None, confirmed: bool) -> dict[str, Any]:
    database, signed = line.cells["database"], line.cells["confirmed"]
    return {
        "university": line.university, "name": line.name, "received": database.at, "times": database.times,
        "students": line.students, "problems": problems, "confirmed": signed.at if confirmed else "",
    }  # fmt: skip


def _mark(row: dict[str, Any]) -> Mark:
    if row["confirmed"]:
        return Mark.DONE
    return Mark.DUE if row["received"] else Mark.NONE


class FindingsPage(ListPage):
    """Broken rules of p.18 and students who may be one person, over all network universities."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self._check = RecordCheck()

    def refresh(self, changed: set[str] | None = None) -> None:
        """What is known at once, the rest when the records are checked."""
        self._check = record_check(self.app, changed)
        super().refresh(changed)

    def table(self) -> TableSource:
        """A line for each finding."""
        columns = (
            Column("kind", N_("Finding"), 11),
            Column("university", N_("Univ."), 5, kind="code"),
            Column("name", N_("Student"), 22),
            Column("field", N_("Field"), 14, show=field_label),
            Column("words", N_("What is wrong"), 30),
        )
        return Rows(columns, load=self._lines, key_of="key", mark_of=lambda _row: Mark.DUE)

    def _lines(self) -> Sequence[dict[str, Any]]:
        found = []
        for university, problems in sorted(self._check.broken.items()):
            for number, broken in enumerate(problems):
                found.append({
                    "key": f"{university}:{number}", "kind": _("Broken rule"), "twin": False, "student": broken.student,
                    "university": university, "name": broken.name, "field": broken.problem.field,
                    "words": broken.problem.message(active()),
                })  # fmt: skip
        for number, same in enumerate(self._check.twins):
            for student in same.students:
                others = ", ".join(f"{s.university} {s.name}" for s in same.students if s.id != student.id)
                found.append({
                    "key": f"twin:{number}:{student.id}", "kind": _("Duplicate record"), "twin": True,
                    "student": student.id, "university": student.university, "name": student.name, "field": same.field,
                    "words": _("The same as: {others}").format(others=others),
                })  # fmt: skip
        return found

    def chips(self) -> Sequence[FilterChip]:
        """Rules and duplicates apart."""
        return (
            FilterChip("rules", N_("Broken rules"), lambda row: not row["twin"]),
            FilterChip("twins", N_("Duplicates"), lambda row: row["twin"]),
        )

    def row_actions(self) -> Sequence[Action]:
        """The record is put right at its university."""
        return (Action(N_("Show the student"), self.show_student, "person"),)

    def show_student(self) -> None:
        """The student under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("students", row=row["student"])

    def activate(self, row: dict[str, Any]) -> None:
        """Enter: the student."""
        self.app.open_page("students", row=row["student"])

    def details(self, row: dict[str, Any]) -> Sequence[Facts]:
        """One finding and what to do."""
        lines = (
            (_("University"), row["university"]), (_("Student"), row["name"]), (_("Field"), field_label(row["field"])),
            (_("What is wrong"), row["words"]),
            (_("What to do"), _("Tell the network university; it corrects the record and hands in again.")),
        )  # fmt: skip
        return (Facts(row["kind"], lines),)

    def empty_words(self) -> tuple[str, str]:
        """Nothing is wrong, or nothing is known yet."""
        if self._check.running:
            return _("Checking the records"), ""
        return _("No broken rule and no duplicate."), ""

    def help_words(self) -> str:
        """What is looked for."""
        return _(
            "Every record that came is checked against the rules of p.18, and students of all network universities "
            "against one another: the same TO code, the same identity document, the same name and date of birth."
        )

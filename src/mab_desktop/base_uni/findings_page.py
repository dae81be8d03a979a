"""Broken rules of p.18 and students who may be one person, over all network universities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mab_desktop.base_uni.record_check import RecordCheck, record_check
from mab_desktop.base_uni.reference_words import field_label
from mab_desktop.i18n import N_, _, active
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


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
        return (
            Action(N_("Show the student"), self.show_student, "person"),
            Action(N_("Print the mistakes"), self.print_findings, "print"),
        )

    def print_findings(self) -> None:
        """All mistakes of the university under the cursor, for its programmer."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="database-findings", option=row["university"])

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

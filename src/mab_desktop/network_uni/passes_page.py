"""Passes that came from the base university: issued against signature, stubs kept and handed over (p.25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import passes_issue
from mab_desktop.services.passes_issue import PassRow
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark

_DAY = len("23.04.2011")  # the details give the minute


class PassesPage(ListPage):
    """The passes by name; Enter marks the one under the cursor as issued."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)
        self._issued_last: list[str] = []

    def table(self) -> Rows:
        """The passes."""
        language = self.names["study_language"]
        columns = (
            Column("number", N_("Pass No"), 7, kind="code"),
            Column("name", N_("Full name"), 27),
            Column("code", N_("Code"), 10, kind="code"),
            Column("specialty", N_("Specialty"), 7, kind="code", shown=False),
            Column("shift", N_("Shift"), 6, kind="number", shown=False),
            Column("exam_date", N_("Exam"), 11, kind="date"),
            Column("hall", N_("Hall"), 6, kind="code"),
            Column("issued_at", N_("Issued"), 11, show=lambda moment: records.shown_stamp(moment)[:_DAY]),
            Column("stub_at", N_("Stub"), 11, show=lambda moment: records.shown_stamp(moment)[:_DAY]),
            Column("study_language", N_("Language of instruction"), 10, shown=False,
                   show=lambda code: language.get(code, code)),
            Column("building", N_("Building"), 8, kind="code", shown=False),
            Column("start_time", N_("Start"), 6, kind="code", shown=False),
            Column("base_university", N_("Base university"), 6, kind="code", shown=False),
        )  # fmt: skip
        return Rows(columns, lambda: passes_issue.passes(self.app.ctx), "student", _mark)

    def chips(self) -> Sequence[FilterChip]:
        """What is still to be done."""
        return (
            FilterChip("waiting", N_("Not issued"), lambda row: row.issued_at is None),
            FilterChip("issued", N_("Issued"), lambda row: row.issued_at is not None),
            FilterChip("no_stub", N_("Issued, stub missing"), lambda row: bool(row.issued_at) and not row.stub_at),
        )

    def page_actions(self) -> Sequence[Action]:
        """The act; Print is the register."""
        return (
            Action(N_("Act on the stubs"), lambda: self.app.open_page("papers", paper="stub-act"), "document", "",
                   self._nothing),
        )  # fmt: skip

    def print_out(self) -> None:
        """Ctrl+P: the register that students sign."""
        self.app.open_page("papers", paper="pass-register")

    def _nothing(self) -> str:
        return "" if self.records.total() else _("The passes have not come from the base university yet.")

    def row_actions(self) -> Sequence[Action]:
        """Issue, and what corrects it."""
        return (
            Action(N_("Issued against signature"), self.issue, "sign", obstacle=self._is_issued, primary=True),
            Action(N_("Error on the pass…"), self._wrong_data, "warning"),
            Action(N_("Stub is missing"), lambda: self._stubs(here=False), "cancel", obstacle=self._no_stub),
            Action(N_("Stub is here"), lambda: self._stubs(here=True), "check", obstacle=self._has_stub),
            Action(N_("Take the mark of issue back"), self.take_back_issue, "undo", obstacle=self._not_issued),
        )

    def details(self, row: PassRow) -> Sequence[Facts]:
        """The pass as the student reads it, and what happened to it."""
        place = _("{hall}, shift {shift}").format(hall=row.hall, shift=row.shift)
        counted = self.records.shown_rows()
        issued = sum(1 for found in counted if found.issued_at)
        return (
            Facts(row.name, (
                (_("Pass"), row.number),
                (_("Personal code"), row.code),
                (_("Exam"), f"{shown_date(row.exam_date)}, {row.start_time}"),
                (_("Hall"), place),
                (_("Building"), row.building),
                (_("Specialty cipher"), records.shown_field(self.names, "specialty", row.specialty)),
                (_("Issued"), f"{records.shown_stamp(row.issued_at)}, {row.issued_by}" if row.issued_at else ""),
                (_("Stub"), records.shown_stamp(row.stub_at)),
            )),
            Facts(_("Of those shown"), (
                (_("Issued"), _("{n} of {total}").format(n=shown_number(issued), total=shown_number(len(counted)))),
                (_("Stubs here"), shown_number(sum(1 for found in counted if found.stub_at))),
            )),
        )  # fmt: skip

    def empty_words(self) -> tuple[str, str]:
        """No passes yet."""
        return (
            _("The passes have not come from the base university yet."),
            _("They come on a drive after the final database (p.25): take them on the page of drives."),
        )

    def activate(self, row: Any) -> None:
        """Enter: the student has signed."""
        if row.issued_at is None:
            self._issue([row.student])

    def issue(self) -> None:
        """Mark the chosen passes as issued."""
        self._issue([row.student for row in self.chosen() if row.issued_at is None])

    def _issue(self, student_ids: list[str]) -> None:
        if not student_ids:
            return
        with self.app.guarded():
            n = passes_issue.issue(self.app.ctx, student_ids)
            self._issued_last = student_ids if len(student_ids) == 1 else []
            self.app.inform(_("Passes marked as issued: {n}").format(n=shown_number(n)))

    def take_back_issue(self) -> None:
        """Take the mark back, with a reason."""
        row = self.current()
        if row is None or row.issued_at is None:
            return
        words = _("Pass {number} counts as not issued again. Why?").format(number=row.number)
        if reason := ask_for_reason(self, row.name, words, _("Take back")):
            with self.app.guarded():
                passes_issue.take_back_issue(self.app.ctx, [row.student], reason)

    def undo(self) -> None:
        """Ctrl+Z: the pass issued last."""
        if self._issued_last and self.go_to(self._issued_last[0]):
            self._issued_last = []
            self.take_back_issue()

    def _stubs(self, *, here: bool) -> None:
        rows = [row.student for row in self.chosen() if row.issued_at and bool(row.stub_at) != here]
        with self.app.guarded():
            passes_issue.mark_stubs(self.app.ctx, rows, here=here)

    def _wrong_data(self) -> None:
        if (row := self.current()) is not None:
            self.app.open_page("wrong_data", code=row.code)

    def _is_issued(self) -> str:
        return "" if any(row.issued_at is None for row in self.chosen()) else _("This pass is issued already.")

    def _not_issued(self) -> str:
        row = self.current()
        return "" if row is None or row.issued_at else _("This pass is not issued yet.")

    def _no_stub(self) -> str:
        return "" if any(row.stub_at for row in self.chosen()) else _("There is no stub here.")

    def _has_stub(self) -> str:
        waiting = any(row.issued_at and not row.stub_at for row in self.chosen())
        return "" if waiting else _("Only a pass that is issued has a stub.")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Find the student by name, number or code, let him sign the register and the stub, press Enter. The stub "
            "stays here; the stubs of each base university go to it by the act (p.25)."
        )


def _mark(row: PassRow) -> Mark:
    if row.issued_at and not row.stub_at:
        return Mark.LATE
    return Mark.DONE if row.issued_at else Mark.DUE

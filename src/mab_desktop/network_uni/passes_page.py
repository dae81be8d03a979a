"""Passes that came from the base university: issued against signature, stubs kept and handed over (p.25)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.network_uni.scan_line import ScanLine
from mab_desktop.services import passes_issue
from mab_desktop.services.passes_issue import PassRow
from mab_desktop.ui.formats import shown_date, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext, PageSpec
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows
from mab_desktop.ui.states import Mark

_NAMED = 12
_DAY = len("23.04.2011")  # the details give the minute


class PassesPage(ListPage):
    """The passes by name; what is scanned or typed is issued, and so is the one under the cursor by Enter."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)
        self._take_back: Callable[[], None] | None = None
        self.scan = ScanLine(_("Code of the pass, its number, personal code or name"), _("Enter: issued."))
        self.scan.scanned.connect(lambda text, _shift: self._scanned(text))

    def settle(self, spec: PageSpec) -> None:
        """The line for the scanner stands over the list."""
        self.body.addWidget(self.scan)
        super().settle(spec)

    def opened(self, **where: Any) -> None:
        """It has the keys."""
        super().opened(**where)
        if not where and self.records.total():
            self.scan.setFocus()

    def refresh(self, changed: set[str] | None = None) -> None:
        """Nothing can be scanned before passes are here."""
        super().refresh(changed)
        self.scan.setVisible(bool(self.records.total()))

    def table(self) -> Rows:
        """The passes."""
        language = self.names["study_language"]
        columns = (
            Column("number", N_("№"), 7, kind="code", about=N_("Pass No")),
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
            FilterChip("waiting", N_("Not issued"), lambda row: row.issued_at is None and row.spoilt_at is None),
            FilterChip("issued", N_("Issued"), lambda row: row.issued_at is not None),
            FilterChip("spoilt", N_("Spoilt"), lambda row: row.spoilt_at is not None),
            FilterChip("no_stub", N_("Issued, stub missing"), lambda row: bool(row.issued_at) and not row.stub_at),
        )

    def page_actions(self) -> Sequence[Action]:
        """The act; Print is the register."""
        return (
            Action(N_("Hall list"), lambda: self.app.open_page("papers", paper="hall-list"), "list", "", self._nothing),
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
            Action(N_("Spoilt / not spoilt…"), self.spoilt, "cancel", obstacle=self._all_issued),
            Action(N_("Print a duplicate"), self.print_duplicate, "print"),
            Action(N_("Stub missing / here"), self.stubs, "document", obstacle=self._no_issued),
            Action(N_("Take the mark of issue back"), self.take_back_issue, "undo", obstacle=self._not_issued),
        )

    def details(self, row: PassRow) -> Sequence[Facts]:
        """The pass as the student reads it, and what happened to it."""
        place = _("{hall}, shift {shift}").format(hall=row.hall, shift=row.shift)
        counted = self.records.shown_rows()
        issued = sum(1 for found in counted if found.issued_at)
        spoilt = sum(1 for found in counted if found.spoilt_at)
        return (
            Facts(row.name, (
                (_("Pass"), row.number),
                (_("Personal code"), row.code),
                (_("Exam"), f"{shown_date(row.exam_date)}, {row.start_time}"),
                (_("Hall"), place),
                (_("Building"), row.building),
                (_("Specialty cipher"), records.shown_field(self.names, "specialty", row.specialty)),
                (_("Issued"), records.by(self.names, row.issued_by, row.issued_at)),
                (_("Stub"), records.shown_stamp(row.stub_at)),
                *(((_("Spoilt"), f"{records.shown_stamp(row.spoilt_at)}, {row.spoilt_why}"),) if row.spoilt_at else ()),
            )),
            Facts(_("Of those shown"), (
                (_("Issued"), _("{n} of {total}").format(n=shown_number(issued), total=shown_number(len(counted)))),
                (_("Spoilt"), shown_number(spoilt)),
                (_("Not issued"), shown_number(len(counted) - issued - spoilt)),
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
        if row.issued_at is None and row.spoilt_at is None:
            self._issue([row.student])

    def issue(self) -> None:
        """Mark the chosen passes as issued."""
        self._issue([row.student for row in self.chosen() if row.issued_at is None and row.spoilt_at is None])

    def _scanned(self, text: str) -> None:
        found = passes_issue.find_pass(self.app.ctx, text)
        if len(found) > 1:
            self.scan.say(Mark.DUE, _("{n} passes fit: choose in the list.").format(n=shown_number(len(found))))
            self.search_field.setText(text)
            self.view.setFocus()
        elif not found:
            self.scan.say(Mark.LATE, _("There is no such pass here: {text}").format(text=text))
        elif found[0].issued_at:
            words = _("{name} has it already, since {moment}.")
            moment = records.shown_stamp(found[0].issued_at)
            self.scan.say(Mark.INFO, words.format(name=found[0].name, moment=moment))
            self.go_to(found[0].student)
        elif found[0].spoilt_at:
            words = _("Pass {number} is spoilt: {why}.").format(number=found[0].number, why=found[0].spoilt_why)
            self.scan.say(Mark.BLOCKED, words)
            self.go_to(found[0].student)
        elif self._issue([found[0].student], aloud=False):
            words = _("{number} – {name}: issued").format(number=found[0].number, name=found[0].name)
            self.scan.say(Mark.DONE, words)
            self.go_to(found[0].student)

    def _issue(self, student_ids: list[str], *, aloud: bool = True) -> bool:
        if not student_ids:
            return False
        with self.app.guarded():
            n = passes_issue.issue(self.app.ctx, student_ids)
            self._take_back = lambda: self._not_given(student_ids)
            if aloud:
                words = _("Passes marked as issued: {n}").format(n=shown_number(n))
                self.app.inform(words, next_step=_("Ctrl+Z takes it back."))
            return True
        return False

    def _not_given(self, student_ids: list[str]) -> None:
        passes_issue.take_back_issue(self.app.ctx, student_ids, _("Taken back"))

    def take_back_issue(self) -> None:
        """Take the marks of the chosen passes back, with a reason."""
        rows = [row for row in self.chosen() if row.issued_at]
        if not rows:
            return
        words = _("Passes that count as not issued again: {numbers}. Why?")
        words = words.format(numbers=_numbers(rows))
        if reason := ask_for_reason(self, rows[0].name, words, _("Take back")):
            with self.app.guarded():
                passes_issue.take_back_issue(self.app.ctx, [row.student for row in rows], reason)

    def spoilt(self) -> None:
        """Passes that cannot be given to anybody, with a reason; those chosen that are spoilt become whole again."""
        rows = [row for row in self.chosen() if not row.issued_at]
        if not rows:
            return
        if all(row.spoilt_at for row in rows):
            with self.app.guarded():
                self._whole_again([row.student for row in rows])
            return
        rows = [row for row in rows if not row.spoilt_at]
        words = _("Spoilt passes are not issued; the act counts them apart: {numbers}. What is wrong with them?")
        if reason := ask_for_reason(self, rows[0].name, words.format(numbers=_numbers(rows)), _("Set aside as spoilt")):
            ids = [row.student for row in rows]
            with self.app.guarded():
                passes_issue.set_aside(self.app.ctx, ids, reason)
                self._take_back = lambda: self._whole_again(ids)

    def _whole_again(self, student_ids: list[str]) -> None:
        passes_issue.take_out_again(self.app.ctx, student_ids)

    def print_duplicate(self) -> None:
        """The chosen passes once more, marked as duplicates."""
        chosen = [row.student for row in self.chosen()]
        self.app.open_page("papers", paper="pass-duplicates", option="|".join(chosen))

    def undo(self) -> None:
        """Ctrl+Z: the passes marked or set aside last."""
        if self._take_back is not None:
            act, self._take_back = self._take_back, None
            with self.app.guarded():
                act()
                self.app.inform(_("Taken back"))

    def stubs(self) -> None:
        """The stubs of the chosen passes are missing; where all are missing they are here again."""
        rows = [row for row in self.chosen() if row.issued_at]
        here = not any(row.stub_at for row in rows)
        ids = [row.student for row in rows if bool(row.stub_at) != here]
        with self.app.guarded():
            passes_issue.mark_stubs(self.app.ctx, ids, here=here)
            self._take_back = lambda: self._stubs_back(ids, here=not here)

    def _stubs_back(self, student_ids: list[str], *, here: bool) -> None:
        passes_issue.mark_stubs(self.app.ctx, student_ids, here=here)

    def _wrong_data(self) -> None:
        if (row := self.current()) is not None:
            self.app.open_page("wrong_data", code=row.code)

    def _is_issued(self) -> str:
        rows = self.chosen()
        if any(row.issued_at is None and row.spoilt_at is None for row in rows):
            return ""
        return _("This pass is spoilt.") if any(row.spoilt_at for row in rows) else _("This pass is issued already.")

    def _all_issued(self) -> str:
        waiting = any(row.issued_at is None for row in self.chosen())
        return "" if waiting else _("This pass is issued already.")

    def _not_issued(self) -> str:
        return "" if any(row.issued_at for row in self.chosen()) else _("This pass is not issued yet.")

    def _no_issued(self) -> str:
        return "" if any(row.issued_at for row in self.chosen()) else _("Only a pass that is issued has a stub.")

    def help_words(self) -> str:
        """F1."""
        return _(
            "Let the student sign the register and the stub, then scan his pass or type its number: it is issued, and "
            "the line waits for the next. The stub stays here; the stubs of each base university go to it by the act "
            "(p.25). A pass that cannot be given to anybody is set aside as spoilt."
        )


def _numbers(rows: Sequence[PassRow]) -> str:
    """The numbers of passes, not too many of them."""
    numbers = [row.number for row in rows[:_NAMED]]
    return ", ".join(numbers) + (" …" if len(rows) > _NAMED else "")


def _mark(row: PassRow) -> Mark:
    if row.spoilt_at:
        return Mark.BLOCKED
    if row.issued_at and not row.stub_at:
        return Mark.LATE
    return Mark.DONE if row.issued_at else Mark.DUE

"""Applications of students who found an error on their pass, until 25 April (p.25)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mab_desktop.domain.errors import Problem, Refused
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.domain.student import ON_THE_PASS, STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import passes_issue, students
from mab_desktop.services.passes_issue import WrongDataRow
from mab_desktop.ui import theme
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts, Section, clear, facts_block, label
from mab_desktop.ui.record_form import Lists
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

APPLICATION = RecordSpec(
    "application",
    N_("Application about wrong data"),
    (
        Field("code", N_("Student"), Kind.CODE, required=True, choices="pass",
              hint=N_("Personal code, or the beginning of the name.")),
        Field("field", N_("What is wrong"), Kind.CODE, required=True, max_length=1, choices="field", carry=False),
        Field("right_value", N_("Right value"), required=True, max_length=40,
              hint=N_("A date as eight digits; a code as in the list beside.")),
        Field("ground", N_("Ground (document)"), required=True, max_length=200, carry=True),
        Field("application_number", N_("Application number"), required=True, max_length=20),
        Field("application_date", N_("Application date"), Kind.DATE, required=True, carry=True, hint=N_("DDMMYYYY")),
    ),
)  # fmt: skip
CODES_SHOWN = 12


class WrongDataPage(EntryPage):
    """The list that goes to the base university, and the form for one more line."""

    record = APPLICATION
    new_word = N_("New application")

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.names = records.names_of_codes(app.ctx)
        self._students = {row.code: row for row in passes_issue.passes(app.ctx)}
        self._stack: QVBoxLayout | None = None

    def table(self) -> TableSource:
        """The lines by name."""
        columns = (
            Column("name", N_("Full name"), 22),
            Column("code", N_("Code"), 10, kind="code"),
            Column("field", N_("Field"), 11, show=records.label_of),
            Column("printed", N_("Printed value"), 13),
            Column("right", N_("Right value"), 13),
            Column("ground", N_("Ground (document)"), 18, shown=False),
            Column("application_number", N_("Application number"), 8, shown=False),
            Column("application_date", N_("Application date"), 11, kind="date"),
        )
        return Rows(columns, self._load, "id", lambda row: Mark.LATE if row["late"] else Mark.NONE)

    def chips(self) -> Sequence[FilterChip]:
        """Those that came too late."""
        return (FilterChip("late", N_("Late"), lambda row: row["late"]),)

    def _load(self) -> Sequence[dict[str, Any]]:
        return [self._row(line) for line in passes_issue.wrong_data(self.app.ctx)]

    def _row(self, line: WrongDataRow) -> dict[str, Any]:
        return {
            "id": line.id, "name": line.name, "code": line.code, "field": line.field, "ground": line.ground,
            "printed": records.shown_text(self.names, line.field, line.printed_value),
            "right": records.shown_text(self.names, line.field, line.right_value),
            "application_number": line.application_number, "application_date": line.application_date,
            "late": line.late,
        }  # fmt: skip

    def refresh(self, changed: set[str] | None = None) -> None:
        """Passes that came meanwhile can be chosen in the form."""
        if changed is None or changed & {"pass_issue", "allotment"}:
            self._students = {row.code: row for row in passes_issue.passes(self.app.ctx)}
        super().refresh(changed)

    def page_actions(self) -> Sequence[Action]:
        """Drive, New."""
        return (
            Action(N_("Write to a drive"), lambda: self.app.open_page("transfer", export="wrong-data"), "transfer"),
            *super().page_actions(),
        )

    def print_out(self) -> None:
        """Ctrl+P: the list of p.25."""
        self.app.open_page("papers", paper="wrong-data")

    def row_actions(self) -> Sequence[Action]:
        """Taking a line off."""
        return (Action(N_("Withdraw the line"), self.withdraw, "delete", dangerous=True),)

    def details(self, row: dict[str, Any]) -> Sequence[Facts]:
        """The line."""
        lines: tuple[tuple[str, str], ...] = (
            (_("What is wrong"), records.label_of(row["field"])),
            (_("Printed value"), row["printed"]),
            (_("Right value"), row["right"]),
            (_("Ground (document)"), row["ground"]),
            (_("Application number"), row["application_number"]),
            (_("Application date"), shown_date(row["application_date"])),
        )
        if row["late"]:
            day = shown_date(passes_issue.last_day(self.app.ctx))
            lines += ((_("Late"), _("Received after {day} (p.25): noted apart on the list.").format(day=day)),)
        return (Facts(row["name"], lines),)

    def empty_words(self) -> tuple[str, str]:
        """No errors so far."""
        return (
            _("No error on a pass was reported"),
            _("A student applies in writing until 25 April, with the document that is the ground (p.25)."),
        )

    def heading_of(self, row: Any | None) -> str:  # noqa: ARG002
        """The words over the form."""
        return _("Application about wrong data")

    def shut(self) -> str:
        """Nothing can be wrong on a pass that is not here."""
        return "" if self._students else _("The passes have not come from the base university yet.")

    def activate(self, row: Any) -> None:
        """A line is not changed: it is withdrawn and entered anew."""

    def lists(self) -> Lists:
        """Students with a pass, and what stands on a pass."""
        people = [(code, row.name) for code, row in self._students.items()]
        return {"pass": people, "field": [(str(n), _(STUDENT[name].label)) for n, name in enumerate(ON_THE_PASS, 1)]}

    def beside(self) -> QWidget:
        """What is printed, and how the right value is typed."""
        made = QWidget()
        self._stack = QVBoxLayout(made)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(theme.px(8))
        return made

    def shown_in_form(self, values: Mapping[str, Any]) -> None:
        """The record of the student chosen, the value printed, and the codes to choose from."""
        assert self._stack is not None
        clear(self._stack)
        known = self._students.get(values.get("code") or "")
        if known is not None:
            with self.app.guarded():
                self._show_printed(students.get(self.app.ctx, known.student), _field_of(values))
        self._stack.addStretch(1)

    def _show_printed(self, row: students.StudentRow, field: str) -> None:
        assert self._stack is not None
        card = Section(row.name)
        lines = [
            (_(STUDENT[name].label), records.shown_field(self.names, name, getattr(row, name)))
            for name in ON_THE_PASS
            if not field or name == field
        ]
        card.body.addWidget(label(_("Printed on the pass"), "phase"))
        card.body.addWidget(facts_block(Facts("", tuple(lines))))
        codes = self.names.get(field, {}) if field else {}
        if codes and len(codes) <= CODES_SHOWN:
            card.body.addWidget(label(_("Codes"), "phase"))
            card.body.addWidget(facts_block(Facts("", tuple(codes.items()))))
        self._stack.addWidget(card)

    def opened(self, **where: Any) -> None:
        """`code` begins an application of that student."""
        super().opened(**where)
        if "code" in where and not self.shut():
            self.open_form(None, {"code": where["code"], "application_date": self.app.ctx.clock.now().date()})

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:  # noqa: ARG002
        """Enter the line."""
        known, field = self._students.get(values["code"]), _field_of(values)
        if known is None:
            raise Refused([Problem("code", N_("There is no pass for this student."))])
        passes_issue.enter_wrong_data(
            self.app.ctx, known.student, field, _right_value(field, values["right_value"]), ground=values["ground"],
            application_number=values["application_number"], application_date=values["application_date"],
        )  # fmt: skip

    def withdraw(self) -> None:
        """Take the line under the cursor off the list, with a reason."""
        row = self.current()
        if row is None:
            return
        words = _("The line is taken off the list; the log keeps it. Why?")
        if reason := ask_for_reason(self, row["name"], words, _("Withdraw the line")):
            with self.app.guarded():
                passes_issue.withdraw_wrong_data(self.app.ctx, row["id"], reason)

    def help_words(self) -> str:
        """F1."""
        return _(
            "A student who finds an error on his pass applies in writing until 25 April. The list goes to the base "
            "university on paper in four copies and on a drive; the ministry programmer corrects before the exam."
        )


def _field_of(values: Mapping[str, Any]) -> str:
    number = str(values.get("field") or "")
    return ON_THE_PASS[int(number) - 1] if number.isdecimal() and 1 <= int(number) <= len(ON_THE_PASS) else ""


def _right_value(field: str, text: str) -> Any:
    """A typed right value: dates from eight digits, with or without points; the rest as typed."""
    if STUDENT[field].kind is not Kind.DATE:
        return text.strip()
    digits = re.sub(r"[^0-9]", "", text)
    try:
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError as error:
        raise Refused([Problem("right_value", N_("No such date."))]) from error

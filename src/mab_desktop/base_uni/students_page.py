"""Students of all attached network universities (p.21-23), with code, shift and hall once the centre allotted them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox

from mab_desktop.base_uni.reference_words import ReferenceWords, field_label
from mab_desktop.domain.student import STUDENT
from mab_desktop.i18n import N_, _
from mab_desktop.services import base_board, students
from mab_desktop.services.base_board import StudentLine
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import Facts
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource

_ALL = 1_000_000


class StudentsPage(ListPage):
    """List with search and filters; the whole record beside it."""

    read_aside = True

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()
        self.university = QComboBox()
        self.university.setAccessibleName(_("University"))
        self.university.setFixedWidth(theme.px(240))
        self.university.activated.connect(lambda _n: self._narrow())
        self._of = ""

    def settle(self, spec: Any) -> None:
        """The choice of the university stands beside the search."""
        super().settle(spec)
        tools = self.body.itemAt(0).layout()
        assert tools is not None
        tools.insertWidget(1, self.university)  # type: ignore[attr-defined]

    def table(self) -> TableSource:
        """Students in Kazakh order."""
        columns = (
            Column("name", N_("Full name"), 27),
            Column("university", N_("Univ."), 5, kind="code"),
            Column("specialty", N_("Cipher"), 7, kind="code"),
            Column("study_language", N_("Language"), 9, shown=False,
                   show=lambda code: self.words.name("study_language", code)),
            Column("to_code", N_("TO code"), 9, kind="code"),
            Column("identity_document", N_("Identity document"), 11, kind="code", shown=False),
            Column("code", N_("Code"), 9, kind="code"),
            Column("shift", N_("Shift"), 6, kind="number"),
            Column("hall", N_("Hall"), 6, kind="code"),
        )  # fmt: skip
        return Rows(columns, load=self._lines, key_of="id")

    def _lines(self) -> Sequence[StudentLine]:
        return base_board.students(self.app.ctx, self._of, limit=_ALL)[0]

    def _narrow(self) -> None:
        self._of = self.university.currentData() or ""
        super().refresh()

    def chips(self) -> Sequence[FilterChip]:
        """Allotted or not."""
        return (
            FilterChip("allotted", N_("Allotted"), lambda row: bool(row.code)),
            FilterChip("waiting", N_("Not allotted"), lambda row: not row.code),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Read names and universities, then the rows."""
        self.words.read(self.app.ctx)
        self.university.clear()
        self.university.addItem(_("All universities"), "")
        for line in base_board.board(self.app.ctx):
            self.university.addItem(f"{line.university} {line.name}", line.university)
        self.university.setCurrentIndex(max(0, self.university.findData(self._of)))
        super().refresh(changed)

    def opened(self, **where: Any) -> None:
        """`university` narrows to one, `row` goes to a student."""
        if "university" in where:
            self.university.setCurrentIndex(max(0, self.university.findData(where["university"])))
            self._narrow()
        elif "row" in where and self.university.currentIndex():
            self.university.setCurrentIndex(0)
            self._narrow()
        super().opened(**where)
        if "row" in where:
            self.go_to(where["row"])

    def row_actions(self) -> Sequence[Action]:
        """The pass, when there is one."""
        return (Action(N_("Print this pass"), self.print_pass, "pass", obstacle=self._no_code),)

    def _no_code(self) -> str:
        row = self.current()
        return "" if row and row.code else _("The final database has not come from the centre yet (p.23).")

    def print_pass(self) -> None:
        """The pass of the student under the cursor."""
        if (row := self.current()) is not None:
            self.app.open_page("papers", paper="pass-one", students=[row.id], name=row.name)

    def details(self, row: StudentLine) -> Sequence[Facts]:
        """The whole record, its place, its history."""
        record = students.get(self.app.ctx, row.id)
        values = tuple((field_label(field.name), self._value(field.name, getattr(record, field.name)))
                       for field in STUDENT.fields)  # fmt: skip
        groups = [Facts(row.name, ((_("University"), self.words.coded("university", row.university)),))]
        if row.code:
            place = ((_("Personal code"), row.code), (_("Shift"), str(row.shift)), (_("Hall"), row.hall))
            groups.append(Facts(_("Place in the testing"), place))
        groups.append(Facts(_("Record"), values))
        changes = tuple(
            (field_label(done.field), " → ".join(self._known(done.field, text) for text in (done.old, done.new)))
            for done in students.history(self.app.ctx, row.id)[:10]
        )
        return (*groups, Facts(_("Changes"), changes)) if changes else groups

    def _known(self, field: str, text: str) -> str:
        return self.words.value(field, text) or "–"

    def _value(self, field: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if STUDENT[field].choices:
            return self.words.coded(STUDENT[field].choices, str(value))
        return shown_date(value) if field == "birth_date" else str(value)

    def empty_words(self) -> tuple[str, str]:
        """Where students come from."""
        return _("No student database has come yet."), _("Receive the databases of the network universities.")

    def help_words(self) -> str:
        """What is shown."""
        return _(
            "Records are corrected at the network university, not here; after the passes are printed errors go into "
            "the list of students with wrong data (p.24)."
        )

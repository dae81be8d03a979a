"""One line of the protocol in front: why, the picture, the candidates, the fields typed from the signed paper."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.domain.identification import Candidate, IdentityDecision, LineState, MissingLine, SheetLine
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.doubtful_page import Crop
from mab_desktop.services import sheet_pictures
from mab_desktop.services.identification import SheetImage
from mab_desktop.ui import theme
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Facts, Section, clear, facts_block, label, scrolled
from mab_desktop.ui.record_fields import CellsEditor
from mab_desktop.ui.record_table import Column, RecordTable, Rows


class IdentityCard(QWidget):
    """A line of table 2. `noted(decision)` when one is typed whole; `unused_asked(serial)`."""

    noted = Signal(object)
    unused_asked = Signal(str)

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app, self._shut, self._pictured = app, "", ""
        self.line: SheetLine | None = None
        self.candidates: tuple[Candidate, ...] = ()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(8))
        self.why = label("", "warningStrip", wrap=True)
        outer.addWidget(self.why)
        self.name, self.numbers = Crop(), Crop()
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.name.setFixedHeight(theme.px(76))
        outer.addWidget(self.name)
        columns = (
            Column("name", N_("Student without a sheet"), 13), Column("seat", N_("Seat"), 4, kind="number"),
            Column("code", N_("Code"), 8, kind="code"), Column("agrees", N_("Agree"), 9),
            Column("variant", N_("Variant"), 5, kind="code"),
        )  # fmt: skip
        self.table = RecordTable(Rows(columns, load=self._rows, key_of="code"))
        self.view = RecordView(self.table, app.settings, "identification.candidates")
        self.view.setSortingEnabled(False)
        self.view.setMinimumHeight(theme.px(92))
        beside = QHBoxLayout()
        beside.setSpacing(theme.px(12))
        beside.addWidget(self.numbers, 3)
        beside.addWidget(self.view, 6)
        outer.addLayout(beside, 1)
        outer.addWidget(self._fields())

    def _fields(self) -> QWidget:
        self.form = Section(_("From the signed protocol"))
        profile = season.profile(self.app)
        self.code = CellsEditor(Field("code", N_("Right code"), Kind.DIGITS, max_length=profile.code_digits))
        self.seat = CellsEditor(Field("seat", N_("Right seat"), Kind.DIGITS, max_length=profile.seat_digits))
        self.variant = CellsEditor(Field("variant", N_("Variant on the booklet"), Kind.DIGITS,
                                         max_length=profile.variant_digits))  # fmt: skip
        self.ground = QLineEdit()
        self.editors = {"code": self.code, "seat": self.seat, "variant": self.variant, "ground": self.ground}
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        titles = (_("Right code"), _("Right seat"), _("Variant on the booklet"), _("Ground (act), if any"))
        for column, (words, editor) in enumerate(zip(titles, self.editors.values(), strict=True)):
            name = label(words, "factLabel", wrap=True)
            name.setBuddy(editor)
            editor.setAccessibleName(words)
            if editor is self.ground:
                grid.addWidget(name, 2, 0)
                grid.addWidget(editor, 2, 1, 1, 3)
                continue
            grid.addWidget(name, 0, column, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(editor, 1, column)
        grid.setColumnStretch(3, 1)
        self.form.body.addLayout(grid)
        self.owner, self.errors = label("", "small"), label("", "fieldError", wrap=True)
        self.code.textChanged.connect(self._name_owner)
        for editor, following in ((self.code, self.seat), (self.seat, self.variant), (self.variant, self.ground)):
            editor.filled.connect(following.setFocus)
            editor.returnPressed.connect(following.setFocus)
        self.ground.returnPressed.connect(self.note)
        self.form.body.addWidget(self.owner)
        self.form.body.addWidget(self.errors)
        row = QHBoxLayout()
        self.unused_button = ActionButton(Action(N_("Not used…"), self._ask_unused, "wrong"))
        self.note_button = ActionButton(Action(N_("Type it in and go on"), self.note, "check", "Ctrl+Return"))
        row.addWidget(self.unused_button)
        row.addStretch(1)
        row.addWidget(self.note_button)
        self.form.body.addLayout(row)
        return self.form

    def _rows(self) -> Sequence[dict[str, object]]:
        if self.line is None:
            return []
        s = self.line.sheet
        return [
            {
                "name": c.name, "seat": c.seat, "code": c.code, "variant": c.variant,
                # digits of seat, code and variant that agree, in the order of the columns before
                "agrees": f"{c.seat_digits}/{len(s.seat)} · {c.code_digits}/{len(s.code)} · "
                          f"{c.variant_digits}/{len(s.variant)}",
            }
            for c in self.candidates
        ]  # fmt: skip

    def show_line(self, line: SheetLine, image: SheetImage | None, typed: IdentityDecision | None, shut: str) -> None:
        """Show a line; `shut` says why nothing may be typed now."""
        fresh = self.line is None or self.line.sheet.serial != line.sheet.serial
        self.line, self._shut, self.candidates = line, shut, line.candidates
        told = " ".join(problem.message(active()) for problem in line.reasons)
        state = {LineState.CORRECTED: _("Decided: the sheet is of {name}.").format(name=line.name),
                 LineState.UNUSED: _("Decided: the sheet is not used.")}.get(line.state, "")  # fmt: skip
        self.why.setText(" ".join(part for part in (
            _("Sheet {serial}.").format(serial=line.sheet.serial), state, told) if part))  # fmt: skip
        self.view.read()
        if fresh or typed is not None:
            self._fill(typed or line.decision)
        self.errors.setText("")
        open_now = line.state is LineState.OPEN and not shut
        for editor in self.editors.values():
            editor.setEnabled(open_now)
        self.note_button.setEnabled(open_now)
        self.unused_button.setEnabled(open_now)
        self.owner.setText(shut if line.state is LineState.OPEN else "")
        if self._pictured != line.sheet.serial:
            self._pictured = line.sheet.serial
            self._show_pictures(image)

    def _show_pictures(self, image: SheetImage | None) -> None:
        name = numbers = b""
        if image is not None:
            with self.app.guarded():
                place = (image.image, image.image_page, image.placement)
                name = sheet_pictures.name_picture(self.app.ctx, *place)
                numbers = sheet_pictures.numbers_picture(self.app.ctx, *place)
        self.name.show_crop(name)
        self.numbers.show_crop(numbers)

    def _fill(self, decision: IdentityDecision | None) -> None:
        self.code.set_value(decision.code if decision else "")
        self.seat.set_value(str(decision.seat) if decision else "")
        self.variant.set_value(decision.variant if decision else "")
        self.ground.setText(decision.ground if decision else "")

    def _name_owner(self, code: str) -> None:
        found = next((c.name for c in self.candidates if c.code == code), "")
        if len(code) < self.code.positions:
            self.owner.setText("")
        else:
            self.owner.setText(
                found or _("No student without a sheet has this code; if it is a swap, type both sheets.")
            )

    def note(self) -> None:
        """The line is typed: whole numbers only."""
        if self.line is None or not self.note_button.isEnabled():
            return
        missing = [name for name in ("code", "seat", "variant") if not self.editors[name].text()]
        if missing:
            self.errors.setText(
                "! " + _("Type the code, the seat and the variant: a sheet counts only with all three.")
            )
            self.editors[missing[0]].setFocus()
            return
        self.noted.emit(IdentityDecision(
            self.line.sheet.serial, self.code.text(), int(self.seat.text()), self.variant.text(),
            self.ground.text().strip()))  # fmt: skip

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say beside the fields why the decisions cannot stand."""
        words = []
        for problem in problems:
            serial = problem.field.partition(":")[0]
            place = _("Sheet {serial}:").format(serial=serial[-4:]) + " " if serial else ""
            words.append("! " + place + problem.message(active()))
        self.errors.setText("\n".join(words))

    def _ask_unused(self) -> None:
        if self.line is not None:
            self.unused_asked.emit(self.line.sheet.serial)

    def focus_first(self) -> None:
        """The first field that is empty."""
        first = next((editor for editor in self.editors.values() if not editor.text()), self.code)
        first.setFocus()


class AbsenceCard(QWidget):
    """A line of table 1: a student whose sheet was not found."""

    absent_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.line: MissingLine | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.card = Section()
        self.inside = QVBoxLayout()
        self.words = label("", "", wrap=True)
        self.button = ActionButton(Action(N_("Enter «Absent»"), self._ask, "person"))
        self.card.body.addLayout(self.inside)
        self.card.body.addWidget(self.words)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        self.card.body.addLayout(row)
        self.card.body.addStretch(1)
        outer.addWidget(scrolled(self.card))

    def show_line(self, line: MissingLine, shut: str) -> None:
        """Show a student of table 1."""
        self.line = line
        p = line.place
        clear(self.inside)
        facts = ((_("Code"), p.code), (_("Seat"), str(p.seat)), (_("Variant"), p.variant))
        self.inside.addWidget(facts_block(Facts(p.name, facts)))
        told = {
            LineState.OPEN: _("No sheet was found for this student. When a sheet of table 2 is "
                              "given to the student, this "
                              "line closes by itself; when the seating sheet has no signature, the student is absent."),
            LineState.ABSENT: _("By the signed protocol the student did not come."),
            LineState.CORRECTED: _("The student's sheet was found by the commission."),
        }.get(line.remark, "")  # fmt: skip
        self.words.setText(" ".join(part for part in (told, shut if line.remark is LineState.OPEN else "") if part))
        self.button.setEnabled(line.remark is LineState.OPEN and not shut)

    def _ask(self) -> None:
        if self.line is not None:
            self.absent_asked.emit(self.line.place.student)

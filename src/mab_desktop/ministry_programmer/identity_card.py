"""One line of the protocol in front: why, the picture, the candidates, the fields typed from the signed paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import Field, Kind
from mab_desktop.domain.identification import (
    Candidate,
    Exchange,
    ExchangeWay,
    IdentityDecision,
    LineState,
    MissingLine,
    SheetLine,
)
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.crop import Crop
from mab_desktop.ministry_programmer.identity_candidates import CandidateList
from mab_desktop.ministry_programmer.identity_exchange import ExchangePanel, NameStrip
from mab_desktop.services import sheet_pictures
from mab_desktop.services.identification import SheetImage
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Facts, Section, clear, facts_block, label, scrolled
from mab_desktop.ui.record_fields import CellsEditor

_KEPT_PICTURES = 40


class IdentityCard(QWidget):
    """A line of table 2. `noted(decisions)` when one is typed whole, or both of an exchange; `unused_asked(serial)`."""

    noted = Signal(object)
    unused_asked = Signal(str)

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app, self._shut = app, ""
        self._pictures: dict[str, tuple[bytes, bytes]] = {}
        self.line: SheetLine | None = None
        self.exchange: Exchange | None = None
        self.candidates: tuple[Candidate, ...] = ()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(8))
        self.why = label("", "warningStrip", wrap=True)
        outer.addWidget(self.why)
        self.name, self.numbers = NameStrip(), Crop()
        self.crossed = ExchangePanel()
        self.crossed.chosen.connect(self.note_both)
        outer.addWidget(self.name)
        outer.addWidget(self.crossed)
        self.nearest = CandidateList()
        beside = QHBoxLayout()
        beside.setSpacing(theme.px(12))
        beside.addWidget(self.numbers, 4)
        beside.addWidget(self.nearest, 6)
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
        titles = (_("Right code"), _("Right seat"), _("Booklet variant"), _("Ground (act), if any"))
        for column, (words, editor) in enumerate(zip(titles, self.editors.values(), strict=True)):
            name = label(words, "factLabel", wrap=True)
            name.setBuddy(editor)
            editor.setAccessibleName(words)
            grid.addWidget(name, 0, column, Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(editor, 1, column)
        grid.setColumnMinimumWidth(3, theme.px(150))
        grid.setColumnStretch(3, 1)
        self.form.body.addLayout(grid)
        self.owner, self.errors = label("", "small", wrap=True), label("", "fieldError", wrap=True)
        self.code.textChanged.connect(self._name_owner)
        for editor, following in ((self.code, self.seat), (self.seat, self.variant), (self.variant, self.ground)):
            editor.filled.connect(following.setFocus)
            editor.returnPressed.connect(following.setFocus)
        self.ground.returnPressed.connect(self.note)
        self.form.body.addWidget(self.owner)
        self.form.body.addWidget(self.errors)
        row = QHBoxLayout()
        self.unused_button = ActionButton(Action(N_("Not used…"), self._ask_unused, "wrong", "", self._closed))
        self.note_button = ActionButton(
            Action(N_("Type it in and go on"), self.note, "check", "Ctrl+Return", self._closed)
        )
        row.addWidget(self.unused_button)
        row.addStretch(1)
        row.addWidget(self.note_button)
        self.form.body.addLayout(row)
        return self.form

    def show_line(
        self, line: SheetLine, images: dict[str, SheetImage], typed: IdentityDecision | None, shut: str,
        exchange: Exchange | None = None,
    ) -> None:  # fmt: skip
        """Show a line; `shut` says why nothing may be typed now."""
        fresh = self.line is None or self.line.sheet.serial != line.sheet.serial
        self.line, self._shut, self.candidates, self.exchange = line, shut, line.candidates, exchange
        told = " ".join(problem.message(active()) for problem in line.reasons)
        state = {LineState.CORRECTED: _("Decided: the sheet is of {name}.").format(name=line.name),
                 LineState.UNUSED: _("Decided: the sheet is not used.")}.get(line.state, "")  # fmt: skip
        self.why.setText(" ".join(part for part in (
            _("Sheet {serial}.").format(serial=line.sheet.serial), state, told) if part))  # fmt: skip
        self.nearest.show_candidates(line.sheet, line.candidates)
        if fresh or typed is not None:
            self._fill(typed or line.decision)
        self._say("")
        open_now = not self._closed()
        for editor in self.editors.values():
            editor.setEnabled(open_now)
        self.note_button.renew()
        self.unused_button.renew()
        self.owner.setText(shut if line.state is LineState.OPEN else "")
        self.crossed.show_exchange(exchange, line.sheet.serial, open_now)
        self._show_pictures(line.sheet.serial, images)

    def _closed(self) -> str:
        """Why nothing can be typed for the line in front, "" when it can."""
        if self.line is None:
            return _("Choose a line.")
        return self._shut if self.line.state is LineState.OPEN else _("This line is decided.")

    def _say(self, words: str) -> None:
        self.errors.setText(words)
        self.errors.setVisible(bool(words))

    def _show_pictures(self, serial: str, images: dict[str, SheetImage]) -> None:
        """The pictures come when they are read, so that the line itself stands at once."""
        wanted = [serial] if self.exchange is None else [serial, self.exchange.other(serial)]
        for each in wanted:
            if each in self._pictures or each not in images:
                self._put_picture(each, self._pictures.get(each, (b"", b"")))
                continue
            self._put_picture(each, None)
            place = (images[each].image, images[each].image_page, images[each].placement)
            read = partial(sheet_pictures.identity_pictures, self.app.ctx, *place)
            self.app.tasks.read(read, partial(self._keep_picture, each), self.app.failed)

    def _keep_picture(self, serial: str, found: tuple[bytes, bytes]) -> None:
        while len(self._pictures) >= _KEPT_PICTURES:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[serial] = found
        self._put_picture(serial, found)

    def _put_picture(self, serial: str, found: tuple[bytes, bytes] | None) -> None:
        if self.line is None:
            return
        name, numbers = found or (None, None)
        if serial == self.line.sheet.serial:
            self.name.show_name(serial, name)
            self.numbers.show_crop(numbers)
        elif self.exchange is not None and serial in self.exchange.serials:
            self.crossed.other.show_name(serial, name)

    def _fill(self, decision: IdentityDecision | None) -> None:
        self.code.set_value(decision.code if decision else "")
        self.seat.set_value(str(decision.seat) if decision else "")
        self.variant.set_value(decision.variant if decision else "")
        self.ground.setText(decision.ground if decision else "")
        self.ground.setCursorPosition(0)

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
            self._say("! " + _("Type the code, the seat and the variant: a sheet counts only with all three."))
            self.editors[missing[0]].setFocus()
            return
        self.noted.emit((IdentityDecision(
            self.line.sheet.serial, self.code.text(), int(self.seat.text()), self.variant.text(),
            self.ground.text().strip()),))  # fmt: skip

    def note_both(self, way: ExchangeWay) -> None:
        """Both sheets of an exchange are typed at once; whoever was not at his own place needs the act's number."""
        ground = self.ground.text().strip()
        if way.needs_ground and not ground:
            self._say("! " + _("Type the ground (act) first: by the seating sheet they were elsewhere."))
            self.ground.setFocus()
            return
        self.noted.emit(tuple(replace(decision, ground=ground) for decision in way.decisions))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say beside the fields why the decisions cannot stand."""
        words = []
        for problem in problems:
            serial = problem.field.partition(":")[0]
            place = _("Sheet {serial}:").format(serial=serial[-4:]) + " " if serial else ""
            words.append("! " + place + problem.message(active()))
        self._say("\n".join(words))

    def _ask_unused(self) -> None:
        if self.line is not None:
            self.unused_asked.emit(self.line.sheet.serial)

    def focus_first(self) -> None:
        """The first field that is empty."""
        first = next((editor for editor in self.editors.values() if not editor.text()), self.code)
        first.setFocus()


class AbsenceCard(QWidget):
    """A line of table 1: a student whose sheet was not found. `absent_asked(student)`, `blank_asked(line)`."""

    absent_asked = Signal(str)
    blank_asked = Signal(object)

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
        self.blank_button = ActionButton(Action(N_("Look among the blank sheets…"), self._ask_blank, "search"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.button)
        row.addWidget(self.blank_button)
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
            LineState.REMOVED: _("By an act the student was sent out of the hall (p.33): who came does not get "
                                 "«Келмеді». A sheet of table 2 can still be given to this student."),
            LineState.CORRECTED: _("The student's sheet was found by the commission."),
        }.get(line.remark, "")  # fmt: skip
        self.words.setText(" ".join(part for part in (told, shut if line.remark is LineState.OPEN else "") if part))
        for button in (self.button, self.blank_button):
            button.setEnabled(line.remark is LineState.OPEN and not shut)

    def _ask(self) -> None:
        if self.line is not None:
            self.absent_asked.emit(self.line.place.student)

    def _ask_blank(self) -> None:
        if self.line is not None:
            self.blank_asked.emit(self.line)

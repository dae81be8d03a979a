"""The answer key (p.39): opened by two persons with two passwords, after the representative's word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.seating_page import SYMBOLS
from mab_desktop.ministry_programmer.shift_page import ShiftPage
from mab_desktop.services import commission, keys
from mab_desktop.services.settings import lists
from mab_desktop.ui import theme
from mab_desktop.ui.confirm_password import ask_for_password
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, label
from mab_desktop.ui.record_table import Column, RecordTable, Rows


def _choice(holders: Sequence[str], words: Sequence[str]) -> QComboBox:
    """Who of a side types: the holder of the password or his stand-in."""
    choice = QComboBox()
    for holder, text in zip(holders, words, strict=True):
        choice.addItem(text, holder)
    return choice


class KeyPage(ShiftPage):
    """Sealed: whose passwords it needs, tries and waits. Open: right answers by variant and subject."""

    wanted = (ShiftState.IDENTIFIED, ShiftState.KEY_OPEN)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.opening = False
        self.stack = QStackedWidget()
        self.stack.addWidget(self._sealed())
        self.stack.addWidget(self._opened())
        self.body.addWidget(self.stack, 1)
        self.add_actions((
            Action(N_("Load the key"), lambda: self.app.open_page("transfer"), "drive", obstacle=self._received),
            Action(N_("Print in two copies"), self.print_out, "print", "Ctrl+P", self._still_sealed, primary=True),
        ))  # fmt: skip

    def _sealed(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.card = Section(_("The sealed key"))
        self.state = label("", "", wrap=True)
        self.card.body.addWidget(self.state)
        self.form = Section(_("Two persons, two passwords"))
        self.form.body.addWidget(label(_(
            "Each holder types his own password himself; nobody reads the other's. A slip of the "
            "hand is told and is not "
            "counted. Of a wrong try nobody learns which of the two passwords it "
            "was."), "muted", wrap=True))  # fmt: skip
        self.form.body.addLayout(self._passwords())
        self.wrong = label("", "fieldError", wrap=True)
        self.form.body.addWidget(self.wrong)
        self.open_button = ActionButton(Action(N_("Open the answer key"), self.open_key, "unlock", primary=True))
        row_of_button = QGridLayout()
        row_of_button.addWidget(self.open_button, 0, 0)
        row_of_button.setColumnStretch(1, 1)
        self.form.body.addLayout(row_of_button)
        column.addWidget(self.card)
        column.addWidget(self.form)
        column.addStretch(1)
        return page

    def _passwords(self) -> QGridLayout:
        """Who types, and what; beside a password how much of it is typed."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(8))
        self.ministry, self.chair_password, self.centre = QLineEdit(), QLineEdit(), QLineEdit()
        self.chair = QComboBox(editable=True)
        self.of_ministry = _choice(keys.MINISTRY_SIDE, (_("The holder"), _("The stand-in")))
        self.of_commission = _choice(keys.COMMISSION_SIDE, (_("The chair"), _("The deputy chair")))
        rows: tuple[tuple[str, QWidget], ...] = (
            (_("Who types for the ministry's side"), self.of_ministry),
            (_("Password of the ministry's side"), self.ministry),
            (_("Who types for the state commission"), self.of_commission),
            (_("Name of the chair or deputy chair"), self.chair),
            (_("Password of the state commission"), self.chair_password),
            (_("Release code of the testing centre, told by telephone"), self.centre),
        )
        self.counts: dict[QLineEdit, QLabel] = {}
        self.names: dict[QWidget, QLabel] = {}
        for row, (words, field) in enumerate(rows):
            name = self.names[field] = label(words, "factLabel", wrap=True)
            name.setBuddy(field)
            field.setAccessibleName(words)
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
            if isinstance(field, QLineEdit):
                field.setEchoMode(QLineEdit.EchoMode.Password)
                field.setFixedWidth(theme.px(300))
                count = label("", "hint")
                self.counts[field] = count
                grid.addWidget(count, row, 2)
                field.textChanged.connect(lambda _text, field=field: self._typed(field))
                field.returnPressed.connect(field.focusNextChild)
        for choice in (self.chair, self.of_ministry, self.of_commission):
            choice.setMinimumWidth(theme.px(300))
        # Enter leaves the name too: else whoever types on shows the password of the commission to all.
        typed_name = self.chair.lineEdit()
        assert typed_name is not None
        typed_name.returnPressed.connect(self.chair_password.setFocus)
        self.of_commission.currentIndexChanged.connect(lambda _index: self._show_chair())
        grid.setColumnStretch(2, 1)
        return grid

    def _opened(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.opened_words = label("", "doneStrip", wrap=True)
        columns = (
            Column("variant", N_("Variant"), 8, kind="code"), Column("subject", N_("Subject"), 30),
            Column("letters", N_("Right answers, item 1 first"), 40),
        )  # fmt: skip
        self.table = RecordTable(Rows(columns, load=self._lines, key_of="key"))
        self.view = RecordView(self.table, self.app.settings, "key.letters")
        column.addWidget(self.opened_words)
        column.addWidget(self.view, 1)
        return page

    def _lines(self) -> Sequence[dict[str, str]]:
        line = self.choice.line
        if line is None or line.state not in KEY_KNOWN:
            return []
        names = lists(self.app.ctx, "subject")["subject"]
        key = keys.answer_key(self.app.ctx, self.shift)
        return [
            {"key": f"{variant}:{code}", "variant": variant,
             "subject": f"{code} {names[code].name(self.app.ctx.lang)}" if code in names else code,
             "letters": " ".join(letters[n : n + 5] for n in range(0, len(letters), 5))}
            for (variant, code), letters in sorted(key.letters.items())
        ]  # fmt: skip

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """Sealed or open."""
        line = self.choice.line
        known = line is not None and line.state in KEY_KNOWN
        self.stack.setCurrentIndex(1 if known else 0)
        self.view.read()
        found = keys.key_state(self.app.ctx, self.shift)
        if known:
            self.closed_reason = ""
            stood_in = keys.COMMISSION_SIDE[1] in found.opened_with
            words = (_("Opened on {at} by {by} together with the deputy chair, {chair}.") if stood_in else
                     _("Opened on {at} by {by} together with the chair, {chair}."))  # fmt: skip
            self.opened_words.setText(words.format(at=moment_words(found.opened_at), by=found.opened_by,
                                                   chair=found.chair))  # fmt: skip
            return
        self.closed_reason = season.why_closed(self.app, "open-key", self.shift) or self._other_person()
        self._show_state(found)
        self._show_holders(found)
        self._show_chair()
        may = not self.closed_reason and not found.shut and found.wait_until is None
        self.form.setEnabled(not self.closed_reason and not found.shut and not self.opening)
        self.open_button.setEnabled(may and self._whole())

    def _other_person(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer opens the key together with the chair of the state commission (p.39).")
        return ""

    def _show_state(self, found: keys.KeyState) -> None:
        told = []
        if not found.received_at:
            told.append(_("The key has not come yet. The testing centre sends it after the representative's "
                          "confirmation (p.39)."))  # fmt: skip
        else:
            told.append(_("Received on {at}. Announced as {commitment}.").format(
                at=moment_words(found.received_at), commitment=found.commitment[:12]))  # fmt: skip
        if found.marks:
            told.append(_("Code of the closed marks: {code}.").format(code=found.marks))
        if found.shut:
            told.append(_("Too many wrong passwords: this is shut for good here."))
        elif found.tries:
            told.append(_("Tries so far: {n}.").format(n=found.tries))
        if found.wait_until is not None:
            told.append(_("The next try is possible at {time}.").format(time=found.wait_until.strftime("%H:%M:%S")))
        self.state.setText(" ".join(told))

    def _show_holders(self, found: keys.KeyState) -> None:
        """Ask who is here only where there are stand-ins, and for the centre's code only where the key needs it."""
        holders = {holder for way in found.holders for holder in way}
        shown = {
            self.of_ministry: keys.MINISTRY_SIDE[1] in holders, self.of_commission: keys.COMMISSION_SIDE[1] in holders,
            self.centre: keys.RELEASE in holders,
        }  # fmt: skip
        for field, visible in shown.items():
            for part in (field, self.names[field]):
                part.setVisible(visible)

    def _show_chair(self) -> None:
        """The chair by name; of a deputy the members to choose from, since the list names none as such."""
        deputy = self.of_commission.currentIndex() == 1
        names = [str(m["full_name"]) for m in commission.members(self.app.ctx) if (m["role"] == "chair") != deputy]
        if [self.chair.itemText(n) for n in range(self.chair.count())] != names:
            self.chair.clear()
            self.chair.addItems(names)
            self.chair.setCurrentIndex(-1 if deputy else 0)

    def _typed(self, field: QLineEdit) -> None:
        """Tell what the password's own check symbol says; nothing is tried, and nothing is told of the other one."""
        count = sum(1 for sign in field.text() if not sign.isspace() and sign not in "-–—")
        words = _("{n} of {all} symbols").format(n=count, all=SYMBOLS) if count else ""
        if keys.check_symbol_fits(field.text()):
            words = _("The check symbol fits.")
        elif count >= SYMBOLS:
            words = _("The check symbol does not fit: look at the paper.")
        self.counts[field].setText(words)
        self.wrong.setText("")
        self.open_button.setEnabled(self._whole() and not self.closed_reason)

    def _whole(self) -> bool:
        fields = (self.ministry, self.chair_password, self.centre)
        return all(keys.check_symbol_fits(field.text()) for field in fields if not field.isHidden())

    def _received(self) -> str:
        line = self.choice.line
        if line is not None and line.state in KEY_KNOWN:
            return _("The key of this shift is open.")
        received = keys.key_state(self.app.ctx, self.shift).received_at if self.shift else ""
        return _("The key of this shift is received.") if received else ""

    def _still_sealed(self) -> str:
        line = self.choice.line
        return "" if line is not None and line.state in KEY_KNOWN else _("The key is sealed (p.39).")

    # --- opening ---------------------------------------------------------------------------------------------------

    def open_key(self) -> None:
        """Open it: a wrong try is counted before its result shows."""
        if not self.open_button.isEnabled() or not ask_for_password(
            self.app, self, _("Open the answer key of shift {n}?").format(n=self.shift),
            _("From then on no sheet can be identified otherwise and no mark decided."), _("Open the answer key"),
            str(self.shift),
        ):  # fmt: skip
            return
        ctx, shift = self.app.ctx, self.shift
        present = (self.of_ministry.currentData(), self.of_commission.currentData())
        ministry, joint, chair, centre = (
            self.ministry.text(), self.chair_password.text(), self.chair.currentText(), self.centre.text(),
        )  # fmt: skip
        self.opening = True
        self.form.setEnabled(False)
        self.app.tasks.run(
            _("Open the answer key"),
            lambda _progress: keys.open_key(ctx, shift, ministry, joint, chair, centre, present=present),
            lambda _key: self._open_now(), self._not_opened,
        )  # fmt: skip

    def _open_now(self) -> None:
        self.opening = False
        for field in (self.ministry, self.chair_password, self.centre):
            field.clear()
        self.refresh()

    def _not_opened(self, error: BaseException) -> None:
        self.opening = False
        self.show_shift()
        if isinstance(error, UserError):
            self.wrong.setText("! " + error.message(active()))
        self.app.failed(error)
        self.ministry.setFocus()
        self.ministry.selectAll()

    def print_out(self) -> None:
        """Ctrl+P: two copies, for display and for the appeal commission."""
        if not self._still_sealed():
            self.app.open_page("papers", paper="answer-key", option=f"{self.shift}|")

    def opened(self, **where: Any) -> None:
        """The first empty field is ready."""
        super().opened(**where)
        if self.form.isEnabled() and self.stack.currentIndex() == 0:
            self.ministry.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "After the representative confirms that identification is finished, the testing centre "
            "sends the key. It is "
            "opened with passwords together with the chair of the state commission and printed in two copies: for "
            "public display and for the appeal commission (p.39)."
        )

"""Identification (p.38): why a sheet was not identified, its picture, the candidates, the commission's decision.

Nothing here shows a point or the key.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.identification import LINE_LABELS, IdentityDecision, LineState, MissingLine, SheetLine
from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.shift import ShiftState
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.identity_card import AbsenceCard, IdentityCard
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.ministry_programmer.signing import DecisionsDialog, ask_who_signed
from mab_desktop.services import envelopes, identification
from mab_desktop.services.identification import HallView
from mab_desktop.ui import icons, theme
from mab_desktop.ui.messages import ask_for_reason, ask_to_confirm
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import EmptyState, label, split
from mab_desktop.ui.states import Mark

_LINE = Qt.ItemDataRole.UserRole + 1


class IdentificationPage(ShiftPage):
    """Halls, the open lines of both tables, and the line in front with everything needed to decide it."""

    wanted = (ShiftState.OPEN, ShiftState.IDENTIFIED)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.hall_view: HallView | None = None
        self.typed: dict[str, IdentityDecision] = {}
        self.halls = HallList()
        self.halls.hall_chosen.connect(lambda _hall: self._show_hall())
        self.protocol = label("", "", wrap=True)
        self.list = QListView()
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(theme.icon_size(18))
        self.list.setAccessibleName(_("Lines of the protocol"))
        self.items = QStandardItemModel(self)
        self.list.setModel(self.items)
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.card, self.absence = IdentityCard(app), AbsenceCard()
        self.card.noted.connect(self._note)
        self.card.unused_asked.connect(self.mark_unused)
        self.absence.absent_asked.connect(self.mark_absent)
        self.empty = EmptyState()
        self.stack = QStackedWidget()
        for part in (self.empty, self.card, self.absence):
            self.stack.addWidget(part)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.protocol)
        column.addWidget(self.list, 1)
        self.body.addWidget(split(self.halls, left, self.stack, stretches=(2, 5, 9)), 1)
        self.add_actions((
            Action(N_("Decisions…"), self.undo, "undo", "Ctrl+Z", self._nothing_decided),
            Action(N_("Issue the protocol"), self.print_out, "print", "Ctrl+P", self._cannot_issue),
            Action(N_("Signed by all…"), self.sign, "sign", "", self._cannot_sign),
            Action(N_("Enter the decisions"), self.save, "save", "Ctrl+S", self._nothing_typed, primary=True),
        ))  # fmt: skip

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """Every hall with its open lines."""
        line = self.choice.line
        self.closed_reason = ""
        if line is None or line.state is ShiftState.PLANNED:
            self.closed_reason = _("The seats of this shift are not drawn yet.")
        elif line.state is ShiftState.SEATED:
            self.closed_reason = _("The shift is not open yet.")
        elif line.state is not ShiftState.OPEN:
            self.closed_reason = _("Identification is confirmed; nothing changes any more (p.39).")
        items = []
        for found in envelopes.envelope_lines(self.app.ctx, self.shift):
            if found.balance.read2 is None:
                items.append(HallItem(found.hall, Mark.BLOCKED, _("not scanned twice")))
            elif found.open_lines:
                items.append(HallItem(found.hall, Mark.DUE, _("open lines: {n}").format(n=found.open_lines)))
            else:
                items.append(HallItem(found.hall, Mark.DONE, _("no open line")))
        self.halls.show_halls(items)
        self._show_hall()

    def _show_hall(self) -> None:
        hall = self.halls.current()
        self.hall_view = None
        if hall and not (self.choice.line and self.choice.line.state is ShiftState.PLANNED):
            with self.app.guarded():
                self.hall_view = identification.hall_view(self.app.ctx, self.shift, hall)
        self._show_protocol()
        self._show_lines()
        self.renew_actions()

    def _show_protocol(self) -> None:
        versions = self.hall_view.versions if self.hall_view else ()
        if not versions:
            self.protocol.setText(_("The protocol of this hall is not issued yet."))
            return
        newest = versions[-1]
        words = _("Protocol, version {n} of {at}; open lines: {open}.").format(
            n=newest.version, at=moment_words(newest.issued_at), open=newest.open_lines)  # fmt: skip
        if newest.last:
            words += " " + _("It is the last version.")
        elif newest.signed_at:
            words += " " + _("Signed by {n} on {at}.").format(n=len(newest.signed_by),
                                                              at=moment_words(newest.signed_at))  # fmt: skip
        elif newest.open_lines:
            words += " " + _("Not signed yet: decisions are entered from the signed paper (p.38).")
        self.protocol.setText(words)

    def _show_lines(self) -> None:
        kept = self.list.currentIndex().data(_LINE)
        self.list.selectionModel().blockSignals(True)
        self.items.clear()
        result = self.hall_view.result if self.hall_view else None
        scanned = self._scanned()
        if result is not None and scanned:
            self._heading(_("Table 2. Sheets"), len(result.sheets))
            for line in result.sheets:
                self._add(f"sheet:{line.sheet.serial}", self._sheet_words(line), self._sheet_mark(line))
            self._heading(_("Table 1. Students"), len(result.missing))
            for missing in result.missing:
                mark = Mark.DUE if missing.remark is LineState.OPEN else Mark.DONE
                self._add(f"student:{missing.place.student}", _student_words(missing), mark)
        self.list.selectionModel().blockSignals(False)
        if not (kept and self._put(kept)):
            self._first_open()
        self._show_line()

    def _heading(self, words: str, count: int) -> None:
        item = QStandardItem(f"{words} · {count}")
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(theme.font(9, bold=True))
        self.items.appendRow(item)

    def _add(self, key: str, words: str, mark: Mark) -> None:
        item = QStandardItem(icons.mark_icon(mark), words)
        item.setData(key, _LINE)
        self.items.appendRow(item)

    def _sheet_words(self, line: SheetLine) -> str:
        s = line.sheet
        numbers = _("{serial}: code {code}\nseat {seat}, variant {variant}").format(
            serial=s.serial[-4:], code=s.code, seat=s.seat, variant=s.variant)  # fmt: skip
        if line.state is not LineState.OPEN:
            return numbers + " · " + " ".join(part for part in (_(LINE_LABELS[line.state]), line.name) if part)
        return numbers + (" · " + _("typed") if s.serial in self.typed else "")

    def _sheet_mark(self, line: SheetLine) -> Mark:
        if line.state is not LineState.OPEN:
            return Mark.DONE
        return Mark.INFO if line.sheet.serial in self.typed else Mark.DUE

    def _put(self, key: str) -> bool:
        for row in range(self.items.rowCount()):
            if self.items.item(row).data(_LINE) == key:
                self.list.setCurrentIndex(self.items.index(row, 0))
                return True
        return False

    def _keys(self) -> list[str]:
        found = (self.items.item(row).data(_LINE) for row in range(self.items.rowCount()))
        return [key for key in found if key]

    def _is_open(self, key: str) -> bool:
        line = self._line(key)
        if isinstance(line, SheetLine):
            return line.state is LineState.OPEN and line.sheet.serial not in self.typed
        return line is not None and line.remark is LineState.OPEN

    def _first_open(self) -> None:
        keys = self._keys()
        self._put(next((key for key in keys if self._is_open(key)), keys[0] if keys else ""))

    def _line(self, key: str) -> SheetLine | MissingLine | None:
        if self.hall_view is None or not key:
            return None
        kind, _sign, name = key.partition(":")
        if kind == "sheet":
            return next((line for line in self.hall_view.result.sheets if line.sheet.serial == name), None)
        return next((line for line in self.hall_view.result.missing if line.place.student == name), None)

    def current(self) -> SheetLine | MissingLine | None:
        """The line in front."""
        return self._line(self.list.currentIndex().data(_LINE) or "")

    def _choose(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_line()
        self.renew_actions()

    def _show_line(self) -> None:
        line, view = self.current(), self.hall_view
        if isinstance(line, SheetLine) and view is not None:
            serial = line.sheet.serial
            self.card.show_line(line, view.images.get(serial), self.typed.get(serial), self._why_not())
            self.stack.setCurrentWidget(self.card)
        elif isinstance(line, MissingLine):
            self.absence.show_line(line, self._why_not())
            self.stack.setCurrentWidget(self.absence)
        else:
            if not self._scanned():
                self.empty.say(_("This hall is not scanned twice yet"),
                               _("Identification begins when both passes agree (p.38)."), "scan")  # fmt: skip
            else:
                self.empty.say(_("Every sheet of this hall is identified"),
                _("Issue the last version of the protocol."),
                               "check")  # fmt: skip
            self.stack.setCurrentWidget(self.empty)

    def _scanned(self) -> bool:
        # The automatic part speaks only when the passes are merged: before it every student would count as missing.
        hall = self.halls.current()
        return bool(hall) and envelopes.comparison(self.app.ctx, self.shift, hall).merged

    # --- why not ---------------------------------------------------------------------------------------------------

    def _shut(self) -> str:
        if self.app.ctx.actor.role != PersonRole.PROGRAMMER:
            return _("The programmer enters decisions from the signed protocol.")
        return self.closed_reason

    def _why_not(self) -> str:
        """Why no decision may be entered now, "" when it may."""
        if self._shut():
            return self._shut()
        if self.hall_view is None or not self.hall_view.may_decide:
            return _("Issue the protocol, have all members sign it and press «Signed by all…» first (p.38).")
        return ""

    def _cannot_issue(self) -> str:
        if not self.halls.current():
            return _("Choose a hall.")
        return "" if self._scanned() else _("This hall is not scanned twice yet")

    def _cannot_sign(self) -> str:
        versions = self.hall_view.versions if self.hall_view else ()
        if self._shut():
            return self._shut()
        if not versions:
            return _("Issue the protocol first.")
        return _("This version is signed already.") if versions[-1].signed_at else ""

    def _nothing_typed(self) -> str:
        return self._why_not() or ("" if self.typed else _("Type a decision from the signed protocol first."))

    def _nothing_decided(self) -> str:
        return "" if self.halls.current() else _("Choose a hall.")

    # --- deciding --------------------------------------------------------------------------------------------------

    def _note(self, decision: IdentityDecision) -> None:
        """A decision was typed; it counts only when all are entered together, so that a swap can be put right."""
        self.typed[decision.serial] = decision
        self._show_lines()
        self.next_open()
        self.renew_actions()

    def save(self) -> None:
        """Ctrl+S: enter every decision that was typed, all or none."""
        if self._nothing_typed():
            return
        with self.app.guarded(self.card):
            here = {line.sheet.serial for line in self.hall_view.result.sheets} if self.hall_view else set()
            decisions = [decision for serial, decision in self.typed.items() if serial in here]
            identification.decide_identities(self.app.ctx, self.shift, self.halls.current(), decisions)
            self.typed = {serial: d for serial, d in self.typed.items() if serial not in here}
            self.refresh()

    def mark_unused(self, serial: str) -> None:
        """The commission found the sheet not used."""
        why = ask_for_reason(self, _("Sheet not used"), _(
            "The commission found that nobody wrote on sheet {serial}. Write the ground.").format(serial=serial),
            _("Enter «Not used»"))  # fmt: skip
        if why:
            with self.app.guarded():
                identification.mark_unused(self.app.ctx, self.shift, self.halls.current(), [serial], why)
                self.refresh()

    def mark_absent(self, student: str) -> None:
        """«Келмеді»: by the seating sheet the student did not come."""
        with self.app.guarded():
            identification.mark_absent(self.app.ctx, self.shift, self.halls.current(), [student])
            self.refresh()

    def sign(self) -> None:
        """All members have signed the paper of the newest version."""
        if self._cannot_sign() or self.hall_view is None:
            return
        version = self.hall_view.versions[-1].version
        names = ask_who_signed(self, self.app.ctx, version)
        if names is not None:
            with self.app.guarded():
                identification.sign_protocol(self.app.ctx, self.shift, self.halls.current(), version, names)
                self.refresh()

    def undo(self) -> None:
        """Ctrl+Z: what was decided here; one can be taken back while the shift is being identified."""
        hall = self.halls.current()
        found = identification.decisions(self.app.ctx, self.shift, hall)
        chosen = DecisionsDialog(self, found, self._shut()).ask()
        if chosen is not None:
            with self.app.guarded():
                identification.undo(self.app.ctx, chosen)
                self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: issue the protocol as it stands."""
        if self._cannot_issue():
            return
        with self.app.guarded():
            if not self.closed_reason:
                identification.issue_protocol(self.app.ctx, self.shift, self.halls.current())
            self.app.open_page("papers", paper="protocol", option=f"{self.shift}|{self.halls.current()}")

    # --- keys ------------------------------------------------------------------------------------------------------

    def next_open(self) -> None:
        """F3: the next open line, then the next hall with one."""
        self._walk(1)

    def previous_open(self) -> None:
        """Shift+F3."""
        self._walk(-1)

    def _walk(self, by: int) -> None:
        keys = self._keys()
        key = self.list.currentIndex().data(_LINE)
        at = keys.index(key) if key in keys else -1
        for step in range(1, len(keys) + 1):
            other = keys[(at + by * step) % len(keys)]
            if self._is_open(other):
                self._put(other)
                self._show_line()
                self._focus()
                return
        self.list.setFocus()

    def _focus(self) -> None:
        if self.stack.currentWidget() is self.card:
            self.card.focus_first()
        elif self.stack.currentWidget() is self.absence:
            self.absence.button.setFocus()

    def may_leave(self) -> bool:
        """Typed decisions that were not entered are asked about."""
        if not self.typed:
            return True
        if ask_to_confirm(self, _("Leave without entering?"), _("Decisions typed and not entered yet: {n}.").format(
                n=len(self.typed)), _("Leave it")):  # fmt: skip
            self.typed = {}
            return True
        return False

    def opened(self, **where: Any) -> None:
        """`hall` chooses one; `key` a line."""
        super().opened(**where)
        if where.get("hall"):
            self.halls.choose(where["hall"])
        self.list.setFocus()

    def unsaved(self) -> Any:
        """Shift, hall and what is typed."""
        return {"shift": self.shift, "hall": self.halls.current(), "typed": self.typed}

    def take_back(self, unsaved: Any) -> None:
        """Show it again."""
        self.typed = dict(unsaved["typed"])
        super().take_back(unsaved)
        self.halls.choose(unsaved["hall"])

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "A sheet is identified by the program only when its seat, variant and code all agree "
            "with the seating sheet "
            "and the variant sheet (p.38). Everything else goes into the protocol. The commission finds whose sheet it "
            "is by seating sheet, variant sheet and booklets, all members sign, and only then the "
            "decisions are entered. "
            "Nobody sees points or the key here."
        )


def _student_words(line: MissingLine) -> str:
    p = line.place
    words = _("{name}: code {code}, seat {seat}, variant {variant}").format(
        name=p.name, code=p.code, seat=p.seat, variant=p.variant)  # fmt: skip
    return words if line.remark is LineState.OPEN else f"{words} · {_(LINE_LABELS[line.remark])}"

"""Trainings of the network universities' coordinators and programmers (p.19, p.20), with who came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QDialog, QGridLayout, QLineEdit, QWidget

from mab_desktop.domain.network_register import COORDINATOR, OFFICE_LABELS, OFFICES, PROGRAMMER, TRAINING_RECORD
from mab_desktop.i18n import N_, _
from mab_desktop.services import network_register
from mab_desktop.services.network_register import Attendance, TrainingLine
from mab_desktop.ui import theme
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts, label, scrolled
from mab_desktop.ui.record_table import Column, Rows, TableSource
from mab_desktop.ui.states import Mark


class AttendanceQuestion(Question):
    """A line for each university: whoever came is typed, the others stay empty."""

    def __init__(self, page: TrainingsPage, held: TrainingLine) -> None:
        super().__init__(
            page, _("Who came on {day}").format(day=shown_date(held.day)),
            _("Type the full name of everybody who came; leave empty who did not."), _("Save"),
        )  # fmt: skip
        known = {(came.university, came.office): came.person for came in held.attendance}
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setContentsMargins(0, 0, theme.px(8), 0)
        for column, office in enumerate(OFFICES, 1):
            grid.addWidget(label(_(OFFICE_LABELS[office]), "muted", wrap=True), 0, column)
        self.editors: dict[tuple[str, str], QLineEdit] = {}
        for row, (code, name) in enumerate(network_register.networks(page.app.ctx), 1):
            grid.addWidget(label(f"{code} {name}", "", wrap=True), row, 0)
            for column, office in enumerate(OFFICES, 1):
                editor = theme.named(QLineEdit(known.get((code, office), "")), f"{office}-{code}")
                editor.setAccessibleName(f"{code} {_(OFFICE_LABELS[office])}")
                editor.setMaxLength(120)
                editor.setCursorPosition(0)  # a long name is read from its beginning
                editor.returnPressed.connect(self.focusNextChild)
                self.editors[code, office] = editor
                grid.addWidget(editor, row, column)
        for column, stretch in enumerate((4, 3, 3)):
            grid.setColumnStretch(column, stretch)
        area = scrolled(inside)
        area.setMinimumSize(theme.px(860), min(theme.px(480), inside.sizeHint().height() + theme.px(16)))
        self.fields.addWidget(area)
        self.act_button.setDefault(False)
        if self.editors:
            next(iter(self.editors.values())).setFocus()

    def attendance(self) -> list[Attendance]:
        """Everybody typed."""
        return [Attendance(code, office, editor.text().strip())
                for (code, office), editor in self.editors.items() if editor.text().strip()]  # fmt: skip


class TrainingsPage(EntryPage):
    """When, where, on what; who came for which university, and who is still untrained."""

    record = TRAINING_RECORD
    new_word = N_("New training")

    def table(self) -> TableSource:
        """The newest first."""
        columns = (
            Column("day", N_("Date"), 11, kind="date"),
            Column("topic", N_("Topic"), 30),
            Column("place", N_("Place"), 18),
            Column("held_by", N_("Who held it"), 20),
            Column("universities", N_("Universities"), 8, show=lambda codes: str(len(codes))),
        )
        return Rows(columns, load=lambda: network_register.trainings(self.app.ctx),
                    mark_of=lambda row: Mark.DONE if row.attendance else Mark.DUE)  # fmt: skip

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say above the list whose programmer was never trained."""
        super().refresh(changed)
        trained = {came.university for held in network_register.trainings(self.app.ctx)
                   for came in held.attendance if came.office == PROGRAMMER}  # fmt: skip
        missing = [code for code, _name in network_register.networks(self.app.ctx) if code not in trained]
        words = _("Programmers not trained yet: {codes}").format(codes=", ".join(missing))
        self.closed_reason = words if missing and self.records.total() else ""

    def row_actions(self) -> Sequence[Action]:
        """Who came, the list on paper, change, take off."""
        return (
            Action(N_("Who came…"), self.ask_attendance, "students", "Ctrl+D"),
            Action(N_("Print the attendance list"), self.print_out, "print"),
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Take off the list"), self.remove, "delete", obstacle=self._attended, dangerous=True),
        )

    def _attended(self) -> str:
        row = self.current()
        return _("Somebody came to this training. Take the names out first.") if row and row.attendance else ""

    def ask_attendance(self) -> None:
        """Type who came to the training under the cursor."""
        row = self.current()
        if row is None:
            return
        asked = AttendanceQuestion(self, row)
        if asked.exec() == QDialog.DialogCode.Accepted:
            before, ctx = row.attendance, self.app.ctx
            with self.app.guarded():
                network_register.save_attendance(ctx, row.id, asked.attendance())
                self.refresh()
                self.offer_undo(_("Who came is written down."), lambda: self._put_back(row.id, before))

    def _put_back(self, training: str, before: Sequence[Attendance]) -> None:
        network_register.save_attendance(self.app.ctx, training, before)
        self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: the attendance list of the training under the cursor, or of the newest."""
        row = self.current()
        self.app.open_page("papers", paper="training-list", **({"option": row.id} if row else {}))

    def remove(self) -> None:
        """Take the training under the cursor off; undo enters it again."""
        row = self.current()
        if row is None or row.attendance:
            return
        with self.app.guarded():
            network_register.remove_training(self.app.ctx, row.id)
            self.refresh()
            self.offer_undo(_("The training was taken off the list."), lambda: self._enter_again(row))

    def _enter_again(self, row: TrainingLine) -> None:
        network_register.save_training(self.app.ctx, {name: getattr(row, name) for name in TRAINING_RECORD.names})
        self.refresh()

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save the form."""
        network_register.save_training(self.app.ctx, values, row.id if row else "")

    def details(self, row: TrainingLine) -> Sequence[Facts]:
        """Who came, and who did not."""
        here = {(came.university, came.office): came.person for came in row.attendance}
        lines = []
        for code, name in network_register.networks(self.app.ctx):
            came = [here[code, office] for office in (COORDINATOR, PROGRAMMER) if (code, office) in here]
            lines.append((f"{code} {name}", ", ".join(came) or _("nobody")))
        head = ((_("Place"), row.place), (_("Topic"), row.topic), (_("Who held it"), row.held_by))
        return (Facts(shown_date(row.day), head), Facts(_("Who came"), tuple(lines)))

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("No training was held yet."), _("Press Ctrl+N and enter the first one.")

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The base university's coordinator holds a meeting with the coordinators and programmers of the network "
            "universities on organisation and technology; its programmer trains their programmers (p.19, p.20)."
        )

"""The strip over a document that says how its printing stands: how many pages are out, Stop, Go on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from mab_desktop.i18n import _
from mab_desktop.services import print_jobs
from mab_desktop.services.documents import Document
from mab_desktop.services.print_jobs import PrintRow
from mab_desktop.ui import icons, theme
from mab_desktop.ui.panels import label
from mab_desktop.ui.print_desk import Live, PrintDesk
from mab_desktop.ui.print_words import (
    FORGOTTEN,
    LOOK_THERE,
    in_trouble,
    is_forgotten,
    outcome_words,
    progress_words,
    run_words,
)
from mab_desktop.ui.states import Mark


class PrintStrip(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.desk: PrintDesk | None = None
        self._made: Document | None = None
        self._live: Live | None = None
        self._row: PrintRow | None = None
        self.shape, self.words, self.count = QLabel(), label("", wrap=True), label("", "muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(theme.px(160))
        self.stop_button = QPushButton(icons.icon("close"), _("Stop printing"))
        self.go_on_button = QPushButton(icons.icon("print"), _("Go on printing"))
        self.give_up_button = QPushButton(_("Give the rest up"))
        self.came_out_button = QPushButton(icons.icon("check"), _("Everything came out"))
        self.stop_button.clicked.connect(self._stop)
        self.go_on_button.clicked.connect(self._go_on)
        self.give_up_button.clicked.connect(self._give_up)
        self.came_out_button.clicked.connect(self._came_out)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        row.setSpacing(theme.px(8))
        row.addWidget(self.shape)
        row.addWidget(self.words, 1)
        buttons = (self.stop_button, self.give_up_button, self.came_out_button, self.go_on_button)
        for widget in (self.bar, self.count, *buttons):
            row.addWidget(widget)
        self.hide()

    def attend(self, desk: PrintDesk, made: Document | None) -> None:
        """Speak of this document's printings from now on."""
        if self.desk is not desk:
            self.desk = desk
            desk.changed.connect(self.renew)
        self._made = made
        self.renew()

    def renew(self) -> None:
        """Say again how it stands."""
        self._live = self._row = None
        if self.desk is not None and self._made is not None:
            named = (self._made.document, self._made.key)
            running = self.desk.live.values()
            self._live = next((live for live in running if (live.run.document, live.run.key) == named), None)
            if self._live is None:
                self._row = print_jobs.broken_off(self.desk.app.ctx, *named)
        if self._live is not None:
            self._say_live(self._live)
        elif self._row is not None:
            self._say_broken(self._row)
        self.setVisible(self._live is not None or self._row is not None)

    def _say_live(self, live: Live) -> None:
        words = run_words(live.run.order.printer, live.state)
        mark = Mark.LATE if in_trouble(live.state.reasons) else Mark.INFO
        self._say(mark, _("Stopping: {words}").format(words=words) if live.stopping else words)
        self.bar.setRange(0, live.run.order.total if live.state.sure else 0)
        self.bar.setValue(live.state.sure)
        self.count.setText(progress_words(live.state.sure, live.run.order.total))
        self._offer(live=True)
        self.stop_button.setEnabled(not live.stopping)

    def _say_broken(self, row: PrintRow) -> None:
        self._say(Mark.LATE, _(FORGOTTEN) if is_forgotten(row) else outcome_words(row))
        self.count.setText(progress_words(row.done, row.order.total))
        self._offer(live=False)
        self.came_out_button.setVisible(is_forgotten(row))
        self.words.setToolTip(_(LOOK_THERE) if is_forgotten(row) else "")
        self.go_on_button.setEnabled(row.can_go_on)

    def _say(self, mark: Mark, words: str) -> None:
        self.shape.setPixmap(icons.pixmap(icons.mark_icon(mark), 20))
        self.words.setText(words)
        self.setAccessibleName(words)

    def _offer(self, *, live: bool) -> None:
        for widget in (self.bar, self.stop_button):
            widget.setVisible(live)
        for widget in (self.go_on_button, self.give_up_button):
            widget.setVisible(not live)
        self.came_out_button.hide()

    def _stop(self) -> None:
        if self.desk is not None and self._live is not None:
            self.desk.take_back(self._live.run.job)

    def _go_on(self) -> None:
        if self.desk is not None and self._row is not None:
            self.desk.ask_to_go_on(self.window(), self._row)

    def _came_out(self) -> None:
        if self.desk is not None and self._row is not None:
            print_jobs.came_out(self.desk.app.ctx, self._row.id)
            self.desk.changed.emit()

    def _give_up(self) -> None:
        if self.desk is not None and self._row is not None:
            self.desk.give_up(self.window(), self._row)

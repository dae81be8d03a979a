"""Scanner and printer: the scanner with its settings, and the three checks that are made before the exam."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer.pictures import IMAGES
from mab_desktop.ministry_programmer.scanner_card import ScannerCard
from mab_desktop.services import equipment
from mab_desktop.services.documents import previewing
from mab_desktop.services.equipment import FIT, GLASS, SHEET, Check, Seen
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_moment
from mab_desktop.ui.image_review import Box, ImageView
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page
from mab_desktop.ui.panels import EmptyState, Facts, Section, StateLabel, clear, facts_block, label, scrolled, split
from mab_desktop.ui.preview import PreviewView
from mab_desktop.ui.states import Mark, StepState

FOLDER = "equipment.folder"
MARKS = {"good": Mark.DONE, "remark": Mark.DUE, "bad": Mark.LATE}
ABOUT = {
    FIT: N_("Print it on the printer and the paper of the answer sheets, then scan it: size, place and darkness are "
            "measured, of the printer and the scanner together."),
    GLASS: N_("Scan a clean white sheet: dirt and streaks of the glass are found before they cross answers."),
    SHEET: N_("Scan one filled answer sheet: the picture shows what the reader sees."),
}


def equipment_state(app: AppContext) -> StepState:
    """Done when test sheet and white sheet were good; due while one was never looked at or has a remark."""
    newest: dict[str, Check] = {}
    for check in equipment.last_checks(app.ctx):
        newest.setdefault(check.kind, check)
    for kind in (FIT, GLASS):
        if kind in newest and not newest[kind].usable:
            return StepState(Mark.LATE, f"{_(equipment.CHECKS[kind])}: {newest[kind].verdict_words(app.ctx.lang)}")
    missing = [kind for kind in (FIT, GLASS) if kind not in newest]
    return StepState(Mark.DUE, _(equipment.CHECKS[missing[0]])) if missing else StepState(Mark.DONE)


class CheckCard(Section):
    """One check: what it is for, its last verdict with date and device, and how to make it."""

    def __init__(self, kind: str, actions: tuple[Action, ...]) -> None:
        super().__init__(_(equipment.CHECKS[kind]))
        self.kind = kind
        self.state, self.when = StateLabel(Mark.NONE), label("", "muted", wrap=True)
        self.body.addWidget(label(_(ABOUT[kind]), "small", wrap=True))
        self.body.addWidget(self.state)
        self.body.addWidget(self.when)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.buttons = [ActionButton(action) for action in actions]
        for button in self.buttons:
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)

    def show_check(self, check: Check | None, lang: str) -> None:
        """The last verdict; None where it was never made with this scanner."""
        if check is None:
            self.state.show_state(Mark.NONE, _("Not looked at yet"))
        else:
            self.state.show_state(MARKS[check.verdict.value], check.verdict_words(lang))
            devices = (check.scanner or _("from a file"), check.printer)
            words = [shown_moment(check.at), *(device for device in devices if device)]
            self.when.setText(" · ".join(words))
        self.when.setVisible(check is not None)
        for button in self.buttons:
            button.renew()


class Findings(QWidget):
    """What was found and what to do, the gravest first, then what was measured."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, theme.px(8), 0)
        self._column.setSpacing(theme.px(4))

    def show_check(self, check: Check, lang: str) -> None:
        """Show one check."""
        clear(self._column)
        for verdict, text, advice in check.findings(lang):
            self._column.addWidget(StateLabel(MARKS[verdict.value], text))
            if advice:
                self._column.addWidget(label(advice, wrap=True, selectable=True))
            self._column.addSpacing(theme.px(8))
        measured = check.measure_lines(lang)
        if measured:
            self._column.addWidget(facts_block(Facts(_("Measured"), measured)))
        self._column.addStretch(1)


class EquipmentPage(Page):
    """Left the scanner and the checks, right what the last look showed."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.scanner = ScannerCard(app)
        self.scanner.changed.connect(self.refresh)
        self.cards = {kind: CheckCard(kind, self._actions(kind)) for kind in (FIT, GLASS, SHEET)}
        self.heading, self.verdict, self.findings = label("", "section"), StateLabel(Mark.NONE), Findings()
        self.picture, self.preview = ImageView(), PreviewView(app)
        self.preview.renew = self._print_again
        self.empty = EmptyState(
            _("Nothing looked at yet"),
            _("Begin with the test sheet: print it, lay it into the scanner and read it. Without a scanner here, every "
              "check reads an image from a file as well."), icon="scan",
        )  # fmt: skip
        self.shown = QStackedWidget()
        for part in (self.empty, self._result(), self.preview):
            self.shown.addWidget(part)
        self.body.addWidget(split(self._left(), self.shown, stretches=(5, 8)), 1)
        for card in self.cards.values():
            self.own(card.buttons)

    def _left(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.setSpacing(theme.px(12))
        for card in (self.scanner, *self.cards.values()):
            column.addWidget(card)
        column.addStretch(1)
        return scrolled(made, theme.px(480))

    def _result(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self.heading)
        column.addWidget(self.verdict)
        column.addWidget(split(scrolled(self.findings), self.picture, stretches=(1, 1)), 1)
        return made

    def _actions(self, kind: str) -> tuple[Action, ...]:
        scan = Action(N_("Scan"), self._do(self.scan, kind), "scan", obstacle=self._no_scanner, primary=True)
        file = Action(N_("From a file"), self._do(self.from_file, kind), "open")
        printed = Action(N_("Print"), self.print_out, "print", shortcut="Ctrl+P")
        return (printed, scan, file) if kind == FIT else (scan, file)

    @staticmethod
    def _do(act: Callable[[str], None], kind: str) -> Callable[[], None]:
        return lambda: act(kind)

    def _no_scanner(self) -> str:
        return "" if self.scanner.profile() else _("Choose a scanner above, or read an image from a file.")

    # --- doing -----------------------------------------------------------------------------------------------------

    def scan(self, kind: str) -> None:
        """Scan one page with the chosen scanner and look at it."""
        profile = self.scanner.profile()
        if profile is not None:
            self.app.tasks.run(
                _(equipment.CHECKS[kind]),
                lambda progress: equipment.scan_and_check(self.app.ctx, kind, profile, progress), self._seen,
            )  # fmt: skip

    def from_file(self, kind: str) -> None:
        """Look at an image that the person chooses."""
        begin = str(self.app.settings.get(FOLDER, str(Path.home())))
        file, _kind = QFileDialog.getOpenFileName(self, _(equipment.CHECKS[kind]), begin, _(IMAGES))
        if file:
            self.app.settings.set(FOLDER, str(Path(file).parent))
            self.look_at(kind, Path(file))

    def look_at(self, kind: str, file: Path) -> None:
        """Make a check on an image file."""
        self.app.tasks.run(
            _(equipment.CHECKS[kind]),
            lambda progress: equipment.run_check(self.app.ctx, kind, file, progress=progress), self._seen,
        )  # fmt: skip

    def print_out(self) -> None:
        """Ctrl+P: the test sheet to print or to save."""
        with self.app.guarded(), previewing():
            made = equipment.print_fit_sheet(self.app.ctx)
            self.preview.show_document(made, _(equipment.CHECKS[FIT]))
            self.shown.setCurrentWidget(self.preview)

    def _print_again(self, then: Callable[[], None]) -> None:
        self.print_out()
        then()

    # --- showing ---------------------------------------------------------------------------------------------------

    def _seen(self, seen: Seen) -> None:
        boxes = [Box(p.x, p.y, p.width, p.height, Mark.LATE, p.words) for p in seen.places]
        self.picture.setVisible(bool(seen.picture))
        if seen.picture:
            self.picture.show_picture(seen.picture, boxes)
        self._show(seen.check)
        self.refresh()

    def _show(self, check: Check) -> None:
        lang = self.app.ctx.lang
        self.verdict.show_state(MARKS[check.verdict.value], check.verdict_words(lang))
        self.heading.setText(_(equipment.CHECKS[check.kind]))
        self.findings.show_check(check, lang)
        self.shown.setCurrentIndex(1)
        self.picture.fit()

    def opened(self, **where: object) -> None:
        """Ask the scanner what it has now, and show the newest check; `check` and `file` make one at once."""
        self.scanner.ask_options()
        kind, file = where.get("check"), where.get("file")
        if isinstance(kind, str) and isinstance(file, str):
            self.look_at(kind, Path(file))

    def refresh(self, changed: set[str] | None = None) -> None:
        """The last verdicts with the chosen scanner, else from files."""
        if changed is not None and "setting" not in changed:
            return
        checks = equipment.last_checks(self.app.ctx)
        profile = self.scanner.profile()
        for kind, card in self.cards.items():
            mine = [c for c in checks if c.kind == kind and c.scanner in ("", profile.label if profile else "")]
            card.show_check(mine[0] if mine else None, self.app.ctx.lang)
        if self.shown.currentIndex() == 0 and checks:
            self.picture.setVisible(False)
            self._show(checks[0])

    def help_words(self) -> str:
        """What is checked here and why."""
        return _(
            "Look at printer, paper and scanner before the first shift, and at the glass again every day before "
            "scanning. The test sheet goes through the printer and the scanner that are used for the answer sheets; "
            "it is also the scanner's calibration sheet: resolution, size, black, white and gray steps are measured "
            "and kept. A verdict that says «not usable» names what to change; make the check again afterwards."
        )

"""The scanner of this workplace: found or typed, chosen, and its settings kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _
from mab_desktop.services import scanners
from mab_desktop.services.scanners import ScannerLine, ScannerOptions, ScannerProfile
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, StateLabel, label
from mab_desktop.ui.states import Mark


class ScannerCard(Section):
    """Choose a scanner and how it scans; `changed` when another one is chosen or its settings are."""

    changed = Signal()

    def __init__(self, app: AppContext) -> None:
        super().__init__(_("Scanner"))
        self._app = app
        self._profiles: dict[str, ScannerProfile] = {}
        self._known: dict[str, ScannerOptions] = {}
        self._windows: list[tuple[float, float]] = []
        self.devices, self.dpi, self.mode = QComboBox(), QComboBox(), QComboBox()
        self.intake, self.part = QComboBox(), QComboBox()
        self.double_feed = QCheckBox(_("Watch for two sheets at once"))
        self.address = QLineEdit()
        self.address.setPlaceholderText(_("Address of a network scanner"))
        self.warning = label("", "small", wrap=True)
        self.away = StateLabel(Mark.LATE)
        self.rows = (
            (_("Resolution"), self.dpi), (_("Colours"), self.mode), (_("Paper lies"), self.intake),
            (_("Scanned is"), self.part),
        )  # fmt: skip
        for words, box in ((_("Scanner"), self.devices), *self.rows):
            box.setAccessibleName(words)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.address.setAccessibleName(self.address.placeholderText())
        self._lay_out()
        self._load(scanners.remembered(app.ctx))
        self.devices.activated.connect(lambda _n: self._chosen())
        for _words, box in self.rows:
            box.activated.connect(lambda _n: self._keep())
        self.double_feed.clicked.connect(lambda _on: self._keep())
        self.address.returnPressed.connect(self.ask)

    def _lay_out(self) -> None:
        look = ActionButton(Action(N_("Look for scanners"), self.look, "search"))
        ask = ActionButton(Action(N_("Ask"), self.ask))
        watch = ActionButton(Action(N_("A folder that the scanner's program fills…"), self.watch, "folder"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.address, 1)
        row.addWidget(ask)
        self.settings = QWidget()
        grid = QGridLayout(self.settings)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(6))
        self.names = [label(words) for words, _box in self.rows]
        for number, (_words, box) in enumerate(self.rows):
            grid.addWidget(self.names[number], number, 0)
            grid.addWidget(box, number, 1)
        grid.addWidget(self.double_feed, len(self.rows), 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self.forget = ActionButton(Action(N_("Take this scanner off the list"), self.take_off, "delete"))
        self.forget.setProperty("kind", "link")
        self.body.addWidget(self.devices)
        self.body.addWidget(self.away)
        self.body.addWidget(self.settings)
        self.body.addWidget(self.warning)
        self.body.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(look)
        self.body.addWidget(watch)
        self.body.addLayout(row)

    # --- the list --------------------------------------------------------------------------------------------------

    def profile(self) -> ScannerProfile | None:
        """The chosen scanner with its settings; None when images come from files."""
        return self._profiles.get(str(self.devices.currentData() or ""))

    def look(self) -> None:
        """Look for scanners on USB and the network."""
        self._app.tasks.run(_("Looking for scanners"), scanners.find_scanners, self._found)

    def ask(self) -> None:
        """Ask the network scanner at the typed address."""
        address = self.address.text().strip()
        if address:
            self._app.tasks.run(
                _("Looking for scanners"), lambda _progress: [scanners.ask_scanner(address)], self._found
            )

    def watch(self) -> None:
        """Take pages out of a folder in which the scanner's own program saves them, as they arrive."""
        title = _("The folder that the scanner's program saves its pages in")
        folder = QFileDialog.getExistingDirectory(self, title, str(Path.home()))
        if folder:
            self._found([scanners.folder_line(Path(folder), watched=True)])

    def _found(self, lines: Sequence[ScannerLine]) -> None:
        known = list(self._profiles.values())
        new = [scanners.suggested(line) for line in lines if line.key not in self._profiles]
        self._load([*new, *known])
        if not lines:
            self._app.inform(
                _("No scanner was found."),
                next_step=_("Switch it on, check the cable and look again, or scan into a folder and read from "
                            "a file."),
                kind="warning",
            )  # fmt: skip
        elif new or len(lines) == 1:  # the one that was asked for may be known
            self.devices.setCurrentIndex(self.devices.findData((new or lines)[0].key))
            self._chosen()
        else:
            self.ask_options()

    def _load(self, profiles: Sequence[ScannerProfile]) -> None:
        self._profiles = {profile.key: profile for profile in profiles}
        names = [profile.label for profile in profiles]
        self.devices.clear()
        for profile in profiles:
            # Two of the same make are told apart by their addresses.
            words = f"{profile.label} · {profile.address}" if names.count(profile.label) > 1 else profile.label
            self.devices.addItem(words, profile.key)
            self.devices.setItemData(self.devices.count() - 1, profile.key, Qt.ItemDataRole.ToolTipRole)
        self.devices.addItem(_("No scanner: images from files"), "")
        self._offer()

    def take_off(self) -> None:
        """Forget a scanner that is not used any more; it comes back when it is found again."""
        profile = self.profile()
        if profile is None:
            return
        with self._app.guarded():
            scanners.forget(self._app.ctx, profile.key)
        self._load([other for other in self._profiles.values() if other.key != profile.key])
        self.ask_options()
        self.changed.emit()

    # --- its settings ----------------------------------------------------------------------------------------------

    def _chosen(self) -> None:
        self._offer()
        self._keep()
        self.ask_options()
        self.changed.emit()

    def ask_options(self) -> None:
        """Ask the chosen scanner, beside the window, what it has; one that is away is said to be."""
        profile = self.profile()
        if profile is not None:
            key = profile.key
            self._app.tasks.read(
                lambda: scanners.describe_options(profile),
                lambda options: self._told(key, options), lambda error: self._is_away(key, error),
            )  # fmt: skip

    def _told(self, key: str, options: ScannerOptions) -> None:
        """The scanner answered; by now the person may have chosen another one."""
        self._known[key] = options
        before = self.profile()
        if before is None or before.key != key:
            return
        fitting = scanners.fitted(before, options)
        self._profiles[key] = fitting
        self._offer()
        if fitting != before:
            self._keep()

    def _is_away(self, key: str, error: BaseException) -> None:
        profile = self.profile()
        if profile is None or profile.key != key:
            return
        if not isinstance(error, UserError):
            self._app.failed(error)
            return
        self._known.pop(key, None)
        self._offer(error)

    def _offer(self, error: UserError | None = None) -> None:
        """Fill in what the scanner lets us choose, with what is chosen; until it has answered only what is chosen."""
        profile = self.profile()
        wanted = profile.settings if profile else None
        options = self._known.get(profile.key) if profile else None
        for _words, box in self.rows:
            box.clear()
        if wanted is not None:
            window = (wanted.width, wanted.height)
            resolutions = options.resolutions if options else ()
            for dpi in sorted({*resolutions, wanted.dpi}):
                self.dpi.addItem(_("{dpi} dots per inch").format(dpi=dpi), dpi)
            for mode in (one for one in scanners.MODES if one == wanted.mode or (options and one in options.modes)):
                self.mode.addItem(_(scanners.MODES[mode]), mode)
            both = options is not None and options.feeder and options.glass
            for feeder in (True, False):
                if both or feeder == wanted.feeder:
                    self.intake.addItem(_("in the feeder") if feeder else _("on the glass"), feeder)
            self._windows = list(dict.fromkeys((*(options.windows if options else ()), window)))
            for place, size in enumerate(self._windows):
                self.part.addItem(_window_words(size), place)
            chosen = (wanted.dpi, wanted.mode, wanted.feeder, self._windows.index(window))
            for (_words, box), value in zip(self.rows, chosen, strict=True):
                box.setCurrentIndex(box.findData(value))
                box.setEnabled(box.count() > 1)
            self.double_feed.setChecked(wanted.double_feed)
        for name, (_words, box) in zip(self.names[2:], self.rows[2:], strict=True):
            for part in (name, box):
                part.setVisible(box.count() > 1)
        self.double_feed.setVisible(options is not None and options.double_feed)
        self.settings.setVisible(profile is not None and profile.kind not in scanners.FOLDERS)
        self.forget.setVisible(profile is not None)
        self.away.setVisible(error is not None)
        if error is not None:
            self.away.show_state(Mark.LATE, error.message(self._app.ctx.lang))
        self._warn()

    def _keep(self) -> None:
        """Keep the settings as they are shown and put the scanner first."""
        profile = self.profile()
        if profile is None:
            return
        width, height = self._windows[self.part.currentIndex()]
        changed = scanners.with_settings(
            profile, dpi=self.dpi.currentData(), mode=self.mode.currentData(), feeder=self.intake.currentData(),
            width=width, height=height, double_feed=self.double_feed.isChecked(),
        )  # fmt: skip
        with self._app.guarded():
            scanners.remember(self._app.ctx, changed)
            self._profiles[profile.key] = changed
        self._warn()
        self.changed.emit()

    def _warn(self) -> None:
        profile = self.profile()
        options = self._known.get(profile.key) if profile else None
        words = []
        if profile is not None:
            words = [problem.message(self._app.ctx.lang) for problem in scanners.profile_warnings(profile)]
        if options is not None and not options.double_feed and profile and profile.kind not in scanners.FOLDERS:
            words.append(_("This scanner has no watch for two sheets at once that could be switched on. The program "
                           "looks at the length, the content and the serials of the sheets."))  # fmt: skip
        self.warning.setText(" ".join(words))
        self.warning.setVisible(bool(words))


def _window_words(size: tuple[float, float]) -> str:
    """What of the bed is scanned, with its size in mm."""
    width, height = size
    name = scanners.WINDOWS.get(size)
    millimetres = _("{size} mm").format(size=f"{width:.0f} × {height:.0f}")
    return f"{_(name)}, {millimetres}" if name else millimetres

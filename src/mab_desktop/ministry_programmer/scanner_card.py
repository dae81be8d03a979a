"""The scanner of this workplace: found or typed, chosen, and its settings kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from mab_desktop.i18n import N_, _
from mab_desktop.services import scanners
from mab_desktop.services.scanners import ScannerLine, ScannerOptions, ScannerProfile
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, label


class ScannerCard(Section):
    """Choose a scanner and how it scans; `changed` when another one is chosen or its settings are."""

    changed = Signal()

    def __init__(self, app: AppContext) -> None:
        super().__init__(_("Scanner"))
        self._app = app
        self._profiles: dict[str, ScannerProfile] = {}
        self.devices, self.dpi, self.mode = QComboBox(), QComboBox(), QComboBox()
        self.double_feed = QCheckBox(_("Watch for two sheets at once"))
        self.address = QLineEdit()
        self.address.setPlaceholderText(_("Address of a network scanner"))
        self.warning = label("", "small", wrap=True)
        for box, words in ((self.devices, _("Scanner")), (self.dpi, _("Resolution")), (self.mode, _("Colours"))):
            box.setAccessibleName(words)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.address.setAccessibleName(self.address.placeholderText())
        self._lay_out()
        self._load(scanners.remembered(app.ctx))
        self.devices.activated.connect(lambda _n: self._chosen())
        self.dpi.activated.connect(lambda _n: self._keep())
        self.mode.activated.connect(lambda _n: self._keep())
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
        grid.addWidget(label(_("Resolution")), 0, 0)
        grid.addWidget(self.dpi, 0, 1)
        grid.addWidget(label(_("Colours")), 1, 0)
        grid.addWidget(self.mode, 1, 1)
        grid.addWidget(self.double_feed, 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        self.body.addWidget(self.devices)
        self.body.addWidget(self.settings)
        self.body.addWidget(self.warning)
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
        elif new:
            self._chosen()
        elif len(lines) == 1:  # the one that was asked for is known
            self.devices.setCurrentIndex(self.devices.findData(lines[0].key))
            self._chosen()

    def _load(self, profiles: Sequence[ScannerProfile]) -> None:
        self._profiles = {profile.key: profile for profile in profiles}
        self.devices.clear()
        for profile in profiles:
            self.devices.addItem(profile.label, profile.key)
            self.devices.setItemData(self.devices.count() - 1, profile.key, Qt.ItemDataRole.ToolTipRole)
        self.devices.addItem(_("No scanner: images from files"), "")
        self._offer(ScannerOptions())

    # --- its settings ----------------------------------------------------------------------------------------------

    def _chosen(self) -> None:
        profile = self.profile()
        if profile is None:
            self._offer(ScannerOptions())
            self.changed.emit()
            return
        self._offer(ScannerOptions())
        self._app.tasks.read(lambda: scanners.describe_options(profile), self._offer, self._app.failed)
        self._keep()

    def _offer(self, options: ScannerOptions) -> None:
        """Fill in what the scanner lets us choose, with what is chosen."""
        profile = self.profile()
        wanted = profile.settings if profile else None
        self.dpi.clear()
        offered = sorted({*options.resolutions, *((wanted.dpi,) if wanted else ())})
        for dpi in offered:
            if scanners.LOWEST_DPI <= dpi <= scanners.HIGHEST_DPI:
                self.dpi.addItem(_("{dpi} dots per inch").format(dpi=dpi), dpi)
        self.mode.clear()
        for mode in (mode for mode in scanners.MODES if mode in options.modes or (wanted and mode == wanted.mode)):
            self.mode.addItem(_(scanners.MODES[mode]), mode)
        if wanted:
            self.dpi.setCurrentIndex(self.dpi.findData(wanted.dpi))
            self.mode.setCurrentIndex(self.mode.findData(wanted.mode))
            self.double_feed.setChecked(wanted.double_feed)
        self.settings.setVisible(profile is not None and profile.kind not in scanners.FOLDERS)
        self._warn()

    def _keep(self) -> None:
        """Keep the settings as they are shown and put the scanner first."""
        profile = self.profile()
        if profile is None:
            return
        changed = scanners.with_settings(
            profile, dpi=self.dpi.currentData(), mode=self.mode.currentData(), double_feed=self.double_feed.isChecked()
        )
        with self._app.guarded():
            scanners.remember(self._app.ctx, changed)
            self._profiles[profile.key] = changed
        self._warn()
        self.changed.emit()

    def _warn(self) -> None:
        profile = self.profile()
        problems = scanners.profile_warnings(profile) if profile else ()
        words = [problem.message(self._app.ctx.lang) for problem in problems]
        self.warning.setText(" ".join(words))
        self.warning.setVisible(bool(words))

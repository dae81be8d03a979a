"""The first start of a workplace: the centre's file, its fingerprint from paper, whose it is, its first person.

When it is made, its own check groups are shown, to be written to a drive and read to the centre.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.clock import Clock
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PERSON_LABELS, TRAINING, PersonRole, Role, Season
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import going_official, trusting, workplace
from mab_desktop.services.context import Context
from mab_desktop.ui import icons, theme
from mab_desktop.ui.groups_field import GroupsField
from mab_desktop.ui.keys_panel import KeysPanel
from mab_desktop.ui.login import Gate
from mab_desktop.ui.panels import clear, label
from mab_desktop.ui.password_fields import secret_field
from mab_desktop.ui.reserve_link import ReserveLink

BEGINNING = N_(
    "Take the file that the National Testing Centre sent and its sheet with the fingerprint. Type the fingerprint from "
    "the paper: the file is believed only when they agree."
)
MADE = N_(
    "This workplace is made. The testing centre does not know it yet: write the file for the centre to a drive, print "
    "the sheet, and have the check groups at hand when the centre calls."
)
UNCHOSEN = N_(
    "Choose the real exam or training. It cannot be changed later, and neither takes the files of the other. Nothing "
    "was made yet."
)


class BeginPage(Gate):
    """Shown when there is no database yet; nothing is made while something does not fit.

    The other beginning, a backup or a set for the reserve PC, is asked for by a link.
    """

    def __init__(self, role: Role, title: str, database: Path, clock: Clock) -> None:
        """`title` is a message id."""
        super().__init__(_(title), _(BEGINNING), "certificate", 700)
        self._role, self._database, self._clock = role, database, clock
        self.carrier, self.groups, self.code, self.name = QLineEdit(), GroupsField(), QLineEdit(), QLineEdit()
        self.verdict = label("", "hint", wrap=True)
        self.panel: KeysPanel | None = None
        self._ctx: Context | None = None
        self._fingerprint = ""
        self.place = label(_("The data will lie in {folder}.").format(folder=database.parent), "small", wrap=True,
                           selectable=True)  # fmt: skip
        self.device, self.year = QLineEdit(), QLineEdit(str(clock.now().year))
        self.official, self.training = QRadioButton(_("Real exam, not training")), QRadioButton(_(TRAINING))
        self.official.setChecked(going_official.was_training(database))  # else neither: nobody changes it later
        self.person = QComboBox()
        self.login, self.password, self.repeated = QLineEdit(), secret_field(), secret_field()
        self.device.setPlaceholderText(_("may stay empty"))
        self.code.setMaxLength(3)
        self.year.setMaxLength(4)
        for person in _persons_of(role):
            self.person.addItem(_(PERSON_LABELS[person]), person.value)
        self.card.body.setSpacing(theme.px(6))
        self.card.body.addLayout(self._fields())
        self.button = self.finish(_("Begin the season"), self.begin)
        self.repeated.returnPressed.connect(self.button.click)
        self.restore_link = QPushButton(_("Restore a backup, or take over as the reserve PC"))
        self.restore_link.setProperty("kind", "link")
        self.restore_link.clicked.connect(self.restore.emit)
        self.card.body.addWidget(self.restore_link)
        if role is Role.MINISTRY_PROGRAMMER:
            self.reserve_link = ReserveLink(database, clock, self._told_by_drive)
            self.card.body.addWidget(self.reserve_link)
        self.carrier.textChanged.connect(self._read_file)
        self.groups.changed.connect(self._compare)
        self.official.toggled.connect(self._judge_place)
        self._judge_place(self.official.isChecked())
        self.look_on_drives()

    def _told_by_drive(self, words: str, wrong: bool) -> None:
        self.refuse(words if wrong else "")
        self.verdict.setText("" if wrong else words)

    def first_field(self) -> QWidget:
        """Where typing begins."""
        return self.carrier

    def _fields(self) -> QGridLayout:
        """Each label over its field, in six columns: the centre's file, whose workplace, who works here."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(10))
        lines = (
            ((6, _("File from the National Testing Centre"), self._file()),),
            ((6, _("Fingerprint from the paper, 8 groups"), self.groups),),
            ((6, "", self.verdict),),
            ((2, _("Code of the university"), self.code), (2, _("Year of the season"), self.year),
             (2, _("Short name of an operator's PC"), self.device)),
            ((4, "", self.official), (2, "", self.training)),
            ((4, _("Your full name"), self.name), (2, _("Role"), self.person)),
            ((2, _("Your name for logging in"), self.login), (2, _("Password"), self.password),
             (2, _("Password once more"), self.repeated)),
            ((6, "", self.place),),
        )  # fmt: skip
        for number, line in enumerate(lines):
            column = 0
            for width, title, editor in line:
                cell = QVBoxLayout()
                cell.setSpacing(theme.px(2))
                if title:
                    name = label(title, "muted")
                    name.setBuddy(editor)
                    editor.setAccessibleName(title)
                    cell.addWidget(name)
                cell.addWidget(editor)
                grid.addLayout(cell, number, column, 1, width)
                column += width
        for column in range(6):
            grid.setColumnStretch(column, 1)
        return grid

    def _file(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        choose = QPushButton(icons.icon("open"), _("Choose the file…"))
        choose.clicked.connect(self._choose)
        look = QPushButton(icons.icon("drive"), _("Look on the drives"))
        look.clicked.connect(self.look_on_drives)
        row.addWidget(self.carrier, 1)
        row.addWidget(look)
        row.addWidget(choose)
        made.setFocusProxy(self.carrier)
        made.setMinimumHeight(theme.px(34))  # lines grow by their focus ring
        return made

    def _choose(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Choose the file…"))
        if file:
            self.carrier.setText(file)

    def look_on_drives(self) -> None:
        """Take the centre's newest file of the drives that are in; where there is none, what was chosen stays."""
        found = trusting.find_centre_file()
        if found is not None:
            self.carrier.setText(str(found))

    def _read_file(self, path: str) -> None:
        """The file's fingerprint, for comparing as one types; "" for what is no file of the centre."""
        self._fingerprint = ""
        if Path(path.strip()).is_file():
            with suppress(UserError, OSError):
                self._fingerprint = trusting.fingerprint_on(Path(path.strip()))
        self._compare()

    def _compare(self) -> None:
        verdicts: list[bool | None] = [None] * len(self.groups.cells)
        if self._fingerprint:
            verdicts = trusting.compare_groups(self.groups.groups(), self._fingerprint)
        self.groups.show_verdicts(verdicts)
        wrong = [str(number) for number, verdict in enumerate(verdicts, 1) if verdict is False]
        if wrong:
            words = _("Not as in the file: group {numbers}. Look at the paper once more; if it says so, do not go on "
                      "and call the testing centre.").format(numbers=", ".join(wrong))  # fmt: skip
        elif all(verdicts):
            words = _("All eight groups agree.")
        elif self.carrier.text().strip() and not self._fingerprint:
            words = _("This is not a file of the testing centre, or it is damaged.")
        else:
            words = ""
        self.verdict.setText(words)
        self.verdict.setObjectName("fieldError" if wrong else "hint")
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)

    def _judge_place(self, official: bool) -> None:
        """Say before anything is typed where real data may not lie."""
        self.refuse("")
        if official:
            try:
                workplace.require_own_disk(self._database.parent)
            except UserError as error:
                self.refuse(error.message(active()))

    def begin(self) -> None:
        """Make the workplace; nothing is made while something does not fit."""
        wanted = (self.carrier, self.groups, self.code, self.name, self.login, self.password)
        missing = [field for field in wanted if not field.text().strip()]
        if missing or not self.year.text().isdecimal():
            self.refuse(_("Fill in every field."))
            (missing[0] if missing else self.year).setFocus()
            return
        if not (self.official.isChecked() or self.training.isChecked()):
            self.refuse(_(UNCHOSEN))
            self.official.setFocus()
            return
        if self.password.text() != self.repeated.text():
            self.refuse(_("The two passwords differ. Type them again."))
            self.repeated.clear()
            self.repeated.setFocus()
            return
        try:
            ctx = self._create()
        except OSError:
            self.refuse(_("The file of the testing centre cannot be read. Nothing was made. Choose the file again."))
        except UserError as error:
            self.refuse(error.message(active()))
        else:
            self._show_keys(ctx)

    def _show_keys(self, ctx: Context) -> None:
        """What the centre must know of this workplace; the fields make room for it."""
        self._ctx = ctx
        self.refuse("")
        clear(self.card.body)
        self.card.body.addWidget(label(_("Let the testing centre know this workplace"), "section", wrap=True))
        self.card.body.addWidget(label(_(MADE), "muted", wrap=True))
        panel = self.panel = KeysPanel(ctx)
        panel.told.connect(self.bring_into_sight)
        self.card.body.addWidget(panel)
        go_on = QPushButton(_("Go on to the log-in"))
        go_on.clicked.connect(self.go_on)
        self.card.body.addWidget(go_on)
        application = QApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._let_go)

    def go_on(self) -> None:
        """Leave the workplace to the log-in."""
        assert self._ctx is not None
        login = self._ctx.actor.login
        self._let_go()
        self.begun.emit(login)

    def _let_go(self) -> None:
        if self._ctx is not None:
            self._ctx.store.close()
        self._ctx = None

    def _create(self) -> Context:
        year = int(self.year.text())
        season = Season.of(year, official=self.official.isChecked())
        start = workplace.Start(
            self._role, self.code.text().strip(), season, self.login.text().strip(), self.name.text().strip(),
            self.person.currentData(), self.device.text().strip(),
        )  # fmt: skip
        return workplace.create(
            self._database, start, self.password.text(), centre_file=Path(self.carrier.text().strip()),
            groups=self.groups.text(), clock=self._clock, lang=active(),
        )  # fmt: skip


def _persons_of(role: Role) -> tuple[PersonRole, ...]:
    if role is Role.NETWORK_UNI:
        return PersonRole.PROGRAMMER, PersonRole.OPERATOR, PersonRole.COORDINATOR
    return PersonRole.PROGRAMMER, PersonRole.COORDINATOR

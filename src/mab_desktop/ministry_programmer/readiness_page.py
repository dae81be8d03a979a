"""Readiness before the first shift (p.28, p.29): what is checked, what came out, the report that two persons sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.progress import Progress
from mab_desktop.domain.readiness import ITEM_LABELS, VERDICT_LABELS, Finding, Item, Verdict, not_ready
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer.pictures import IMAGES
from mab_desktop.services import going_official, readiness, reserve, scanners, transfer_view
from mab_desktop.services.readiness import Report
from mab_desktop.services.workplace import logins
from mab_desktop.ui import theme
from mab_desktop.ui.backup_questions import FolderQuestion
from mab_desktop.ui.formats import shown_moment, shown_size
from mab_desktop.ui.messages import Question, ask_for_reason, ask_to_confirm
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page
from mab_desktop.ui.panels import (
    Facts,
    Section,
    StateLabel,
    clear,
    facts_block,
    label,
    mark_shape,
    rule,
    scrolled,
    split,
)
from mab_desktop.ui.password_fields import secret_field
from mab_desktop.ui.states import Mark, StepState

MARKS = {Verdict.GOOD: Mark.DONE, Verdict.REMARK: Mark.DUE, Verdict.BAD: Mark.LATE, Verdict.OPEN: Mark.NONE}
PACK_FOLDER = "pack.folder"


def readiness_state(app: AppContext) -> StepState:
    """Done when the report lets the first shift open, blocked never: it is due until then."""
    found = readiness.reports(app.ctx)
    return StepState(Mark.DONE) if found and found[0].opens else StepState(Mark.DUE)


class ReadinessPage(Page):
    """Left every check with its words and buttons, right the report and whether this is training or the real exam."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        inside = QWidget()
        self.grid = QGridLayout(inside)
        self.grid.setContentsMargins(0, 0, theme.px(8), 0)
        self.grid.setHorizontalSpacing(theme.px(10))
        self.grid.setVerticalSpacing(theme.px(6))
        self.grid.setColumnStretch(1, 1)
        card = Section()
        card.body.addWidget(scrolled(inside), 1)
        self.report, self.mode = Section(_("Report of readiness")), Section(_("Training or the real exam"))
        self.state = StateLabel(Mark.NONE)
        self.facts = QVBoxLayout()
        self.report.body.addWidget(self.state)
        self.report.body.addLayout(self.facts)
        self.report.body.addStretch(1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self.report, 1)
        column.addWidget(self._mode_card())
        self.buttons: dict[tuple[Item, str], ActionButton] = {}
        self.body.addWidget(split(card, side, stretches=(8, 4)), 1)
        self.add_actions((
            Action(N_("Print the report"), self.print_out, "print", "Ctrl+P", self._no_report),
            Action(N_("Save the signature…"), self.save_signed, "drive", "", self._no_signature),
            Action(N_("Open with a reason…"), self.sign_with_reason, "edit", "", self._not_hers),
            Action(N_("Check this computer"), self.check_pc, "verify"),
            Action(N_("Sign the report…"), self.sign, "sign", "", self._not_ready, primary=True),
        ))  # fmt: skip

    def _mode_card(self) -> QWidget:
        official = self.app.ctx.season.official
        words = _("This is the real exam. Files and sheets of a training are refused.") if official else _(
            "This is a training: every print and every file bears the mark of it, and nothing of it gets into the real "
            "exam. For that the training data are put aside and the workplace begins anew from the testing centre's "
            "official file.")  # fmt: skip
        self.mode.body.addWidget(label(words, "", wrap=True))
        if not official:
            button = ActionButton(Action(N_("Begin the real exam…"), self.go_official, "certificate", "",
                                         self._not_programmer, dangerous=True))  # fmt: skip
            row = QHBoxLayout()
            row.addWidget(button)
            row.addStretch(1)
            self.mode.body.addLayout(row)
            self.own([button])
        return self.mode

    # --- showing ---------------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:  # noqa: ARG002
        """Read every check again."""
        self.found = readiness.findings(self.app.ctx)
        clear(self.grid)
        self._page_buttons = [button for button in self._page_buttons if button not in self.buttons.values()]
        self.buttons = {}
        for number, finding in enumerate(self.found):
            if number:
                self.grid.addWidget(rule(), 2 * number - 1, 0, 1, 3)
            self._line(2 * number, number + 1, finding)
        self.grid.setRowStretch(2 * len(self.found), 1)
        self.own(list(self.buttons.values()))
        self._show_report(readiness.reports(self.app.ctx))
        self.renew_actions()

    def _line(self, row: int, number: int, finding: Finding) -> None:
        top = Qt.AlignmentFlag.AlignTop
        mark = mark_shape(MARKS[finding.verdict], 20, _(VERDICT_LABELS[finding.verdict]))
        mark.setMinimumWidth(theme.px(20))
        self.grid.addWidget(mark, row, 0, top)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(f"{number}. {_(ITEM_LABELS[finding.item])}", "", wrap=True))
        outdated = finding.verdict is Verdict.OPEN and finding.at is not None  # it was checked: the reason says when
        verdict = "" if outdated else _(VERDICT_LABELS[finding.verdict])
        when = " · ".join(part for part in (verdict, shown_moment(finding.at), finding.by) if part)
        words.addWidget(label(when, "small", wrap=True))
        for problem in finding.problems:
            name = "fieldError" if finding.verdict is Verdict.BAD else "muted"
            words.addWidget(label(problem.message(active()), name, wrap=True))
        for problem in finding.said:
            words.addWidget(label(problem.message(active()), "muted", wrap=True))
        self.grid.addLayout(words, row, 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(theme.px(4))
        for action in self._actions(finding.item):
            button = ActionButton(action)
            self.buttons[finding.item, action.title] = button
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.grid.addLayout(buttons, row, 2)

    def _actions(self, item: Item) -> Sequence[Action]:
        if item in (Item.PRINTER, Item.GLASS):
            return (Action(N_("Scanner and printer"), self._to_equipment, "scan", "", self._no_equipment),)
        if item is Item.PACK:
            return (
                Action(N_("Print the pack"), self.print_pack, "print", "", self._not_programmer),
                Action(N_("Scan"), self.scan_pack, "scan", "", self._no_scanner),
                Action(N_("From files"), self.pack_from_files, "open"),
            )
        if item is Item.DRIVE:
            return (Action(N_("Choose the drive…"), self.check_drive, "drive"),)
        if item is Item.RESERVE:
            return (
                Action(N_("Write the set…"), self.write_set, "drive", "", self._not_programmer),
                Action(N_("Read the answer…"), self.check_reserve, "accept"),
            )
        return ()

    def _show_report(self, reports: Sequence[Report]) -> None:
        clear(self.facts)
        if not reports:
            self.state.show_state(Mark.DUE, _("Not signed yet: the first shift cannot be opened (p.29)."))
            return
        newest = reports[0]
        words = _("Signed: the first shift may open.") if newest.ready else _("The first shift opens with a reason.")
        self.state.show_state(Mark.DONE if newest.ready else Mark.DUE, words)
        lines = [(_("Report No"), str(newest.n)), (_("Made"), shown_moment(datetime.fromisoformat(newest.at)))]
        lines += [(_("Programmer"), newest.made_by)] if newest.made_by else []
        lines += [(_("Ministry representative"), newest.confirmed_by), (_("Checksum"), newest.digest[:16].upper())]
        lines += [(_("Reason"), newest.reason)] if newest.reason else []
        if signed := newest.signature:
            lines += [(_("Digital signature"), f"{signed.device.device}\n{signed.device.fingerprint}")]
            lines += [(_("Code of the signed text"), signed.code)]
        self.facts.addWidget(facts_block(Facts("", tuple(lines))))

    # --- obstacles -------------------------------------------------------------------------------------------------

    def _no_report(self) -> str:
        return "" if readiness.reports(self.app.ctx) else _("No report of readiness is signed yet (p.29).")

    def _no_signature(self) -> str:
        found = readiness.reports(self.app.ctx)
        if found and not found[0].statement:
            return _("This report was signed with an older program; sign a new one.")
        return self._no_report()

    def _not_hers(self) -> str:
        if self.app.ctx.actor.role != PersonRole.REPRESENTATIVE:
            return _("Only the ministry representative writes down why the shift opens without every check.")
        return ""

    def _not_programmer(self) -> str:
        return "" if self.app.ctx.actor.role == PersonRole.PROGRAMMER else _("The programmer does this.")

    def _not_ready(self) -> str:
        missing = not_ready(readiness.findings(self.app.ctx))
        names = ", ".join(_(ITEM_LABELS[item]) for item in missing)
        return _("Not ready yet: {items} (p.29).").format(items=names) if missing else ""

    def _no_scanner(self) -> str:
        return "" if scanners.remembered(self.app.ctx) else _("Choose a scanner on the page “Scanner and printer”.")

    def _no_equipment(self) -> str:
        known = {spec.key for spec in self.app.shell.spec.pages}
        return "" if "equipment" in known else _("The programmer does this.")

    def _to_equipment(self) -> None:
        self.app.open_page("equipment")

    # --- checks ----------------------------------------------------------------------------------------------------

    def _run(self, title: str, work: Callable[[Progress], object]) -> None:
        self.app.tasks.run(title, work, lambda _found: self.refresh())

    def check_pc(self) -> None:
        """All that the computer finds by itself."""
        ctx = self.app.ctx
        self._run(_("Check this computer"), lambda progress: readiness.check_pc(ctx, progress))

    def print_pack(self) -> None:
        """The pack on the printer and paper of the exam."""
        self.app.open_page("papers", paper="trial-pack")

    def scan_pack(self) -> None:
        """Feed it through the scanner that is used."""
        ctx, known = self.app.ctx, scanners.remembered(self.app.ctx)
        if known:
            self._run(_(ITEM_LABELS[Item.PACK]), lambda progress: readiness.scan_pack(ctx, known[0], progress))

    def pack_from_files(self) -> None:
        """Read images of the scanned pack."""
        begin = str(self.app.settings.get(PACK_FOLDER, str(Path.home())))
        files, _kind = QFileDialog.getOpenFileNames(self, _(ITEM_LABELS[Item.PACK]), begin, _(IMAGES))
        if files:
            self.app.settings.set(PACK_FOLDER, str(Path(files[0]).parent))
            self.read_pack([Path(file) for file in files])

    def read_pack(self, files: Sequence[Path]) -> None:
        """Compare them with what was printed in."""
        ctx = self.app.ctx
        self._run(_(ITEM_LABELS[Item.PACK]), lambda progress: readiness.read_pack(ctx, files, progress))

    def check_drive(self) -> None:
        """Write a file to the drive and read it back."""
        text = _("A file of 8 MB is written, read back and taken away again; nothing else on the drive changes.")
        drive = self._ask_drive(_(ITEM_LABELS[Item.DRIVE]), text, _("Check the drive"))
        if drive is not None:
            ctx = self.app.ctx
            self._run(_(ITEM_LABELS[Item.DRIVE]), lambda progress: readiness.check_drive(ctx, drive, progress))

    def write_set(self) -> None:
        """A set for the reserve PC, which then reads it and answers; this PC goes on."""
        text = _("The set holds everything that the reserve PC needs to go on. Carry the drive there, start the "
                 "program and choose “Check as reserve PC”; then come back and read the answer.")  # fmt: skip
        drive = self._ask_drive(_("Set for the reserve PC"), text, _("Write the set"))
        if drive is not None:
            ctx = self.app.ctx
            self._run(_("Set for the reserve PC"), lambda progress: reserve.write_set(ctx, drive, progress))

    def check_reserve(self) -> None:
        """What the reserve PC found."""
        text = _("The drive comes back from the reserve PC with its answer.")
        drive = self._ask_drive(_(ITEM_LABELS[Item.RESERVE]), text, _("Read the answer"))
        if drive is not None:
            ctx = self.app.ctx
            self._run(_(ITEM_LABELS[Item.RESERVE]), lambda progress: readiness.check_reserve(ctx, drive, progress))

    def _ask_drive(self, title: str, text: str, verb: str) -> Path | None:
        free = _("{size} free")
        places = [
            (f"{drive.name} · {free.format(size=shown_size(drive.free))}", str(drive.folder))
            for drive in transfer_view.drives()
        ]
        asked = FolderQuestion(self, title, text, verb, places)
        if asked.exec() != Question.DialogCode.Accepted:
            return None
        return Path(str(asked.place.currentData()))

    # --- the report ------------------------------------------------------------------------------------------------

    def sign(self) -> None:
        """Programmer and representative confirm it together."""
        asked = _ask_second(self, self.app)
        if asked is None:
            return
        with self.app.guarded():
            readiness.sign(self.app.ctx, *asked)
            self.refresh()

    def sign_with_reason(self) -> None:
        """The representative's word, with the reason."""
        if self._not_hers():
            return
        missing = ", ".join(_(ITEM_LABELS[item]) for item in not_ready(readiness.findings(self.app.ctx)))
        text = _("The first shift then opens although these checks are not good: {items}. The reason stands in the "
                 "report and in the log.").format(items=missing or "–")  # fmt: skip
        reason = ask_for_reason(self, _("Why does the shift open without them?"), text, _("Sign with this reason"))
        if reason:
            with self.app.guarded():
                readiness.sign_with_reason(self.app.ctx, reason)
                self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: the newest report."""
        if not self._no_report():
            self.app.open_page("papers", paper="readiness")

    def save_signed(self) -> None:
        """The report's digital signature as a file on a drive; `mab verify` checks it anywhere."""
        if self._no_signature():
            return
        text = _("The file tells report, verdicts and both people over this PC's signature. Anybody checks it with "
                 "“mab verify” and compares the check groups and the code with the printed report.")  # fmt: skip
        drive = self._ask_drive(_("Digital signature of the report"), text, _("Save the signature"))
        if drive is not None:
            with self.app.guarded():
                path = readiness.save_signed(self.app.ctx, drive)
                self.app.inform(_("Saved as {name}.").format(name=path.name))

    def go_official(self) -> None:
        """Put the training aside; the window goes to the first page of a new workplace."""
        year = str(self.app.ctx.season.year)
        text = _("The training data go to a folder of their own beside the database and can still be opened there as a "
                 "training. You need the official file of the testing centre and its fingerprint on paper; the "
                 "students come with the signed final database.")  # fmt: skip
        if not ask_to_confirm(self, _("Begin the real exam?"), text, _("Put the training aside"), year,
                              cannot_undo=False):  # fmt: skip
            return
        shell, database = self.app.shell, self.app.ctx.store.path
        with self.app.guarded():
            going_official.prepare(self.app.ctx)
            shell.step_out()
            going_official.finish(database)
            shell.begin()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Before the first shift the workplace is checked: program, data, disk, clock, printer, scanner, reader, "
            "drive and the reserve PC (p.28, p.29). The programmer and the representative sign the report together; "
            "without it the first shift opens only with her reason in writing."
        )


def _ask_second(parent: QWidget, app: AppContext) -> tuple[str, str] | None:
    """Login and password of the other person of the two."""
    text = _("Programmer and representative confirm together that the workplace is ready. The other of you types the "
             "password.")  # fmt: skip
    asked = Question(parent, _("Sign the report of readiness"), text, _("Sign the report"))
    who, password = QComboBox(), secret_field()
    who.addItems([login for login in logins(app.ctx.store.path) if login != app.ctx.actor.login])
    for words, editor in ((_("Second person"), who), (_("Password"), password)):
        name = label(words, "factLabel")
        name.setBuddy(editor)
        editor.setAccessibleName(words)
        asked.fields.addWidget(name)
        asked.fields.addWidget(editor)
    password.setFocus()
    if asked.exec() != Question.DialogCode.Accepted:
        return None
    return who.currentText(), password.text()

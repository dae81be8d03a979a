"""Bring in a table of students: the file, its columns, a preview of every row, and one step that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget
from shiboken6 import isValid

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.table_columns import Matching, fingerprint
from mab_desktop.i18n import N_, _, active
from mab_desktop.network_uni import records
from mab_desktop.network_uni.bring_in_columns import ColumnsView
from mab_desktop.network_uni.bring_in_preview import PreviewView
from mab_desktop.network_uni.bring_in_start import StartView
from mab_desktop.services import bring_in, bring_in_files
from mab_desktop.services.bring_in import Brought
from mab_desktop.services.bring_in_plan import Plan, look, unknown_values
from mab_desktop.services.bring_in_rows import Choice, State
from mab_desktop.services.bring_in_sheet import Sheet, open_sheet, suggested
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, ActionButton, AppContext, Page
from mab_desktop.ui.panels import label

START, COLUMNS, PREVIEW = range(3)
_STEPS = (N_("1. File"), N_("2. Columns"), N_("3. Preview"))
_FOLDER, _MATCHINGS, _MOST_KEPT = "bring-in.folder", "bring-in.matchings", 50
_TABLES = N_("Tables (*.xlsx *.csv *.txt)")


@dataclass(frozen=True)
class Work:
    """A table being brought in, as it survives a change of language."""

    step: int
    path: Path
    sheet: Sheet
    matching: Matching
    choice: Choice
    plan: Plan | None


class BringInPage(Page):
    """Three steps; Esc goes one back, Ctrl+S one on."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        ctx = app.ctx
        self.path, self._asked = Path(), 0
        self.sheet: Sheet | None = None
        self.plan: Plan | None = None
        self.choice = Choice()
        self.start = StartView(
            app, Action(N_("Choose a table…"), self.choose, "folder", "Ctrl+N", primary=True),
            Action(N_("Save a blank table…"), self.save_blank, "table"),
            self.undo, self.open_file,
        )  # fmt: skip
        self.columns = ColumnsView(records.choices(ctx), records.bases_here(ctx))
        self.preview = PreviewView(
            app, records.names_of_codes(ctx),
            Action(N_("Save the rows with errors…"), self.export, "export", "Ctrl+E", obstacle=self._no_errors),
            Action(N_("Bring in"), self.bring_in, "accept", "Ctrl+S", obstacle=self._not_ready, primary=True),
        )  # fmt: skip
        self.onward = ActionButton(Action(N_("Preview"), self.look, "forward", "Ctrl+S", primary=True))
        self.backward = ActionButton(Action(N_("Back"), self.back, "back"))
        self.step_words = label("", "muted")
        top = QHBoxLayout()
        top.setSpacing(theme.px(8))
        top.addWidget(self.backward)
        top.addWidget(self.step_words)
        top.addStretch(1)
        top.addWidget(self.onward)
        self.body.addLayout(top)
        self.stack = QStackedWidget()
        for view in (self.start, self.columns, self.preview):
            self.stack.addWidget(view)
        self.body.addWidget(self.stack, 1)
        self.own([self.start.choose, self.start.blank, self.start.undo, self.preview.export, self.preview.bring_in,
                  self.preview.another, self.preview.leave_out, self.onward, self.backward])  # fmt: skip
        self.columns.changed.connect(self._columns_changed)
        self.columns.reopen.connect(self._reopen)
        self.preview.chosen.connect(self._choose)
        self._go(START)

    # --- where one is ----------------------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self.step_words.setText("  ›  ".join(f"[{_(t)}]" if n == step else _(t) for n, t in enumerate(_STEPS)))
        self.backward.setVisible(step > START)
        self.onward.setVisible(step == COLUMNS)
        self.renew_actions()

    def opened(self, **where: Any) -> None:
        """The keys go where work goes on."""
        self._focus()

    def _focus(self) -> None:
        step = self.stack.currentIndex()
        if step == START:
            self.start.setFocus()
        elif step == COLUMNS and self.columns.rows:
            self.columns.begin()
        else:
            self.preview.view.setFocus()

    def refresh(self, changed: set[str] | None = None) -> None:
        """The files brought in before are read anew; a preview says by itself when records here have changed."""
        if changed is None or {"brought_in", "student", "allotment"} & changed:
            self.start.show_past(bring_in.past(self.app.ctx))
            self.renew_actions()

    def back(self) -> bool:
        """Esc: the search first, then a step back; nothing chosen is lost."""
        if self.stack.currentIndex() == PREVIEW and self.preview.search_field.text():
            self.preview.search_field.clear()
            return True
        if self.stack.currentIndex() == START:
            return False
        self._go(self.stack.currentIndex() - 1)
        self._focus()
        return True

    def unsaved(self) -> Work | None:
        """The table being brought in."""
        step = self.stack.currentIndex()
        if self.sheet is None or step == START:
            return None
        return Work(step, self.path, self.sheet, self.columns.matching(), self.choice, self.plan)

    def take_back(self, unsaved: Any) -> None:
        """Go on in another language."""
        assert isinstance(unsaved, Work)
        self.path, self.choice = unsaved.path, unsaved.choice
        self._show_columns(unsaved.sheet, unsaved.matching)
        if unsaved.step == PREVIEW and unsaved.plan is not None:
            self._show_plan(unsaved.plan)

    # --- the file --------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """Ctrl+N."""
        self.choose()

    def choose(self) -> None:
        """Ask for the file; the folder is remembered."""
        folder = str(self.app.settings.get(_FOLDER, str(Path.home())))
        file, _kind = QFileDialog.getOpenFileName(self, _("Choose a table"), folder, _(_TABLES))
        if file:
            self.open_file(Path(file))

    def open_file(self, path: Path, sheet: str = "", encoding: str = "", delimiter: str = "") -> None:
        """Read a table and show its columns; also called with a file that was dropped."""
        self.app.settings.set(_FOLDER, str(path.parent))
        self.path = path

        def read(progress: Any) -> tuple[Sheet, Matching, dict[tuple[str, str], int]]:
            found = open_sheet(path, sheet, progress, encoding=encoding, delimiter=delimiter)
            matching = suggested(found, self.app.settings.get(_MATCHINGS, {}).get(fingerprint(found.heads)))
            return found, matching, unknown_values(self.app.ctx, found, matching)

        self.app.tasks.run(
            _("Reading the table"), read, lambda found: self._opened(*found) if isValid(self) else None, self.app.failed
        )

    def _reopen(self, sheet: str, encoding: str, delimiter: str) -> None:
        self.open_file(self.path, sheet, encoding, delimiter)

    def _opened(self, sheet: Sheet, matching: Matching, unknown: dict[tuple[str, str], int]) -> None:
        self.choice = Choice()
        self._show_columns(sheet, matching)
        self.columns.show_unknown(unknown)
        before = [p for p in bring_in.past(self.app.ctx) if p.digest == sheet.table.digest and not p.undone]
        if before:
            who = records.person(records.names_of_codes(self.app.ctx), before[0].by)
            words = _("This very file was brought in on {moment} by {login}.").format(
                moment=records.shown_stamp(before[0].at), login=who)  # fmt: skip
            self.app.inform(words, next_step=_("Rows that are here already change nothing."))

    def _show_columns(self, sheet: Sheet, matching: Matching) -> None:
        self.sheet, self.plan = sheet, None
        self.columns.show_sheet(sheet, matching)
        self.columns.show_unknown({})
        self._go(COLUMNS)
        self._focus()

    def _columns_changed(self) -> None:
        assert self.sheet is not None
        sheet, matching = self.sheet, self.columns.matching()
        self._asked += 1
        number = self._asked

        def came(unknown: dict[tuple[str, str], int]) -> None:
            if isValid(self) and number == self._asked:  # else another question is on its way
                self.columns.show_unknown(unknown)

        self.app.tasks.read(lambda: unknown_values(self.app.ctx, sheet, matching), came, self.app.failed)

    # --- the preview -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ctrl+S: one step on."""
        if self.stack.currentIndex() == COLUMNS:
            self.look()
        elif self.stack.currentIndex() == PREVIEW:
            self.preview.bring_in.click()

    def look(self) -> None:
        """Check every row; the matching is remembered for tables with these headings."""
        sheet, matching = self.sheet, self.columns.matching()
        if sheet is None:
            return
        self._remember(sheet, matching)
        self.choice = replace(self.choice, base_university=str(self.columns.base.currentData() or ""))
        self.app.tasks.run(
            _("Checking the rows"), lambda progress: look(self.app.ctx, sheet, matching, progress),
            lambda plan: self._show_plan(plan) if isValid(self) else None, self.app.failed,
        )  # fmt: skip

    def _remember(self, sheet: Sheet, matching: Matching) -> None:
        kept = dict(self.app.settings.get(_MATCHINGS, {}))
        name = fingerprint(sheet.heads)
        kept.pop(name, None)
        kept[name] = matching.as_json(sheet.heads)
        self.app.settings.set(_MATCHINGS, dict(list(kept.items())[-_MOST_KEPT:]))

    def _show_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.preview.show_plan(plan, self.choice)
        self._go(PREVIEW)
        self._focus()

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.renew_actions()

    def next_open(self) -> None:
        """F3."""
        self.preview.go_to_next(1)

    def previous_open(self) -> None:
        """Shift+F3."""
        self.preview.go_to_next(-1)

    def search(self) -> None:
        """Ctrl+F."""
        if self.stack.currentIndex() == PREVIEW:
            self.preview.search_field.setFocus()

    def _not_ready(self) -> str:
        problem = bring_in.obstacle(self.plan, self.choice) if self.plan is not None else None
        return problem.message(active()) if problem is not None else ""

    def _no_errors(self) -> str:
        counts = self.plan.counts(self.choice) if self.plan is not None else {}
        waiting = counts.get(State.ERROR, 0) + counts.get(State.DUPLICATE, 0)
        return "" if waiting else _("No row has an error.")

    def export(self) -> None:
        """Ctrl+E: the rows with errors into a file that is corrected and chosen again."""
        if self.stack.currentIndex() == PREVIEW:
            self._save_errors()

    def _save_errors(self) -> bool:
        """True when the rows with errors lie in a file."""
        assert self.plan is not None
        name = _("errors in {name}").format(name=self.path.stem)
        path = self._where(_("Save the rows with errors"), f"{name}.xlsx", "XLSX (*.xlsx);;CSV (*.csv)")
        if path is None:
            return False
        try:
            bring_in_files.save_errors(self.app.ctx, self.plan, self.choice, path)
        except UserError as error:
            self.app.failed(error)
            return False
        words = _("The rows with errors are in {name}; its last column says why.").format(name=path.name)
        self.app.inform(words, next_step=_("Correct it and choose it here: the columns are known already."))
        return True

    def bring_in(self) -> None:
        """Write what was chosen. Rows that are left because of errors are saved first, so that none gets lost."""
        plan, choice = self.plan, self.choice
        if plan is None or (plan.held_up(choice) and not self._save_errors()):
            return
        self.app.tasks.run(
            _("Bringing in"), lambda progress: bring_in.bring_in(self.app.ctx, plan, choice, progress), self._brought,
            self._failed,
        )  # fmt: skip

    def _failed(self, error: BaseException) -> None:
        self.app.failed(error)
        if isinstance(error, UserError) and not isinstance(error, Refused):
            self.look()

    def _brought(self, found: Brought) -> None:
        if not isValid(self):
            return
        self.sheet = self.plan = None
        self.choice = Choice()
        self.refresh()
        self._go(START)
        self.start.view.go_to(found.id)
        self.start.view.setFocus()
        if found.left:
            words = _("{n} rows of the file were not brought in.").format(n=shown_number(found.left))
            self.app.inform(words, kind="warning")

    # --- the blank table, and taking back --------------------------------------------------------------------------

    def save_blank(self) -> None:
        """An empty table with headings and lists, for whoever fills it in."""
        path = self._where(_("Save a blank table"), _("students") + ".xlsx", "XLSX (*.xlsx)")
        if path is not None:
            with self.app.guarded():
                bring_in_files.save_blank(self.app.ctx, path)

    def _where(self, title: str, name: str, kinds: str) -> Path | None:
        folder = Path(str(self.app.settings.get(_FOLDER, str(Path.home()))))
        file, chosen = QFileDialog.getSaveFileName(self, title, str(folder / name), kinds)
        if not file:
            return None
        path = Path(file)
        return path if path.suffix.lower() in (".xlsx", ".csv") else path.with_name(
            path.name + (".csv" if chosen.startswith("CSV") else ".xlsx"))  # fmt: skip

    def undo(self) -> None:
        """Ctrl+Z: take the bringing-in under the cursor back, with a reason."""
        past = self.start.current()
        if self.stack.currentIndex() != START or past is None or past.undone:
            return
        words = _("Records that the file made are marked as deleted, changed ones get their old values.")
        if past.changed_since:
            stay = _("{n} of its records have been changed since or have a pass: they stay as they are.")
            words += "\n" + stay.format(n=shown_number(past.changed_since))
        reason = ask_for_reason(self, past.file_name, words + "\n" + _("Give the reason."), _("Take back"))
        if reason:
            self.app.tasks.run(
                _("Taking back"),
                lambda _progress: bring_in.undo(self.app.ctx, past.id, reason, leave_changed=bool(past.changed_since)),
            )

    def help_words(self) -> str:
        """F1."""
        return _(
            "A table of a dean's office becomes records (p.18). Columns are recognised by their headings in Kazakh, "
            "Russian or English, values by code or name. A row is the record with its TO code, or with its document. "
            "Either every row is brought in or none, unless you choose to leave rows with errors in a file of errors."
        )

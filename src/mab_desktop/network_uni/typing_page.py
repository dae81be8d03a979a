"""Typing and correcting student records (p.18, p.20): the form, and beside it what is known of the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Problem, Refused, UserError
from mab_desktop.domain.student import PAID, STUDENT, student_name
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import drafts, entry_undo, students
from mab_desktop.services.students import Checked, LikelyDuplicate, Saved, StudentRow
from mab_desktop.ui import theme
from mab_desktop.ui.page import Action, AppContext, Page
from mab_desktop.ui.panels import Facts, Section, StateLabel, clear, facts_block, label, scrolled, split
from mab_desktop.ui.record_form import RecordForm
from mab_desktop.ui.states import Mark
from mab_desktop.ui.workplace_app import icon_button

DRAFT_DELAY = 250  # milliseconds after the first key that is not kept yet, however fast the others follow
CHECK_DELAY = 200  # milliseconds after the last key
# Kept in a draft beside the fields.
_ID, _VERSION, _GROUND, _BASE = "record", "record_version", "record_ground", "record_base"
LAST_SHOWN = 8
_PINS = "typing.pins"
_LISTS_FROM = {"reference_item", "specialty_taught"}


class TypingPage(Page):
    """One record at a time by keyboard; a draft of it survives a crash, likely duplicates stand beside it."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.student, self.version, self._draft_read = "", 0, False
        self._was_whole = False  # the record being corrected was complete
        self._last_ground = ""
        self._checked: Checked | None = None
        self._partly: list[StudentRow] = []
        self._side_seen: Any = None
        self.form: RecordForm
        self._done: list[Callable[[], None]] = []  # what Ctrl+Z takes back, the newest last
        self._carried: dict[str, Any] = {}
        self._ground_name = label(_("Ground of the correction"), "factLabel")
        self.ground, self.base = QLineEdit(), QComboBox()
        self._base_name = label(_("Base university"), "factLabel")
        self.names, self._rules = records.names_of_codes(app.ctx), students.rules_here(app.ctx)
        self.saved_here: list[tuple[str, str]] = []
        self.body.addWidget(split(self._left(), self._side(), stretches=(7, 4)), 1)
        self.add_actions((
            Action(N_("New record"), self.new, "add"),
            Action(N_("Save as partly filled"), self.save, "save", obstacle=self._nothing_typed),
        ))  # fmt: skip
        self._drafting = QTimer(self, singleShot=True, interval=DRAFT_DELAY)
        self._drafting.timeout.connect(self.keep_draft)
        self._checking = QTimer(self, singleShot=True, interval=CHECK_DELAY)
        self._checking.timeout.connect(self.check)

    def _make_form(self) -> RecordForm:
        settings = self.app.settings
        usual = [field.name for field in STUDENT.fields if field.carry]
        key = f"{_PINS}.{self.app.ctx.actor.login}"
        made = RecordForm(
            STUDENT, lambda: records.choices(self.app.ctx), save_word=N_("Save and next"),
            pins=settings.get(key, usual), passed_over=_needless, rules=self._broken_rules,
        )  # fmt: skip
        made.pinned.connect(lambda names: settings.set(key, sorted(names)))
        made.changed.connect(self._changed)
        made.left.connect(self._left_field)
        made.saved.connect(self._save_whole)
        made.refused.connect(self._show_ground)
        return made

    def _broken_rules(self, values: Mapping[str, Any]) -> list[Problem]:
        """Every rule at once, those of the season and of the university's lists too (p.18, p.21)."""
        return self._rules.problems(students.clean(values))

    def _left(self) -> QWidget:
        self._form_card = card = Section()
        self.form = self._make_form()
        for name, editor in ((self._base_name, self.base), (self._ground_name, self.ground)):
            row = QHBoxLayout()
            name.setBuddy(editor)
            name.setFixedWidth(theme.px(216))
            row.addWidget(name)
            row.addWidget(editor, 1)
            card.body.addLayout(row)
        self.base.setAccessibleName(self._base_name.text())
        self.ground.setAccessibleName(self._ground_name.text())
        self.ground.setMaxLength(200)
        with_bases = records.bases_here(self.app.ctx)
        for code, words in with_bases:
            self.base.addItem(f"{code} {words}", code)
        self.ground.textEdited.connect(lambda _text: self._frame_ground(False))
        self.ground.textEdited.connect(lambda _text: self._draft_soon())
        self.base.activated.connect(lambda _index: self._draft_soon())
        self.ground.returnPressed.connect(self._ground_typed)
        for part in (self.base, self._base_name):
            part.setVisible(len(with_bases) > 1)
        self._show_mode()
        card.body.addWidget(self.form, 1)
        return card

    def _side(self) -> QWidget:
        inside = QWidget()
        self._stack = QVBoxLayout(inside)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(theme.px(8))
        area = scrolled(inside)
        area.setMinimumWidth(theme.px(300))
        return area

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _ground_typed(self) -> None:
        """Enter goes on into the form; Ctrl+Enter saves, as everywhere on the page."""
        if QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            self.form.save()
        else:
            self.form.focus_first()

    def _show_mode(self) -> None:
        """Say whether a record is new or being corrected, and ask for the ground of a correction."""
        self._form_card.title.setText(_("Correct a record") if self.student else _("New record"))
        self._form_card.title.setVisible(True)
        self.form.save_button.setText(_("Save") if self.student else _("Save and next"))
        self._ground_name.setText(_("Ground of the correction") + ("\u00a0*" if self._was_whole else ""))
        self._frame_ground(False)
        for part in (self.ground, self._ground_name):
            part.setVisible(bool(self.student))

    def _show_side(self) -> None:
        """Made anew only where something else is to be seen: it is asked for at every pause between keys."""
        values, checked = self.form.values(), self._checked
        seen = (values, checked and (checked.duplicates, checked.warnings), tuple(self.saved_here), self._partly)
        if seen == self._side_seen:
            return
        self._side_seen = seen
        clear(self._stack)
        if checked and checked.duplicates:
            self._stack.addWidget(self._duplicates(checked.duplicates))
        for words in records.problem_words(checked.warnings) if checked else ():
            self._stack.addWidget(label(words, "warningStrip", wrap=True))
        self._stack.addWidget(self._card(values))
        if self.saved_here:
            self._stack.addWidget(self._last_saved())
        if self._partly:
            self._stack.addWidget(self._partly_filled(self._partly))
        self._stack.addStretch(1)

    def _duplicates(self, found: tuple[LikelyDuplicate, ...]) -> Section:
        card = Section(_("Perhaps typed already"))
        for duplicate in found:
            row, typed = duplicate.row, records.by(self.names, duplicate.typed_by, duplicate.typed_at)
            if row is None:
                card.body.addWidget(StateLabel(Mark.LATE, _("Another operator has typed this person, as it seems.")))
                card.body.addWidget(facts_block(Facts("", ((_("Typed"), typed),))))
                hidden = _("The record is not shown here: its sheet may have to be typed again without seeing it.")
                card.body.addWidget(label(hidden, "muted", wrap=True))
                continue
            card.body.addWidget(StateLabel(Mark.LATE, _(students.DUPLICATE_LABELS[duplicate.why])))
            lines = (
                (_("Full name"), row.name),
                (_("Date of birth"), records.shown_field(self.names, "birth_date", row.birth_date)),
                (_("TO code"), row.to_code or ""),
                (_("Typed"), typed),
            )
            card.body.addWidget(facts_block(Facts("", lines)))
            opener = icon_button(_("Open that record"), "open", self._opener(row.id), "link")
            card.body.addWidget(opener)
        return card

    def _card(self, values: Mapping[str, Any]) -> Section:
        card = Section(student_name(values) or _("The record"))
        shown = [
            (_(records.LABELS[name]), records.shown_field(self.names, name, values[name]))
            for name in STUDENT.names[3:]
            if values[name] not in (None, "")
        ]
        if shown:
            card.body.addWidget(facts_block(Facts("", tuple(shown))))
        else:
            card.body.addWidget(label(_("What you type appears here as it will be read."), "muted", wrap=True))
        return card

    def _last_saved(self) -> Section:
        card = Section(_("Saved just now"))
        for student, name in reversed(self.saved_here[-LAST_SHOWN:]):
            card.body.addWidget(icon_button(name, "edit", self._opener(student), "link"))
        return card

    def _partly_filled(self, rows: list[StudentRow]) -> Section:
        card = Section(_("Partly filled"))
        for row in rows[:LAST_SHOWN]:
            words = row.name or row.to_code or row.identity_document or "—"
            card.body.addWidget(icon_button(words, "edit", self._opener(row.id), "link"))
        if len(rows) > LAST_SHOWN:
            every = icon_button(_("All"), "list", lambda: self.app.open_page("students", chip="partial"), "link")
            card.body.addWidget(every)
        return card

    def _opener(self, student: str) -> Callable[[], None]:
        return lambda: self.opened(student=student)

    def _nothing_typed(self) -> str:
        values = self.form.values()
        typed = (value for name, value in values.items() if not STUDENT[name].carry)
        return "" if any(value not in (None, "") for value in typed) else _("Nothing is typed yet.")

    # --- coming and going ------------------------------------------------------------------------------------------

    def refresh(self, changed: set[str] | None = None) -> None:
        """Lists that came anew are put into the form; what is typed stays."""
        if changed is None or changed & _LISTS_FROM:
            self._rules = students.rules_here(self.app.ctx)
        if changed is not None and changed & _LISTS_FROM:
            self.names = records.names_of_codes(self.app.ctx)
            self.form.set_lists(records.choices(self.app.ctx))
            self._side_seen = None
        if changed is None or "student" in changed:
            with self.app.guarded():
                self._partly = students.find(self.app.ctx, partial=True, limit=LAST_SHOWN + 1)
        self._show_side()

    def opened(self, **where: Any) -> None:
        """`student` opens a record to correct it; else the draft that a crash left, else where one was."""
        if "student" in where:
            if self._free_to_leave():
                self._open_record(str(where["student"]))
        elif not self._draft_read:
            self._take_draft()
        self.form.focus_first()

    def _free_to_leave(self) -> bool:
        if self.form.is_dirty() and not self._nothing_typed():
            self.app.inform(
                _("Another record is being typed here."), safe=_("It is kept."),
                next_step=_("Save it (Ctrl+Enter) or begin a new one (Ctrl+N) first."), kind="warning",
            )  # fmt: skip
            return False
        return True

    def _open_record(self, student: str) -> None:
        with self.app.guarded():
            row = students.get(self.app.ctx, student)
            self._was_whole = row.complete
            self._show(row.values(), row.id, row.version, self._last_ground)
            self.base.setCurrentIndex(self.base.findData(row.base_university))

    def _show(self, values: Mapping[str, Any], student: str, version: int, ground: str = "") -> None:
        self.student, self.version, self._draft_read = student, version, True
        self.ground.setText(ground)
        self.form.set_values(values)
        self._show_mode()
        self.check()
        self.renew_actions()

    def _take_draft(self) -> None:
        self._draft_read = True
        kept = drafts.draft(self.app.ctx, STUDENT)
        if any(value not in (None, "") for value in kept.values()):
            student = kept.get(_ID) or ""
            with self.app.guarded():
                self._was_whole = bool(student) and students.get(self.app.ctx, student).complete
            self._show(kept, student, int(kept.get(_VERSION) or 0), kept.get(_GROUND) or "")
            if kept.get(_BASE):
                self.base.setCurrentIndex(self.base.findData(kept[_BASE]))
            self.app.inform(_("Your unfinished record is here again."), next_step=_("Go on where you stopped."))

    def unsaved(self) -> Any:
        """What is typed, with the record it belongs to."""
        typed = not self._nothing_typed()
        return (self.form.values(), self.student, self.version, self.ground.text()) if typed else None

    def take_back(self, unsaved: Any) -> None:
        """Show it again after a change of language."""
        values, student, version, ground = unsaved
        self._show(values, student, version, ground)

    def keep_draft(self) -> None:
        """Keep what is typed so far; a crash or a power cut takes at most the last quarter of a second."""
        self._drafting.stop()
        typed = dict(self.form.values()) if not self._nothing_typed() else {}
        if typed:
            typed[_BASE] = self.base.currentData()
        if typed and self.student:
            typed |= {_ID: self.student, _VERSION: self.version, _GROUND: self.ground.text().strip()}
        with self.app.guarded():
            drafts.save_draft(self.app.ctx, STUDENT, typed)

    def may_leave(self) -> bool:
        """The draft keeps everything, so one may always leave."""
        if self._drafting.isActive():
            self.keep_draft()
        return True

    # --- typing and saving -----------------------------------------------------------------------------------------

    def _changed(self) -> None:
        self._draft_soon()
        self._checking.start()
        self.renew_actions()

    def _draft_soon(self) -> None:
        self._draft_read = True
        if not self._drafting.isActive():  # who types without a pause must not put it off
            self._drafting.start()

    def _left_field(self, _name: str) -> None:
        if self._drafting.isActive():
            self.keep_draft()

    def check(self) -> None:
        """Look what the rules say of the record so far, and whether it was typed already."""
        self._checking.stop()
        with self.app.guarded():
            self._checked = students.check(self.app.ctx, self.form.values(), self.student)
            self._show_side()

    def new(self) -> None:
        """Ctrl+N: begin a new record; what was typed and not saved is put aside, Ctrl+Z brings it back."""
        if self.form.is_dirty() and not self._nothing_typed():
            aside = self.unsaved()
            self._done.append(lambda: self.take_back(aside))
            self.app.inform(_("The record that was not saved is put aside."), next_step=_("Ctrl+Z brings it back."))
        self._begin_next(keep=not self.student)
        self.keep_draft()

    def undo(self) -> None:
        """Ctrl+Z where the field itself has nothing to take back: the record put aside, or the last saving."""
        if self._done and self._free_to_leave():
            self._done.pop()()
            self.keep_draft()

    def _undo_saving(self, saved: Saved, before: int) -> None:
        """The record as it was before; what was typed stands in the form again, to be put right and saved."""
        typed = students.get(self.app.ctx, saved.id)
        with self.app.guarded():
            now = entry_undo.take_back(self.app.ctx, saved, before)
            self.saved_here = [pair for pair in self.saved_here if pair[0] != saved.id]
            self._was_whole = bool(before) and now.complete
            if before:
                self._show(now.values(), now.id, now.version, self._last_ground)
            else:
                self._show(typed.values(), "", 0)
            self.app.inform(_("The last saving is taken back."), next_step=_("Go on where you stopped."))
        self.form.focus_first()

    def save(self) -> None:
        """Ctrl+S: save the record as far as it is typed, and stay on it."""
        if not self._nothing_typed():
            self._save_partly()

    def _save_partly(self) -> None:
        if self._saved(self.form.values(), partial=True):
            self._begin_next()

    def _save_whole(self, values: dict[str, Any]) -> None:
        correcting = bool(self.student)
        if self._saved(values, partial=False):
            self._begin_next(keep=not correcting)
            if correcting:
                self.app.open_page("students")

    def _show_ground(self) -> bool:
        """Frame the ground where it is asked for and missing; True when it is."""
        missing = bool(self.student) and self._was_whole and not self.ground.text().strip()
        self._frame_ground(missing)
        return missing

    def _frame_ground(self, wrong: bool) -> None:
        if self.ground.property("wrong") != str(wrong).lower():
            self.ground.setProperty("wrong", str(wrong).lower())
            self.ground.style().unpolish(self.ground)
            self.ground.style().polish(self.ground)

    def next_open(self) -> None:
        """F3: the next field with a broken rule."""
        self.form.next_wrong()

    def previous_open(self) -> None:
        """Shift+F3."""
        self.form.next_wrong(-1)

    def _ground_missing(self) -> bool:
        """A complete record is corrected on a ground: the students' journal, a document, a second typing."""
        missing = self._show_ground()
        if missing:
            self.app.inform(
                _("Name the ground of the correction."), kind="warning",
                next_step=_("For instance: application journal, identity card."),
            )  # fmt: skip
            self.ground.setFocus()
        return missing

    def _saved(self, values: dict[str, Any], *, partial: bool) -> bool:
        before = self.version
        if self.student and self._ground_missing():
            self.form.keep_unsaved()
            return False
        try:
            saved = students.save(
                self.app.ctx, values, student_id=self.student, version=before or None, partial=partial,
                base_university=self.base.currentData() or "", ground=self.ground.text().strip(),
                keys=self.form.keys_pressed,
            )  # fmt: skip
        except Refused as refused:
            self.form.keep_unsaved()
            self.form.show_problems(refused.problems)
            return False
        except UserError as error:
            self.form.keep_unsaved()
            self.app.failed(error)
            return False
        self._drafting.stop()
        self._last_ground = self.ground.text().strip() or self._last_ground
        self.form.keys_pressed = 0
        if saved.version != before:
            self._done.append(lambda: self._undo_saving(saved, before))
        self.saved_here = [pair for pair in self.saved_here if pair[0] != saved.id]
        self.saved_here.append((saved.id, student_name(values)))
        return True

    def _begin_next(self, *, keep: bool = True) -> None:
        """Clear for the next record; the values that repeat stay, after a correction those from before it."""
        self.student, self.version, self._was_whole = "", 0, False
        self.ground.clear()
        self._show_mode()
        if keep:
            self.form.begin_next()
            self._carried = {name: value for name, value in self.form.values().items() if value not in (None, "")}
        else:
            self.form.set_values(self._carried, self._carried)
            self.form.focus_first()
        self._checking.stop()
        self._checked = None
        self._show_side()
        self.renew_actions()

    def back(self) -> bool:
        """Esc while correcting: leave the record as it was and go back to the list."""
        if self.student and not self.form.is_dirty():
            self._begin_next(keep=False)
            self.app.open_page("students")
            return True
        return False

    def help_words(self) -> str:
        """F1."""
        return _(
            "Type a record in the order of the paper (p.18). Code fields take the code or the beginning of the name in "
            "Kazakh or Russian. Values that repeat from record to record are filled in, marked and passed over by "
            "Enter; Ctrl+R decides which fields repeat, Ctrl+Shift+Delete clears them for another group. Names need "
            "no Shift: capital letters come by themselves. Ctrl+Enter saves and begins the next; Ctrl+S saves a record "
            "that is not complete yet; Ctrl+Z takes the last saving back. What you type is kept even if the power goes."
        )


def _needless(name: str, values: Mapping[str, Any]) -> bool:
    """Who pays for his studies has no grant certificate as a rule (p.18)."""
    return name == "grant_certificate" and values.get("payment") == PAID

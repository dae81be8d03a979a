"""The acts of the exam day (p.30-34): hall by hall which stand and which are due, entered with counts, printed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStackedWidget, QVBoxLayout, QWidget

from mab_desktop.domain.errors import Refused
from mab_desktop.domain.exam_act import SPECS, ActSpec
from mab_desktop.domain.shift import OPEN_STATES, ShiftState
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer.act_form import ActForm
from mab_desktop.ministry_programmer.moments import moment_words
from mab_desktop.ministry_programmer.shift_page import HallItem, HallList, ShiftPage
from mab_desktop.services import exam_acts, seating
from mab_desktop.services.exam_acts import ActLine
from mab_desktop.ui import icons, theme
from mab_desktop.ui.formats import shown_paragraph
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, AppContext
from mab_desktop.ui.panels import EmptyState, Facts, FactsView, Section, label, split
from mab_desktop.ui.states import Mark

WHOLE = "-"  # the acts of no hall
_KEY = Qt.ItemDataRole.UserRole + 1


class ActsPage(ShiftPage):
    """Left the halls, in the middle their acts, right the act itself: its form, or what was entered."""

    wanted = (ShiftState.OPEN, ShiftState.SEATED)

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.halls, self.kinds, self.form = HallList(), QListView(), ActForm()
        self.halls.hall_chosen.connect(lambda _hall: self._show_kinds())
        self._items = QStandardItemModel(self)
        self.kinds.setModel(self._items)
        self.kinds.setWordWrap(True)
        self.kinds.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.kinds.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.kinds.setIconSize(theme.icon_size(18))
        self.kinds.setAccessibleName(_("Acts"))
        self.kinds.setMinimumWidth(theme.px(200))
        self.kinds.selectionModel().currentChanged.connect(self._chosen)
        self.card, self.heading = Section(), label("", "section", wrap=True)
        self.facts, self.stack = FactsView(), QStackedWidget()
        self.empty = EmptyState(_("Choose an act"), "", icon="document")
        for part in (self.empty, self._form_side(), self.facts):
            self.stack.addWidget(part)
        self.card.body.addWidget(self.heading)
        self.card.body.addWidget(self.stack, 1)
        self.body.addWidget(split(self.halls, self.kinds, self.card, stretches=(3, 4, 8)), 1)
        self.acts: list[ActLine] = []
        self._typing, self._wanted = False, ""
        self.form.typed.connect(self._typed)
        self.add_actions((
            Action(N_("Withdraw…"), self.withdraw, "undo", "", self._none_stands),
            Action(N_("Print the act"), self.print_out, "print", "Ctrl+P", self._none_stands),
            Action(N_("Save the act"), self.save, "save", "Ctrl+S", self._may_not_save, primary=True),
        ))  # fmt: skip

    def _form_side(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form, 1)
        return made

    # --- showing ---------------------------------------------------------------------------------------------------

    def show_shift(self) -> None:
        """The halls with how far their acts are."""
        self.closed_reason = self._closed()
        self.acts = exam_acts.lines(self.app.ctx, self.shift)
        numbers = sorted(seating.seated_halls(self.app.ctx, self.shift), key=lambda hall: (len(hall), hall))
        items = [self._hall_item(WHOLE, _("The whole shift"))] if numbers else []
        items += [self._hall_item(hall, "") for hall in numbers]
        self.halls.show_halls(items)
        self._show_kinds()

    def _hall_item(self, number: str, title: str) -> HallItem:
        standing = exam_acts.standing(self.acts, "" if number == WHOLE else number)
        due = [spec for spec in SPECS.values() if not spec.is_story and spec.hall is (number != WHOLE)]
        done = sum(spec.kind in standing for spec in due)
        mark = Mark.DONE if done == len(due) else self._due() if done else Mark.NONE
        words = _("{n} of {all} acts").format(n=done, all=len(due))
        return HallItem(number, mark, words, title)

    def hall(self) -> str:
        """The hall under the cursor, "" for the whole shift."""
        current = self.halls.current()
        return "" if current == WHOLE else current

    def _show_kinds(self) -> None:
        hall, kept = self.hall(), self._wanted or self._key()
        self._wanted = ""
        self.kinds.selectionModel().blockSignals(True)
        self._items.clear()
        for spec in SPECS.values():
            if self.halls.current() and (spec.hall is bool(hall) or spec.is_story):
                self._add_kind(spec, [act for act in self.acts if act.hall == hall and act.kind == spec.kind])
        self.kinds.selectionModel().blockSignals(False)
        keys = [self._items.item(row).data(_KEY) for row in range(self._items.rowCount())]
        place = keys.index(kept) if kept in keys else self._first_due(keys)
        if keys:
            self.kinds.setCurrentIndex(self._items.index(place, 0))
        self._show_act()

    def _add_kind(self, spec: ActSpec, found: list[ActLine]) -> None:
        standing = [act for act in found if not act.withdrawn]
        for act in found:
            words = _("No {number}, {at}").format(number=act.number, at=moment_words(act.at))
            if act.withdrawn:
                words = _("{words}, withdrawn").format(words=words)
            self._add(f"{act.id}", Mark.NONE if act.withdrawn else Mark.DONE, spec, words)
        if not standing or spec.is_story or not (spec.hall or spec.is_story):
            due = not spec.is_story and not standing
            words = _("not entered") if due else _("new")
            self._add(f"new:{spec.kind}", self._due() if due else Mark.NONE, spec, words)

    def _due(self) -> Mark:
        """What lacks is due as long as it can be entered."""
        return Mark.NONE if self._closed() else Mark.DUE

    def _add(self, key: str, mark: Mark, spec: ActSpec, words: str) -> None:
        item = QStandardItem(icons.mark_or_room(mark), f"{_(spec.title)}\n{words} · {shown_paragraph(spec.paragraph)}")
        item.setData(key, _KEY)
        self._items.appendRow(item)

    def _first_due(self, keys: list[str]) -> int:
        return next((n for n, key in enumerate(keys) if key.startswith("new:") and not SPECS[key[4:]].is_story), 0)

    def _key(self) -> str:
        return str(self.kinds.currentIndex().data(_KEY) or "")

    def _chosen(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._show_act()

    def act(self) -> ActLine | None:
        """The act under the cursor, None where there is none yet."""
        key = self._key()
        return next((act for act in self.acts if str(act.id) == key), None)

    def _show_act(self) -> None:
        key, found = self._key(), self.act()
        self._typing = False
        if found is not None:
            self.heading.setText(_(found.spec.title))
            self.facts.show_facts(self._told(found))
            self.stack.setCurrentWidget(self.facts)
        elif key.startswith("new:"):
            spec = SPECS[key[4:]]
            self.heading.setText(_(spec.title))
            ctx = self.app.ctx
            self.form.begin(
                spec, exam_acts.begin(ctx, self.shift, self.hall(), spec.kind),
                exam_acts.next_number(ctx, self.shift), sorted(exam_acts.facts(ctx, self.shift, self.hall()).names),
            )  # fmt: skip
            self.form.setEnabled(not self._closed())
            self.stack.setCurrentIndex(1)
        else:
            self.heading.setText("")
            self.stack.setCurrentWidget(self.empty)
        self.renew_actions()

    def _told(self, act: ActLine) -> list[Facts]:
        content, spec = act.content, act.spec
        head = [(_("Act No"), act.number), (_("Entered"), f"{moment_words(act.at)}, {act.by}")]
        head += [(_("Withdrawn"), act.withdrawn)] if act.withdrawn else []
        head += [(_("Code"), content.code), (_("Time"), content.time)] if content.code else []
        head += [(_("What happened"), content.story)] if content.story else []
        groups = [Facts("", tuple(head))]
        for n, row in enumerate(content.rows):
            title = _(spec.lines[n][1]) if spec.lines else str(n + 1)
            cells = [(_(column.label), value) for column, value in zip(spec.columns, row, strict=True) if value]
            groups.append(Facts(title, tuple(cells)))
        people = [(_("Handed over by") if spec.taken_by else _("Signed by"), ", ".join(filter(None, content.given_by))),
                  (_("Accepted by"), ", ".join(filter(None, content.taken_by))),
                  (_("Students"), ", ".join(filter(None, content.students)))]  # fmt: skip
        groups.append(Facts(_("Signatures"), tuple((name, words) for name, words in people if words)))
        return groups

    # --- acts ------------------------------------------------------------------------------------------------------

    def _closed(self) -> str:
        line = self.choice.line
        if line is None or line.state not in (ShiftState.SEATED, *OPEN_STATES):
            return _("Acts are entered from the draw of the seats until the shift is closed (p.30-34).")
        return ""

    def _may_not_save(self) -> str:
        return self._closed() or ("" if self._key().startswith("new:") else _("Choose an act that is not entered yet."))

    def _none_stands(self) -> str:
        found = self.act()
        if found is None:
            return _("Save the act first.")
        return _("This act was withdrawn.") if found.withdrawn else ""

    def _typed(self) -> None:
        self._typing = True

    def save(self) -> None:
        """Ctrl+S: keep the act; the next one that is due comes up."""
        spec = self.form.spec
        if self._may_not_save() or spec is None:
            return
        with self.app.guarded():
            try:
                act = exam_acts.enter(self.app.ctx, self.shift, self.hall(), spec.kind, self.form.number.text(),
                                      self.form.content())  # fmt: skip
            except Refused as refused:
                homeless = self.form.show_problems(refused.problems)
                if homeless:
                    self.app.inform(" ".join(problem.message(active()) for problem in homeless), kind="warning")
                return
            self._typing, self._wanted = False, str(act)
            self.refresh()

    def withdraw(self) -> None:
        """It was entered wrongly: with the reason; it stays on record."""
        found = self.act()
        if found is None or found.withdrawn:
            return
        text = _("The act stays on record as withdrawn; another one takes its place under its own number.")
        why = ask_for_reason(self, _("Withdraw act No {number}?").format(number=found.number), text, _("Withdraw"))
        if why:
            with self.app.guarded():
                exam_acts.withdraw(self.app.ctx, found.id, why)
                self.refresh()

    def print_out(self) -> None:
        """Ctrl+P: two copies, both sides sign."""
        found = self.act()
        if found is not None and not found.withdrawn:
            self.app.open_page("papers", paper="act", option=str(found.id))

    def next_open(self) -> None:
        """F3: the next hall whose acts are not all there."""
        numbers = self.halls.numbers()
        at = numbers.index(self.halls.current()) if self.halls.current() in numbers else -1
        for number in (*numbers[at + 1 :], *numbers[: at + 1]):
            if self._hall_item(number, "").mark is not Mark.DONE:
                self.halls.choose(number)
                return

    def refresh(self, changed: set[str] | None = None) -> None:
        """Read again; what is being typed stays."""
        if not self._typing:
            super().refresh(changed)

    def may_leave(self) -> bool:
        """What is typed waits on the page."""
        return True

    def opened(self, **where: Any) -> None:
        """`shift`, `hall` and `kind` choose an act."""
        super().opened(**where)
        if where.get("hall"):
            self.halls.choose(str(where["hall"]))
        if where.get("kind"):
            self._wanted = f"new:{where['kind']}"
            self._show_kinds()
        if self.stack.currentIndex() == 1 and not self._closed():
            self.form.first_field().setFocus()
        else:
            self.halls.setFocus()

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "Materials come from the base university by an act, go to the duty officers by an act, are opened before "
            "three students of the hall, and come back with the counts of used and unused sheets (p.30-34). A count "
            "that differs from what was due asks for a remark. Each act is printed twice and signed by both sides."
        )

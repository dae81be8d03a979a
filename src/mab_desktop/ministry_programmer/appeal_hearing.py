"""One application before the commission: the card beside the scan, the word on every item (p.43)."""

from __future__ import annotations

import itertools
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from mab_desktop.domain.appeal import GROUND_LABELS, Ground, ItemDecision
from mab_desktop.domain.errors import Refused
from mab_desktop.domain.sheet import layout
from mab_desktop.i18n import N_, _, active
from mab_desktop.ministry_programmer import pictures, season
from mab_desktop.ministry_programmer.appeal_card import CardTables
from mab_desktop.services import appeals
from mab_desktop.services.appeals import AppealLine, Card
from mab_desktop.ui import icons, theme
from mab_desktop.ui.image_review import Box, ImageView
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, clear, label, scrolled, split
from mab_desktop.ui.states import Mark


class ItemRow:
    """The commission's word on one item: decision, ground and what the ground asks for."""

    def __init__(self, subject: int, item: int, key: str, answer: str, options: tuple[str, ...]) -> None:
        self.subject, self.item = subject, item
        self.title = label(_("Subject {s}, item {i}").format(s=subject, i=item), "", wrap=True)
        self.facts = label(_("key {key}, read {answer}").format(key=key, answer=answer), "muted")
        self.word, self.ground, self.accepted = QComboBox(), QComboBox(), QComboBox()
        self.word.addItem("–", None)
        self.word.addItem(_("0 rejected"), False)
        self.word.addItem(_("1 satisfied"), True)
        self.ground.addItem(_("ground"), None)
        for ground in Ground:
            self.ground.addItem(f"{ground.value}. {_(GROUND_LABELS[ground])}", ground)
        self.ground.setMinimumContentsLength(16)
        self.ground.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.accepted.addItem("–", "")
        for option in options:
            self.accepted.addItem(option, option)
        self.accepted.setToolTip(_("The answer that the commission accepts (ground 4)"))
        self.reasons, self.literature = QLineEdit(), QLineEdit()
        self.reasons.setPlaceholderText(_("reasons in full"))
        self.literature.setPlaceholderText(_("literature"))
        self.votes_for, self.votes_against = QLineEdit(), QLineEdit()
        self.chair = QCheckBox(_("chair for"))
        self.chair.setToolTip(_("On a tie the chair decides (p.9)"))
        for field, words in ((self.votes_for, _("for")), (self.votes_against, _("against"))):
            field.setFixedWidth(theme.px(76))
            field.setPlaceholderText(words)
            field.setAccessibleName(words)
        self.error = label("", "fieldError", wrap=True)
        self.error.hide()
        self.word.currentIndexChanged.connect(lambda _n: self.renew())
        self.ground.currentIndexChanged.connect(lambda _n: self.renew())
        self.renew()

    def place(self, grid: QGridLayout, line: int) -> None:
        """Put the row into the grid: two lines, and the error under them."""
        for column, widget in enumerate((self.title, self.facts, *self.fields()[:6])):
            grid.addWidget(widget, line, column)
        grid.addWidget(self.reasons, line + 1, 2, 1, 2)
        grid.addWidget(self.literature, line + 1, 4, 1, 4)
        grid.addWidget(self.error, line + 2, 0, 1, 8)

    def fields(self) -> tuple[QWidget, ...]:
        """What can be filled in, as it stands from left to right."""
        return (self.word, self.ground, self.accepted, self.votes_for, self.votes_against, self.chair, self.reasons,
                self.literature)  # fmt: skip

    def renew(self) -> None:
        """Only what the decision asks for can be typed."""
        given = self.word.currentData() is True
        ground = self.ground.currentData()
        self.ground.setEnabled(given)
        self.accepted.setEnabled(given and ground == Ground.OTHER_SOLUTION)
        for field in (self.reasons, self.literature):
            field.setVisible(given)

    def show_decision(self, decision: ItemDecision) -> None:
        """Show what was decided."""
        self.word.setCurrentIndex(2 if decision.satisfied else 1)
        self.ground.setCurrentIndex(self.ground.findData(decision.ground) if decision.ground else 0)
        self.accepted.setCurrentIndex(max(0, self.accepted.findData(decision.accepted)))
        self.reasons.setText(decision.reasons)
        self.literature.setText(decision.literature)
        self.votes_for.setText("" if decision.votes_for is None else str(decision.votes_for))
        self.votes_against.setText(str(decision.votes_against))
        self.chair.setChecked(decision.chair_for)

    def decision(self) -> ItemDecision | None:
        """What is typed; None while there is no word on the item."""
        word = self.word.currentData()
        if word is None:
            return None
        ground = self.ground.currentData() if word else None
        votes = self.votes_for.text().strip()
        return ItemDecision(
            self.subject, self.item, word, Ground(ground) if ground else None, self.reasons.text().strip(),
            self.literature.text().strip(), self.accepted.currentData() if word else "",
            int(votes) if votes.isdecimal() else None,
            int(self.votes_against.text()) if self.votes_against.text().strip().isdecimal() else 0,
            self.chair.isChecked(),
        )  # fmt: skip

    def tell(self, words: str) -> None:
        """Say what is wrong under the row."""
        self.error.setText("! " + words if words else "")
        self.error.setVisible(bool(words))

    def set_enabled(self, on: bool) -> None:
        """Only looked at, or typed."""
        for widget in self.fields():
            widget.setEnabled(on)
        if on:
            self.renew()


class AppealHearing(QWidget):
    """Card, scan, decisions; `done` after they are saved."""

    done = Signal()
    left = Signal()

    def __init__(self, app: AppContext) -> None:
        super().__init__()
        self.app = app
        self.line: AppealLine | None = None
        self.rows: list[ItemRow] = []
        self.present: list[str] = []
        self._shown: list[ItemDecision | None] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.px(8))
        self.title = label("", "section", wrap=True)
        outer.addWidget(self.title)
        self.tables, self.scan = CardTables(), ImageView()
        decisions = Section()
        self.note = label("", "carried", wrap=True)
        inside = QWidget()
        self.grid = QGridLayout(inside)
        self.grid.setContentsMargins(0, 0, theme.px(8), 0)
        self.grid.setHorizontalSpacing(theme.px(8))
        self.grid.setVerticalSpacing(theme.px(4))
        self.grid.setColumnStretch(3, 1)
        decisions.body.addWidget(self.note)
        decisions.body.addWidget(scrolled(inside), 1)
        self.card_area = scrolled(self.tables)
        top = split(self.card_area, self.scan, stretches=(1, 1))
        outer.addWidget(split(top, decisions, stretches=(1, 1), vertical=True), 1)
        self.general = label("", "fieldError", wrap=True)
        self.general.hide()
        outer.addWidget(self.general)
        row = QHBoxLayout()
        row.addWidget(ActionButton(Action(N_("Back to the journal"), self.left.emit, "back")))
        row.addStretch(1)
        self.members_button = QPushButton(icons.icon("commission"), "")
        self.members_button.clicked.connect(self.choose_members)
        self.save_button = ActionButton(Action(N_("Save the decision"), self.save, "save", "Ctrl+S", primary=True))
        row.addWidget(self.members_button)
        row.addWidget(self.save_button)
        outer.addLayout(row)

    def show_appeal(self, line: AppealLine, shut: str) -> None:
        """Show an application; `shut` says why nothing is decided now."""
        ctx = self.app.ctx
        self.line = line
        card, view = appeals.card(ctx, line.code), appeals.appeal(ctx, line.id)
        words = _("Application {n}: {name}, code {code}, hall {hall}, seat {seat}, variant {variant}")
        self.title.setText(words.format(n=line.number, name=line.name, code=line.code, hall=line.hall, seat=line.seat,
                                        variant=line.variant))  # fmt: skip
        self.tables.show_card(card.subjects, line.items)
        QTimer.singleShot(0, self._bring_subject)  # when the tables have their size
        self._show_scan(card, line)
        clear(self.grid)
        decided = {(d.subject, d.item): d for d in view.decisions}
        options = season.profile(self.app).options
        self.rows = []
        for number, (subject, item) in enumerate(line.items):
            facts = card.subjects[subject - 1]
            row = ItemRow(subject, item, facts.key[item - 1], facts.answers[item - 1], options)
            row.place(self.grid, 3 * number)
            if (subject, item) in decided:
                row.show_decision(decided[subject, item])
            row.set_enabled(not shut)
            self.rows.append(row)
        self._shown = [row.decision() for row in self.rows]
        self.grid.setRowStretch(3 * len(self.rows), 1)
        self._order_tabs()
        self._show_same(line)
        self._say_general(shut)
        self.save_button.setEnabled(not shut)
        self.members_button.setEnabled(not shut)
        self._show_members()

    def _bring_subject(self) -> None:
        """The first subject with an appealed item stands in sight."""
        if self.line is not None and self.line.items:
            place = self.tables.place_of(min(subject for subject, _item in self.line.items))
            self.card_area.verticalScrollBar().setValue(place.top())

    def _order_tabs(self) -> None:
        """Tab goes through the rows as they stand, then to those present and to the button that saves."""
        walk = [field for row in self.rows for field in row.fields()]
        walk += [self.members_button, self.save_button]
        for before, after in itertools.pairwise(walk):
            QWidget.setTabOrder(before, after)

    def _show_scan(self, card: Card, line: AppealLine) -> None:
        form, boxes = layout(season.profile(self.app)), list[Box]()
        for subject, item in line.items:
            words = f"{subject}:{item}"
            box = pictures.group_box(form, card.image.placement, f"subject{subject}", item - 1, Mark.INFO, words)
            if box is not None:
                boxes.append(box)
        self.scan.show_picture(pictures.page_picture(card.image.image, card.image.image_page), boxes)

    def _show_same(self, line: AppealLine) -> None:
        words = _(
            "Subject {s}, item {i} is named by application {n} too: grounds 1 and 5 give the point to all (p.43)."
        )
        same = [words.format(s=s, i=i, n=other.number) for s, i, other in appeals.same_items(self.app.ctx, line.id)]
        self.note.setText("\n".join(same))
        self.note.setVisible(bool(same))

    def _show_members(self) -> None:
        listed = appeals.members(self.app.ctx)
        known = {member.id for member in listed}
        self.present = [member for member in self.present if member in known]
        self.members_button.setText(_("Members present: {n} of {all}…").format(n=len(self.present), all=len(listed)))

    def choose_members(self) -> None:
        """Who of the listed members sits now; remembered for the next application."""
        asked = Question(self, _("Members of the appeal commission present"), _(
            "A point needs the majority of all listed members (p.9)."), _("These are present"))  # fmt: skip
        boxes: dict[str, QCheckBox] = {}
        for member in appeals.members(self.app.ctx):
            words = f"{member.full_name} · {_('chair')}" if member.chair else member.full_name
            boxes[member.id] = QCheckBox(words)
            boxes[member.id].setChecked(member.id in self.present)
            asked.fields.addWidget(boxes[member.id])
        if not boxes:
            asked.fields.addWidget(
                label(_("Nobody is listed: enter the members on the commission's page."), "", wrap=True)
            )
        if asked.exec() == QDialog.DialogCode.Accepted:
            self.present = [member for member, box in boxes.items() if box.isChecked()]
            self._show_members()

    def focus_first(self) -> None:
        """The first item without a word."""
        row = next((row for row in self.rows if row.word.currentData() is None), None)
        if row is not None:
            row.word.setFocus()

    def is_dirty(self) -> bool:
        """True when something was chosen that is not saved."""
        return self.save_button.isEnabled() and [row.decision() for row in self.rows] != self._shown

    def save(self) -> None:
        """Enter the commission's word on every item; every reason against it stands in its place."""
        if self.line is None or not self.save_button.isEnabled():
            return
        for row in self.rows:
            row.tell("")
        missing = [row for row in self.rows if row.decision() is None]
        for row in missing:
            row.tell(_("Choose 0 or 1."))
        if missing:
            missing[0].word.setFocus()
            return
        decisions: list[Any] = [row.decision() for row in self.rows]
        try:
            appeals.decide_appeal(self.app.ctx, self.line.id, decisions, self.present)
        except Refused as refused:
            by_item = {f"{row.subject}:{row.item}": row for row in self.rows}
            told: dict[str, list[str]] = {}
            for problem in refused.problems:
                place = problem.field if problem.field in by_item else ""
                told.setdefault(place, []).append(problem.message(active()))
            for place, row in by_item.items():
                row.tell(" ".join(told.get(place, ())))
            self._say_general(" ".join(told.get("", ())))
            if not self.present:  # without them no vote can be right
                self.members_button.setFocus()
            else:
                next((row.word for place, row in by_item.items() if place in told), self.members_button).setFocus()
            return
        self._offer_to_all(self.line)
        self.line = None
        self.save_button.setEnabled(False)
        self.done.emit()

    def _offer_to_all(self, line: AppealLine) -> None:
        """Grounds 1 and 5 give the point to everybody who names the item: one question, with the list (p.43)."""
        others = appeals.to_be_given(self.app.ctx, line.id)
        if not others:
            return
        words = _("Grounds 1 and 5 give the point to all whose application names the item (p.43). It is named by:")
        names = [_("application {n}: {name}, code {code}").format(n=x.number, name=x.name, code=x.code) for x in others]
        asked = Question(self, _("Give the point to all?"), "\n".join((words, "", *names)), _("Give it to all"))
        if asked.exec() == QDialog.DialogCode.Accepted:
            appeals.give_to_all(self.app.ctx, line.id)

    def _say_general(self, words: str) -> None:
        self.general.setText("! " + words if words else "")
        self.general.setVisible(bool(words))

"""Versions of the hall fund (p.17): what changed between two of them and since the last one, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit

from mab_desktop.domain.fund_change import WORDS, Change, FundChanges, What, shown_value
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import fund_incomplete, fund_versions, transfer_view
from mab_desktop.services.documents_halls import version_name
from mab_desktop.ui.formats import shown_moment, shown_number
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.messages import ask_for_reason
from mab_desktop.ui.page import Action, ActionButton, AppContext
from mab_desktop.ui.panels import Section, StateLabel, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark


class VersionsPage(ListPage):
    """Two states to compare, the changes between them line by line, and the reason that a late change needs."""

    with_details = False

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.changes: FundChanges | None = None
        self.before, self.after = QComboBox(), QComboBox()
        self.verdict, self.about = StateLabel(Mark.NONE), label("", "muted", wrap=True)
        self.reason = QLineEdit(maxLength=fund_versions.REASON_LENGTH)
        self.explain_button = ActionButton(Action(N_("Note the reason"), self.explain, "save"))
        self.reason.returnPressed.connect(self.explain)
        self.reason_label = label(_("Reason of the change after 16 March"), "muted")
        self.reason_label.setBuddy(self.reason)
        self.reason.setAccessibleName(self.reason_label.text())
        self.body.addWidget(self._summary())

    def _summary(self) -> Section:
        card = Section(_("What is compared"))
        row = QHBoxLayout()
        for words, box in ((_("Before"), self.before), (_("After"), self.after)):
            name = label(words, "muted")
            name.setBuddy(box)
            box.setAccessibleName(words)
            box.activated.connect(lambda _n: super(VersionsPage, self).refresh())
            row.addWidget(name)
            row.addWidget(box, 1)
        card.body.addLayout(row)
        card.body.addWidget(self.verdict)
        card.body.addWidget(self.about)
        why = QHBoxLayout()
        for widget in (self.reason_label, self.reason, self.explain_button):
            why.addWidget(widget, 1 if widget is self.reason else 0)
        card.body.addLayout(why)
        return card

    def table(self) -> TableSource:
        """One change a line."""
        columns = (
            Column("kind", N_("Hall or building"), 12, show=_kind),
            Column("key", N_("Number"), 8, kind="code"),
            Column("what", N_("What changed"), 10, show=lambda what: _(WORDS[what])),
            Column("field", N_("Field"), 18, show=lambda msgid: _(msgid) if msgid else ""),
            Column("before", N_("Before"), 20, show=_shown),
            Column("after", N_("After"), 20, show=_shown),
        )
        return Rows(columns, load=self._lines, key_of=lambda line: (line.kind, line.key, line.name), mark_of=_mark)

    def _lines(self) -> Sequence[Change]:
        """Compare what is chosen now."""
        if not self.before.count():
            self.changes = None
            return ()
        self.changes = fund_versions.changes(self.app.ctx, self.before.currentData(), self.after.currentData())
        return self.changes.lines

    def chips(self) -> Sequence[FilterChip]:
        """By what happened."""
        return tuple(
            FilterChip(what.value, WORDS[what], lambda line, what=what: line.what is what)  # type: ignore[misc]
            for what in What
        )

    def page_actions(self) -> Sequence[Action]:
        """Sending comes after looking."""
        return (
            Action(N_("Send although incomplete…"), self.allow, "warning", obstacle=self._no_need),
            Action(N_("Send the hall fund"), lambda: self.app.open_page("transfer", export="hall-fund"), "drive",
                   obstacle=self.fund_obstacle, primary=True),
        )  # fmt: skip

    def _no_need(self) -> str:
        state = fund_incomplete.shortage(self.app.ctx)
        if not state.missing:
            return _("Every student of the contingent has a seat: no reason is needed (p.17).")
        return _("The reason is written down already.") if state.covered else ""

    def allow(self) -> None:
        """Write down why the fund goes with too few seats; the reason is kept for good."""
        state = fund_incomplete.shortage(self.app.ctx)
        words = ask_for_reason(
            self, _("Send although incomplete"),
            _("{n} students of the contingent have no seat. The reason is kept for good, with your name and the date, "
              "in the log beside the file.").format(n=shown_number(state.missing)),
            _("Write the reason down"),
        )  # fmt: skip
        if words:
            with self.app.guarded():
                fund_incomplete.allow(self.app.ctx, words)
                self.refresh()

    def _said(self) -> str:
        """Why the fund may go with too few seats, and whether more lack since."""
        state = fund_incomplete.shortage(self.app.ctx)
        if not (state.missing and state.reason):
            return ""
        moment = shown_moment(datetime.fromisoformat(state.at))
        words = "; ".join((
            _("Students without a seat: {value}").format(value=state.missing),
            _("Reason: {reason} ({by}, {moment})").format(reason=state.reason, by=state.by, moment=moment),
        ))  # fmt: skip
        if state.covered:
            return words
        return words + "\n" + _("Since then something else lacks: write the reason down anew.")

    def fund_obstacle(self) -> str:
        """Why the fund cannot be sent yet."""
        offers = transfer_view.offered(self.app.ctx)
        return next((offer.obstacle for offer in offers if offer.kind == "hall-fund"), "")

    def print_out(self) -> None:
        """Ctrl+P: the list of changes."""
        if self.before.count():
            pair = f"{self.before.currentData()}-{self.after.currentData()}"
            self.app.open_page("papers", paper="fund-changes", option=pair)

    def explain(self) -> None:
        """Keep the reason."""
        with self.app.guarded():
            fund_versions.explain(self.app.ctx, self.reason.text())
            self.refresh()

    def refresh(self, changed: set[str] | None = None) -> None:
        """Read the versions anew; what is compared stays chosen."""
        known = fund_versions.versions(self.app.ctx)
        self._fill(self.before, [v.number for v in known])
        self._fill(self.after, [fund_versions.NOW, *(v.number for v in known)])
        if not self.reason.hasFocus():
            self.reason.setText(fund_versions.given_reason(self.app.ctx))
        late = fund_versions.is_late(self.app.ctx) and bool(known)
        for widget in (self.reason_label, self.reason, self.explain_button):
            widget.setVisible(late)
        super().refresh(changed)

    def _fill(self, box: QComboBox, numbers: Sequence[int]) -> None:
        kept = box.currentData()
        box.clear()
        for number in numbers:
            box.addItem(version_name(number, active()), number)
        if kept is not None and (place := box.findData(kept)) >= 0:
            box.setCurrentIndex(place)
        box.setEnabled(bool(numbers))

    def rows_came(self) -> None:
        """Say in a sentence what the lines say one by one."""
        if self.changes is None:
            self.verdict.show_state(Mark.DUE, _("No version has been sent yet."))
            first = _("The first file written for the testing centre is version 1.")
            self.about.setText("\n".join(part for part in (first, self._said()) if part))
            self.renew_actions()
            return
        found = self.changes
        words = _("Halls added: {added}, gone: {gone}, changed: {changed}. Seats: {before} → {after} ({difference}).")
        told = words.format(
            added=found.count(What.ADDED), gone=found.count(What.GONE), changed=found.count(What.CHANGED),
            before=found.seats_before, after=found.seats_after, difference=f"{found.seats:+d}".replace("-", "−"),
        )  # fmt: skip
        now = self.after.currentData() == fund_versions.NOW
        if not found.lines:
            self.verdict.show_state(Mark.DONE, _("Nothing changed."))
        else:
            self.verdict.show_state(Mark.DUE if now else Mark.NONE, told)
        self.about.setText("\n".join(part for part in (self._sent(self.before.currentData()), self._said()) if part))
        self.renew_actions()

    def _sent(self, number: int) -> str:
        version = next(v for v in fund_versions.versions(self.app.ctx) if v.number == number)
        words = _("Version {number} was sent at {at} by {by}.").format(
            number=version.number, at=shown_moment(datetime.fromisoformat(version.at)), by=version.by
        )
        return " ".join((words, version.reason))

    def opened(self, **where: Any) -> None:
        """`before` and `after` choose two versions."""
        for box, name in ((self.before, "before"), (self.after, "after")):
            if name in where and (place := box.findData(where[name])) >= 0:
                box.setCurrentIndex(place)
        super().opened(**where)
        super().refresh()

    def empty_words(self) -> tuple[str, str]:
        """Nothing sent, or nothing changed."""
        if not self.before.count():
            return _("No version has been sent yet."), _("The first file written for the testing centre is version 1.")
        return _("Nothing changed."), ""

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The hall fund goes to the testing centre before 16 March (p.17). Each state that was sent is kept as a "
            "version; a change after that day needs a reason, which the centre is told."
        )


def _kind(kind: str) -> str:
    return _("Hall") if kind == "hall" else _("Building")


def _shown(value: Any) -> str:
    words = shown_value(value, active())
    return _("a drawn plan") if words.startswith(("[[", "{")) else words


def _mark(line: Change) -> Mark:
    return Mark.LATE if line.what is What.GONE else Mark.INFO if line.what is What.ADDED else Mark.DUE

"""A network university's database before it is taken: what it changes, which rules it breaks, who is in it twice, and
the signed print beside it (p.21). Nothing changes by looking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from mab_desktop.base_uni.paper_question import PaperFields
from mab_desktop.base_uni.reference_words import ReferenceWords, field_label, moment_words
from mab_desktop.domain.organisation import parse_organisation
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import acceptance
from mab_desktop.services.acceptance import Difference, Preview, Version
from mab_desktop.services.base_board import Signed
from mab_desktop.services.documents_board import difference_label
from mab_desktop.services.transfer_view import CarrierLook
from mab_desktop.ui import theme
from mab_desktop.ui.formats import shown_number
from mab_desktop.ui.list_view import RecordView
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import Count, CountsView, Facts, facts_block, label, scrolled
from mab_desktop.ui.record_table import Column, RecordTable, Rows
from mab_desktop.ui.transfer_link import Closer

KIND = "university-students"


class DatabaseLooks:
    """Looks closer at databases for the drive wizard, and remembers whether their paper was typed right."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._agreed: dict[str, bool] = {}

    def closer(self) -> Closer:
        """What the wizard asks."""
        return Closer(self.look, self.taken)

    def look(self, seen: CarrierLook) -> Callable[[], QWidget] | None:
        """Read everything here, in the task; the card is made in the window's thread."""
        arrived, ctx = seen.incoming.arrived, self._app.ctx
        if arrived.kind != KIND:
            return None
        found = acceptance.look(ctx, arrived)
        versions = acceptance.versions(ctx, found.university)
        self._agreed[arrived.digest] = False
        return lambda: DatabaseCard(self._app, found, versions, lambda agrees: self._note(arrived.digest, agrees))

    def _note(self, digest: str, agrees: bool) -> None:
        self._agreed[digest] = agrees

    def taken(self, seen: CarrierLook) -> None:
        """The paper that was typed before is the paper of the database that is held now."""
        if not self._agreed.pop(seen.incoming.arrived.digest, False):
            return
        code = parse_organisation(seen.incoming.arrived.sender)[1]
        version = acceptance.versions(self._app.ctx, code)[0]
        acceptance.confirm_paper(self._app.ctx, code, version.students, version.control_sum, Signed())


class DatabaseCard(QWidget):
    """Four leaves: totals and paper, differences, broken rules, who may be in it twice."""

    def __init__(
        self, app: AppContext, found: Preview, versions: Sequence[Version], typed: Callable[[bool], object]
    ) -> None:  # fmt: skip
        super().__init__()
        self.words = ReferenceWords()
        self.words.read(app.ctx)
        self.paper = PaperFields(found.students, found.control_sum, versions, typed)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._totals(found), _("Totals and paper"))
        self._leaf(app, N_("Differences ({n})"), "differences", self._differences(), _difference_rows(found))
        self._leaf(app, N_("Broken rules ({n})"), "rules", _rules(), _rule_rows(found))
        self._leaf(app, N_("Twice ({n})"), "twins", self._twins(), list(found.twins))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.setMinimumHeight(theme.px(340))

    def _totals(self, found: Preview) -> QWidget:
        leaf = QWidget()
        column = QVBoxLayout(leaf)
        column.setSpacing(theme.px(8))
        held, comparison = found.held, found.comparison
        if held is None:
            words = _("The first database of this university.")
        elif found.changes_nothing:
            words = _("Just the same as version {n} of {moment}, which is held here.")
        else:
            words = _("It replaces version {n} of {moment}.")
        if held is not None:
            words = words.format(n=held.number, moment=moment_words(held.at))
        column.addWidget(label(words, "section", wrap=True))
        counts = CountsView()
        shown = [Count(_("Students"), found.students, found.final_total)]
        if held is not None:
            shown += [Count(_("New"), len(comparison.new)), Count(_("Changed"), len(comparison.changed)),
                      Count(_("No longer there"), len(comparison.removed)), Count(_("Unchanged"), comparison.same)]
        counts.show_counts(shown)
        column.addWidget(counts)
        if found.final_total is not None:
            told = _("Beside the number of students stands that of the final statistics which came.")
            column.addWidget(label(told, "muted", wrap=True))
        if not found.final_same:
            column.addWidget(label(_("The final statistics that came are not those of this database."), "warningStrip",
                                   wrap=True))  # fmt: skip
        if found.elsewhere:
            lines = tuple((self.words.coded("university", code), shown_number(n))
                          for code, n in sorted(found.elsewhere.items()))  # fmt: skip
            column.addWidget(facts_block(Facts(_("Sit the test at other base universities"), lines)))
        column.addWidget(label(_("Beside it, the print signed by the head"), "section", wrap=True))
        column.addWidget(self.paper)
        column.addStretch(1)
        return scrolled(leaf)

    def _leaf(self, app: AppContext, title: str, name: str, columns: Sequence[Column], rows: Sequence[Any]) -> None:
        table = RecordTable(Rows(columns, load=lambda: rows, key_of=id))
        view = RecordView(table, app.settings, f"intake.{name}")
        view.setAccessibleName(_(title).format(n=len(rows)))
        view.read(rows)
        self.tabs.addTab(view if rows else label(_("Nothing."), "muted"), _(title).format(n=shown_number(len(rows))))

    def _differences(self) -> Sequence[Column]:
        return (
            Column("name", N_("Student"), 22), Column("what", N_("What changed"), 16, show=_),
            Column("old", N_("Before"), 14), Column("new", N_("After"), 14),
        )  # fmt: skip

    def _twins(self) -> Sequence[Column]:
        return (
            Column("name", N_("Student"), 20), Column("field", N_("Field"), 12, show=field_label),
            Column("value", N_("Value"), 10, kind="code"), Column("university", N_("Univ."), 5, kind="code"),
            Column("other", N_("The same as"), 20),
        )  # fmt: skip


def _difference_rows(found: Preview) -> list[dict[str, Any]]:
    """Nothing for the first database: everything in it is new."""
    if found.held is None:
        return []
    return [difference_row(one) for one in found.differences]


def difference_row(one: Difference) -> dict[str, Any]:
    """A line of the list of differences for a table."""
    return {"name": one.name, "what": difference_label(one.kind, one.field), "old": one.old, "new": one.new}


def _rules() -> Sequence[Column]:
    return (
        Column("name", N_("Student"), 20), Column("field", N_("Field"), 12, show=field_label),
        Column("words", N_("What is wrong"), 24),
    )  # fmt: skip


def _rule_rows(found: Preview) -> list[dict[str, Any]]:
    return [
        {"name": name, "field": group.problem.field, "words": group.problem.message(active())}
        for group in found.rules
        for _student, name in group.students
    ]

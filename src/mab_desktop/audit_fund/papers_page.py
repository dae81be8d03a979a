"""Papers of the auditorium fund: the fund's data, plans, what changed, labels and signs (p.4, p.17, p.24)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from mab_desktop.domain.errors import UserError
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import direction_signs, documents_halls, fund_versions, halls
from mab_desktop.services.documents import Document
from mab_desktop.ui import theme
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.panels import label
from mab_desktop.ui.papers_page import Paper

_CENTRE, _PLANS, _HANGS = N_("For the testing centre"), N_("Plans"), N_("What hangs in the building")
_SEATS = re.compile(r"\s*(\d{1,3})\s*(?:[-–]\s*(\d{1,3}))?\s*")


class HallPapersPage(DocumentPapersPage):
    """What the fund prints; for labels also the sheet's kind, the first free label, and which seats."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.layout_box, self.first, self.seats = QComboBox(), QSpinBox(), QLineEdit()
        for layout, (columns, rows) in documents_halls.LABEL_LAYOUTS.items():
            self.layout_box.addItem(_("{columns} × {rows} a sheet").format(columns=columns, rows=rows), layout)
        self.first.setRange(1, 24)
        self.seats.setPlaceholderText(_("all"))
        self.seats.setMaximumWidth(theme.px(120))
        self.label_row = self._label_row()
        self.body.insertWidget(0, self.label_row)
        self.label_row.hide()
        self.layout_box.activated.connect(self._again)
        self.first.editingFinished.connect(self._again)
        self.seats.editingFinished.connect(self._again)
        self._label_choice = self._chosen()
        self.list.selectionModel().currentChanged.connect(self._show_label_row)

    def _label_row(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        for words, widget in ((_("Labels"), self.layout_box), (_("Begin at label"), self.first),
                              (_("Seats, like 5 or 5–12"), self.seats)):  # fmt: skip
            name = label(words, "muted")
            name.setBuddy(widget)
            widget.setAccessibleName(words)
            row.addWidget(name)
            row.addWidget(widget)
        row.addStretch(1)
        return made

    def _show_label_row(self) -> None:
        paper = self.current()
        self.label_row.setVisible(paper is not None and paper.key == "seat-labels")

    def _chosen(self) -> tuple[str, int, str]:
        return self.layout_box.currentData(), self.first.value(), self.seats.text().strip()

    def _again(self) -> None:
        """Draw the labels anew when something was chosen."""
        if self._chosen() != self._label_choice:
            self._label_choice = self._chosen()
            self.refresh()
            self.options.activated.emit(self.options.currentIndex())

    def papers(self) -> Sequence[Paper]:
        """The fund and its changes, plans, labels and signs."""
        ctx = self.app

        def no_hall() -> str:
            return "" if halls.halls(ctx.ctx) else _("No hall is entered.")

        def no_version() -> str:
            return "" if fund_versions.versions(ctx.ctx) else _("No version has been sent yet.")

        def no_sign() -> str:
            return "" if direction_signs.signs(ctx.ctx) else _("No direction sign is entered.")

        return (
            self.paper("hall-fund", N_("Hall fund data"), lambda _o, _p: documents_halls.print_hall_fund(ctx.ctx),
                       paragraph="p.17", group=_CENTRE, copies=2, obstacle=no_hall),
            self.paper("fund-changes", N_("Changes of the hall fund"), lambda pair, _p: self._changes(pair),
                       paragraph="p.17", group=_CENTRE, options=self._pairs, obstacle=no_version),
            self.paper("building-plans", N_("Plans of a building's halls"),
                       lambda code, _p: documents_halls.print_hall_plans(ctx.ctx, building=code),
                       paragraph="p.4", group=_PLANS, options=self._buildings, obstacle=no_hall),
            self.paper("hall-plan", N_("Plan of a hall"),
                       lambda number, _p: documents_halls.print_hall_plans(ctx.ctx, number),
                       paragraph="p.4", group=_PLANS, options=self._halls, obstacle=no_hall),
            self.paper("floor-plan", N_("Plans of floors"),
                       lambda code, _p: documents_halls.print_building_plans(ctx.ctx, code),
                       paragraph="p.4", group=_PLANS, options=self._buildings, obstacle=no_hall),
            self.paper("site-plan", N_("Plan of the building on the site"),
                       lambda code, _p: documents_halls.print_site_plans(ctx.ctx, code),
                       paragraph="p.4", group=_PLANS, options=self._buildings, obstacle=no_hall),
            self.paper("seat-labels", N_("Seat labels"), lambda option, _p: self._labels(option),
                       paragraph="p.24", group=_HANGS, options=self._places, obstacle=no_hall),
            self.paper("hall-signs", N_("Hall signs"),
                       lambda option, _p: documents_halls.print_hall_signs(ctx.ctx, *_place(option)),
                       paragraph="p.24", group=_HANGS, options=self._places, obstacle=no_hall),
            self.paper("direction-signs", N_("Direction signs"), lambda option, _p: self._signs(option),
                       paragraph="p.24", group=_HANGS, options=self._sign_options, obstacle=no_sign),
            self.paper("hall-directory", N_("Which hall is where"),
                       lambda code, _p: documents_halls.print_hall_directory(ctx.ctx, code),
                       paragraph="p.24", group=_HANGS, options=self._buildings, obstacle=no_hall),
        )  # fmt: skip

    # --- making -----------------------------------------------------------------------------------------------------

    def _labels(self, option: str) -> Document:
        layout, first, words = self._label_choice
        found = _SEATS.fullmatch(words)
        if words and not found:
            raise UserError(N_("Type the seats like 5 or 5–12."))
        seats = (int(found[1]), int(found[2] or found[1])) if words and found else None
        building, number = _place(option)
        return documents_halls.print_seat_labels(
            self.app.ctx, building, number, layout=layout, first=first, seats=seats
        )  # fmt: skip

    def _signs(self, option: str) -> Document:
        kind, _colon, key = option.partition(":")
        if kind == "sign":
            return documents_halls.print_direction_signs(self.app.ctx, sign=int(key))
        return documents_halls.print_direction_signs(self.app.ctx, key)

    def _changes(self, pair: str) -> Document:
        before, after = map(int, pair.split("-"))
        return documents_halls.print_fund_changes(self.app.ctx, before, after)

    # --- options ----------------------------------------------------------------------------------------------------

    def _buildings(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx) if row.halls]

    def _halls(self) -> Sequence[tuple[str, str]]:
        words = _("Hall {number}, building {building}")
        return [(h.number, words.format(number=h.number, building=h.building)) for h in halls.halls(self.app.ctx)]

    def _places(self) -> Sequence[tuple[str, str]]:
        """All halls, a building's, or one."""
        return [
            (":", _("All halls")), *((f"{code}:", name) for code, name in self._buildings()),
            *((f":{number}", name) for number, name in self._halls()),
        ]  # fmt: skip

    def _sign_options(self) -> Sequence[tuple[str, str]]:
        known = direction_signs.signs(self.app.ctx)
        arrows = dict(direction_signs.arrow_choices(active()))
        here = {row.building for row in known}
        return [
            ("building:", _("All signs")),
            *((f"building:{code}", name) for code, name in self._buildings() if code in here),
            *((f"sign:{row.id}", f"{row.place}: {arrows[row.arrow]}, {row.halls}") for row in known),
        ]

    def _pairs(self) -> Sequence[tuple[str, str]]:
        """Each version against the next, the last one against the fund of now."""
        numbers = [*(version.number for version in reversed(fund_versions.versions(self.app.ctx))), fund_versions.NOW]
        named = {number: documents_halls.version_name(number, active()) for number in numbers}
        steps = reversed([(a, b) for n, a in enumerate(numbers) for b in numbers[n + 1 :]])
        return [(f"{a}-{b}", f"{named[a]} → {named[b]}") for a, b in steps]

    def help_words(self) -> str:
        """What is printed here."""
        return _(
            "The fund's data and the plans of halls go to the testing centre (p.4, p.17). Seat labels, hall signs and "
            "direction signs are hung up before the exam (p.24). A paper that is made again carries the mark of a copy."
        )


def _place(option: str) -> tuple[str, str]:
    """Building and hall of an option «building:hall»."""
    building, _colon, number = option.partition(":")
    return building, number

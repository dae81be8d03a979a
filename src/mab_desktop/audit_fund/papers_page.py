"""Papers of the auditorium fund: the fund's data, plans of halls (p.4, p.17)."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.i18n import N_, _
from mab_desktop.services import documents_halls, halls
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.papers_page import Paper

_PLANS = N_("Plans")


class HallPapersPage(DocumentPapersPage):
    """What the fund prints."""

    def papers(self) -> Sequence[Paper]:
        """The fund, plans by building and by hall."""
        ctx = self.app

        def no_hall() -> str:
            return "" if halls.halls(ctx.ctx) else _("No hall is entered.")

        return (
            self.paper("hall-fund", N_("Hall fund data"), lambda _o, _p: documents_halls.print_hall_fund(ctx.ctx),
                           paragraph="p.17", group=N_("For the testing centre"), copies=2, obstacle=no_hall),
            self.paper("building-plans", N_("Plans of a building's halls"),
                           lambda code, _p: documents_halls.print_hall_plans(ctx.ctx, building=code),
                           paragraph="p.4", group=_PLANS, options=self._buildings, obstacle=no_hall),
            self.paper("hall-plan", N_("Plan of a hall"),
                           lambda number, _p: documents_halls.print_hall_plans(ctx.ctx, number),
                           paragraph="p.4", group=_PLANS, options=self._halls, obstacle=no_hall),
        )  # fmt: skip

    def _buildings(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx) if row.halls]

    def _halls(self) -> Sequence[tuple[str, str]]:
        words = _("Hall {number}, building {building}")
        return [(h.number, words.format(number=h.number, building=h.building)) for h in halls.halls(self.app.ctx)]

    def help_words(self) -> str:
        """What is printed here."""
        return _(
            "The fund's data and the plans of halls go to the testing centre (p.4, p.17). A paper that is made again "
            "carries the mark of a copy."
        )

"""Papers of the base university (p.22-25, p.30): statistics, passes, registers, lists, acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex

from mab_desktop.base_uni.network_papers import network_papers
from mab_desktop.base_uni.reference_words import ReferenceWords
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import (
    base_board,
    documents_base,
    documents_commission,
    documents_halls,
    halls,
    passes,
    sittings,
)
from mab_desktop.services.documents import Document
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.papers_page import Paper

_STATISTICS, _PASSES, _LISTS, _ACTS = N_("Statistics"), N_("Passes"), N_("Lists"), N_("Acts")
_COMMISSION, _PLANS = N_("Commission"), N_("Plans")
STAGES = (
    ("final", N_("Final")), ("preliminary2", N_("Preliminary, 1 April")), ("preliminary1", N_("Preliminary, 16 March")),
)  # fmt: skip


class BasePapersPage(DocumentPapersPage):
    """Everything that the base university prints, a set at a time or a single pass."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()
        self._student = ("", "")

    def papers(self) -> Sequence[Paper]:
        """In the order of the season."""
        return (*self._statistics(), *network_papers(self), *self._passes(), *self._lists(), *self._plans(), *self._acts(),
                *self._commission())  # fmt: skip

    def _statistics(self) -> tuple[Paper, ...]:
        app = self.app

        def whole(stage: str, _p: Progress) -> Document:
            return documents_base.print_statistics(app.ctx, stage=stage or "final")

        return (
            self.paper("statistics", N_("Statistics of a network university"),
                           lambda code, _p: documents_base.print_statistics(app.ctx, code), paragraph="p.22",
                           group=_STATISTICS, copies=2, options=self._finals, obstacle=self._no_final_statistics),
            self.paper("statistics-all", N_("Statistics of all universities"), whole, paragraph="p.21",
                           group=_STATISTICS, copies=2, options=self._stages, obstacle=self._no_statistics),
            self.paper("fax", N_("Fax page for the testing centre"),
                           lambda _o, _p: documents_base.print_fax(app.ctx), paragraph="p.23", group=_STATISTICS,
                           obstacle=self._no_final_statistics),
        )  # fmt: skip

    def _passes(self) -> tuple[Paper, ...]:
        app = self.app

        def of_hall(option: str, progress: Progress) -> Document:
            shift, _colon, hall = option.partition(":")
            return documents_base.print_passes(app.ctx, hall=hall, shift=int(shift), progress=progress)

        return (
            self.paper("passes-university", N_("Passes of a network university"),
                           lambda code, p: documents_base.print_passes(app.ctx, code, progress=p), paragraph="p.24",
                           group=_PASSES, options=self._universities, obstacle=self._not_numbered),
            self.paper("passes-shift", N_("Passes of a shift"),
                           lambda shift, p: documents_base.print_passes(app.ctx, shift=int(shift), progress=p),
                           paragraph="p.24", group=_PASSES, options=self._shifts, obstacle=self._not_numbered),
            self.paper("passes-hall", N_("Passes of a hall"), of_hall, paragraph="p.24", group=_PASSES,
                           options=self._halls, obstacle=self._not_numbered),
            self.paper("pass-one", N_("Pass of one student"),
                           lambda student, p: documents_base.print_passes(app.ctx, student=student, progress=p),
                           paragraph="p.24", group=_PASSES, options=self._one, obstacle=self._nobody),
        )  # fmt: skip

    def _lists(self) -> tuple[Paper, ...]:
        app = self.app

        def of_hall(option: str, _p: Progress) -> Document:
            shift, _colon, hall = option.partition(":")
            return documents_base.print_hall_list(app.ctx, int(shift), hall)

        return (
            self.paper("register", N_("Register of pass issue"),
                           lambda code, _p: documents_base.print_register(app.ctx, code), paragraph="p.24",
                           group=_LISTS, copies=2, options=self._universities, obstacle=self._not_numbered),
            self.paper("university-list", N_("Hall list of a network university"),
                           lambda code, _p: documents_base.print_university_list(app.ctx, code), paragraph="p.24",
                           group=_LISTS, options=self._universities, obstacle=self._not_allotted),
            self.paper("hall-list", N_("Students of a hall"), of_hall, paragraph="p.24", group=_LISTS,
                           options=self._halls, obstacle=self._not_allotted),
            self.paper("hall-lists", N_("All hall lists of a shift"),
                           lambda shift, p: documents_base.print_hall_lists(app.ctx, int(shift), p), paragraph="p.24",
                           group=_LISTS, options=self._shifts, obstacle=self._not_allotted),
            self.paper("wrong-data", N_("List of students with wrong data"),
                           lambda code, _p: documents_base.print_wrong_data(app.ctx, code), paragraph="p.24",
                           group=_LISTS, copies=4, options=self._all_and_universities),
            self.paper("duty-list", N_("Duty officers by hall"),
                           lambda _o, _p: documents_base.print_duty_list(app.ctx), paragraph="p.24", group=_LISTS),
        )  # fmt: skip

    def _plans(self) -> tuple[Paper, ...]:
        """Halls and buildings as the fund has them that was received last: for preparing the halls."""
        app = self.app
        return (
            self.paper("building-plans", N_("Plans of a building's halls"),
                           lambda code, _p: documents_halls.print_hall_plans(app.ctx, building=code),
                           paragraph="p.24", group=_PLANS, options=self._buildings, obstacle=self._no_fund),
            self.paper("floor-plan", N_("Plans of floors"),
                           lambda code, _p: documents_halls.print_building_plans(app.ctx, code),
                           paragraph="p.24", group=_PLANS, options=self._buildings, obstacle=self._no_fund),
            self.paper("site-plan", N_("Plan of the building on the site"),
                           lambda code, _p: documents_halls.print_site_plans(app.ctx, code),
                           paragraph="p.24", group=_PLANS, options=self._buildings, obstacle=self._no_fund),
            self.paper("hall-directory", N_("Which hall is where"),
                           lambda code, _p: documents_halls.print_hall_directory(app.ctx, code),
                           paragraph="p.24", group=_PLANS, options=self._buildings, obstacle=self._no_fund),
        )  # fmt: skip

    def _acts(self) -> tuple[Paper, ...]:
        app = self.app
        return (
            self.paper("stub-act", N_("Act on receiving stubs"),
                           lambda code, _p: documents_base.print_stub_act(app.ctx, code), paragraph="p.24",
                           group=_ACTS, copies=2, options=self._universities, obstacle=self._not_numbered),
            self.paper("hand-over", N_("Hand-over to the ministry representative"),
                           lambda _o, _p: documents_base.print_hand_over(app.ctx), paragraph="p.24", group=_ACTS,
                           copies=2),
            self.paper("materials", N_("Act on exam materials"),
                           lambda _o, _p: documents_base.print_materials_act(app.ctx), paragraph="p.30", group=_ACTS,
                           copies=2),
        )  # fmt: skip

    def _commission(self) -> tuple[Paper, ...]:
        app = self.app

        def extract(option: str, _p: Progress) -> Document:
            number, _colon, question = option.partition(":")
            return documents_commission.print_extract(app.ctx, int(number), int(question))

        return (
            self.paper("commission-plan", N_("Plan of work of the state commission"),
                           lambda _o, _p: documents_commission.print_plan(app.ctx), paragraph="p.6", group=_COMMISSION),
            self.paper("commission-agenda", N_("Agenda of the sitting of the state commission"),
                           lambda n, _p: documents_commission.print_agenda(app.ctx, int(n)), paragraph="p.6",
                           group=_COMMISSION, options=self._sittings, obstacle=self._no_sitting),
            self.paper("commission-minutes", N_("Minutes of the sitting of the state commission"),
                           lambda n, _p: documents_commission.print_minutes(app.ctx, int(n)), paragraph="p.6",
                           group=_COMMISSION, copies=2, options=self._held, obstacle=self._no_minutes),
            self.paper("commission-extract", N_("Extract of the minutes of the state commission"), extract,
                           paragraph="p.6", group=_COMMISSION, options=self._questions, obstacle=self._no_minutes),
        )  # fmt: skip

    # --- options and obstacles -------------------------------------------------------------------------------------

    def _buildings(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx) if row.halls]

    def _no_fund(self) -> str:
        return "" if halls.buildings(self.app.ctx) else _("The hall fund has not been received yet.")

    def _universities(self) -> Sequence[tuple[str, str]]:
        return [(line.university, f"{line.university} {line.name}") for line in base_board.board(self.app.ctx)
                if line.students]  # fmt: skip

    def _all_and_universities(self) -> Sequence[tuple[str, str]]:
        return [("", _("All universities")), *self._universities()]

    def _stages(self) -> Sequence[tuple[str, str]]:
        return [(key, _(words)) for key, words in STAGES if base_board.statistics(self.app.ctx, stage=key)]

    def _shifts(self) -> Sequence[tuple[str, str]]:
        found = sorted({shift for shift, _hall, _n in passes.halls_used(self.app.ctx)})
        return [(str(shift), _("Shift {n}").format(n=shift)) for shift in found]

    def _halls(self) -> Sequence[tuple[str, str]]:
        words = _("Shift {shift}, hall {hall}: {n} students")
        return [(f"{shift}:{hall}", words.format(shift=shift, hall=hall, n=n))
                for shift, hall, n in passes.halls_used(self.app.ctx)]  # fmt: skip

    def _one(self) -> Sequence[tuple[str, str]]:
        return [self._student] if self._student[0] else []

    def _finals(self) -> Sequence[tuple[str, str]]:
        """Those whose database is here: it is what the final statistics count (p.22)."""
        return self._universities()

    def _sittings(self) -> Sequence[tuple[str, str]]:
        words = _("Sitting {number} of {day}")
        return [(str(s.number), words.format(number=s.number, day=shown_date(s.day)))
                for s in sittings.sittings(self.app.ctx)]  # fmt: skip

    def _held(self) -> Sequence[tuple[str, str]]:
        words = _("Minutes {number} of {day}")
        return [(str(s.number), words.format(number=s.minutes, day=shown_date(s.day)))
                for s in sittings.sittings(self.app.ctx) if s.minutes]  # fmt: skip

    def _questions(self) -> Sequence[tuple[str, str]]:
        return [(f"{s.number}:{q.number}", f"№ {s.minutes}/{q.number}. {q.text}")
                for s in sittings.sittings(self.app.ctx) if s.minutes for q in s.questions]  # fmt: skip

    def _no_sitting(self) -> str:
        return "" if self._sittings() else _("No sitting has been called yet.")

    def _no_minutes(self) -> str:
        return "" if self._held() else _("No sitting with a quorum is closed yet (p.6).")

    def _no_statistics(self) -> str:
        found = base_board.statistics(self.app.ctx, stage="")
        return "" if found else _("No statistics of a network university have come yet.")

    def _no_final_statistics(self) -> str:
        return "" if self._finals() else _("No final statistics of a network university have come yet.")

    def _not_allotted(self) -> str:
        return "" if passes.counts(self.app.ctx) else _("The final database has not come from the centre yet (p.23).")

    def _not_numbered(self) -> str:
        counts = passes.counts(self.app.ctx)
        if counts and all(count.numbered == count.allotted for count in counts):
            return ""
        return self._not_allotted() or _("The passes are not numbered yet.")

    def _nobody(self) -> str:
        if why := self._not_numbered():
            return why
        return "" if self._student[0] else _("Choose the student on the page of passes and press Print this pass.")

    def opened(self, **where: Any) -> None:
        """`paper` and `option` choose; `student` and `name` choose the single pass."""
        if "student" in where:
            self._student = (where["student"], where["name"])
            current = self.current()
            if current is not None and current.key == where.get("paper"):
                self.list.setCurrentIndex(QModelIndex())  # choosing it again asks for the student anew
            where = {**where, "option": where["student"]}
        super().opened(**where)

    def help_words(self) -> str:
        """What is printed here."""
        return _(
            "Everything that the base university prints. A paper that is made again carries its number and the mark of "
            "a copy; wrong or spoilt passes are printed again one by one."
        )

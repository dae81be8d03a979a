"""Papers of the base university (p.22-25, p.30): statistics, passes, registers, lists, acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex

from mab_desktop.base_uni.hand_over_papers import commission_papers, duty_papers, hand_over_papers
from mab_desktop.base_uni.network_papers import network_papers
from mab_desktop.base_uni.reference_words import ReferenceWords
from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import (
    base_board,
    documents_base,
    documents_halls,
    documents_passes,
    halls,
    pass_copies,
    passes,
)
from mab_desktop.services.documents import Document
from mab_desktop.services.passes import PassChoice
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.papers_page import Paper

_STATISTICS, _PASSES, _LISTS, _ACTS = N_("Statistics"), N_("Passes"), N_("Lists"), N_("Acts")
_COMMISSION, _PLANS = N_("Commission"), N_("Plans")
_CHOSEN = "chosen"
Options = Callable[[], Sequence[tuple[str, str]]]
STAGES = (
    ("final", N_("Final")), ("preliminary2", N_("Preliminary, 1 April")), ("preliminary1", N_("Preliminary, 16 March")),
)  # fmt: skip


class BasePapersPage(DocumentPapersPage):
    """Everything that the base university prints, a set at a time or a single pass."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.words = ReferenceWords()
        self._chosen: tuple[str, ...] = ()
        self._chosen_words = ""

    def papers(self) -> Sequence[Paper]:
        """In the order of the season."""
        return (*self._statistics(), *network_papers(self), *self._passes(), *self._lists(), *self._plans(),
                *self._acts(), *commission_papers(self, _COMMISSION))  # fmt: skip

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
        def paper(key: str, title: str, options: Options, obstacle: Callable[[], str] = self._not_numbered) -> Paper:
            return self.paper(key, title, lambda option, p: documents_passes.print_passes(app.ctx, self._of(option), p),
                              paragraph="p.24", group=_PASSES, options=options, obstacle=obstacle,
                              first=self._first_pass)  # fmt: skip

        app = self.app
        return (
            paper("passes-university", N_("Passes of a network university"), self._universities),
            paper("passes-shift", N_("Passes of a shift"), self._shifts),
            paper("passes-hall", N_("Passes of a hall"), self._halls),
            paper("pass-one", N_("Passes of chosen students"), self._one, self._nobody),
            paper("passes-all", N_("Passes of all students"), self._all),
        )

    def _first_pass(self, option: str) -> Document:
        return documents_passes.print_passes(self.app.ctx, self._of(option), first_only=True)

    def _lists(self) -> tuple[Paper, ...]:
        app = self.app

        def of_hall(option: str, _p: Progress) -> Document:
            choice = self._of(option)
            return documents_passes.print_hall_list(app.ctx, choice.shift or 0, choice.hall)

        return (
            self.paper("register", N_("Register of pass issue"),
                           lambda option, p: documents_passes.print_register(app.ctx, self._of(option), p),
                           paragraph="p.24", group=_LISTS, copies=2, options=self._cuts, obstacle=self._not_numbered),
            self.paper("university-list", N_("Hall list of a network university"),
                           lambda option, p: documents_passes.print_university_list(app.ctx, self._of(option), p),
                           paragraph="p.24", group=_LISTS, options=self._cuts, obstacle=self._not_allotted),
            self.paper("hall-list", N_("Students of a hall"), of_hall, paragraph="p.24", group=_LISTS,
                           options=self._halls, obstacle=self._not_allotted),
            self.paper("hall-lists", N_("All hall lists of a shift"),
                           lambda option, p: documents_passes.print_hall_lists(app.ctx, self._of(option).shift, p),
                           paragraph="p.24", group=_LISTS, options=lambda: [*self._shifts(), *self._all()],
                           obstacle=self._not_allotted),
            self.paper("wrong-data", N_("List of students with wrong data"),
                           lambda code, _p: documents_base.print_wrong_data(app.ctx, code), paragraph="p.24",
                           group=_LISTS, copies=4, options=self._all_and_universities),
            *duty_papers(self, _LISTS),
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
                           paragraph="p.24", group=_PLANS, options=self._with_floors, obstacle=self._no_floors),
            self.paper("site-plan", N_("Plan of the building on the site"),
                           lambda code, _p: documents_halls.print_site_plans(app.ctx, code),
                           paragraph="p.24", group=_PLANS, options=self._with_site, obstacle=self._no_site),
            self.paper("hall-directory", N_("Which hall is where"),
                           lambda code, _p: documents_halls.print_hall_directory(app.ctx, code),
                           paragraph="p.24", group=_PLANS, options=self._buildings, obstacle=self._no_fund),
        )  # fmt: skip

    def _acts(self) -> tuple[Paper, ...]:
        app = self.app
        return (
            self.paper("given-act", N_("Act of handing over admission passes"),
                           lambda code, _p: documents_passes.print_given_act(app.ctx, code), paragraph="p.24",
                           group=_ACTS, copies=2, options=self._given, obstacle=self._nothing_given),
            self.paper("spoilt-act", N_("Act on spoilt admission passes"),
                           lambda code, _p: documents_passes.print_spoilt_act(app.ctx, code), paragraph="p.24",
                           group=_ACTS, copies=2, options=self._spoilt, obstacle=self._nothing_spoilt),
            self.paper("pass-balance", N_("Balance of admission passes"),
                           lambda _o, _p: documents_passes.print_balance(app.ctx), paragraph="p.24", group=_ACTS,
                           copies=2, obstacle=self._not_allotted),
            self.paper("stub-act", N_("Act on receiving stubs"),
                           lambda code, _p: documents_passes.print_stub_act(app.ctx, code), paragraph="p.24",
                           group=_ACTS, copies=2, options=self._universities, obstacle=self._not_numbered),
            *hand_over_papers(self, _ACTS),
        )  # fmt: skip

    # --- options and obstacles -------------------------------------------------------------------------------------

    def _buildings(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx) if row.halls]

    def _with_floors(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx)
                if any(not floor.drawing.is_empty for floor in row.plan.floors)]  # fmt: skip

    def _with_site(self) -> Sequence[tuple[str, str]]:
        return [(row.code, f"{row.code}. {row.name}") for row in halls.buildings(self.app.ctx)
                if not row.plan.site.is_empty]  # fmt: skip

    def _no_floors(self) -> str:
        return self._no_fund() or ("" if self._with_floors() else _("No plan of a building is drawn yet."))

    def _no_site(self) -> str:
        return self._no_fund() or ("" if self._with_site() else _("No plan of a building is drawn yet."))

    def _no_fund(self) -> str:
        return "" if halls.buildings(self.app.ctx) else _("The hall fund has not been received yet.")

    def _universities(self) -> Sequence[tuple[str, str]]:
        return [(line.university, f"{line.university} {line.name}") for line in base_board.board(self.app.ctx)
                if line.students]  # fmt: skip

    def _all_and_universities(self) -> Sequence[tuple[str, str]]:
        return [("", _("All universities")), *self._universities()]

    def _stages(self) -> Sequence[tuple[str, str]]:
        return [(key, _(words)) for key, words in STAGES if base_board.statistics(self.app.ctx, stage=key)]

    def _of(self, option: str) -> PassChoice:
        """The choice behind an option: "027" a university, "s1" a shift, "s1:101" a hall, "chosen", "" all."""
        if option == _CHOSEN:
            return PassChoice(students=self._chosen)
        shift, _colon, hall = option.removeprefix("s").partition(":")
        return PassChoice(shift=int(shift), hall=hall) if option.startswith("s") else PassChoice(option)

    def _all(self) -> Sequence[tuple[str, str]]:
        return [("", _("All students"))]

    def _shifts(self) -> Sequence[tuple[str, str]]:
        found = sorted({shift for shift, _hall, _n in passes.halls_used(self.app.ctx)})
        return [(f"s{shift}", _("Shift {n}").format(n=shift)) for shift in found]

    def _halls(self) -> Sequence[tuple[str, str]]:
        words = _("Shift {shift}, hall {hall}: {n} students")
        return [(f"s{shift}:{hall}", words.format(shift=shift, hall=hall, n=n))
                for shift, hall, n in passes.halls_used(self.app.ctx)]  # fmt: skip

    def _cuts(self) -> Sequence[tuple[str, str]]:
        """Every way to cut a list: universities, all, shifts, halls, chosen students."""
        return [*self._universities(), ("", _("All universities")), *self._shifts(), *self._halls(), *self._one()]

    def _one(self) -> Sequence[tuple[str, str]]:
        return [(_CHOSEN, self._chosen_words)] if self._chosen else []

    def _given(self) -> Sequence[tuple[str, str]]:
        given = {balance.university for balance in pass_copies.balances(self.app.ctx) if balance.issued}
        return [(code, words) for code, words in self._universities() if code in given]

    def _spoilt(self) -> Sequence[tuple[str, str]]:
        spoilt = {balance.university for balance in pass_copies.balances(self.app.ctx) if balance.spoilt}
        found = [(code, words) for code, words in self._universities() if code in spoilt]
        return [("", _("All universities")), *found] if found else []

    def _nothing_given(self) -> str:
        return "" if self._given() else _("No pass has been noted as given to a university yet.")

    def _nothing_spoilt(self) -> str:
        return "" if self._spoilt() else _("No pass is noted as spoilt.")

    def _finals(self) -> Sequence[tuple[str, str]]:
        """Those whose database is here: it is what the final statistics count (p.22)."""
        return self._universities()

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
        return "" if self._chosen else _("Choose students on the page of passes and press Print these passes.")

    def opened(self, **where: Any) -> None:
        """`paper` and `option` choose; `students` and `name` choose passes one by one."""
        if "students" in where:
            self._chosen, self._chosen_words = tuple(where["students"]), where["name"]
            self._made = {name: made for name, made in self._made.items() if name[1] != _CHOSEN}
            current = self.current()
            if current is not None and current.key == where.get("paper"):
                self.list.setCurrentIndex(QModelIndex())  # choosing it again asks for the students anew
            where = {**where, "option": _CHOSEN}
        super().opened(**where)
        if "students" in where:
            self.refresh()  # the list shows that this paper is open now

    def help_words(self) -> str:
        """What is printed here."""
        return _(
            "Everything that the base university prints. A paper that is made again carries its number and the mark of "
            "a copy; wrong or spoilt passes are printed again one by one."
        )

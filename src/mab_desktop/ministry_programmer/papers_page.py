"""Papers of the exam days: what p.30-45 order printed, with the number of copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mab_desktop.domain.organisation import PersonRole
from mab_desktop.domain.progress import Progress
from mab_desktop.domain.shift import ShiftState, reached
from mab_desktop.i18n import N_, _
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.appeal_portion import applications_words
from mab_desktop.services import (
    appeal_portions,
    appeals,
    documents_analysis,
    documents_appeal_file,
    documents_appeals,
    documents_balance,
    documents_day,
    documents_exam,
    documents_results,
    documents_seating,
    duty,
    exam_acts,
    identification,
    readiness,
    seating,
    trial_pack,
)
from mab_desktop.services.documents import Document
from mab_desktop.services.shifts import ShiftLine
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.papers_page import Paper

BEFORE = N_("Before the first shift (p.8, p.29)")
NOT_DRAWN, NO_ACT = N_("No duty officers are drawn yet (p.7)."), N_("No act is entered yet (p.30-34).")
EVE, EXAM, RESULTS = N_("The eve of the exam (p.30)"), N_("The exam day (p.33-38)"), N_("Key and results (p.39, p.45)")
ANALYSIS = N_("What the results tell")
APPEAL, CENTRE = N_("Appeal (p.40-44)"), N_("To the testing centre")


class ExamPapersPage(DocumentPapersPage):
    """Every paper of the ministry programmer; an option is a shift, or a hall of it."""

    def papers(self) -> Sequence[Paper]:
        """In the order of the days."""
        if self._ctx.actor.role == PersonRole.REPRESENTATIVE:
            return (*self._before()[1:], *self._day(), *self._analysis(), self._likeness(), self._report())
        before = (*self._before(), *self._eve(), *self._day(), *self._exam())
        return (*before, *self._results(), *self._analysis(), *self._appeal())

    def _before(self) -> tuple[Paper, ...]:
        made = documents_day
        return (
            self.paper("trial-pack", N_("Test pack of answer sheets"), lambda _o, _p: trial_pack.print_pack(self._ctx),
                       paragraph="p.29", group=BEFORE),
            self.paper("readiness", N_("Report of readiness"), lambda _o, _p: made.print_readiness(self._ctx),
                       paragraph="p.29", group=BEFORE, obstacle=self._not_signed),
            self.paper("correction-list", N_("List of the corrections"),
                       lambda _o, _p: made.print_corrections(self._ctx), paragraph="p.8.1", group=BEFORE),
        )  # fmt: skip

    def _not_signed(self) -> str:
        return "" if readiness.reports(self._ctx) else _("No report of readiness is signed yet (p.29).")

    def _day(self) -> tuple[Paper, ...]:
        day = documents_day
        return (
            self.paper("duty", N_("Allocation of duty officers for the day"),
                       lambda option, _p: day.print_duty(self._ctx, int(option)), paragraph="p.7.5", group=EXAM,
                       options=self._drawn, obstacle=lambda: "" if self._drawn() else _(NOT_DRAWN)),
            self.paper("act", N_("Acts that were entered"),
                       lambda option, _p: day.print_entered_act(self._ctx, int(option)), paragraph="p.34", group=EXAM,
                       copies=2, options=self._acts, obstacle=lambda: "" if self._acts() else _(NO_ACT)),
        )  # fmt: skip

    def _eve(self) -> tuple[Paper, ...]:
        exam = documents_exam
        return (
            self._paper("seating-sheets", N_("Seating sheets"), "p.30.5", EVE,
                        lambda s, h, _p: exam.print_seating_sheets(self._ctx, s, h), self._halls, ShiftState.SEATED),
            self._paper("variant-sheets", N_("Variant distribution sheets"), "p.33.8", EVE,
                        lambda s, h, _p: exam.print_variant_sheets(self._ctx, s, h), self._halls, ShiftState.SEATED),
            self._paper("seating-plans", N_("Plans of the halls by seat and variant"), "p.30.6", EVE,
                        lambda s, h, _p: documents_seating.print_seating_plans(self._ctx, s, h), self._halls,
                        ShiftState.SEATED),
            self._paper("answer-sheets", N_("Answer sheets of a hall"), "p.26.1", EVE,
                        lambda s, h, p: exam.print_answer_sheets(self._ctx, s, h, p), self._each_hall,
                        ShiftState.SEATED),
            self._paper("sheet-copies", N_("Copies of the answer sheets of a hall"), "p.26.1", EVE,
                        lambda s, h, p: exam.print_sheet_copies(self._ctx, s, h, p), self._each_hall,
                        ShiftState.SEATED),
            self._paper("covers", N_("Covers of the envelopes"), "p.34.1", EVE,
                        lambda s, h, _p: exam.print_covers(self._ctx, s, h), self._halls, ShiftState.SEATED),
        )  # fmt: skip

    def _exam(self) -> tuple[Paper, ...]:
        exam = documents_exam
        return (
            self._paper("attendance", N_("Attendance form"), "p.33.16", EXAM,
                        lambda s, h, _p: exam.print_attendance(self._ctx, s, h), self._halls, ShiftState.OPEN),
            self._paper("protocol", N_("Identification protocol"), "p.38.6", EXAM,
                        lambda s, h, _p: exam.print_protocol(self._ctx, s, *_hall_and_version(h)), self._issued,
                        ShiftState.OPEN),
            self._paper("hall-balance", N_("Balance of a hall"), "p.34, 38", EXAM,
                        lambda s, h, _p: documents_balance.print_balance(self._ctx, s, h), self._halls,
                        ShiftState.OPEN, 2),
        )  # fmt: skip

    def _results(self) -> tuple[Paper, ...]:
        made = documents_results
        return (
            self._paper("answer-key", N_("Answer key"), "p.39.3", RESULTS,
                        lambda s, _h, _p: made.print_answer_key(self._ctx, s), self._shifts, ShiftState.KEY_OPEN, 2),
            self._paper("results-before", N_("Result sheets before the appeal"), "p.39.4", RESULTS,
                        lambda s, _h, _p: made.print_results(self._ctx, s), self._shifts, ShiftState.KEY_OPEN, 3),
            self._paper("results-after", N_("Result sheets with the appeal"), "p.45.1", RESULTS,
                        lambda s, _h, _p: made.print_results(self._ctx, s, after=True), self._shifts,
                        ShiftState.APPEAL_CLOSED, 3),
        )  # fmt: skip

    def _analysis(self) -> tuple[Paper, ...]:
        made = documents_analysis
        return (
            self._paper("result-statistics", N_("Statistics of the results"), "p.7, 8", ANALYSIS,
                        lambda s, _h, _p: made.print_statistics(self._ctx, s), self._shifts, ShiftState.KEY_OPEN),
            self._paper("item-statistics", N_("Analysis of the items"), "p.16", ANALYSIS,
                        lambda s, _h, _p: made.print_items(self._ctx, s), self._shifts, ShiftState.KEY_OPEN),
        )  # fmt: skip

    def _likeness(self) -> Paper:
        return self._paper("likeness-report", N_("Report on sheets that are alike"), "p.7", ANALYSIS,
                           lambda s, _h, p: documents_analysis.print_likeness(self._ctx, s, p), self._shifts,
                           ShiftState.KEY_OPEN)  # fmt: skip

    def _appeal(self) -> tuple[Paper, ...]:
        made, results = documents_appeals, documents_results
        return (
            self._paper("appeal-journal", N_("Journal of applications"), "p.40.1", APPEAL,
                        lambda s, _h, _p: made.print_appeal_journal(self._ctx, s), self._shifts, ShiftState.RESULTS),
            self._paper("register", N_("Register of applications"), "p.42.2", APPEAL,
                        lambda s, part, _p: made.print_register(self._ctx, s, int(part or 0)), self._with_portions,
                        ShiftState.RESULTS),
            self._paper("cards", N_("Answer analysis cards"), "p.40.2", APPEAL,
                        lambda s, part, _p: made.print_cards(self._ctx, s, portion=int(part or 0)),
                        self._with_portions, ShiftState.RESULTS),
            self._paper("appeal-act", N_("Act on the papers of a portion"), "p.42.4, 44.1", APPEAL,
                        lambda s, part, _p: made.print_appeal_act(self._ctx, s, int(part)), self._portions,
                        ShiftState.RESULTS, 2, NO_PORTION),
            self._paper("appeal-forms", N_("Appeal forms"), "p.41.2", APPEAL,
                        lambda s, _h, _p: made.print_appeal_forms(self._ctx, s), self._shifts, ShiftState.RESULTS),
            self._paper("appeal-file", N_("Appeal file"), "p.40-44", APPEAL,
                        lambda _s, appeal, _p: documents_appeal_file.print_appeal_file(self._ctx, appeal),
                        self._applications, ShiftState.RESULTS),
            self._paper("appeal-register", N_("Last register of applications"), "p.44.5", APPEAL,
                        lambda s, _h, _p: made.print_register(self._ctx, s), self._shifts, ShiftState.APPEAL_CLOSED, 2),
            self._paper("minutes", N_("Minutes of the appeal commission"), "p.44.5", APPEAL,
                        lambda s, _h, _p: made.print_minutes(self._ctx, s), self._shifts, ShiftState.APPEAL_CLOSED, 2),
            self._paper("appeal-reports", N_("Appeal report by subject"), "p.44.6", APPEAL,
                        lambda s, _h, _p: made.print_appeal_reports(self._ctx, s), self._shifts,
                        ShiftState.APPEAL_CLOSED),
            self._paper("daily", N_("Daily statistics"), "p.8.2", CENTRE,
                        lambda s, _h, _p: results.print_daily(self._ctx, s), self._shifts, ShiftState.IDENTIFIED),
            self._report(),
        )  # fmt: skip

    def _report(self) -> Paper:
        return self.paper("report", N_("Representative's report"),
                          lambda _o, _p: documents_results.print_report(self._ctx), paragraph="p.7.9, 47",
                          group=CENTRE)  # fmt: skip

    @property
    def _ctx(self) -> Any:
        return self.app.ctx

    def _paper(
        self, key: str, title: str, paragraph: str, group: str, make: Callable[[int, str, Progress], Document],
        options: Callable[[ShiftState], Sequence[tuple[str, str]]], needs: ShiftState, copies: int = 1,
        nothing: str = "",
    ) -> Paper:  # fmt: skip
        def made(option: str, progress: Progress) -> Document:
            shift, _sign, hall = option.partition("|")
            return make(int(shift), hall, progress)

        def obstacle() -> str:
            return "" if options(needs) else _(nothing if nothing and self._ready(needs) else NOT_YET[needs])

        return self.paper(key, title, made, paragraph=paragraph, group=group, copies=copies,
                              options=lambda: options(needs), obstacle=obstacle)  # fmt: skip

    # --- options ---------------------------------------------------------------------------------------------------

    def _ready(self, needs: ShiftState) -> list[ShiftLine]:
        lines = [line for line in season.shift_lines(self.app) if reached(line.state, needs)]
        return list(reversed(lines))  # the newest shift is the one at hand

    def _shifts(self, needs: ShiftState) -> list[tuple[str, str]]:
        return [(f"{line.number}|", _("Shift {n}").format(n=line.number)) for line in self._ready(needs)]

    def _each_hall(self, needs: ShiftState) -> list[tuple[str, str]]:
        words = _("Shift {n}, hall {hall}")
        return [
            (f"{line.number}|{hall}", words.format(n=line.number, hall=hall))
            for line in self._ready(needs)
            for hall in self._halls_of(line.number)
        ]

    def _halls(self, needs: ShiftState) -> list[tuple[str, str]]:
        words = _("Shift {n}, hall {hall}")
        found = []
        for line in self._ready(needs):
            found.append((f"{line.number}|", _("Shift {n}, all halls").format(n=line.number)))
            found += [(f"{line.number}|{h}", words.format(n=line.number, hall=h)) for h in self._halls_of(line.number)]
        return found

    def _issued(self, needs: ShiftState) -> list[tuple[str, str]]:
        """The newest version of every hall, and under it those that were issued before."""
        newest, older = _("Shift {n}, hall {hall}"), _("Shift {n}, hall {hall}, version {version}")
        found = []
        for line in self._ready(needs):
            issued = identification.issued_versions(self._ctx, line.number)
            for hall in (hall for hall in self._halls_of(line.number) if hall in issued):
                found.append((f"{line.number}|{hall}", newest.format(n=line.number, hall=hall)))
                found += [
                    (f"{line.number}|{hall}|{version}", older.format(n=line.number, hall=hall, version=version))
                    for version in issued[hall][1:]
                ]
        return found

    def _drawn(self) -> list[tuple[str, str]]:
        numbers = [line.number for line in reversed(season.shift_lines(self.app))]
        return [(str(n), _("Shift {n}").format(n=n)) for n in numbers if duty.drawn(self._ctx, n) is not None]

    def _acts(self) -> list[tuple[str, str]]:
        found = []
        for line in reversed(season.shift_lines(self.app)):
            for act in reversed(exam_acts.lines(self._ctx, line.number)):
                place = _("Hall {number}").format(number=act.hall) if act.hall else ""
                words = _("Shift {n}, act No {number}").format(n=line.number, number=act.number)
                if not act.withdrawn:
                    found.append((str(act.id), ", ".join(part for part in (words, place, _(act.spec.title)) if part)))
        return found

    def _applications(self, needs: ShiftState) -> list[tuple[str, str]]:
        words = _("Shift {n}, application {number}: {name}")
        return [
            (f"{line.number}|{x.id}", words.format(n=line.number, number=x.number, name=x.name))
            for line in self._ready(needs)
            for x in appeals.journal(self._ctx, line.number)
        ]

    def _portions(self, needs: ShiftState) -> list[tuple[str, str]]:
        words = _("Shift {n}, portion {portion}: {applications}")
        return [
            (f"{line.number}|{x.n}", words.format(n=line.number, portion=x.n, applications=applications_words(x)))
            for line in self._ready(needs)
            for x in reversed(appeal_portions.portions(self._ctx, line.number))
        ]

    def _with_portions(self, needs: ShiftState) -> list[tuple[str, str]]:
        """Everything of a shift, and what the commission was handed at a time."""
        portions = self._portions(needs)
        return [
            option
            for key, words in self._shifts(needs)
            for option in ((key, words), *(one for one in portions if one[0].startswith(key)))
        ]

    def _halls_of(self, shift: int) -> list[str]:
        return seating.seated_halls(self._ctx, shift)

    def help_words(self) -> str:
        """What is printed here."""
        return _(
            "Papers in the order of the exam days, with the number of copies that the regulation "
            "asks for. A paper made "
            "again carries the mark of a duplicate; every printing stays in the log."
        )


NO_PORTION = N_("No portion was handed to the appeal commission yet (p.42).")
NOT_YET = {
    ShiftState.SEATED: N_("No seats are drawn yet (p.30)."),
    ShiftState.OPEN: N_("No protocol is issued and no shift is open yet."),
    ShiftState.IDENTIFIED: N_("No shift is identified yet."),
    ShiftState.KEY_OPEN: N_("No answer key is open yet (p.39)."),
    ShiftState.RESULTS: N_("No results are announced yet (p.41)."),
    ShiftState.APPEAL_CLOSED: N_("No appeal is closed yet (p.44)."),
}


def _hall_and_version(option: str) -> tuple[str, int]:
    """A hall, and the version of its protocol that is asked for; 0 is the newest."""
    hall, _sign, version = option.partition("|")
    return hall, int(version or 0)

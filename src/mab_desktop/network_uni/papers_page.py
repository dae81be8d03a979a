"""Every paper that the network university prints (p.20-22, p.25), with preview."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from mab_desktop.domain.statistics import STAGE_LABELS, STAGES
from mab_desktop.i18n import N_, _
from mab_desktop.network_uni import records
from mab_desktop.services import documents_network as documents
from mab_desktop.services import operators, passes_issue, second_errors, statistics, students
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.services.specialties import specialties
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.page import AppContext
from mab_desktop.ui.papers_page import Paper

_START, _CHECK = N_("Set-up and entry"), N_("Check by the students")
_NUMBERS, _PASSES = N_("For the base university"), N_("Passes")


class NetworkPapersPage(DocumentPapersPage):
    """The papers in the order of the season."""

    def __init__(self, app: AppContext) -> None:
        self._chosen = ""
        super().__init__(app)

    def papers(self) -> Sequence[Paper]:
        """All of them."""
        return (*self._of_entry(), *self._of_numbers(), *self._of_passes())

    def opened(self, **where: Any) -> None:
        """From the rail nothing is chosen yet: a paper is made, and so numbered, only when somebody wants it."""
        if where.get("paper") == "pass-duplicates":
            self._chosen = where.get("option", "")
            super().refresh()
        if "paper" in where or self.current() is not None:
            super().opened(**where)
        else:
            self.setFocus()

    def _paper(
        self, key: str, title: str, make: Callable[[Context, str], Document], paragraph: str, group: str, *,
        copies: int = 1, options: Callable[[], Sequence[tuple[str, str]]] | None = None,
        obstacle: Callable[[], str] | None = None,
    ) -> Paper:  # fmt: skip
        return self.paper(key, title, lambda option, _progress: make(self.app.ctx, option), paragraph=paragraph,
                          group=group, copies=copies, options=options, obstacle=obstacle)  # fmt: skip

    def _of_entry(self) -> tuple[Paper, ...]:
        return (
            self._paper("operator-list", N_("List of operators"), lambda ctx, _o: documents.print_operator_list(ctx),
                        "p.21", _START, obstacle=self._no_operator),
            self._paper("specialty-list", N_("List of specialties"),
                        lambda ctx, _o: documents.print_specialty_list(ctx), "p.21", _START,
                        obstacle=self._no_specialty),
            self._paper("operators-journal", N_("Operators' journal"), _journal_of_days, "p.20", _START,
                        options=self._days, obstacle=lambda: "" if self._days() else _("Nobody has typed here yet")),
            self._paper("second-errors", N_("Errors found by second entry"),
                        lambda ctx, _o: documents.print_second_errors(ctx), "p.20", _START,
                        obstacle=self._nothing_compared),
            self._paper("application-journal", N_("Application journal"), _application_journal, "p.21", _CHECK,
                        options=self._groups, obstacle=self._no_record),
        )  # fmt: skip

    def _of_numbers(self) -> tuple[Paper, ...]:
        return (
            self._paper("statistics", N_("Student statistics"), _statistics, "p.21", _NUMBERS, copies=2,
                        options=self._stages, obstacle=self._no_whole_record),
            self._paper("student-database", N_("Student database for the head's signature"),
                        documents.print_database, "p.21", _NUMBERS, options=self._bases,
                        obstacle=self._no_whole_record),
        )  # fmt: skip

    def _of_passes(self) -> tuple[Paper, ...]:
        return (
            self._paper("pass-register", N_("Register of pass issue"), documents.print_pass_register, "p.25", _PASSES,
                        options=self._pass_bases, obstacle=self._no_pass),
            self._paper("hall-list", N_("Hall list of the university's students"), documents.print_hall_list, "p.25",
                        _PASSES, options=self._pass_bases, obstacle=self._no_pass),
            self._paper("pass-duplicates", N_("Duplicates of passes"), _duplicates, "p.25", _PASSES,
                        options=self._duplicates, obstacle=self._no_duplicate),
            self._paper("wrong-data", N_("List of students with wrong data"), documents.print_wrong_data, "p.25",
                        _PASSES, copies=4, options=self._pass_bases, obstacle=self._no_pass),
            self._paper("stub-act", N_("Act on the stubs of passes"), documents.print_stub_act, "p.25", _PASSES,
                        copies=2, options=self._pass_bases, obstacle=self._no_pass),
        )  # fmt: skip

    # --- what there is to choose from -------------------------------------------------------------------------------

    def _days(self) -> list[tuple[str, str]]:
        days = sorted({day.day for day in operators.journal(self.app.ctx)}, reverse=True)
        single = [(day.isoformat(), shown_date(day)) for day in days]
        if len(days) < 2:
            return single
        whole = f"{shown_date(days[-1])} – {shown_date(days[0])}"
        return [*single, (f"{days[-1].isoformat()}|{days[0].isoformat()}", whole)]

    def _groups(self) -> list[tuple[str, str]]:
        names = records.names_of_codes(self.app.ctx)
        found = [("", _("All specialties"))]
        for row in specialties(self.app.ctx, only_taught=True):
            for code, count in (("1", row.kazakh), ("2", row.russian), ("3", row.other)):
                if count:
                    name = names["specialty"].get(row.cipher, "")
                    words = f"{row.cipher} {name} · {names['study_language'].get(code, code)} · {count}"
                    found.append((f"{row.cipher}|{code}", words))
        return found

    def _stages(self) -> list[tuple[str, str]]:
        with self.app.ctx.store.read() as session:
            now = statistics.stage_now(self.app.ctx, session)
        ordered = [now, *(stage for stage in STAGES if stage != now)]
        bases = records.bases_here(self.app.ctx)
        choices = [("", ""), *bases] if len(bases) > 1 else [("", "")]
        return [
            (f"{stage}|{code}", " · ".join(part for part in (_(STAGE_LABELS[stage]), code, name) if part))
            for stage in ordered
            for code, name in choices
        ]

    def _bases(self) -> list[tuple[str, str]]:
        return [(code, f"{code} {name}") for code, name in records.bases_here(self.app.ctx)]

    def _pass_bases(self) -> list[tuple[str, str]]:
        names = dict(records.bases_here(self.app.ctx))
        return [(code, f"{code} {names.get(code, '')}") for code in passes_issue.bases_with_passes(self.app.ctx)]

    # --- why not yet ------------------------------------------------------------------------------------------------

    def _no_operator(self) -> str:
        return "" if operators.operators(self.app.ctx) else _("No operator is on the list yet.")

    def _no_specialty(self) -> str:
        return "" if specialties(self.app.ctx, only_taught=True) else _("No specialty is chosen yet.")

    def _nothing_compared(self) -> str:
        found = second_errors.report(self.app.ctx).people
        return "" if found else _("No record has been typed again and compared yet.")

    def _no_record(self) -> str:
        return "" if students.counts(self.app.ctx).total else _("No record is typed yet.")

    def _no_whole_record(self) -> str:
        return "" if students.counts(self.app.ctx).complete else _("No complete record is there to be printed.")

    def _no_pass(self) -> str:
        here = passes_issue.bases_with_passes(self.app.ctx)
        return "" if here else _("The passes have not come from the base university yet.")

    def _duplicates(self) -> list[tuple[str, str]]:
        """The passes that were chosen on the page of passes."""
        chosen = self._chosen.split("|")
        rows = {row.student: row for row in passes_issue.passes(self.app.ctx)} if self._chosen else {}
        found = [rows[student] for student in chosen if student in rows]
        if not found:
            return []
        more = " …" if len(found) > 1 else ""
        return [(self._chosen, f"{found[0].number} · {found[0].name}{more} ({len(found)})")]

    def _no_duplicate(self) -> str:
        return self._no_pass() or ("" if self._chosen else _("Choose passes on the page of passes first."))

    def help_words(self) -> str:
        """F1."""
        return _(
            "Every paper with its paragraph and number of copies. A paper made again after something changed carries "
            "the mark of a copy; each is numbered and logged."
        )


def _journal_of_days(ctx: Context, option: str) -> Document:

    first, _bar, last = option.partition("|")
    return documents.print_operators_journal(
        ctx, date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
    )


def _application_journal(ctx: Context, option: str) -> Document:
    specialty, _bar, language = option.partition("|")
    return documents.print_application_journal(ctx, specialty, language)


def _duplicates(ctx: Context, option: str) -> Document:
    return documents.print_pass_duplicates(ctx, option.split("|"))


def _statistics(ctx: Context, option: str) -> Document:
    stage, _bar, base = option.partition("|")
    return documents.print_statistics(ctx, stage, base)

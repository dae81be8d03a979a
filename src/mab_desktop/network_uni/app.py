"""The application «Network university» (p.5, p.18-22, p.25): operators, records, merging, statistics, passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.network_uni import season
from mab_desktop.network_uni.bring_in_page import BringInPage
from mab_desktop.network_uni.database_page import DatabasePage
from mab_desktop.network_uni.duplicates_page import DuplicatesPage
from mab_desktop.network_uni.merge_page import MergePage
from mab_desktop.network_uni.operators_page import OperatorsPage
from mab_desktop.network_uni.papers_page import NetworkPapersPage
from mab_desktop.network_uni.passes_page import PassesPage
from mab_desktop.network_uni.photos_page import PhotosPage
from mab_desktop.network_uni.second_differences_page import (
    SecondDifferencesPage,
    SecondErrorsPage,
    differences_state,
)
from mab_desktop.network_uni.second_entry_page import SecondEntryPage
from mab_desktop.network_uni.specialties_page import SpecialtiesPage
from mab_desktop.network_uni.statistics_page import StatisticsPage
from mab_desktop.network_uni.students_page import StudentsPage
from mab_desktop.network_uni.typing_page import TypingPage
from mab_desktop.network_uni.wrong_data_page import WrongDataPage
from mab_desktop.services import accounts, own_keys
from mab_desktop.services.context import Context
from mab_desktop.ui import backups_page
from mab_desktop.ui.carriers_page import CarriersPage, carriers_state
from mab_desktop.ui.log_page import LogPage
from mab_desktop.ui.page import PageSpec
from mab_desktop.ui.people_page import PeoplePage
from mab_desktop.ui.print_log_page import PrintLogPage
from mab_desktop.ui.received_results_page import ReceivedResultsPage
from mab_desktop.ui.transfer_link import transfer_page
from mab_desktop.ui.workplace_app import WorkplaceApp, run_workplace

_SET_UP, _ENTRY = N_("Set-up"), N_("Entry and merge")
_HAND_OVER, _PASSES = N_("Check and hand-over"), N_("Passes")
_AFTER, _WORKPLACE = N_("After the testing"), N_("Workplace")

PAGES: tuple[PageSpec, ...] = (
    PageSpec("transfer", N_("Drives"), _SET_UP, "drive", transfer_page, "p.11",
             season.state_of("reference")),
    PageSpec("carriers", N_("Sent and received"), _SET_UP, "list", CarriersPage, "p.8", carriers_state),
    PageSpec("operators", N_("Operators"), _SET_UP, "person", OperatorsPage, "p.21", season.state_of("operators")),
    PageSpec("specialties", N_("Specialties"), _SET_UP, "specialty", SpecialtiesPage, "p.21",
             season.state_of("specialties")),
    PageSpec("entry", N_("Type records"), _ENTRY, "keyboard", TypingPage, "p.18"),
    PageSpec("second-entry", N_("Type again"), _ENTRY, "keyboard", SecondEntryPage, "p.21"),
    PageSpec("second-differences", N_("Differences of entries"), _ENTRY, "merge", SecondDifferencesPage, "p.21",
             differences_state),
    PageSpec("second-errors", N_("Errors of entry"), _ENTRY, "statistics", SecondErrorsPage, "p.20"),
    PageSpec("bring-in", N_("Bring in a table"), _ENTRY, "table", BringInPage, "p.18"),
    PageSpec("students", N_("Students"), _ENTRY, "students", StudentsPage, "p.18", season.students_state),
    PageSpec("merge", N_("Changed on both sides"), _ENTRY, "merge", MergePage, "p.21", season.merge_state),
    PageSpec("duplicates", N_("Duplicates"), _ENTRY, "copy", DuplicatesPage, "p.21"),
    PageSpec("photos", N_("Photographs"), _HAND_OVER, "identify", PhotosPage, "p.21", season.state_of("photos")),
    PageSpec("papers", N_("Papers"), _HAND_OVER, "print", NetworkPapersPage, "p.21", season.state_of("journal")),
    PageSpec("statistics", N_("Statistics"), _HAND_OVER, "statistics", StatisticsPage, "p.21",
             season.state_of("statistics-1", "statistics-2", "final-statistics")),
    PageSpec("database", N_("Base university"), _HAND_OVER, "database", DatabasePage, "p.21",
             season.state_of("database")),
    PageSpec("passes", N_("Issue and stubs"), _PASSES, "pass", PassesPage, "p.25",
             season.state_of("passes", "issue", "stubs")),
    PageSpec("wrong_data", N_("Wrong data"), _PASSES, "warning", WrongDataPage, "p.25",
             season.state_of("wrong-data")),
    PageSpec("results", N_("Results"), _AFTER, "result", ReceivedResultsPage, "p.44"),
    PageSpec("people", N_("People and PC"), _WORKPLACE, "lock", PeoplePage, "p.5"),
    backups_page.page(_WORKPLACE),
    PageSpec("print-log", N_("Print log"), _WORKPLACE, "list", PrintLogPage),
    PageSpec("log", N_("Event log"), _WORKPLACE, "audit", LogPage, "p.1"),
)  # fmt: skip
# For `mab screens`: picture, page, the method that asks.
DIALOGS = (
    ("delete-student", "students", "delete"), ("take-back-issue", "passes", "take_back_issue"),
    ("withdraw-wrong-data", "wrong_data", "withdraw"), ("account", "operators", "let_in"),
    ("password", "people", "change_password"), ("new-person", "people", "add"),
    ("typed-value", "merge", "type_value"),
)  # fmt: skip
OPERATOR_KEYS = ("entry", "second-entry", "bring-in", "students", "transfer", "carriers", "backups")


def pages_of(ctx: Context) -> tuple[PageSpec, ...]:
    """An operator types, types others' sheets again, sees his own records and carries them to the programmer.

    He backs up his PC too, which holds the only copy of his day's work, and where he alone may log in, new keys are
    his to make when the old ones were withdrawn; nothing else.
    """
    if ctx.actor.role != PersonRole.OPERATOR:
        return PAGES
    specs = {spec.key: spec for spec in PAGES}
    alone = own_keys.is_withdrawn(ctx) and not accounts.has_manager(ctx)
    keys = (*OPERATOR_KEYS, "people") if alone else OPERATOR_KEYS
    return tuple(replace(specs[key], phase=N_("Entry")) for key in keys)


APP = WorkplaceApp(Role.NETWORK_UNI, N_("Network university"), PAGES, season.facts, "students", pages_of)


def run(*, db: Path | None, login: str | None, password: str | None, lang: str) -> int:
    """Show the application until its window closes; the exit code."""
    return run_workplace(APP, db=db, login=login, password=password, lang=lang)

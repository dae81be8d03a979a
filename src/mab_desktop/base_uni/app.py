"""The application «Base university» (p.6, p.19-25): board, acceptance, to the centre, passes, commission, hand-over."""

from __future__ import annotations

from pathlib import Path

from mab_desktop.base_uni.acceptance_page import AcceptancePage
from mab_desktop.base_uni.board_page import BoardPage
from mab_desktop.base_uni.centre_page import CentrePage
from mab_desktop.base_uni.commission_page import CommissionPage
from mab_desktop.base_uni.database_card import DatabaseLooks
from mab_desktop.base_uni.duties_page import DutiesPage
from mab_desktop.base_uni.duty_halls_page import DutyHallsPage
from mab_desktop.base_uni.duty_officers_page import DutyOfficersPage
from mab_desktop.base_uni.final_page import FinalPage
from mab_desktop.base_uni.findings_page import FindingsPage
from mab_desktop.base_uni.hand_over_page import HandOverPage
from mab_desktop.base_uni.home import home, step_state
from mab_desktop.base_uni.papers_page import BasePapersPage
from mab_desktop.base_uni.pass_balance_page import PassBalancePage
from mab_desktop.base_uni.passes_page import PassesPage
from mab_desktop.base_uni.plan_page import PlanPage
from mab_desktop.base_uni.register_page import RegisterPage
from mab_desktop.base_uni.sittings_page import SittingsPage, sittings_state
from mab_desktop.base_uni.stubs_page import StubsPage
from mab_desktop.base_uni.students_page import StudentsPage
from mab_desktop.base_uni.trainings_page import TrainingsPage
from mab_desktop.base_uni.wrong_data_page import WrongDataPage
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_
from mab_desktop.ui import backups_page
from mab_desktop.ui.carriers_page import CarriersPage, carriers_state
from mab_desktop.ui.log_page import LogPage
from mab_desktop.ui.page import PageSpec
from mab_desktop.ui.people_page import PeoplePage
from mab_desktop.ui.print_log_page import PrintLogPage
from mab_desktop.ui.received_results_page import ReceivedResultsPage
from mab_desktop.ui.transfer_link import transfer_page
from mab_desktop.ui.workplace_app import WorkplaceApp, run_workplace

_NETWORK, _CENTRE, _PASSES = N_("Network universities"), N_("Testing centre"), N_("Passes")
_TESTING, _AFTER, _WORKPLACE = N_("Before the testing"), N_("After the testing"), N_("Workplace")

PAGES: tuple[PageSpec, ...] = (
    PageSpec("board", N_("Board of universities"), _NETWORK, "table", BoardPage, "p.19",
             lambda app: step_state(app, "preliminary1", "preliminary2", "database")),
    PageSpec("register", N_("Register of the program"), _NETWORK, "journal", RegisterPage, "p.19",
             lambda app: step_state(app, "program")),
    PageSpec("trainings", N_("Trainings"), _NETWORK, "specialty", TrainingsPage, "p.20",
             lambda app: step_state(app, "training")),
    PageSpec("acceptance", N_("Acceptance"), _NETWORK, "accept", AcceptancePage, "p.22",
             lambda app: step_state(app, "confirmed")),
    PageSpec("findings", N_("Broken rules, duplicates"), _NETWORK, "warning", FindingsPage, "p.18"),
    PageSpec("students", N_("Students"), _NETWORK, "students", StudentsPage, "p.21"),
    PageSpec("centre", N_("To the testing centre"), _CENTRE, "export", CentrePage, "p.23",
             lambda app: step_state(app, "send-database")),
    PageSpec("final", N_("Final database"), _CENTRE, "database", FinalPage, "p.23",
             lambda app: step_state(app, "final-database")),
    PageSpec("passes", N_("Passes"), _PASSES, "pass", PassesPage, "p.24",
             lambda app: step_state(app, "number-passes", "send-passes")),
    PageSpec("pass_balance", N_("Balance of passes"), _PASSES, "result", PassBalancePage, "p.24"),
    PageSpec("wrong_data", N_("Wrong data"), _PASSES, "wrong", WrongDataPage, "p.24",
             lambda app: step_state(app, "wrong-data")),
    PageSpec("stubs", N_("Stubs"), _PASSES, "stack", StubsPage, "p.24", lambda app: step_state(app, "stubs")),
    PageSpec("commission", N_("Commission"), _TESTING, "commission", CommissionPage, "p.6",
             lambda app: step_state(app, "commission")),
    PageSpec("plan", N_("Plan of work"), _TESTING, "calendar", PlanPage, "p.6",
             lambda app: step_state(app, "plan")),
    PageSpec("sittings", N_("Sittings"), _TESTING, "journal", SittingsPage, "p.6", sittings_state),
    PageSpec("duty_officers", N_("Duty officers"), _TESTING, "officer", DutyOfficersPage, "p.24",
             lambda app: step_state(app, "duty")),
    PageSpec("duty_halls", N_("Duty by hall"), _TESTING, "hall", DutyHallsPage, "p.24"),
    PageSpec("duties", N_("Fourteen duties"), _TESTING, "check", DutiesPage, "p.6",
             lambda app: step_state(app, "duties")),
    PageSpec("hand_over", N_("Hand-over to the ministry"), _TESTING, "sign", HandOverPage, "p.24",
             lambda app: step_state(app, "hand-over")),
    PageSpec("results", N_("Results"), _AFTER, "result", ReceivedResultsPage, "p.44",
             lambda app: step_state(app, "results")),
    PageSpec("transfer", N_("Receive and hand over"), _WORKPLACE, "drive",
             lambda app: transfer_page(app, closer=DatabaseLooks(app).closer()), "p.23"),
    PageSpec("carriers", N_("Sent and received"), _WORKPLACE, "list", CarriersPage, "p.8", carriers_state),
    PageSpec("papers", N_("Papers"), _WORKPLACE, "print", BasePapersPage, "p.24"),
    PageSpec("people", N_("People and PC"), _WORKPLACE, "person", PeoplePage, "p.5"),
    backups_page.page(_WORKPLACE),
    PageSpec("print-log", N_("Print log"), _WORKPLACE, "list", PrintLogPage),
    PageSpec("log", N_("Event log"), _WORKPLACE, "journal", LogPage, "p.1"),
)  # fmt: skip

# For `mab screens`: picture, page, the method that asks.
DIALOGS = (
    ("signed-statistics", "acceptance", "confirm"), ("signed-print", "acceptance", "compare"),
    ("who-came", "trainings", "ask_attendance"), ("duty-plan", "duties", "edit"),
    ("incomplete", "centre", "allow"), ("number", "passes", "number"),
    ("pass-layout", "passes", "choose_layout"), ("pass-count", "pass_balance", "count_stock"),
    ("all-stubs", "stubs", "receive_all"), ("duty", "duties", "confirm"), ("leaving", "commission", "leave_commission"),
    ("approval", "commission", "approve"), ("plan-done", "plan", "finish"), ("sitting", "sittings", "open_current"),
    ("duty-place", "duty_officers", "assign"), ("duty-people", "duty_halls", "edit"),
    ("papers-given", "hand_over", "note"),
)  # fmt: skip
APP = WorkplaceApp(Role.BASE_UNI, N_("Base university"), PAGES, home, "organisation")


def run(*, db: Path | None, login: str | None, password: str | None, lang: str) -> int:
    """Show the application until its window closes; the exit code."""
    return run_workplace(APP, db=db, login=login, password=password, lang=lang)

"""The application of the ministry programmer (p.6-9, p.26-47): from the eve of the first shift to the last report."""

from __future__ import annotations

from pathlib import Path

from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.i18n import N_
from mab_desktop.ministry_programmer import season
from mab_desktop.ministry_programmer.acts_page import ActsPage
from mab_desktop.ministry_programmer.appeals_page import AppealsPage
from mab_desktop.ministry_programmer.attendance_page import AttendancePage
from mab_desktop.ministry_programmer.centre_page import CentrePage
from mab_desktop.ministry_programmer.commission_page import AppealCommissionPage, StateCommissionPage
from mab_desktop.ministry_programmer.corrections_page import CorrectionsPage
from mab_desktop.ministry_programmer.day_page import DayPage
from mab_desktop.ministry_programmer.doubtful_page import DoubtfulPage
from mab_desktop.ministry_programmer.duty_page import DutyPage
from mab_desktop.ministry_programmer.ending_page import EndingPage
from mab_desktop.ministry_programmer.envelopes_page import EnvelopesPage
from mab_desktop.ministry_programmer.equipment_page import EquipmentPage, equipment_state
from mab_desktop.ministry_programmer.exam_clock_page import ExamClockPage, clock_state
from mab_desktop.ministry_programmer.identification_page import IdentificationPage
from mab_desktop.ministry_programmer.key_page import KeyPage
from mab_desktop.ministry_programmer.likeness_page import LikenessPage
from mab_desktop.ministry_programmer.papers_page import ExamPapersPage
from mab_desktop.ministry_programmer.readiness_page import ReadinessPage, readiness_state
from mab_desktop.ministry_programmer.report_page import ReportPage, report_state
from mab_desktop.ministry_programmer.representative_page import RepresentativePage
from mab_desktop.ministry_programmer.results_page import ResultsPage
from mab_desktop.ministry_programmer.seating_page import SeatingPage
from mab_desktop.ministry_programmer.statistics_page import ItemsPage, StatisticsPage
from mab_desktop.services.context import Context
from mab_desktop.services.going_official import finish as finish_putting_aside
from mab_desktop.ui import backups_page
from mab_desktop.ui.carriers_page import CarriersPage, carriers_state
from mab_desktop.ui.log_page import LogPage
from mab_desktop.ui.page import PageSpec
from mab_desktop.ui.people_page import PeoplePage
from mab_desktop.ui.print_log_page import PrintLogPage
from mab_desktop.ui.transfer_link import transfer_page
from mab_desktop.ui.workplace_app import WorkplaceApp, default_database, run_workplace

_DAY, _EVE, _EXAM = N_("Operational day"), N_("The eve"), N_("The exam day")
_PROCESSING, _APPEAL, _CENTRE, _WORKPLACE = N_("Processing"), N_("Appeal"), N_("Testing centre"), N_("Workplace")

PAGES: tuple[PageSpec, ...] = (
    PageSpec("day", N_("Operational day"), _DAY, "day", DayPage, "p.35-37", season.day_state),
    PageSpec("readiness", N_("Readiness"), _EVE, "verify", ReadinessPage, "p.29", readiness_state),
    PageSpec("corrections", N_("Corrections"), _EVE, "correct", CorrectionsPage, "p.8, 30",
             season.rail_state("corrections")),
    PageSpec("seating", N_("Seating"), _EVE, "seating", SeatingPage, "p.30", season.rail_state("seating")),
    PageSpec("duty", N_("Duty officers"), _EXAM, "officer", DutyPage, "p.7", season.rail_state("duty")),
    PageSpec("clock", N_("Exam clock"), _EXAM, "clock", ExamClockPage, "p.33", clock_state),
    PageSpec("attendance", N_("Attendance"), _EXAM, "hall", AttendancePage, "p.33", season.rail_state("attendance")),
    PageSpec("acts", N_("Acts"), _EXAM, "document", ActsPage, "p.30-34", season.rail_state("acts")),
    PageSpec("envelopes", N_("Envelopes"), _PROCESSING, "envelope", EnvelopesPage, "p.34, 38",
             season.envelopes_state),
    PageSpec("doubtful", N_("Doubtful marks"), _PROCESSING, "eye", DoubtfulPage, "p.38", season.doubtful_state),
    PageSpec("identification", N_("Identification"), _PROCESSING, "identify", IdentificationPage, "p.38",
             season.rail_state("identification")),
    PageSpec("representative", N_("Representative's word"), _PROCESSING, "seal", RepresentativePage, "p.39",
             season.representative_state),
    PageSpec("key", N_("Answer key"), _PROCESSING, "key", KeyPage, "p.39", season.rail_state("key")),
    PageSpec("results", N_("Results"), _PROCESSING, "result", ResultsPage, "p.39, 45", season.rail_state("results")),
    PageSpec("statistics", N_("Statistics"), _PROCESSING, "statistics", StatisticsPage, "p.7, 8"),
    PageSpec("items", N_("Analysis of the items"), _PROCESSING, "table", ItemsPage, "p.16"),
    PageSpec("likeness", N_("Sheets that are alike"), _PROCESSING, "eye", LikenessPage, "p.7"),
    PageSpec("appeals", N_("Appeals"), _APPEAL, "appeal", AppealsPage, "p.41-44", season.rail_state("appeals")),
    PageSpec("ending", N_("End of a shift"), _APPEAL, "lock", EndingPage, "p.44, 45", season.rail_state("ending")),
    PageSpec("appeal-commission", N_("Appeal commission"), _APPEAL, "commission", AppealCommissionPage, "p.9"),
    PageSpec("centre", N_("Statistics and final data"), _CENTRE, "statistics", CentrePage, "p.8, 37, 44",
             season.rail_state("centre")),
    PageSpec("report", N_("Representative's report"), _CENTRE, "report", ReportPage, "p.7, 47", report_state),
    PageSpec("transfer", N_("Receive and hand over"), _CENTRE, "drive", transfer_page, "p.8"),
    PageSpec("carriers", N_("Sent and received"), _CENTRE, "list", CarriersPage, "p.8", carriers_state),
    PageSpec("papers", N_("Papers"), _WORKPLACE, "print", ExamPapersPage, "p.30-45"),
    PageSpec("equipment", N_("Scanner and printer"), _WORKPLACE, "scan", EquipmentPage, "p.33, 38", equipment_state),
    PageSpec("state-commission", N_("State commission"), _WORKPLACE, "officer", StateCommissionPage, "p.6"),
    PageSpec("people", N_("People and PC"), _WORKPLACE, "person", PeoplePage, "p.5"),
    backups_page.page(_WORKPLACE),
    PageSpec("print-log", N_("Print log"), _WORKPLACE, "list", PrintLogPage),
    PageSpec("log", N_("Event log"), _WORKPLACE, "journal", LogPage, "p.1"),
)  # fmt: skip

# What the representative needs: her word and the pages she reads; the count of p.33 is hers to draw up.
FOR_REPRESENTATIVE = (
    "day",
    "readiness",
    "corrections",
    "duty",
    "clock",
    "attendance",
    "acts",
    "representative",
    "results",
    "statistics",
    "items",
    "likeness",
    "appeals",
    "report",
    "state-commission",
    "papers",
    "people",
    "log",
)
ONLY_FOR_REPRESENTATIVE = ("likeness",)


def pages_of(ctx: Context) -> tuple[PageSpec, ...]:
    """The pages that a person sees."""
    if ctx.actor.role == PersonRole.PROGRAMMER:
        return tuple(page for page in PAGES if page.key not in ONLY_FOR_REPRESENTATIVE)
    return tuple(page for page in PAGES if page.key in FOR_REPRESENTATIVE)


APP = WorkplaceApp(Role.MINISTRY_PROGRAMMER, N_("Ministry programmer"), PAGES, season.home, "shift", pages_of)


def run(*, db: Path | None, login: str | None, password: str | None, lang: str) -> int:
    """Show the application until its window closes; the exit code."""
    finish_putting_aside(db or default_database(APP.role))
    return run_workplace(APP, db=db, login=login, password=password, lang=lang)

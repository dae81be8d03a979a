"""The application «Auditorium fund» (p.4, p.6, p.17): buildings, halls, plans, seats against students."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from weakref import WeakKeyDictionary

from mab_desktop.audit_fund.agreement_page import AgreementPage
from mab_desktop.audit_fund.building_plans_page import BuildingPlansPage
from mab_desktop.audit_fund.buildings_page import BuildingsPage
from mab_desktop.audit_fund.choice_page import ChoicePage
from mab_desktop.audit_fund.contingent_page import ContingentPage
from mab_desktop.audit_fund.halls_page import HallsPage
from mab_desktop.audit_fund.papers_page import HallPapersPage
from mab_desktop.audit_fund.signs_page import SignsPage
from mab_desktop.audit_fund.versions_page import VersionsPage
from mab_desktop.domain.calendar import HomeView
from mab_desktop.domain.organisation import Role
from mab_desktop.i18n import N_, _
from mab_desktop.services import home_halls
from mab_desktop.ui import backups_page
from mab_desktop.ui.carriers_page import CarriersPage, carriers_state
from mab_desktop.ui.home import EmptySeason, HomeFacts
from mab_desktop.ui.log_page import LogPage
from mab_desktop.ui.page import AppContext, PageSpec
from mab_desktop.ui.people_page import PeoplePage
from mab_desktop.ui.print_log_page import PrintLogPage
from mab_desktop.ui.states import StepState
from mab_desktop.ui.transfer_link import transfer_page
from mab_desktop.ui.workplace_app import WorkplaceApp, duty_state, home_facts, run_workplace

_FUND, _CENTRE, _WORKPLACE = N_("Hall fund"), N_("Testing centre"), N_("Workplace")


_known: WeakKeyDictionary[AppContext, tuple[tuple[int, date], HomeView]] = WeakKeyDictionary()


def season(app: AppContext) -> HomeView:
    """How the duties stand; asked again only when something was written since, for the rail asks step by step."""
    now = (app.ctx.store.log_head()[0], app.ctx.clock.now().date())
    kept = _known.get(app)
    if kept is None or kept[0] != now:
        kept = (now, home_halls.home(app.ctx))
        _known[app] = kept
    return kept[1]


def _state(app: AppContext, *duties: str) -> StepState:
    return duty_state(season(app).standings, *duties)


PAGES: tuple[PageSpec, ...] = (
    PageSpec("contingent", N_("Contingent against seats"), _FUND, "students", ContingentPage, "p.17",
             lambda app: _state(app, "contingent")),
    PageSpec("buildings", N_("Buildings"), _FUND, "building", BuildingsPage, "p.4",
             lambda app: _state(app, "buildings")),
    PageSpec("halls", N_("Halls"), _FUND, "hall", HallsPage, "p.4", lambda app: _state(app, "halls")),
    PageSpec("building-plans", N_("Plans of buildings"), _FUND, "plan", BuildingPlansPage, "p.4"),
    PageSpec("choice", N_("Halls to take"), _FUND, "seat", ChoicePage, "p.17"),
    PageSpec("signs", N_("Direction signs"), _FUND, "seating", SignsPage, "p.24"),
    PageSpec("versions", N_("Versions of the fund"), _CENTRE, "list", VersionsPage, "p.17",
             lambda app: _state(app, "fund-changes")),
    PageSpec("agreement", N_("Agreement with the centre"), _CENTRE, "seal", AgreementPage, "p.6",
             lambda app: _state(app, "agreed")),
    PageSpec("transfer", N_("Receive and hand over"), _CENTRE, "drive", transfer_page, "p.17",
             lambda app: _state(app, "hall-fund")),
    PageSpec("carriers", N_("Sent and received"), _CENTRE, "list", CarriersPage, "p.8", carriers_state),
    PageSpec("papers", N_("Papers"), _CENTRE, "print", HallPapersPage, "p.4"),
    PageSpec("people", N_("People and PC"), _WORKPLACE, "person", PeoplePage, "p.5"),
    backups_page.page(_WORKPLACE),
    PageSpec("print-log", N_("Print log"), _WORKPLACE, "list", PrintLogPage),
    PageSpec("log", N_("Event log"), _WORKPLACE, "journal", LogPage, "p.1"),
)  # fmt: skip


def home(app: AppContext) -> HomeFacts:
    """The home page: duties before 16 March, seats against students."""
    view = season(app)
    expected = next((figure.value for figure in view.figures if figure.key == "contingent"), 0)
    empty = EmptySeason(
        _("The season has not begun here yet"),
        (_("Receive the reference package and the contingent from the testing centre's drive."),
         _("Enter the buildings and their halls."),
         _("Send the hall fund before 16 March.")),
        "buildings" if expected else "transfer",
        _("Enter the first building") if expected else _("Receive from the centre"),
    )  # fmt: skip
    return home_facts(app, view, empty)


# For `mab screens`: picture, page, the method that asks.
DIALOGS = (
    ("copy-hall", "halls", "copy"), ("delete-hall", "halls", "remove"), ("delete-building", "buildings", "remove"),
)  # fmt: skip
APP = WorkplaceApp(Role.AUDIT_FUND, N_("Auditorium fund"), PAGES, home, "building")


def run(*, db: Path | None, login: str | None, password: str | None, lang: str) -> int:
    """Show the application until its window closes; the exit code."""
    return run_workplace(APP, db=db, login=login, password=password, lang=lang)

"""Where the requirements of order No 27 on the base university and the centre are met: page or command, and paper.

A trace for whoever changes one of them; the test holds that every page, command and paper named is there, and that no
page of the base university and no command of the centre stands without a paragraph or a reason of its own.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from mab_desktop.base_uni.app import PAGES
from mab_desktop.ntc.main import COMMANDS

# Requirement: pages of the base university, forms, commands of the centre.
MET: dict[str, tuple[str, str, str]] = {
    "p.3 lists, ties, commissions that the ministry approves": ("", "", "reference"),
    "p.4 answer sheets, item bank's keys": ("", "sheet_form", "variants keys"),
    "p.4 (2) student database together": ("acceptance", "student_database", "receive"),
    "p.4 (4) hall fund, plans of halls and buildings": ("", "hall_fund hall_plan building_plan", "receive plan"),
    "p.4 (5) slips, register of issue per network university": ("passes", "admission_pass pass_register", ""),
    "p.6 commission: members, observers, at least seven voting": ("commission", "commission_papers", ""),
    "p.6 plan of work, approved by the chair": ("plan", "commission_papers", ""),
    "p.6 sittings: quorum of two thirds, votes, casting vote, minutes": ("sittings", "commission_papers", ""),
    "p.6 fourteen duties": ("duties", "duty_board", ""),
    "p.6 (1) fund agreed with the centre": ("duties", "hall_fund", "receive"),
    "p.6 duty officers by hall": ("duty_officers duty_halls", "duty_list", ""),
    "p.10 slips are printed, copies marked": ("passes papers print-log", "admission_pass pass_layout", ""),
    "p.11 reference data of all programs": ("transfer", "", "reference export"),
    "p.17 contingent, hall fund before 16 March": ("centre", "hall_fund", "contingent receive status"),
    "p.19 the network program handed over, meeting": ("register trainings", "program_register training_list", ""),
    "p.20 training of programmers": ("trainings", "training_list", ""),
    "p.21 statistics of 16 March and 1 April, reminders": ("board", "statistics_report reminder_list", "receive"),
    "p.21 database on carrier and signed paper": ("acceptance", "student_database", ""),
    "p.22 final statistics, signed and sealed": ("acceptance", "statistics_report", ""),
    "p.23 database and fax to the centre before 15 April": ("centre", "statistics_fax", "receive status"),
    "p.23 final database back": ("final", "database_changes", "allot export"),
    "p.24 slips, register, statistics, hall list to each university": ("passes papers", "pass_register hall_list", ""),
    "p.24 passes printed, spoilt, issued agree": ("pass_balance", "act", ""),
    "p.24 wrong data before 25 April": ("wrong_data", "wrong_data_list", "corrections"),
    "p.24 stubs taken by act": ("stubs", "act", ""),
    "p.24 hand-over to the representative": ("hand_over", "hand_over_act", ""),
    "p.26 variants by shift and hall": ("", "variant_sheet", "variants export"),
    "p.30 seating password by telephone, drawn once": ("", "seating_sheet", "passwords check-seating"),
    "p.37 daily statistics, final data, counted again": ("", "daily_statistics", "daily final images report"),
    "p.37 national summary": ("", "national_summary", "summary"),
    "p.39 key sealed, released after identification, two passwords": ("", "answer_key", "keys passwords export"),
    "p.44 results by code to the universities": ("results", "", ""),
    "p.18 rules of a record": ("findings students", "database_findings", ""),
}
# Of no paragraph: who works here, keys, backups, what went out and came in.
OWN_PAGES = {"carriers", "people", "backups", "log"}
OWN_COMMANDS = {
    "init", "people", "signers", "root", "trust", "enrol", "sheet", "recover", "decide", "backup", "database"
}  # fmt: skip


def named(place: int) -> set[str]:
    return {word for line in MET.values() for word in line[place].split()}


def test_every_page_has_its_paragraph() -> None:
    assert named(0) | OWN_PAGES == {page.key for page in PAGES}


def test_every_command_has_its_paragraph() -> None:
    assert named(2) | OWN_COMMANDS == {module.NAME for module in COMMANDS}


@pytest.mark.parametrize("form", sorted(named(1)))
def test_every_paper_is_there(form: str) -> None:
    assert import_module(f"mab_desktop.forms.{form}").__doc__

"""Every use case that writes asks who does it: read from the code itself, so that a new one cannot forget it.

A public function of the services that opens a write transaction, itself or through its helpers, must also reach
`require` (which program) or `require_person` (which person). Those that do not stand below with the reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

import mab_desktop.services
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.services import accounts, sending, shifts
from mab_desktop.services.carrier_rights import may_carry
from tests.conftest import MakeContext

FOLDER = Path(mab_desktop.services.__file__).parent
GUARDS = {"context.require", "context.require_person"}


@dataclass
class Function:
    """A function of the services: whether it opens a write transaction itself, and whom it calls."""

    writes: bool = False
    calls: set[str] = field(default_factory=set)


@cache
def functions() -> dict[str, Function]:
    """All of them by `module.name`."""
    found: dict[str, Function] = {}
    for file in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        names = dict(_imported(tree))
        own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{file.stem}.{node.name}"] = _function(node, file.stem, own, names)
            elif isinstance(node, ast.ClassDef):
                for method in (m for m in node.body if isinstance(m, ast.FunctionDef)):
                    whole = f"{file.stem}.{node.name}"
                    known = found.setdefault(whole, Function())
                    part = _function(method, file.stem, own, names)
                    known.writes |= part.writes
                    known.calls |= part.calls
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What a name of the module means among the services."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mab_desktop.services"):
            module = node.module.removeprefix("mab_desktop.services").lstrip(".")
            for name in node.names:
                yield name.asname or name.name, f"{module}.{name.name}".lstrip(".")


def _function(node: ast.FunctionDef, module: str, own: set[str], names: dict[str, str]) -> Function:
    made = Function()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr == "write" and ast.unparse(part.value).endswith("store"):
            made.writes = True
        if isinstance(part, ast.Name):  # called, or handed on to be called
            made.calls.add(f"{module}.{part.id}" if part.id in own else names.get(part.id, ""))
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in names:
            made.calls.add(f"{names[part.value.id]}.{part.attr}")
    return made


@cache
def reached(name: str) -> set[str]:
    """`name` and all that it calls, directly or not."""
    seen, wanted = set(), [name]
    while wanted:
        now = wanted.pop()
        if now not in seen:
            seen.add(now)
            wanted += functions()[now].calls if now in functions() else ()
    return seen


def unguarded() -> set[str]:
    """Public functions that write and ask nobody."""
    found = set()
    for name in functions():
        public = not name.split(".")[1].startswith("_")
        all_of_it = reached(name)
        writes = any(functions()[part].writes for part in all_of_it if part in functions())
        if public and writes and not all_of_it & GUARDS:
            found.add(name)
    return found


_PRINT = "papers ask for themselves; this prints, counts and follows what a paper's own function drew"
_CARRY = "files of a kind were asked about when they were built or examined (`carriers.handler_for`)"
_COPY = "a copy of the database is everybody's good, and is made by itself"
_OWN = "works with the person's own password"
_OPEN = "opens or makes a workplace: the password is the question"
REVIEWED = {
    "accounts.change_password": _OWN, "accounts.confirm": _OWN, "accounts.unlock_window": _OWN,
    "persons.change_password": _OWN, "persons.signing_keys": _OWN, "tries.count_try": "counts for its caller, who asks",
    "workplace.create": _OPEN, "workplace.log_in": _OPEN, "recovery.take": _OPEN,
    "restore.restore": "asks two persons for their passwords itself", "reserve.take_over": "the same",
    "trial_restore.try_restore": _COPY, "backups.after_act": _COPY, "backups.at_export": _COPY,
    "backups.at_start": _COPY, "backups.back_up": _COPY, "backups.before_import": _COPY, "backups.check_all": _COPY,
    "backups.every_ten_minutes": _COPY, "step_copies.after_step": _COPY, "second_disk.mirror": _COPY,
    "handed_over.notice": "this PC stops: its own disk says that another went on",
    "second_disk.notice": "the same, by the second disk", "second_disk.require_at_work": "the same",
    "documents.print_document": _PRINT, "documents.record_printing": _PRINT, "print_jobs.begin": _PRINT,
    "print_jobs.came_out": _PRINT, "print_jobs.end": _PRINT, "print_jobs.give_up": _PRINT, "print_jobs.go_on": _PRINT,
    "print_jobs.lost_runs": _PRINT, "print_jobs.send": _PRINT,
    "documents_installation.print_installation": "what stands on this computer is no secret of anybody's",
    "documents_keys.print_enrolment": "public check groups; whoever stands at the telephone prints them",
    "table_export.note_export": "whoever sees a list may save it; only the log is written",
    "seating.save_proof": "the proof of a draw is public, anybody may check it",
    "sending.write": _CARRY, "transfer_view.let_go": _CARRY,
    "transfer_view.make": _CARRY, "waiting_room.keep": _CARRY,
    "waiting_room.turn_away": _CARRY, "forks.freeze": _CARRY, "drive_work.drive_work": _CARRY,
    "trusting.adopt_from": "a list signed by the root is everybody's good",
    "trusting.heed_withdrawal": "a list signed by the root, about this very computer",
    "own_keys.hand_out": "public keys for the centre, which compares their groups",
    "locks.follow_trust": "follows a list that is in force", "locks.keep_following": "follows a list that is in force",
    "drafts.save_draft": "what the person at work is typing", "settings.change_setting": "its callers ask",
    "scanners.remember": "which scanner stands here", "scanners.forget": "which scanner stands here",
    "scan_session.discard_left_over": "tidies after a program that was killed",
    "images.seal_older": "brings images of an older program into their present form",
    "bench_carrier.put_students": "made-up students of a measurement in a temporary folder",
    "bench_carrier.measure_log_in": "logs in by the password",
}  # fmt: skip
# Where every person who may log in has the same rights (programmer and coordinator), the program alone is asked.
BY_PROGRAM = {
    "acceptance": "base university", "documents_board": "base university", "duties": "base university",
    "network_register": "base university", "approvals": "base university", "documents_hand_over": "base university",
    "documents_passes": "base university", "duty_intake": "base university", "duty_list": "base university",
    "pass_copies": "base university", "plan_of_work": "base university", "representative_papers": "base university",
    "wrong_data_lists": "base university",
    "base_board": "base university", "commission": "base university", "documents_base": "base university",
    "passes": "base university", "sittings": "base university", "documents_commission": "base university",
    "documents_keys": "testing centre", "documents_centre": "testing centre",
    "documents_exam": "papers of the exam: the representative receives them too (p.7)",
    "documents_appeals": "papers of the exam: the representative receives them too (p.7)",
    "documents_results": "papers of the exam: the representative receives them too (p.7, p.47)",
    "equipment": "whoever stands at the scanner tries it", "final_images": "testing centre",
    "readiness": "whoever stands at the PC tries it; the report asks for both persons",
    "trial_pack": "whoever stands at the scanner tries it",
    "documents_analysis": "papers of the results; the one about likeness asks for the representative",
    "documents_appeal_file": "papers of the exam: the representative receives them too (p.7)",
    "documents_day": "papers of the exam: the representative receives them too (p.7)",
    "documents_balance": "papers of the exam: the representative receives them too (p.7)",
    "documents_seating": "papers of the exam: the representative receives them too (p.7)",
    "fund_incomplete": "hall fund",
    "fork_decisions": "testing centre",
}  # fmt: skip


def test_every_use_case_that_writes_asks_who_does_it() -> None:
    assert unguarded() - REVIEWED.keys() == set()


def test_the_reviewed_list_is_not_stale() -> None:
    assert REVIEWED.keys() - unguarded() == set()


def test_where_persons_differ_the_person_is_asked() -> None:
    """Operators at a network university and the representative at the ministry's have fewer rights."""
    found = set()
    for name in functions():
        all_of_it = reached(name)
        writes = any(functions()[part].writes for part in all_of_it if part in functions())
        program_only = "context.require" in all_of_it and "context.require_person" not in all_of_it
        if writes and program_only and not name.split(".")[1].startswith("_"):
            found.add(name.split(".")[0])
    centre = {module for module in found if module.startswith("centre_")}
    assert found - centre == BY_PROGRAM.keys()


# -- and really


ACTS = {
    "let in": lambda ctx: accounts.add_person(ctx, "x", "Біреу", "operator", "бір екі үш төрт"),
    "rename": lambda ctx: accounts.rename_person(ctx, "x", "Біреу"),
    "close": lambda ctx: accounts.close_account(ctx, "x"),
    "open a shift": lambda ctx: shifts.open_shift(ctx, 1),
    "send everything": lambda ctx: sending.build(ctx, "university-students", "bu013"),
    "send the final data": lambda ctx: sending.build(ctx, "final-data", "ntc"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", [PersonRole.OPERATOR, PersonRole.REPRESENTATIVE])
def test_a_person_without_the_right_is_refused_before_anything_changes(
    make_context: MakeContext, act: str, person: PersonRole
) -> None:
    role = Role.MINISTRY_PROGRAMMER if person is PersonRole.REPRESENTATIVE else Role.NETWORK_UNI
    ctx = make_context(role, "013", person)
    before = ctx.store.log_head()
    with pytest.raises(UserError, match="no right|another program"):
        ACTS[act](ctx)
    assert ctx.store.log_head() == before


def test_an_operator_is_offered_only_what_he_may_carry(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027", PersonRole.OPERATOR)
    for kind, sends, takes in (("operator-portion", True, False), ("university-students", False, False),
                               ("operator-corrections", False, True), ("reference", False, True),
                               ("passes", False, False)):  # fmt: skip
        assert may_carry(ctx, kind, sending=True) is sends
        assert may_carry(ctx, kind, sending=False) is takes

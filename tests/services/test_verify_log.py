"""`mab verify-log`: a changed line, a chain made anew, a log cut short; on the database, on a copy, against files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_CARRIER, EXIT_DIFFERENCE, EXIT_OK, EXIT_PASSWORD, EXIT_REFUSED, UserError
from mab_desktop.services import audit_log, backups, documents, own_keys, transfer
from mab_desktop.services.audit_log import verify_log
from mab_desktop.storage.store import GENESIS, entry_hash
from mab_desktop.storage.tables.core import AuditEntry
from tests.services.land import OPERATOR, PASSWORD, Land, copy_land, portion, refused, statistics

Run = Callable[..., tuple[int, str]]


def tamper(land: Land, name: str, *statements: str) -> None:
    """What somebody who has the database open can do to its log."""
    store = land.ctx(name).store
    with store.engine.execution_options(mab_write=True).begin() as connection:
        for trigger in ("audit_no_update", "audit_no_delete"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            connection.exec_driver_sql(statement)


def chain_anew(land: Land, name: str) -> None:
    """Every hash made to fit again after a line was changed."""
    store = land.ctx(name).store
    changes, prev = [], GENESIS
    with store.read() as session:
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.n)):
            session.expunge(entry)
            entry.prev = prev
            entry.hash = prev = entry_hash(entry)
            changes.append((entry.n, entry.prev, entry.hash))
    tamper(land, name, *(f"UPDATE audit SET prev='{p}', hash='{h}' WHERE n={n}" for n, p, h in changes))


def verify(land: Land, name: str, *against: object) -> audit_log.LogVerdict:
    land.close()
    return verify_log(land.database(name), "programmer", PASSWORD, [str(a) for a in against], clock=land.clock)


def said(verdict: audit_log.LogVerdict) -> list[str]:
    return [problem.message("en") for problem in verdict.problems]


def test_a_whole_log_agrees_with_its_files_copies_and_papers(land: Land, tmp_path: Path) -> None:
    carrier = portion(land).paths[0]
    ctx = land.ctx(OPERATOR)
    paper: list[str] = []

    def draw(printing: documents.Printing) -> bytes:
        paper.append(printing.head)
        return b"%PDF /Type /Page\n"

    documents.print_document(ctx, "operator-list", "1", draw)
    copy = backups.back_up(ctx, "test")
    portion(land)
    moved = tmp_path / "elsewhere" / copy.name
    moved.parent.mkdir()
    shutil.copy(copy, moved)
    found = verify(land, OPERATOR, carrier, land.drive, paper[0])
    assert (found.whole, found.broken, found.compared) == (True, None, 2 + 1 + 2 + 1)
    before = {path.name for path in copy.parent.iterdir()}
    old = verify_log(copy, "programmer", PASSWORD, [paper[0]], clock=land.clock)
    assert old.whole
    assert old.lines < found.lines
    with pytest.raises(UserError, match="locks"):
        verify_log(moved, "programmer", PASSWORD, clock=land.clock)
    again = verify_log(moved, "programmer", PASSWORD, locks_file=land.database(OPERATOR).with_suffix(".keys"),
                       clock=land.clock)  # fmt: skip
    assert (again.lines, again.head) == (old.lines, old.head)
    assert {path.name for path in copy.parent.iterdir()} == before
    assert [path.name for path in moved.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize(("statement", "words"), [
    ("UPDATE audit SET user='x' WHERE n=3", "Line 3 of the log was changed."),
    ("UPDATE audit SET prev='x' WHERE n=3", "Line 3 of the log was changed."),
    ("DELETE FROM audit WHERE n=2", "Line 2 of the log is missing."),
    ("DELETE FROM audit WHERE n=1", "Line 1 of the log is missing."),
])  # fmt: skip
def test_the_first_broken_line_is_named(land: Land, statement: str, words: str) -> None:
    portion(land)
    tamper(land, OPERATOR, statement)
    with pytest.raises(UserError) as told:
        audit_log.require_whole(land.ctx(OPERATOR))
    assert words in str(told.value.message("en"))
    found = verify(land, OPERATOR)
    assert said(found) == [words]
    assert words.startswith(f"Line {found.broken} ")


def test_a_chain_made_anew_shows_against_what_others_hold(land: Land) -> None:
    carrier = portion(land).paths[0]
    other = statistics(land).paths[0]
    tamper(land, OPERATOR, "UPDATE audit SET user='somebody else' WHERE n=2")
    chain_anew(land, OPERATOR)
    assert land.ctx(OPERATOR).store.verify_log() is None
    found = verify(land, OPERATOR)
    assert len(said(found)) == 1
    assert "written anew" in said(found)[0]
    tamper(land, OPERATOR, "UPDATE carrier_out SET manifest = json_remove(manifest, '$.checkpoint')")
    assert verify(land, OPERATOR).whole
    found = verify(land, OPERATOR, carrier)
    assert said(found) == [
        f"{carrier.name} knows line {carrier_line(carrier)} of the log otherwise: it was written anew."
    ]
    assert said(verify(land, OPERATOR, "0" * 12)) == ["No line of the log begins with 000000000000."]
    found = verify(land, OPERATOR, other, "nothing here", carrier)
    assert [(one.source, one.is_stranger) for one in found.passed_over] == [
        (other.name, False),
        ("nothing here", False),
    ]
    assert ["not of this workplace" in str(one.why) for one in found.passed_over] == [True, False]
    assert len(said(found)) == 1, "what comes after it is compared all the same"


def carrier_line(path: Path) -> int:
    manifest = audit_log._manifest_of(path)
    assert manifest.checkpoint is not None
    return manifest.checkpoint.n


def test_a_log_cut_short_shows_against_a_later_file(land: Land) -> None:
    copy = backups.back_up(land.ctx(OPERATOR), "test")
    carrier = portion(land).paths[0]
    land.close()
    found = verify_log(copy, "programmer", PASSWORD, [str(carrier)], clock=land.clock)
    (words,) = said(found)
    assert words.startswith(f"{carrier.name} was made at line {carrier_line(carrier)}, but the log ends with line ")


def test_the_log_of_a_copied_pc_is_refused(land: Land, tmp_path: Path) -> None:
    twin = copy_land(land, tmp_path / "twin")
    base = land.ctx("bu013")
    transfer.load(base, statistics(land).paths[0])
    twin.clock.set(twin.clock.now().replace(hour=15))
    theirs = transfer.export(twin.ctx("nu027"), "wrong-data", "bu013", twin.drive).paths[0]
    twin.close()
    with refused("log-forked"):
        transfer.load(base, theirs)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MAB_PASSWORD", PASSWORD)

    def go(*arguments: object) -> tuple[int, str]:
        code = main(["--lang", "en", "verify-log", *map(str, arguments), "--login", "programmer"])
        seen = capsys.readouterr()
        assert "Traceback" not in seen.err
        return code, seen.out + seen.err

    return go


def test_the_command_and_its_exit_codes(land: Land, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = portion(land).paths[0]
    database = land.database(OPERATOR)
    tamper(land, OPERATOR)
    land.close()
    code, words = run(database, "--against", carrier)
    assert (code, "The log is whole" in words) == (EXIT_OK, True)
    assert run(database.with_name("no.db"))[0] == EXIT_REFUSED
    tamper(land, OPERATOR, "UPDATE audit SET object='x' WHERE n=2")
    land.close()
    code, words = run(database)
    assert code == EXIT_DIFFERENCE
    assert "Line 2 of the log was changed." in words
    monkeypatch.setenv("MAB_PASSWORD", "not the password")
    assert run(database)[0] == EXIT_PASSWORD


def test_one_strange_file_does_not_keep_the_others_from_being_compared(land: Land, run: Run, tmp_path: Path) -> None:
    """Each is told by its name; only a whole file that merely lay in a folder is none of the person's business."""
    mine, theirs = portion(land).paths[0], statistics(land).paths[0]
    damaged = tmp_path / "damaged.mab"
    damaged.write_bytes(mine.read_bytes()[:2000])
    database = land.database(OPERATOR)
    land.close()
    lines = run(database)[1].split(" lines")[0].split()[-1]
    code, words = run(database, "--against", theirs, mine, "--against", land.drive)
    assert code == EXIT_REFUSED
    assert f"{theirs.name}: A file of nu027, not of this workplace." in words
    assert f"{lines} lines" in words
    assert "agrees with 3 files" in words, "its own list, the file named, the same file in the folder"
    assert "Not compared, as told above: 1" in words
    code, words = run(database, "--against", land.drive)
    assert (code, "Files of other workplaces in the folders, not compared: 1" in words) == (EXIT_OK, True)
    code, words = run(database, "--against", damaged, theirs, tmp_path / "gone.mab", mine)
    assert code == EXIT_CARRIER
    assert [line.partition(":")[0] for line in words.splitlines()[:3]] == [damaged.name, theirs.name, "gone.mab"]
    assert "agrees with 2 files" in words
    tamper(land, OPERATOR, "UPDATE audit SET object='x' WHERE n=2")
    land.close()
    assert run(database, "--against", damaged, mine)[0] == EXIT_DIFFERENCE, "a broken log is the worse news"


def test_files_of_before_new_keys_are_of_this_workplace(land: Land) -> None:
    """A computer that got new keys is called otherwise, but its log goes on."""
    carrier = statistics(land).paths[0]
    own_keys.renew_keys(land.ctx("nu027"), "pc2")
    found = verify(land, "nu027", carrier)
    assert (found.whole, found.passed_over) == (True, ())

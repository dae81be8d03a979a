"""The end of the centre's season: corrections of the final database, the board, the national summary."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import select

from mab_desktop.domain.errors import EXIT_REFUSED, EXIT_USAGE
from mab_desktop.domain.reference import default_subjects
from mab_desktop.services import centre_board, centre_corrections, centre_summary
from mab_desktop.services.centre_summary import Cut
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.centre import FinalRecord
from mab_desktop.storage.tables.core import CarrierOut
from mab_desktop.storage.tables.students import Allotment, Student, StudentChange, WrongData
from tests.apps.ntc_centre import Run, open_centre
from tests.apps.test_ntc import stock
from tests.apps.test_ntc_twice import final_data
from tests.services.centre_stand import BASE


def wrong(ctx: Context, *lines: tuple[str, str, str]) -> list[str]:
    """Lines (identifier, field, right value) about one student after the other; the students."""
    with ctx.store.write(ctx.actor) as tx:
        students = list(tx.session.scalars(select(Student).order_by(Student.id).limit(len(lines))))
        for student, (start, field, right) in zip(students, lines, strict=True):
            tx.session.add(
                WrongData(id=start.ljust(32, "0"), student=student.id, university=student.university, field=field,
                          printed_value="x", right_value=right, ground="жеке куәлік", application_number="7",
                          application_date=date(2011, 4, 20))
            )  # fmt: skip
        tx.note("carrier-accepted", "test")
        return [student.id for student in students]


def sent(ctx: Context, recipient: str, at: str) -> None:
    """A final database that went out."""
    with ctx.store.write(ctx.actor) as tx:
        tx.session.add(CarrierOut(digest=recipient + at, kind="final-students", recipient=recipient,
                                  stream=recipient + at, epoch=1, seq=1, prev="", state="written",
                                  file_name="x", manifest={}, created_at=at))  # fmt: skip
        tx.note("carrier-written", "test")


def test_lists_of_wrong_data_correct_the_final_database(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE)
    ctx = open_centre(tmp_path)
    people = wrong(ctx, ("aa", "surname", "Әбілова"), ("bb", "birth_date", "1990-02-28"), ("cc", "specialty", "050703"))
    sent(ctx, f"bu{BASE}", "2011-04-20T09:00:00+00:00")
    with ctx.store.read() as session:
        places = {row.student: (row.shift, row.hall, row.code) for row in session.scalars(select(Allotment))}
    ctx.store.close()
    code, said = centre("corrections")
    assert (code, "Nothing was changed" in said) == (0, True), said
    assert "28.02.1990" in said
    assert "the centre decides" in said
    assert centre("corrections", "--yes", "--decide", "zz")[0] == EXIT_REFUSED
    code, said = centre("corrections", "--yes")
    assert (code, "2 lines of wrong data were put right" in said) == (0, True), said
    assert "1 line waits for the centre's decision" in said
    assert f"bu{BASE} has a final database without 2 corrections" in said
    code, said = centre("corrections", "--yes", "--decide", "cc")
    assert (code, "1 line of wrong data was put right" in said) == (0, True), said
    ctx = open_centre(tmp_path)
    assert [late.corrections for late in centre_corrections.outdated(ctx)] == [3]
    sent(ctx, f"bu{BASE}", "2999-01-01T09:00:00+00:00")
    assert centre_corrections.outdated(ctx) == []
    with ctx.store.read() as session:
        first, second, third = (session.get_one(Student, student) for student in people)
        assert (first.surname, first.version, first.search[:7]) == ("Әбілова", 2, first.search[:7])
        assert second.birth_date == date(1990, 2, 28)
        row = session.get_one(Allotment, people[2])
        assert third.specialty == "050703"
        assert (row.subject1, row.subject2, row.subject3, row.subject4, row.subject5) == default_subjects()["07"]
        assert {r.student: (r.shift, r.hall, r.code) for r in session.scalars(select(Allotment))} == places
        grounds = session.scalars(select(StudentChange.ground).where(StudentChange.student.in_(people))).all()
        assert grounds == ["жеке куәлік; 7, 20.04.2011"] * 3
    ctx.store.close()


def test_what_was_put_right_on_the_exam_days_is_not_named_as_open(centre: Run, tmp_path: Path) -> None:
    """The ministry programmer entered the lines (p.30), the final data tell it: the board is done with them."""
    stock(tmp_path)
    centre("allot", BASE)
    ctx = open_centre(tmp_path)
    people = wrong(ctx, ("aa", "surname", "Әбілова"), ("cc", "specialty", "050703"))

    def command() -> str:
        (board,) = centre_board.boards(ctx)
        return next(step.command for step in board.steps if step.key == "wrong-data")

    assert command() == f"mab ntc corrections --base {BASE} --yes"
    with ctx.store.write(ctx.actor) as tx:
        change = {"student": people[0], "field": "surname", "old": "x", "new": "Әбілова"}
        tx.session.add(FinalRecord(base_university=BASE, n=1, record_type="student-change", values=change))
        tx.note("carrier-accepted", "test")
    assert command() == f"mab ntc corrections --base {BASE}"  # what is left the centre decides: look at it first
    assert [line.is_open for line in centre_corrections.corrections(ctx)] == [False, True]
    ctx.store.close()
    assert "put right on the exam days" in centre("corrections")[1]


def test_a_correction_that_breaks_a_rule_changes_nothing(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    ctx = open_centre(tmp_path)
    wrong(ctx, ("aa", "surname", "Әбілова"), ("bb", "birth_date", "2019-02-28"))
    ctx.store.close()
    code, said = centre("corrections", "--yes")
    assert (code, "bb000000" in said) == (EXIT_REFUSED, True), said
    ctx = open_centre(tmp_path)
    assert all(not line.applied_at for line in centre_corrections.corrections(ctx))
    ctx.store.close()


def test_the_summary_counts_everybody_by_every_cut(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE, "--spread")
    code, said = centre("summary")
    assert (code, f"has not come of: {BASE}" in said) == (0, True), said
    final_data(tmp_path)
    ctx = open_centre(tmp_path)
    with ctx.store.write(ctx.actor) as tx:
        records = tx.session.scalars(select(FinalRecord).where(FinalRecord.record_type == "seat")).all()
        states = ["absent", "removed", *["present"] * (len(records) - 2)]
        for n, (seat, state) in enumerate(zip(records, states, strict=True), 10_000):
            values = {"student": seat.values["student"], "shift": 1, "state": state}
            tx.session.add(FinalRecord(base_university=BASE, n=n, record_type="presence", values=values))
        tx.note("carrier-accepted", "test")
    found = centre_summary.summary(ctx)
    boards = centre_board.boards(ctx)
    ctx.store.close()
    whole = found.whole
    assert (whole.students, whole.came, whole.absent, whole.removed) == (36, 10, 1, 1)
    assert (whole.appeals, whole.items, whole.satisfied) == (1, 1, 1)
    assert (whole.before, whole.after) == (round((12 * 125 - 1) / 12, 2), 125.0)
    assert found.missing == ()
    for cut in (Cut.BASE, Cut.UNIVERSITY, Cut.DIRECTION, Cut.LANGUAGE):
        lines = found.cuts[cut]
        assert sum(line.students for line in lines) == 36, cut
        assert sum(line.appeals for line in lines) == 1, cut
    assert sum(line.students for line in found.cuts[Cut.SUBJECT]) == 5 * 36
    assert {line.name for line in found.cuts[Cut.SUBJECT]} >= {"HIST History of Kazakhstan", "FL Foreign language"}
    assert next(step for step in boards[0].steps if step.key == "final-data").state.value == "done"
    sheet, table, paper = tmp_path / "s.xlsx", tmp_path / "s.csv", tmp_path / "s.pdf"
    assert centre("summary", "--table", sheet, "--pdf", paper)[0] == 0
    assert paper.read_bytes().startswith(b"%PDF")
    assert "xl/worksheets/sheet1.xml" in ZipFile(sheet).namelist()
    assert centre("summary", "--table", table)[0] == 0
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[-1][:6] == ["In all", "", "36", "10", "1", "1"]
    assert len(rows) == 2 + sum(len(lines) for lines in found.cuts.values())
    for command in ("summary", "daily", "variants"):
        for ending in (".odt", ".xls", ""):
            code, said = centre(command, "--table", tmp_path / f"t{ending}")
            assert (code, "Such a file cannot be written" in said) == (EXIT_USAGE, True), said
            assert ".csv" in said
            assert not (tmp_path / f"t{ending}").exists()

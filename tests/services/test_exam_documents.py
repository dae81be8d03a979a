"""Every paper of the exam comes out, numbered, and says what it must."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.errors import UserError
from mab_desktop.domain.identification import IdentityDecision
from mab_desktop.services import appeals, identification, keys, results, shifts
from mab_desktop.services import documents_exam as papers
from mab_desktop.services.documents import Document
from mab_desktop.services.settings import put_setting
from tests.conftest import MakeContext
from tests.services.exam_room import CHAIR, FIRST_DAY, MINISTRY, Room, give_key, make_room, own_marks, password


def text_of(document: Document) -> str:
    pdf = pypdfium2.PdfDocument(io.BytesIO(document.pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def pages(document: Document) -> int:
    return len(pypdfium2.PdfDocument(io.BytesIO(document.pdf)))


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Two halls on the eve."""
    return make_room(make_context, tmp_path / "scans", {"101": 3, "102": 2})


def test_a_seating_sheet_printed_again_shows_the_same_seats_and_says_so(room: Room) -> None:
    with pytest.raises(UserError, match="not drawn"):
        papers.print_seating_sheets(room.ctx, 1)
    room.seat()
    first = papers.print_seating_sheets(room.ctx, 1)
    again = papers.print_seating_sheets(room.ctx, 1, "101")
    assert (pages(first), pages(again)) == (2, 1)
    one, two = text_of(first), text_of(again)
    assert "DUPLICATE" not in one.upper()
    assert "DUPLICATE" in two.upper()
    for line in room.lines():
        assert line.code in one
        assert line.code in two
    assert "1038" not in text_of(papers.print_variant_sheets(room.ctx, 1, "102"))


def test_the_stack_of_sheets_carries_the_centre_s_serials(room: Room) -> None:
    stack = papers.print_answer_sheets(room.ctx, 1, "102")
    assert pages(stack) == 5
    assert room.serial(5, hall="102") in text_of(stack).replace(" ", "")
    assert pages(papers.print_sheet_copies(room.ctx, 1, "102")) == 5
    assert pages(papers.print_covers(room.ctx, 1)) == 2


def _check_threshold(room: Room, name: str) -> None:
    """The appeal lifts him over the threshold: only the sheet before it says below; grades stand in a column."""
    with room.ctx.store.write(room.ctx.actor) as tx:
        profile = {"threshold_total": 100, "threshold_per_subject": 25, "grades": [["5", 125], ["4", 0]]}
        put_setting(tx, "profile", profile)
        tx.note("exam-data-loaded", "test")
    sheets = [papers.print_results(room.ctx, 1, after=after) for after in (False, True)]
    before, after = (" ".join(text_of(sheet).split()) for sheet in sheets)
    assert [said.count("below the threshold") for said in (before, after)] == [3, 0]
    assert all(part in before for part in ("Threshold: 100", "Threshold in each subject: 25", "Grade"))
    assert "Threshold in each subject: 25" in " ".join(text_of(papers.print_daily(room.ctx, 1)).split())
    (line,) = (line for line in results.results(room.ctx, 1) if line.name == name)
    assert (min(line.before), min(line.after)) == (24, 25)


def test_every_paper_of_a_day_is_made_in_its_time_and_not_before(room: Room) -> None:
    room.seat()
    room.day(FIRST_DAY, 12)
    shifts.open_shift(room.ctx, 1)
    early: list[Callable[[], Document]] = [
        lambda: papers.print_answer_key(room.ctx, 1),
        lambda: papers.print_results(room.ctx, 1),
        lambda: papers.print_cards(room.ctx, 1),
        lambda: papers.print_minutes(room.ctx, 1),
        lambda: papers.print_daily(room.ctx, 1),
        lambda: papers.print_results(room.ctx, 1, after=True),
    ]
    for make in early:
        with pytest.raises(UserError):
            make()
    a, b, c = room.lines()
    other = room.lines(hall="102")
    room.scan([(room.serial(1), own_marks(a, wrong=1)), (room.serial(2), own_marks(b) | {"code": "--------"})])
    room.scan([(room.serial(n + 1, hall="102"), own_marks(line)) for n, line in enumerate(other)], hall="102")
    with pytest.raises(UserError, match="Issue the protocol first"):
        papers.print_protocol(room.ctx, 1, "101")
    identification.issue_protocol(room.ctx, 1, "101")
    first = papers.print_protocol(room.ctx, 1, "101")
    assert "--------" in text_of(first).replace(" ", "")
    room.sign()
    identification.decide_identities(room.ctx, 1, "101", [IdentityDecision(room.serial(2), b.code, b.seat, b.variant)])
    identification.mark_absent(room.ctx, 1, "101", [c.student])
    identification.issue_last(room.ctx, 1, "101")
    last = papers.print_protocol(room.ctx.speaking("kk"), 1, "101")
    assert "Келмеді" in text_of(last)
    assert "Түзету" in text_of(last)
    older = papers.print_protocol(room.ctx.speaking("kk"), 1, "101", 1)
    assert (older.key, older.number) == ("1-101-1", 2)
    assert "Келмеді" not in text_of(older)
    papers.print_attendance(room.ctx, 1)
    for kind in papers.ACTS:
        assert pages(papers.print_act(room.ctx, 1, "101", kind)) >= 2
    room.finish_identification()
    give_key(room)
    keys.open_key(room.ctx, 1, password(MINISTRY), password(CHAIR), "Төраға Төраев")
    results.score_shift(room.ctx, 1)
    key = papers.print_answer_key(room.ctx, 1)
    assert (key.copies, "Copy for public display" in text_of(key)) == (2, True)
    results.choose_wall_copy(room.ctx, by_code=True)
    sheets = papers.print_results(room.ctx, 1)
    assert sheets.copies == 3
    assert text_of(sheets).count(a.name) == 2
    assert "124" in text_of(sheets)
    shifts.announce_results(room.ctx, 1)
    chair = appeals.save_member(room.ctx, {"full_name": "Апелляция Төрағасы", "chair": True, "subject": "SUB1"})
    line = appeals.register_appeal(room.ctx, 1, a.code, [(1, 1)])
    for make in (papers.print_appeal_journal, papers.print_register, papers.print_cards, papers.print_appeal_forms):
        assert a.code in text_of(make(room.ctx, 1))
    word = ItemDecision(1, 1, True, Ground.WRONG_ITEM, "қате шарт", "Оқулық")
    appeals.decide_appeal(room.ctx, line.id, [word], [chair])
    room.day(FIRST_DAY + timedelta(days=1), 14)
    shifts.close_appeal(room.ctx, 1)
    register = papers.print_register(room.ctx, 1)
    assert (register.document, register.copies) == (shifts.LAST_REGISTER, 2)
    minutes = text_of(papers.print_minutes(room.ctx, 1))
    assert "Оқулық" in minutes
    assert f"{FIRST_DAY + timedelta(days=1):%d.%m.%Y}" in minutes
    assert f"{FIRST_DAY:%d.%m.%Y}" not in minutes, "they sat on the day after the exam"
    assert pages(papers.print_appeal_reports(room.ctx, 1)) == 2
    after = papers.print_results(room.ctx, 1, after=True)
    assert "125" in text_of(after)
    _check_threshold(room, a.name)
    shifts.close_shift(room.ctx, 1)
    numbers = text_of(papers.print_daily(room.ctx, 1)).split()
    assert "5" in numbers
    assert "10" not in numbers, "the sum of the languages is drawn by the form alone"
    papers.print_report(room.ctx)

"""The state commission's plan of work and sittings: quorum, votes, minutes that never change, corrections (p.6)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pypdfium2 as pdfium
import pytest

from mab_desktop.domain.clock import SetClock
from mab_desktop.domain.commission import FOR, Votes
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import commission, documents_commission, sittings
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from tests.conftest import MakeContext
from tests.services.centre_stand import BASE

DAY = date(2011, 4, 20)
CALLED = {"day": DAY, "time": "1030", "place": "Мәжіліс залы"}
ASKED = {"text": "Кезекшілер тізімін бекіту туралы", "decision": "Тізім бекітілсін", "reporter": "Хатшы"}


@pytest.fixture
def base(make_context: MakeContext) -> Context:
    ctx = make_context(Role.BASE_UNI, BASE)
    assert isinstance(ctx.clock, SetClock)
    ctx.clock.set(datetime(2011, 4, 21, 9, tzinfo=UTC))
    return ctx


def put_commission(ctx: Context) -> list[str]:
    """Chair, secretary, five members, one observer; their ids in that order."""
    roles = ("chair", "secretary", *["member"] * 5, "observer")
    return [commission.save_member(ctx, {"full_name": f"Мүше {n}", "role": role}) for n, role in enumerate(roles)]


def held(ctx: Context, present: int) -> tuple[int, list[str]]:
    """A sitting with one question, to which the first `present` of the list and the observer came."""
    people = put_commission(ctx)
    number = sittings.save_sitting(ctx, CALLED)
    sittings.save_question(ctx, number, ASKED)
    sittings.take_attendance(ctx, number, [*people[:present], people[-1]])
    return number, people


def test_a_sitting_with_quorum_decides_and_closes_with_numbered_minutes(base: Context) -> None:
    number, _people = held(base, 6)
    sittings.save_question(base, number, {**ASKED, "text": "Басқа"})
    with pytest.raises(Refused, match="votes are equal"):
        sittings.vote(base, number, 1, Votes(3, 3, 0))
    with pytest.raises(Refused, match="7 votes; 6 voting"):
        sittings.vote(base, number, 1, Votes(7, 0, 0))  # the observer has no vote
    assert sittings.vote(base, number, 1, Votes(3, 3, 0, FOR)) is True
    with pytest.raises(Refused, match="Question 2 is not voted on"):
        sittings.close_sitting(base, number)
    assert sittings.vote(base, number, 2, Votes(3, 1, 2)) is False
    with pytest.raises(OutOfOrder, match="voted on already"):
        sittings.take_attendance(base, number, [])
    sittings.withdraw_vote(base, number, 2)
    assert sittings.vote(base, number, 2, Votes(4, 1, 1)) is True
    assert sittings.close_sitting(base, number) == 1
    later = sittings.save_sitting(base, CALLED)
    assert (later, sittings.sitting(base, number).minutes) == (2, 1)


def test_without_quorum_nothing_is_decided_and_no_minutes_are_numbered(base: Context) -> None:
    number, people = held(base, 4)
    with pytest.raises(OutOfOrder, match=r"4 of 7 voting members are present; a sitting decides with 5 \(p\.6\)"):
        sittings.vote(base, number, 1, Votes(4, 0, 0))
    assert sittings.close_sitting(base, number) is None
    again = sittings.save_sitting(base, CALLED)
    sittings.save_question(base, again, ASKED)
    sittings.take_attendance(base, again, people[:5])
    sittings.vote(base, again, 1, Votes(5, 0, 0))
    assert sittings.close_sitting(base, again) == 1


def test_a_closed_sitting_never_changes_but_is_corrected(base: Context) -> None:
    number, people = held(base, 5)
    with pytest.raises(OutOfOrder, match="still open"):
        sittings.correct(base, number, "Х", "Y")
    sittings.vote(base, number, 1, Votes(5, 0, 0))
    sittings.close_sitting(base, number)
    before = sittings.sitting(base, number)
    for change in (
        lambda: sittings.save_sitting(base, CALLED, number), lambda: sittings.take_attendance(base, number, people),
        lambda: sittings.save_question(base, number, ASKED), lambda: sittings.remove_question(base, number, 1),
        lambda: sittings.save_question(base, number, ASKED, 1), lambda: sittings.withdraw_vote(base, number, 1),
        lambda: sittings.vote(base, number, 1, Votes(0, 5, 0)), lambda: sittings.close_sitting(base, number),
    ):  # fmt: skip
        with pytest.raises(OutOfOrder, match="closed and does not change"):
            change()
    assert sittings.sitting(base, number) == before
    with pytest.raises(Refused, match="its ground"):
        sittings.correct(base, number, "Мүше 3 қатысты", " ")
    sittings.correct(base, number, "Мүше 3 қатысты", "Тіркеу парағы")
    after = sittings.sitting(base, number)
    assert [c.ground for c in after.corrections] == ["Тіркеу парағы"]
    assert (after.attenders, after.questions, after.minutes) == (before.attenders, before.questions, 1)


def test_who_took_part_leaves_with_a_date_and_stays_in_the_minutes(base: Context) -> None:
    number, people = held(base, 7)
    with pytest.raises(OutOfOrder, match="minutes of a sitting"):
        commission.remove_member(base, people[6])
    with pytest.raises(Refused, match="why he leaves"):
        commission.leave(base, people[6], date(2011, 4, 21), " ")
    commission.leave(base, people[6], date(2011, 4, 21), "Бұйрық № 7")
    assert people[6] not in {m["id"] for m in commission.members(base)}
    assert commission.members(base, left=True)[-1]["left_reason"] == "Бұйрық № 7"
    assert any("6 voting" in p.message("en") for p in commission.problems(base))
    assert people[6] in {a.member for a in sittings.on_list(base, number)}
    later = sittings.save_sitting(base, {**CALLED, "day": date(2011, 4, 21)})
    with pytest.raises(Refused, match="6 voting members"):
        sittings.take_attendance(base, later, people[:6])
    new = commission.save_member(base, {"full_name": "Жаңа мүше", "role": "member", "joined_on": date(2011, 4, 21)})
    sittings.take_attendance(base, later, [*people[:6], new])
    assert sittings.sitting(base, later).present == 7
    with pytest.raises(OutOfOrder, match="stays as written"):
        commission.save_member(base, {"id": people[6], "full_name": "Басқа", "role": "member"})


def test_questions_are_numbered_without_gaps(base: Context) -> None:
    number = sittings.save_sitting(base, CALLED)
    for words in ("Бір", "Екі", "Үш", "Төрт"):
        sittings.save_question(base, number, {**ASKED, "text": words})
    sittings.remove_question(base, number, 2)
    assert [(q.number, q.text) for q in sittings.sitting(base, number).questions] == [
        (1, "Бір"), (2, "Үш"), (3, "Төрт"),
    ]  # fmt: skip
    with pytest.raises(OutOfOrder, match="attendance is not taken"):
        sittings.vote(base, number, 1, Votes(1, 0, 0))


def texts(ctx: Context, number: int) -> list[str]:
    return [q.text for q in sittings.sitting(ctx, number).questions]


def test_questions_move_and_come_back_where_they_stood(base: Context) -> None:
    number, _people = held(base, 7)
    for words in ("Б", "В", "Г"):
        sittings.save_question(base, number, {**ASKED, "text": words})
    first = ASKED["text"]
    sittings.move_question(base, number, 4, 1)
    assert texts(base, number) == ["Г", first, "Б", "В"]
    sittings.move_question(base, number, 1, 3)
    assert texts(base, number) == [first, "Б", "Г", "В"]
    sittings.remove_question(base, number, 2)
    sittings.save_question(base, number, {**ASKED, "text": "Б"}, at=2)
    assert texts(base, number) == [first, "Б", "Г", "В"]
    assert [q.number for q in sittings.sitting(base, number).questions] == [1, 2, 3, 4]
    sittings.vote(base, number, 2, Votes(7, 0, 0))
    with pytest.raises(OutOfOrder, match="voted on already"):
        sittings.move_question(base, number, 4, 1)  # it would pass the one voted on
    sittings.move_question(base, number, 4, 3)
    assert texts(base, number) == [first, "Б", "В", "Г"]
    with pytest.raises(UserError, match="no such question"):
        sittings.move_question(base, number, 4, 5)


def test_a_sitting_is_called_taken_back_and_called_again(base: Context) -> None:
    put_commission(base)
    number = sittings.save_sitting(base, {**CALLED, "day": date(2011, 4, 22)}, agenda=[ASKED])
    with pytest.raises(OutOfOrder, match="has not come yet"):
        sittings.take_attendance(base, number, [])
    gone = sittings.remove_sitting(base, number)
    assert sittings.sittings(base) == []
    assert sittings.sitting(base, sittings.put_back(base, gone)) == gone
    sittings.save_sitting(base, CALLED, number)
    with pytest.raises(OutOfOrder, match="no quorum"):
        sittings.call_again(base, CALLED, number)
    sittings.take_attendance(base, number, [])
    with pytest.raises(OutOfOrder, match="taken already"):
        sittings.remove_sitting(base, number)
    sittings.close_sitting(base, number)
    again = sittings.call_again(base, {**CALLED, "place": "101"}, number)
    assert (texts(base, again), sittings.sitting(base, again).place) == ([ASKED["text"]], "101")


def test_minutes_and_extracts_are_printed_once_a_sitting_has_them(base: Context) -> None:
    number, _people = held(base, 5)
    documents_commission.print_plan(base)
    assert ASKED["text"][:20] in first_page(documents_commission.print_agenda(base, number).pdf)
    with pytest.raises(OutOfOrder, match="closed and had a quorum"):
        documents_commission.print_minutes(base, number)
    sittings.vote(base, number, 1, Votes(5, 0, 0))
    sittings.close_sitting(base, number)
    minutes = documents_commission.print_minutes(base, number)
    text = first_page(minutes.pdf)
    assert ASKED["decision"] in text
    assert text.count("Мүше 6") == 2  # absent, and a line to sign all the same: all members sign (p.6)
    assert ASKED["decision"] in first_page(documents_commission.print_extract(base, number, 1).pdf)
    with pytest.raises(OutOfOrder, match="no such question"):
        documents_commission.print_extract(base, number, 2)


def first_page(pdf: bytes) -> str:
    whole = pdfium.PdfDocument(pdf)
    text = str(whole[0].get_textpage().get_text_range())
    whole.close()
    return text


def test_minutes_that_were_corrected_are_printed_in_any_version(base: Context) -> None:
    number, _people = held(base, 5)
    sittings.vote(base, number, 1, Votes(5, 0, 0))
    sittings.close_sitting(base, number)
    first = documents_commission.print_minutes(base, number)
    sittings.correct(base, number, "Мүше 3 қатысты", "Тіркеу парағы")
    sittings.correct(base, number, "Мүше 4 қатысты", "Тіркеу парағы")
    newest, second, again = (documents_commission.print_minutes(base, number, version) for version in (0, 2, 1))
    assert [page_text(paper).count("Мүше 3 қатысты") for paper in (newest, second, again)] == [1, 1, 0]
    assert [page_text(paper).count("Мүше 4 қатысты") for paper in (newest, second, again)] == [1, 0, 0]
    assert [paper.number for paper in (first, newest, second, again)] == [1, 1, 1, 2], "each version counts its own"
    with pytest.raises(OutOfOrder, match="no version 4"):
        documents_commission.print_minutes(base, number, 4)


def page_text(document: Document) -> str:
    pdf = pdfium.PdfDocument(document.pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)

"""The cover of an envelope chooses shift, hall and pass; its code is read by two readers that must agree."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.code import agreed, read_code_again, read_codes
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import SheetReading, read_image
from mab_desktop.scanning.folder import FolderSource
from mab_desktop.services import envelopes
from mab_desktop.services.covers import Cover, contradiction, parse_cover, pass_of
from mab_desktop.services.scan_session import ScanSession
from mab_desktop.services.scan_states import State
from tests.conftest import MakeContext
from tests.services.envelope_stand import ScriptedFeeder, Sheets, code_image, cover_image, open_hall, open_shift
from tests.services.exam_room import Room, filled, make_room


@pytest.fixture
def room(make_context: MakeContext, tmp_path: Path) -> Room:
    """Shift 1 on the exam day, opened; halls 101 and 102 with two students each."""
    return open_shift(make_room(make_context, tmp_path / "scans", {"101": 2, "102": 2}))


@pytest.fixture
def sheets(room: Room) -> Sheets:
    """The envelope of hall 101: two used sheets and an unused one."""
    return open_hall(room)


@pytest.mark.parametrize(
    ("text", "cover"),
    [
        ("MABENV1|2|312", Cover(2, "312")),
        ("MABENV1|2|312|1", Cover(2, "312", 1)),
        ("MABENV1|2|312|2", Cover(2, "312", 2)),
        ("MABENV1|2|312|3", None),
        ("MABENV1|x|312", None),
        ("MABENV1||312", None),
        ("MABENV1|2|", None),
        ("MABENV1|2|312|1|9", None),
        ("MABENV2|2|312", None),
        ("MAB1.0123456789|013011010001", None),
        ("", None),
    ],
)
def test_only_the_code_of_a_cover_is_a_cover(text: str, cover: Cover | None) -> None:
    assert parse_cover(text) == cover


def test_a_cover_belongs_to_its_hall_shift_and_pass_alone() -> None:
    assert contradiction(Cover(1, "101"), 1, "101", 2) is None
    assert contradiction(Cover(1, "101", 2), 1, "101", 2) is None
    other_hall = contradiction(Cover(1, "102"), 1, "101", 1)
    other_pass = contradiction(Cover(1, "101", 1), 1, "101", 2)
    assert other_hall is not None
    assert other_pass is not None
    assert "cover of hall 102 of shift 1; hall 101 of shift 1" in other_hall.message("en")
    assert "cover for pass 1; pass 2 of hall 101" in other_pass.message("en")


def test_a_cover_of_both_passes_begins_the_one_that_is_due() -> None:
    assert pass_of(Cover(1, "101"), ()) == 1
    assert pass_of(Cover(1, "101"), {1}) == 2
    assert pass_of(Cover(1, "101", 1), {1}) == 1
    with pytest.raises(OutOfOrder, match="Both passes of hall 101"):
        pass_of(Cover(1, "101"), {1, 2})


# --- two readers ------------------------------------------------------------------------------------------------------


def test_readers_may_miss_a_code_but_not_contradict() -> None:
    assert agreed(["a"], []) == ("a",)
    assert agreed([], ["a"]) == ("a",)
    assert agreed(["a"], ["a"]) == ("a",)
    assert agreed(["a"], ["b", "a"]) == ("a", "b")
    assert agreed([], []) == ()
    with pytest.raises(PageRefused, match="codes-disagree") as refused:
        agreed(["a"], ["b"])
    assert refused.value.problem.message("en").endswith("differently: a and b.")


def test_a_code_is_read_by_both_readers_from_an_image(tmp_path: Path) -> None:
    image = cv2.imread(str(code_image(tmp_path / "c.png", "MABENV1|1|101|2")), cv2.IMREAD_GRAYSCALE)
    assert read_codes(image) == ("MABENV1|1|101|2",)
    assert read_codes(np.full((900, 700), 240, np.uint8)) == ()


def _soiled(serial: str) -> np.ndarray:
    """A sheet whose code lost its corner mark under a sticker: no reader finds it in its place any more."""
    image = filled(serial, {})
    form = layout(default_profile())
    dots = image.shape[1] / 210
    left, top = round(form.qr.x * dots), round(form.qr.y * dots)
    image[top - 6 : top + round(form.qr.height * dots) + 6, left - 6 : left + round(form.qr.width * dots) + 6] = 255
    return image


def test_the_second_chance_finds_a_serial_that_the_reader_missed() -> None:
    form = layout(default_profile())
    whole = read_image(filled("013011010001", {}), form)
    missed = SheetReading(**{**whole.__dict__, "serial": "", "problems": ()})
    again = read_code_again(filled("013011010001", {}), missed, form)
    assert again.serial == "013011010001"
    nothing = read_image(_soiled("013011010001"), form)
    assert nothing.codes() == ("no-code",)
    assert read_code_again(_soiled("013011010001"), nothing, form) is nothing
    with_another = np.hstack((_soiled("013011010001"), filled("013011010002", {}), filled("013011010003", {})))
    assert read_code_again(with_another, nothing, form) is nothing  # two serials say nothing


# --- in a run ---------------------------------------------------------------------------------------------------------


def test_the_cover_on_top_chooses_hall_and_pass_one_after_the_other(room: Room, sheets: Sheets) -> None:
    cover = cover_image(room.ctx, room.folder / "cover.png")
    for scan_pass in (1, 2):
        session = ScanSession.begin(room.ctx)
        assert session.view().counts.expected is None
        session.scan(ScriptedFeeder([cover, *room.images(sheets, f"p{scan_pass}")]))
        assert session.wait() is State.ENDED
        view = session.view()
        assert (view.shift, view.hall, view.scan_pass) == (1, "101", scan_pass)
        assert [page.position for page in view.pages] == [0, 1, 2, 3]
        assert (view.counts.expected, view.counts.fed) == (3, 3)
        assert view.suspicions == ()
        assert session.save().pages == 3
    assert envelopes.balance(room.ctx, 1, "101").balanced
    session = ScanSession.begin(room.ctx)
    session.scan(ScriptedFeeder([cover]))
    assert session.wait() is State.FOREIGN
    error = session.view().error
    assert error is not None
    assert "Both passes of hall 101 are scanned already" in error.message("en")
    session.discard()


def test_a_cover_of_one_pass_out_of_order_is_refused(room: Room, sheets: Sheets) -> None:
    session = ScanSession.begin(room.ctx)
    cover = code_image(room.folder.parent / "c.png", "MABENV1|1|101|2")
    session.scan(ScriptedFeeder([cover, *room.images(sheets, "p")]))
    assert session.wait() is State.FOREIGN
    error = session.view().error
    assert error is not None
    assert "The first pass of hall 101 is not scanned yet" in error.message("en")
    session.discard()


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("MABENV1|1|102", "First enter the counts of the act of hall 102"),
        ("MABENV1|1|999", "has no hall 999"),
        ("MABENV1|7|101", "7"),
    ],
)
def test_a_cover_that_cannot_be_scanned_now_says_why(room: Room, sheets: Sheets, payload: str, words: str) -> None:
    session = ScanSession.begin(room.ctx)
    session.scan(ScriptedFeeder([code_image(room.folder.parent / "c.png", payload)]))
    assert session.wait() is State.FOREIGN
    error = session.view().error
    assert error is not None
    assert words in error.message("en")
    assert error.next_step.startswith("Discard what was scanned")  # the way out stands beside it
    session.discard()


def test_without_a_cover_nobody_guesses_whose_sheets_these_are(room: Room, sheets: Sheets) -> None:
    session = ScanSession.begin(room.ctx)
    session.scan(FolderSource(room.images(sheets, "p")[0].parent))
    assert session.wait() is State.FOREIGN
    view = session.view()
    assert view.error is not None
    assert "The first page is not the cover" in view.error.message("en")
    assert view.foreign == view.pages[0].key
    with pytest.raises(OutOfOrder):
        session.save()
    session.discard()


def test_a_cover_against_the_chosen_hall_stops_and_may_be_removed(room: Room, sheets: Sheets) -> None:
    other = cover_image(room.ctx, room.folder / "other.png", hall="102")
    session = ScanSession.begin(room.ctx, 1, "101", 1)
    session.scan(ScriptedFeeder([other, *room.images(sheets, "p")]))
    assert session.wait() is State.FOREIGN
    view = session.view()
    assert view.error is not None
    assert "cover of hall 102 of shift 1; hall 101 of shift 1 is being scanned" in view.error.message("en")
    assert view.error.message("en").endswith("remove it here, then go on; or discard all.")  # the sheets are kept
    session.remove(view.foreign)
    session.wait()
    session.go_on()
    session.wait()
    assert session.save().pages == 3


def test_a_folder_with_the_cover_of_another_hall_is_refused_whole(room: Room, sheets: Sheets) -> None:
    other = cover_image(room.ctx, room.folder / "other.png", hall="102")
    with pytest.raises(UserError, match="cover of hall 102"):
        envelopes.scan_pass(room.ctx, 1, "101", 1, [other, *room.images(sheets, "p")])
    assert envelopes.balance(room.ctx, 1, "101").balance.read1 is None


def test_a_cover_alone_is_no_envelope(room: Room, sheets: Sheets) -> None:
    cover = cover_image(room.ctx, room.folder / "cover.png")
    session = ScanSession.begin(room.ctx, 1, "101", 1)
    session.scan(ScriptedFeeder([cover]))
    session.wait()
    with pytest.raises(UserError, match="no image of an answer sheet"):
        session.save()
    session.discard()


# --- one page again ---------------------------------------------------------------------------------------------------


def _with_cover(room: Room, sheets: Sheets) -> Path:
    """Pass 1 of hall 101 with its cover on top: the cover's image."""
    cover = cover_image(room.ctx, room.folder / "cover.png")
    envelopes.scan_pass(room.ctx, 1, "101", 1, [cover, *room.images(sheets, "p1")])
    return cover


def test_the_place_of_a_cover_is_no_sheet_to_scan_again(room: Room, sheets: Sheets) -> None:
    cover = _with_cover(room, sheets)
    before = envelopes.page_lines(room.ctx, 1, "101", 1)
    for image in (cover, room.images(sheets[:1], "again")[0]):
        with pytest.raises(UserError, match="cover"):
            envelopes.rescan_page(room.ctx, before[0].page, image)
    assert envelopes.page_lines(room.ctx, 1, "101", 1) == before


def test_a_cover_is_no_image_of_a_sheet(room: Room, sheets: Sheets) -> None:
    cover = _with_cover(room, sheets)
    before = envelopes.page_lines(room.ctx, 1, "101", 1)
    with pytest.raises(UserError, match="cover"):
        envelopes.rescan_page(room.ctx, before[1].page, cover)
    assert envelopes.page_lines(room.ctx, 1, "101", 1) == before

"""Checks of printer, scanner and glass in a workplace: made on files and on a scanner, kept with date and device."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import Problem, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.forms.fit_sheet import draw_fit_sheet
from mab_desktop.i18n import N_
from mab_desktop.omr.problems import PageProblem
from mab_desktop.omr.remarks import WORDS, Remark, Verdict
from mab_desktop.rehearsal.paper import Printer, print_pages
from mab_desktop.rehearsal.scanner import ScannerModel, encode, scan
from mab_desktop.scanning.source import ScannerFault
from mab_desktop.services import equipment, scanners
from mab_desktop.services.documents import times_printed
from mab_desktop.services.equipment import FIT, GLASS, SHEET
from mab_desktop.services.seating import SeatLine
from mab_desktop.storage.tables.core import AuditEntry, PrintJob
from tests.scanning.scanner_stand import scanner_with
from tests.services import exam_room
from tests.services.exam_room import make_room

PLAIN = ScannerModel(skew=0.2, big_skew=0.0, slide=0.4, shadow=0.0, streaks=())


@cache
def fit_scan(scale: float = 1.0) -> bytes:
    printer = Printer(scale=scale, shift=((1 - scale) * 105, (1 - scale) * 148.5), wander=0.0)
    sheet = next(print_pages(draw_fit_sheet(), np.random.default_rng(4), printer))
    return encode(scan(sheet, PLAIN, np.random.default_rng(5)), PLAIN)


@pytest.fixture
def room(make_context, tmp_path):
    return make_room(make_context, tmp_path)


def write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_the_test_sheet_is_a_document_that_counts_its_printings(room):
    made = equipment.print_fit_sheet(room.ctx)
    assert (made.file_name, made.number) == ("fit-sheet.pdf", 1)
    assert equipment.print_fit_sheet(room.ctx).number == 2
    with room.ctx.store.read() as session:
        assert times_printed(session, equipment.DOCUMENT, "") == 2


def test_a_good_test_sheet_is_kept_with_date_person_and_measures(room, tmp_path):
    seen = equipment.run_check(room.ctx, FIT, write(tmp_path, "a.jpg", fit_scan()))
    assert seen.check.verdict.value == "good"
    assert cv2.imdecode(np.frombuffer(seen.picture, np.uint8), cv2.IMREAD_GRAYSCALE).shape[0] == 1100
    (kept,) = equipment.last_checks(room.ctx)
    assert (kept.kind, kept.verdict, kept.by, kept.scanner) == (FIT, seen.check.verdict, "Асан Үсенұлы", "")
    assert kept.at == seen.check.at
    assert kept.measures["scale_x"] == pytest.approx(1, abs=0.003)
    assert kept.measures["step50"] == pytest.approx(0.5, abs=0.03)
    lines = dict(kept.measure_lines("en"))
    assert lines["Resolution"] == "200 dots per inch"
    assert lines["Gray steps 0, 10, … 100 %"].startswith("0 · 10 · 20")


def test_a_fault_is_kept_in_words_of_any_language_and_in_the_log(room, tmp_path):
    with room.ctx.store.write(room.ctx.actor) as tx:
        tx.session.add(PrintJob(document=equipment.DOCUMENT, key="", number=1, copies=1, pages=1, sha256="", at="2011",
                                by="x", printer="HP LaserJet 1320"))  # fmt: skip
        tx.note("document-printed", "test")
    equipment.run_check(room.ctx, FIT, write(tmp_path, "a.jpg", fit_scan(0.94)), scanner="Fujitsu")
    (kept,) = equipment.last_checks(room.ctx)
    assert (kept.kind, kept.scanner) == (FIT, "Fujitsu")
    assert not kept.usable
    assert (kept.printer, kept.scanner) == ("HP LaserJet 1320", "Fujitsu")
    ((verdict, text, advice),) = kept.findings("en")
    assert verdict.value == "bad"
    assert "94 %" in text
    assert "fit to page" in advice
    with room.ctx.store.read() as session:
        (told,) = session.scalars(select(AuditEntry.details).where(AuditEntry.event == "equipment-checked"))
    assert (told["verdict"], told["found"], told["scanner"]) == ("bad", ["small"], "Fujitsu")


def test_the_newest_check_of_each_kind_and_scanner_is_kept(room, tmp_path):
    good, bad = write(tmp_path, "a.jpg", fit_scan()), write(tmp_path, "b.jpg", fit_scan(0.94))
    for file, scanner in ((bad, "one"), (good, "one"), (bad, "two")):
        equipment.run_check(room.ctx, FIT, file, scanner=scanner)
    assert [(c.scanner, c.verdict.value) for c in equipment.last_checks(room.ctx)] == [("two", "bad"), ("one", "good")]


def test_a_streak_on_the_test_sheet_is_said_in_its_verdict_and_framed(room, tmp_path):
    streaked = replace(PLAIN, streaks=((101.8, 0.3, -40),))
    sheet = next(print_pages(draw_fit_sheet(), np.random.default_rng(4), Printer(wander=0.0)))
    data = encode(scan(sheet, streaked, np.random.default_rng(5)), streaked)
    seen = equipment.run_check(room.ctx, FIT, write(tmp_path, "a.jpg", data), scanner="Fujitsu")
    assert [place.words for place in seen.places] == ["102 mm"]
    (kept,) = equipment.last_checks(room.ctx)
    assert (kept.kind, kept.scanner) == (FIT, "Fujitsu")
    ((verdict, text, advice),) = kept.findings("en")
    assert verdict.value == "bad"
    assert text.startswith("A streak runs down the image, 102 mm from its left edge")
    assert advice.startswith("Clean the narrow glass strip")


def test_the_glass_is_checked_and_places_are_shown_on_the_picture(room, tmp_path):
    image = np.full((2339, 1654), 240, np.uint8)
    image[:, 800:803] = 200
    cv2.circle(image, (400, 600), 6, 60, -1)
    cv2.imwrite(str(tmp_path / "white.png"), image)
    seen = equipment.run_check(room.ctx, GLASS, tmp_path / "white.png")
    assert [place.words for place in seen.places] == ["102 mm", ""]
    streak = seen.places[0]
    assert streak.x < 801.5 * 1100 / 2339 < streak.x + streak.width
    assert seen.check.measures["streaks"] == 1
    assert seen.check.verdict.value == "bad"
    clean = write(tmp_path, "clean.png", _png(np.full((2339, 1654), 240, np.uint8)))
    good = equipment.run_check(room.ctx, GLASS, clean)
    assert (good.check.verdict.value, good.places) == ("good", ())


def test_a_test_scan_says_what_the_reader_sees(room, tmp_path):
    marks = exam_room.own_marks(_seat(), wrong=0)
    cv2.imwrite(str(tmp_path / "sheet.png"), exam_room.filled(room.serial(1), marks))
    seen = equipment.run_check(room.ctx, SHEET, tmp_path / "sheet.png")
    assert seen.check.verdict.value == "good"
    assert seen.check.measures == {"marks": 140.0, "doubtful": 0.0}
    assert seen.picture.startswith(b"\x89PNG")
    other = equipment.run_check(room.ctx, SHEET, write(tmp_path, "fit.jpg", fit_scan()))
    assert [text for _v, text, _a in other.check.findings("en")] == ["This is another form than the one of this exam."]


def test_what_is_no_image_is_said_and_kept(room, tmp_path):
    for kind in (FIT, GLASS, SHEET):
        seen = equipment.run_check(room.ctx, kind, write(tmp_path, "words.jpg", b"words"))
        assert (seen.check.usable, seen.picture) == (False, b"")
        assert "cannot be opened" in seen.check.findings("en")[0][1]


def test_a_scanner_is_checked_through_its_source(room, tmp_path):
    """The files of a folder stand in for a device: the way is the same."""
    folder = tmp_path / "scans"
    folder.mkdir()
    line = scanners.folder_line(folder, watched=False)
    profile = scanners.suggested(line)
    with pytest.raises(ScannerFault):
        equipment.scan_and_check(room.ctx, FIT, profile)
    write(folder, "1.jpg", fit_scan())
    seen = equipment.scan_and_check(room.ctx, FIT, profile)
    assert (seen.check.scanner, seen.check.verdict.value) == ("scans", "good")
    assert seen.check.measures["dpi"] == profile.settings.dpi


def test_the_test_sheet_is_scanned_in_its_own_size_whatever_is_set(room, tmp_path):
    sheet = write(tmp_path, "a.jpg", fit_scan())
    with scanner_with([sheet, sheet]) as device:
        roomy = scanners.suggested(scanners.ask_scanner(device.address))
        roomy = scanners.with_settings(roomy, width=216.0, height=310.0)
        assert equipment.scan_and_check(room.ctx, FIT, roomy).check.usable
        assert (round(device.wanted.width), round(device.wanted.height)) == (210, 297)
        equipment.scan_and_check(room.ctx, SHEET, roomy)
        assert (round(device.wanted.width), round(device.wanted.height)) == (216, 310)


def test_it_belongs_to_the_ministry_programmer(make_context, tmp_path):
    other = make_context(Role.NETWORK_UNI, "027")
    with pytest.raises(UserError):
        equipment.run_check(other, FIT, tmp_path / "a.jpg")


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_lines_for_a_terminal(tmp_path, lang):
    report = equipment.read_fit(write(tmp_path, "a.jpg", fit_scan(0.94)))
    lines = equipment.report_lines(report, lang)
    assert lines[1].startswith("- ")
    assert "94" in lines[1]
    assert len(lines) > 12
    assert not any("{" in line for line in lines)
    cv2.imwrite(str(tmp_path / "w.tif"), np.full((2339, 1654), 240, np.uint8))
    white = equipment.read_white(tmp_path / "w.tif")
    assert white.usable
    assert len(equipment.report_lines(white, lang)) == 7
    assert not equipment.read_white(write(tmp_path, "x.png", b"x")).usable
    assert not equipment.read_fit(write(tmp_path, "x.png", b"x")).usable


def _png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def _seat():
    fields = dict.fromkeys(SeatLine.__dataclass_fields__, "")
    return replace(SeatLine(**fields), seat=3, variant="1002", code="10100101")


ASKEW = next(code for code, (text, _) in WORDS.items() if "askew by" in text)


def test_fractions_are_written_as_the_language_does():
    askew, fit = Remark(ASKEW, Verdict.REMARK, (("degrees", 1.94),)), PageProblem("fit", (("error", 2.46),))
    assert ("1.9 " in askew.message("en"), "1,9 " in askew.message("kk"), "1,9 " in askew.message("ru")) == (True,) * 3
    assert ("2.5 mm" in fit.message("en"), "2,5 мм" in fit.message("kk"), "2,5 мм" in fit.message("ru")) == (True,) * 3
    measures = {"wave": 0.06, "scale_x": 1.001, "scale_y": 0.96}
    assert [value for _, value in equipment.measure_lines(measures, "kk")] == ["ені 100,1%, биіктігі 96,0%", "0,06 мм"]
    text = N_("The resolution must be from {least} to {most} dots per inch.")
    wrong = Problem("x", text, (("least", 150), ("most", "a.b")))
    assert wrong.message("ru").endswith("150 до a.b точек на дюйм.")

"""Files as scanners write them: the same answers from every one; and files that must not be opened."""

import io
import itertools
import struct
import tracemalloc
from contextlib import suppress
from functools import cache

import cv2
import numpy as np
import pytest
from omr_files import (
    BILEVEL,
    WRITERS,
    black_and_white,
    fax,
    gray_tags,
    in_pdf,
    jpeg,
    pdf,
    plain_cmyk,
    png,
    raw_tiff,
    tiff,
)
from omr_paper import PENS, Paper, Scan, blank_paper, fill_in
from PIL import Image

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.omr import pdf as pdf_files
from mab_desktop.omr import picture
from mab_desktop.omr import tiff as tiff_files
from mab_desktop.omr.files import read_files
from mab_desktop.omr.headers import CUT_OFF, TORN_FROM_HERE
from mab_desktop.omr.load import list_pages, load_page, load_pages
from mab_desktop.omr.picture import decode_picture
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import read_image
from mab_desktop.omr.rules import State

SHEET = layout(default_profile())


@pytest.fixture(scope="module")
def page():
    """A grainy page of 850 x 1100 with a dark corner."""
    gray = np.random.default_rng(1).integers(180, 250, (1100, 850), dtype=np.uint8)
    gray = cv2.GaussianBlur(gray, (0, 0), 2)
    gray[:100, :60] = 10
    return gray


def load(tmp_path, data):
    path = tmp_path / "scan.dat"
    path.write_bytes(data)
    (loaded,) = load_pages(path)
    return loaded


def refused(tmp_path, data):
    with pytest.raises(PageRefused) as said:
        load(tmp_path, data)
    return said.value.problem.code


# --- the same sheet in every file -------------------------------------------------------------------------------------


@cache
def scanned(dpi, upside_down):
    """A filled sheet as a scan in gray and in black and white, and what was marked."""
    paper = Paper(SHEET, np.random.default_rng(1))
    truth = fill_in(paper, PENS["black"])
    gray = paper.scan(Scan(dpi=dpi, upside_down=upside_down, turn=0.4, jpeg=0))
    return gray, black_and_white(gray), truth


def check_same_answers(tmp_path, kind, dpi, upside_down):
    gray, bilevel, truth = scanned(dpi, upside_down)
    shown = bilevel if kind in BILEVEL else gray
    loaded = load(tmp_path, (WRITERS | BILEVEL)[kind](shown, dpi))
    assert loaded.bilevel == (kind in BILEVEL)
    assert not loaded.dpi or "wrong" in kind or abs(loaded.dpi - dpi) < 1
    reading = read_image(loaded.gray, SHEET, dpi=loaded.dpi, bilevel=loaded.bilevel)
    assert reading.ok, reading.codes()
    assert reading.serial == "00000001"
    assert reading.rotation == (180 if upside_down != ("JPEG turned" in kind) else 0)
    found = {(f, c): (g.state, set(g.values)) for f, columns in reading.fields.items() for c, g in columns.items()}
    states = {0: State.NONE, 1: State.ONE, 2: State.MANY}
    assert found == {key: (states[len(values)], set(values)) for key, values in truth.items()}


@pytest.mark.parametrize("kind", WRITERS | BILEVEL)
def test_every_kind_of_file_gives_the_same_answers(tmp_path, kind):
    check_same_answers(tmp_path, kind, 150, upside_down=False)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", WRITERS | BILEVEL)
@pytest.mark.parametrize("dpi", [200, 300, 400])
def test_every_kind_of_file_in_every_resolution_upside_down(tmp_path, kind, dpi):
    check_same_answers(tmp_path, kind, dpi, upside_down=True)


@pytest.mark.parametrize(
    "kind", [name for name in WRITERS if not any(word in name for word in ("JPEG", "bits", "palette", "turned"))]
)
def test_files_without_loss_come_back_dot_by_dot(tmp_path, page, kind):
    assert np.array_equal(load(tmp_path, WRITERS[kind](page, 200)).gray, page)


@pytest.mark.parametrize("kind", BILEVEL)
def test_black_and_white_comes_back_dot_by_dot(tmp_path, page, kind):
    ink = black_and_white(page)
    loaded = load(tmp_path, BILEVEL[kind](ink, 300))
    assert loaded.bilevel
    assert np.array_equal(loaded.gray, ink)


# --- colours ----------------------------------------------------------------------------------------------------------

INKS = {
    "blue ballpoint": (40, 60, 150), "red": (205, 40, 45), "pink": (235, 70, 150), "green": (40, 140, 70),
    "violet": (110, 50, 160), "light blue": (70, 130, 220), "orange": (235, 110, 30),
}  # fmt: skip


def in_colour(ink, seed=3):
    """A colour scan of a sheet printed black and filled with `ink`, and what was marked."""
    channels = []
    for level in ink:
        paper = Paper(SHEET, np.random.default_rng(seed))
        truth = fill_in(paper, PENS["black"])
        form = blank_paper(SHEET)
        marks = 1 - (1 - paper.darkness) / np.maximum(1 - form, 1e-3)
        paper.darkness = 1 - (1 - form) * (1 - marks.clip(0, 1) * (1 - level / 255))
        channels.append(paper.scan(Scan(dpi=150, jpeg=0)))
    return np.dstack(channels), truth


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_no_pen_fades_because_of_its_colour(tmp_path, ink, kind):
    colour, truth = _coloured(ink)
    out = io.BytesIO()
    Image.fromarray(colour).save(out, kind, **({"quality": 80} if kind == "JPEG" else {}))
    loaded = load(tmp_path, out.getvalue())
    reading = read_image(loaded.gray, SHEET)
    assert reading.ok, reading.codes()
    for (field, column), values in truth.items():
        assert reading.fields[field][column].values == values


@cache
def _coloured(ink):
    return in_colour(INKS[ink])


def test_coffee_and_old_paper_stay_pale(tmp_path):
    spots = np.zeros((300, 300, 3), np.uint8)
    spots[:] = (250, 240, 205)
    spots[100:200] = (232, 214, 160)
    for kind in ("PNG", "TIFF", "BMP"):
        out = io.BytesIO()
        Image.fromarray(spots).save(out, kind)
        gray = load(tmp_path, out.getvalue()).gray
        assert gray[50, 50] - int(gray[150, 150]) < 30
        assert gray[50, 50] >= 235


# --- how a file says that it lies -------------------------------------------------------------------------------------

TURNS = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", TURNS)
def test_the_orientation_a_file_names_is_applied(tmp_path, kind, orientation):
    gray = np.full((300, 200), 250, np.uint8)
    gray[:40, :30] = 5
    out = io.BytesIO()
    if kind == "TIFF":
        Image.fromarray(gray).save(out, kind, tiffinfo={274: orientation})
    else:
        exif = Image.Exif()
        exif[274] = orientation
        Image.fromarray(gray).save(out, kind, exif=exif)
    shown = load(tmp_path, out.getvalue()).gray
    assert shown.shape == ((200, 300) if orientation > 4 else (300, 200))
    dark = {(y, x): shown[y * 10 + y, x * 10 + x] < 60 for y, x in itertools.product((0, -1), repeat=2)}
    assert [place for place, is_dark in dark.items() if is_dark] == [TURNS[orientation]]


def test_transparent_means_paper(tmp_path):
    colours = np.zeros((90, 90, 4), np.uint8)
    colours[20:40, 20:40, 3] = 255
    for kind in ("PNG", "TIFF"):
        out = io.BytesIO()
        Image.fromarray(colours).save(out, kind)
        gray = load(tmp_path, out.getvalue()).gray
        assert (gray[5, 5], gray[30, 30]) == (255, 0)
    out = io.BytesIO()
    table = Image.new("P", (90, 90), 0)
    table.putpalette([0, 0, 0, 90, 90, 90])
    table.save(out, "PNG", transparency=0)
    assert load(tmp_path, out.getvalue()).gray[5, 5] == 255


@pytest.mark.parametrize(("unit", "across", "dpi"), [(1, 300, 300), (2, 118, 299.7), (0, 1, 0)])
def test_dots_per_inch_of_a_jpeg(page, unit, across, dpi):
    data = bytearray(jpeg(page, 200))
    data[13:18] = struct.pack(">BHH", unit, across, across)
    assert decode_picture(bytes(data)).dpi == pytest.approx(dpi, abs=0.1)


def test_a_jpeg_for_presses_that_is_stored_the_other_way_is_refused_by_name(tmp_path, page):
    assert refused(tmp_path, plain_cmyk(page)) == "unreadable-file"


# --- dots that are not square -----------------------------------------------------------------------------------------


def test_a_fax_of_uneven_resolution_is_read(tmp_path):
    """Superfine, 200 by 400 dots an inch."""
    loaded = load(tmp_path, fax(scanned(200, upside_down=False)[0], 200))
    assert (loaded.bilevel, loaded.dpi) == (True, 200)
    assert loaded.gray.shape == scanned(200, upside_down=False)[0].shape
    reading = read_image(loaded.gray, SHEET, dpi=loaded.dpi, bilevel=True)
    assert (reading.ok, reading.serial) == (True, "00000001")


def test_a_coarse_fax_is_refused_for_its_resolution(tmp_path):
    """Standard, 196 by 98: an inch has too few lines to tell a mark from dirt."""
    gray = scanned(200, upside_down=False)[0]
    loaded = load(tmp_path, fax(cv2.resize(gray, None, fx=0.49, fy=0.49, interpolation=cv2.INTER_AREA), 98))
    flat = cv2.resize(loaded.gray, (loaded.gray.shape[1], loaded.gray.shape[0]))
    assert read_image(flat, SHEET, dpi=loaded.dpi, bilevel=True).codes()[-1] == "resolution"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_uneven_dots_are_made_square_where_that_makes_a_page_of_it(tmp_path, page, kind, orientation):
    tall = cv2.resize(page, (page.shape[1] // 2, page.shape[0]))
    options = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {}
    exif = Image.Exif()
    exif[274] = orientation
    out = io.BytesIO()
    Image.fromarray(tall).save(out, kind, dpi=(100, 200), **options, **({"exif": exif} if kind == "JPEG" else {}))
    shape = (page.shape[0] // 2, page.shape[1] // 2)
    turned = orientation == 6 and kind in {"JPEG", "TIFF"}
    assert load(tmp_path, out.getvalue()).gray.shape == (shape[::-1] if turned else shape)


def test_a_resolution_that_would_spoil_the_page_is_not_believed(tmp_path, page):
    out = io.BytesIO()
    Image.fromarray(page).save(out, "TIFF", dpi=(200, 100))
    loaded = load(tmp_path, out.getvalue())
    assert (loaded.gray.shape, loaded.dpi) == (page.shape, 200)


def test_a_fax_in_a_pdf_is_laid_as_its_page_shows_it(tmp_path, page):
    tall = cv2.resize(page, (page.shape[1], page.shape[0] * 2), interpolation=cv2.INTER_CUBIC)
    data = pdf(jpeg(tall, 200), page.shape[::-1], 100)
    loaded = load(tmp_path, data)
    assert loaded.gray.shape == page.shape
    assert loaded.dpi == pytest.approx(100, abs=0.5)


# --- TIFF and PDF -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "raw"])
@pytest.mark.parametrize("big", [False, True])
def test_many_pages_of_a_tiff(tmp_path, page, compression, big):
    path = tmp_path / "scan.tif"
    pages = [Image.fromarray(np.roll(black_and_white(page), 200 * n, 1)).convert("1") for n in range(3)]
    pages[0].save(path, "TIFF", compression=compression, save_all=True, append_images=pages[1:], dpi=(300, 300),
                  big_tiff=big)  # fmt: skip
    loaded = list(load_pages(path))
    assert [(p.bilevel, round(p.dpi)) for p in loaded] == [(True, 300)] * 3
    for n, found in enumerate(loaded):
        assert np.array_equal(found.gray, np.roll(black_and_white(page), 200 * n, 1))


def test_a_page_of_a_long_tiff_costs_only_itself(tmp_path):
    path = tmp_path / "long.tif"
    blank = Image.new("L", (1200, 1600), 255)
    blank.save(path, "TIFF", save_all=True, append_images=[blank] * 30)
    assert path.stat().st_size > 55_000_000
    sources = list_pages(path)
    tracemalloc.start()
    try:
        for source in sources[::10]:
            assert next(load_pages(source.path)).gray.shape == (1600, 1200)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_scan_comes_out_of_a_pdf_as_it_is_however_it_lies(tmp_path, page, turned, rotate):
    data = jpeg(page, 200)
    loaded = load(tmp_path, pdf(data, page.shape[::-1], 200, turned=turned, rotate=rotate))
    assert loaded.dpi == pytest.approx(200, abs=0.5)
    # Turned by the drawing against the clock, by the page with it.
    assert np.array_equal(loaded.gray, np.rot90(decode_picture(data).gray, (turned - rotate) // 90))


@pytest.mark.parametrize("how", [{"text": "remark"}, {"strips": 5}])
@pytest.mark.parametrize("dpi", [150, 300, 600])
def test_other_pages_are_drawn_as_finely_as_their_images(tmp_path, page, how, dpi):
    loaded = load(tmp_path, in_pdf(**how)(page, dpi))
    drawn = min(dpi, 400)
    assert loaded.dpi == pytest.approx(drawn, abs=1)
    assert loaded.gray.shape == pytest.approx([side * drawn / dpi for side in page.shape], abs=2)
    assert loaded.gray[:40, :30].mean() < 40


def test_a_cropped_image_is_drawn(tmp_path, page):
    whole = pdf(jpeg(page, 200), page.shape[::-1], 200)
    loaded = load(tmp_path, whole.replace(b"/MediaBox [ 0 0", b"/MediaBox [ 0 60"))
    assert loaded.gray.shape[0] < 1000


def test_pages_of_a_pdf_are_counted(tmp_path):
    path = tmp_path / "three.pdf"
    path.write_bytes(draw_sheets(SHEET, [SheetPrint(str(n)) for n in range(3)]))
    assert [source.page for source in list_pages(path)] == [1, 2, 3]


def test_a_page_whose_image_is_spoilt_is_not_an_empty_page(tmp_path, page):
    data = bytearray(pdf(jpeg(page, 200), page.shape[::-1], 200))
    start = data.find(b"\xff\xd8\xff") + 2
    data[start : start + 600] = bytes(600)
    assert refused(tmp_path, bytes(data)) == "unreadable-file"


# --- files that break off ---------------------------------------------------------------------------------------------


def stack(page, count=4):
    """So many pages, each moved aside by its number."""
    return [np.roll(page, 200 * n, 1) for n in range(count)]


def a_tiff(pages):
    out = io.BytesIO()
    first, *rest = [Image.fromarray(one) for one in pages]
    first.save(out, "TIFF", compression="tiff_lzw", save_all=True, append_images=rest, dpi=(200, 200))
    return out.getvalue()


def a_pdf_counted_in_front(pages):
    out = io.BytesIO()
    first, *rest = [Image.fromarray(one) for one in pages]
    first.save(out, "PDF", save_all=True, append_images=rest, resolution=200)
    return out.getvalue()


def a_pdf_counted_behind(pages):
    """As devices write it that know nothing of the next page: its image, its contents, the page; their tree at last."""
    parts = [b"%PDF-1.4\n"]
    for n, one in enumerate(pages):
        height, width = one.shape
        seen, size = jpeg(one, 200), b"%g %g" % (width * 72 / 200, height * 72 / 200)
        shown = b"%g 0 0 %g 0 0 cm /I Do" % (width * 72 / 200, height * 72 / 200)
        facts = b"/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/DCTDecode" % (width, height)
        parts += [
            b"%d 0 obj\n<</Type/XObject/Subtype/Image%s/Length %d>>stream\n%s\nendstream\nendobj\n"
            % (3 * n + 3, facts, len(seen), seen),
            b"%d 0 obj\n<</Length %d>>stream\n%s\nendstream\nendobj\n" % (3 * n + 4, len(shown), shown),
            b"%d 0 obj\n<</Type/Page/Parent 1 0 R/MediaBox[0 0 %s]/Contents %d 0 R"
            b"/Resources<</XObject<</I %d 0 R>>>>>>\nendobj\n" % (3 * n + 5, size, 3 * n + 4, 3 * n + 3),
        ]  # fmt: skip
    kids = b" ".join(b"%d 0 R" % (3 * n + 5) for n in range(len(pages)))
    parts += [b"1 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n" % (len(pages), kids),
              b"2 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n", b"trailer\n<</Root 2 0 R>>\n%%EOF\n"]  # fmt: skip
    return b"".join(parts)


def outcomes(path):
    """Of each page that is listed: how far it was moved aside, or why it is refused."""
    found = []
    for source in list_pages(path):
        try:
            found.append(load_page(source).gray)
        except PageRefused as refusal:
            found.append((refusal.problem.code, dict(refusal.problem.params)["detail"]))
    return found


@pytest.mark.parametrize("torn", [a_tiff, a_pdf_counted_behind])
def test_of_a_file_that_breaks_off_whole_pages_are_read_and_the_rest_is_named(tmp_path, page, torn):
    path, pages = tmp_path / "scan.dat", stack(page)
    data = torn(pages)
    for share in (0.4, 0.6, 0.8, 0.97):
        path.write_bytes(data[: int(len(data) * share)])
        *whole, lost = outcomes(path)
        assert 0 < len(whole) < 4
        for seen, meant in zip(whole, pages, strict=False):
            assert seen.shape == meant.shape
            assert np.abs(seen.astype(int) - meant).mean() < 3
        assert lost == ("unreadable-file", TORN_FROM_HERE)


def test_of_a_torn_pdf_that_says_how_many_pages_it_has_each_is_named(tmp_path, page):
    path, pages = tmp_path / "scan.pdf", stack(page)
    data = a_pdf_counted_in_front(pages)
    for share in (0.4, 0.6, 0.8):
        path.write_bytes(data[: int(len(data) * share)])
        found = outcomes(path)
        assert len(found) == 4
        whole = [one for one in found if not isinstance(one, tuple)]
        assert 0 < len(whole) < 4
        for seen, meant in zip(whole, pages, strict=False):
            assert np.abs(seen.astype(int) - meant).mean() < 3
        assert found[len(whole) :] == [("unreadable-file", CUT_OFF)] * (4 - len(whole))


def test_a_locked_pdf_is_not_mended(tmp_path, page):
    data = a_pdf_counted_behind(stack(page, 2))
    torn = data[: int(len(data) * 0.8)] + b"\n9 0 obj\n<</Encrypt 8 0 R>>\nendobj\n"
    assert refused(tmp_path, torn) == "unreadable-file"


# --- what must not be opened ------------------------------------------------------------------------------------------


def png_header(width, height, depth=8, colour=0):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + bytes(4) + struct.pack(">I", 0) + b"IEND" + bytes(4)


def bmp_header(width, height):
    return b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, width, height, 1, 8, 1, 0, 0, 0, 0, 0) + bytes(60)


SMALL = np.full((40, 60), 200, np.uint8)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable-file"),
        (b"MZ" + bytes(100), "unreadable-file"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "unreadable-file"),
        (b"\xff\xd8\xff" + b"\xff" * 3000, "unreadable-file"),
        (b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000, "unreadable-file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(10), "unreadable-file"),
        (png_header(12_001, 10), "too-large"),
        (png_header(11_000, 11_000), "too-large"),
        (png_header(9_000, 8_000, 16, 6), "too-large"),
        (png_header(9_000, 8_000), "unreadable-file"),
        (png_header(0, 10), "unreadable-file"),
        (bmp_header(12_001, 10), "too-large"),
        (bmp_header(-5, 10), "unreadable-file"),
        (bmp_header(6_000, 6_000), "unreadable-file"),
        (b"BM" + bytes(100), "unreadable-file"),
        (b"RIFF" + struct.pack("<I", 40) + b"WEBPVP8X" + bytes(8) + b"\xff" * 6 + bytes(20), "too-large"),
        (b"RIFF" + struct.pack("<I", 4000) + b"WEBPVP8X" + bytes(60), "unreadable-file"),
        (b"RIFF" + struct.pack("<I", 40) + b"WEBPVP8 " + bytes(60), "unreadable-file"),
        (b"RIFF" + struct.pack("<I", 40) + b"AVI " + bytes(60), "unreadable-file"),
        (b"GIF89a" + struct.pack("<HH", 12_001, 10) + bytes(40) + b";", "too-large"),
        (b"GIF89a" + struct.pack("<HH", 100, 100) + bytes(40), "unreadable-file"),
        (b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 47, 0, 90_000, 10, 0, 0) + bytes(16) + b"\0\1\7\1\1\xff\xd9",
         "too-large"),
        (b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 47, 0, 90, 10, 0, 0) + bytes(16) + b"\0\x09\7\1\1\xff\xd9",
         "unreadable-file"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "unreadable-file"),
        (b"II*\0" + struct.pack("<I", 9999), "unreadable-file"),
        (b"II*\0" + struct.pack("<IHI", 8, 0, 8), "unreadable-file"),
        (b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 10, 8), "unreadable-file"),
        (b"II+\0" + struct.pack("<HHQ", 8, 0, 1 << 63), "unreadable-file"),
        (raw_tiff(gray_tags(SMALL) | {256: (4, [12_001])}, [SMALL.tobytes()]), "too-large"),
        (raw_tiff(gray_tags(SMALL) | {256: (4, [11_000]), 257: (4, [11_000])}, [SMALL.tobytes()]), "too-large"),
        (raw_tiff(gray_tags(SMALL) | {322: (4, [60_000]), 323: (4, [60_000])}, [SMALL.tobytes()], names=(324, 325)),
         "too-large"),
        (raw_tiff(gray_tags(SMALL) | {339: (3, [3])}, [SMALL.tobytes()]), "unreadable-file"),
        (raw_tiff(gray_tags(SMALL, packing=6), [SMALL.tobytes()]), "unreadable-file"),
        (raw_tiff(gray_tags(SMALL, packing=5), [SMALL.tobytes()]), "unreadable-file"),
        (tiff(SMALL, 200, compression="tiff_lzw")[:60], "unreadable-file"),
        (b"%PDF-1.7\nnonsense", "unreadable-file"),
    ],
)  # fmt: skip
def test_junk_and_bombs_are_refused_by_name(tmp_path, data, code):
    assert refused(tmp_path, data) == code


def test_a_jpeg_that_goes_over_its_picture_for_ever_is_refused(tmp_path, page):
    data = jpeg(page, 200, progressive=True)
    scan = data[data.rfind(b"\xff\xda") : -2]
    assert refused(tmp_path, data[:-2] + scan * 200 + data[-2:]) == "too-large"


def test_a_chunk_that_lies_about_its_size_does_not_cost_memory(tmp_path, page):
    data = bytearray(png(page, 200))
    place = data.find(b"IDAT")
    data[place - 4 : place] = struct.pack(">I", 0xE0000000)
    assert refused(tmp_path, bytes(data)) == "unreadable-file"


@pytest.mark.parametrize("kind", WRITERS | BILEVEL)
def test_cut_and_spoilt_files_never_raise_anything_else(tmp_path, page, kind):
    small = page[:220, :170]
    data = (WRITERS | BILEVEL)[kind](black_and_white(small) if kind in BILEVEL else small, 100)
    rng = np.random.default_rng(len(kind))
    path = tmp_path / "scan.dat"
    for trial in range(24):
        spoilt = bytearray(data[: int(rng.integers(len(data)))] if trial % 2 else data)
        for _ in range(3 if trial % 4 < 2 and spoilt else 0):
            spoilt[int(rng.integers(min(len(spoilt), 400)))] = int(rng.integers(256))
        path.write_bytes(spoilt)
        with suppress(PageRefused):
            for loaded in load_pages(path):
                assert loaded.gray.ndim == 2
    for share in (0.02, 0.3, 0.6) if data.startswith(b"%PDF") else (0.02, 0.3, 0.6, 0.9):  # a PDF's end is no picture
        assert refused(tmp_path, data[: int(len(data) * share)]) == "unreadable-file"


def test_size_limits_are_those_of_the_intake():
    assert (picture.MAX_BYTES, picture.MAX_PIXELS, picture.MAX_SIDE) == (25_000_000, 80_000_000, 12_000)
    assert (tiff_files.MAX_TIFF_PAGES, pdf_files.MAX_PDF_PAGES) == (500, 2_000)


def test_files_are_read_in_order_and_broken_ones_stand_in_their_place(tmp_path):
    (tmp_path / "a.pdf").write_bytes(draw_sheets(SHEET, [SheetPrint(f"0000000{n}") for n in range(1, 4)]))
    (tmp_path / "b.jpg").write_bytes(b"not a picture")
    (tmp_path / "c.pdf").write_bytes(draw_sheets(SHEET, [SheetPrint("00000009", 3, "312")]))
    (tmp_path / "notes.txt").write_text("not a scan")
    for threads in (1, 2):
        readings = list(read_files([tmp_path], SHEET, threads=threads))
        assert [r.serial for r in readings] == ["00000001", "00000002", "00000003", "", "00000009"]
        assert [r.page for r in readings] == [1, 2, 3, 1, 1]
        assert readings[3].codes() == ("unreadable-file",)
    printed = readings[4].fields
    assert [printed["shift"][n].values for n in range(2)] == [("0",), ("3",)]
    assert [printed["hall"][n].values for n in range(3)] == [("3",), ("1",), ("2",)]


def test_missing_file_is_a_refused_reading(tmp_path):
    (reading,) = read_files([tmp_path / "gone.jpg"], SHEET)
    assert reading.codes() == ("unreadable-file",)

"""Files as scanners write them, and files that must not be opened."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.forms.sheet_form import SheetPrint, draw_sheets
from mab_desktop.omr import load
from mab_desktop.omr.load import decode_image, list_pages, load_pages
from mab_desktop.omr.problems import PageRefused
from mab_desktop.omr.read import read_files

SHEET = layout(default_profile())


@pytest.fixture(scope="module")
def page():
    """A grainy page of 850 x 1100 with a dark corner."""
    gray = np.random.default_rng(1).integers(180, 250, (1100, 850), dtype=np.uint8)
    gray = cv2.GaussianBlur(gray, (0, 0), 2)
    gray[:100, :60] = 10
    return gray


def jpeg(gray, dpi=200):
    out = io.BytesIO()
    Image.fromarray(gray).save(out, "JPEG", quality=90, dpi=(dpi, dpi))
    return out.getvalue()


def pdf_around(picture, width, height, *, turned=0, text=""):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), pageCompression=0)
    if turned:
        canvas.translate(width, height)
        canvas.rotate(180)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, width, height)
    if text:
        canvas.drawString(40, 40, text)
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 95}), ("PNG", {})])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_gray_and_colour_pictures(tmp_path, page, kind, options, mode):
    path = tmp_path / "scan.dat"
    Image.fromarray(page).convert(mode).save(path, kind, dpi=(200, 200), **options)
    (loaded,) = load_pages(path)
    assert loaded.gray.shape == page.shape
    assert np.abs(loaded.gray.astype(int) - page).mean() < 2
    assert loaded.dpi == pytest.approx(200, abs=0.5)
    assert not loaded.bilevel


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "raw"])
def test_many_page_bilevel_tiff(tmp_path, page, compression):
    path = tmp_path / "scan.tif"
    pages = [
        Image.fromarray(np.roll(page, 200 * n, 1)).point(lambda v: 255 if v > 128 else 0).convert("1") for n in range(3)
    ]
    pages[0].save(path, "TIFF", compression=compression, save_all=True, append_images=pages[1:], dpi=(300, 300))
    loaded = list(load_pages(path))
    assert [p.bilevel for p in loaded] == [True] * 3
    assert loaded[0].dpi == pytest.approx(300)
    for n, found in enumerate(loaded):
        assert set(np.unique(found.gray)) == {0, 255}
        assert found.gray[20, 200 * n + 20] == 0
        assert found.gray.mean() > 240


def test_white_is_zero_tiff_is_not_a_negative(tmp_path, page):
    path = tmp_path / "fax.tif"
    small = (page < 100).astype(np.uint8)
    # A bare one-strip TIFF, uncompressed, photometric 0: a one bit means ink.
    rows = np.packbits(small, axis=1).tobytes()
    tags = [(256, 4, 850), (257, 4, 1100), (258, 3, 1), (259, 3, 1), (262, 3, 0), (273, 4, 8), (277, 3, 1),
            (278, 4, 1100), (279, 4, len(rows))]  # fmt: skip
    body = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in tags) + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(rows)) + rows + body)
    (loaded,) = load_pages(path)
    assert loaded.gray[10, 10] == 0
    assert loaded.gray[900, 700] == 255


def test_jpeg_is_taken_out_of_a_pdf_as_it_is(tmp_path, page):
    data = jpeg(page)
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_around(data, 850 / 200 * 72, 1100 / 200 * 72))
    (loaded,) = load_pages(path)
    assert np.array_equal(loaded.gray, decode_image(data).gray)
    assert loaded.dpi == pytest.approx(200, abs=0.5)


@pytest.mark.parametrize("how", [{"turned": 180}, {"text": "remark"}])
def test_other_pdf_pages_are_drawn(tmp_path, page, how):
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_around(jpeg(page), 850 / 100 * 72, 1100 / 100 * 72, **how))
    (loaded,) = load_pages(path)
    assert loaded.gray.shape == (2200, 1700)
    corner = loaded.gray[-60:, -60:] if "turned" in how else loaded.gray[:60, :60]
    assert corner.mean() < 40


def png_header(width, height):
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + b"IHDR"
        + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        + bytes(30)
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable-file"),
        (b"MZ" + bytes(100), "unreadable-file"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "unreadable-file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(10), "unreadable-file"),
        (b"II*\0" + struct.pack("<I", 9999), "unreadable-file"),
        (b"II*\0" + struct.pack("<IHI", 8, 0, 8), "too-large"),
        (b"%PDF-1.7\nnonsense", "unreadable-file"),
        (png_header(12_001, 10), "too-large"),
        (png_header(11_000, 11_000), "too-large"),
        (png_header(0, 10), "unreadable-file"),
    ],
)
def test_junk_and_bombs_are_refused_by_name(tmp_path, data, code):
    path = tmp_path / "scan.jpg"
    path.write_bytes(data)
    with pytest.raises(PageRefused) as refused:
        list(load_pages(path))
    assert refused.value.problem.code == code


def test_size_limits_are_those_of_the_intake():
    assert (load.MAX_BYTES, load.MAX_PIXELS, load.MAX_SIDE) == (25_000_000, 80_000_000, 12_000)
    assert (load.MAX_TIFF_PAGES, load.MAX_PDF_PAGES) == (500, 2_000)


def test_a_cut_jpeg_is_refused_or_read_but_never_raises(tmp_path, page):
    data = jpeg(page)
    for share in (0.001, 0.01, 0.3):
        path = tmp_path / f"{share}.jpg"
        path.write_bytes(data[: int(len(data) * share)])
        (reading,) = read_files([path], SHEET)
        assert not reading.ok


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


def test_pages_of_a_pdf_are_counted(tmp_path):
    path = tmp_path / "three.pdf"
    path.write_bytes(draw_sheets(SHEET, [SheetPrint(str(n)) for n in range(3)]))
    assert [source.page for source in list_pages(path)] == [1, 2, 3]

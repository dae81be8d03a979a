"""Files made to take a computer's memory or time: each refused by name, and the page behind it is read."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from omr_files import gray_tags, jpeg, png, raw_tiff
from PIL import Image

from mab_desktop.domain.exam_profile import default_profile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr import load
from mab_desktop.omr.files import read_files
from mab_desktop.omr.load import PageSource, list_pages, load_page, load_picture
from mab_desktop.omr.problems import PageRefused

SHEET = layout(default_profile())
SMALL = np.full((40, 60), 200, np.uint8)


def png_bomb(side, depth=1):
    """A white square of `side` dots that packs to some kilobytes."""
    row = b"\0" + b"\xff" * (side * depth // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def tiff_of(directories, *, circle=False):
    """A TIFF of so many pages of 1 x 1 dot; in a `circle` the last leads to the first."""
    entry = struct.pack("<H", 8) + b"".join(
        struct.pack("<HHII", tag, 3, 1, value)
        for tag, value in ((256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8), (278, 1), (279, 1))
    )
    size = len(entry) + 4
    follow = [8 + (n + 1) * size for n in range(directories)]
    follow[-1] = 8 if circle else 0
    return b"II*\0" + struct.pack("<I", 8) + b"".join(entry + struct.pack("<I", at) for at in follow)


def pdf_of(objects, page=b"/MediaBox [0 0 595 842] /Contents 4 0 R", content=b"", extra=b""):
    """A PDF of one page."""
    bodies = [b"<< /Type /Catalog /Pages 2 0 R " + extra + b" >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
              b"<< /Type /Page /Parent 2 0 R " + page + b" >>",
              b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream", *objects]  # fmt: skip
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for n, body in enumerate(bodies, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % n + body + b"\nendobj\n")
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table))
    return out.getvalue()


def image_in_pdf(width, height):
    """A page that shows one image of so many dots, packed to nearly nothing."""
    packed = zlib.compress(bytes(100_000), 9)
    image = (b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 "
             b"/Filter /FlateDecode /Length %d >>\nstream\n" % (width, height, len(packed)) + packed + b"\nendstream")
    page = b"/MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >>"
    return pdf_of([image], page, b"q 595 0 0 842 0 0 cm /I Do Q")


BOMBS = {
    "PNG of 13,000 x 13,000": (lambda: png_bomb(13_000), "too-large"),
    "PNG of 12,000 x 12,000": (lambda: png_bomb(12_000), "too-large"),
    "PDF page of 3.6 Gpx": (lambda: pdf_of([], b"/MediaBox [0 0 21600 21600] /Contents 4 0 R"), "too-large"),
    "PDF image of 3.6 Gpx": (lambda: image_in_pdf(60_000, 60_000), "too-large"),
    "two PDF images of 3.6 Gpx": (lambda: image_in_pdf(60_000, 60_000).replace(b"/I Do Q", b"/I Do /I Do Q")
                                  .replace(b"/Length 28", b"/Length 34"), "too-large"),
    "TIFF of 60,000 pages": (lambda: tiff_of(60_000), "too-large"),
    "TIFF in a circle": (lambda: tiff_of(3, circle=True), "unreadable-file"),
    "TIFF of one page that leads to itself": (lambda: tiff_of(1, circle=True), "unreadable-file"),
    "TIFF that unpacks to much more": (lambda: raw_tiff(
        gray_tags(SMALL, packing=8) | {256: (4, [8_000]), 257: (4, [9_000])},
        [zlib.compress(bytes(72_000_000), 9)[:100]]), "unreadable-file"),
    "nothing": (lambda: b"", "unreadable-file"),
    "a table": (lambda: b"a;b\n1;2\n", "unreadable-file"),
    "half a JPEG": (lambda: jpeg(np.full((900, 700), 90, np.uint8), 200)[:3000], "unreadable-file"),
    "half a PDF": (lambda: image_in_pdf(10, 10)[:300], "unreadable-file"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_by_name_and_costs_this_process_nothing(tmp_path, kind):
    make, code = BOMBS[kind]
    path = tmp_path / "scan"
    path.write_bytes(make())
    assert path.stat().st_size < 8_000_000
    tracemalloc.start()
    try:
        with pytest.raises(PageRefused) as said:
            load_page(list_pages(path)[0])
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
    assert said.value.problem.code == code
    assert "{" not in said.value.problem.message("en")


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["png", "jpg", "tif"])
def test_the_largest_pages_that_are_taken_fit_into_a_workers_memory(tmp_path, kind):
    path = tmp_path / f"page.{kind}"
    Image.fromarray(np.full((10_000, 8_000, 3), 240, np.uint8)).save(
        path, **({"compression": "tiff_adobe_deflate"} if kind == "tif" else {})
    )
    assert load_page(PageSource(path, 1)).gray.shape == (10_000, 8_000)
    if kind == "jpg":
        assert load_picture(PageSource(path, 1)).shape == (10_000, 8_000)  # in colour it would not fit


@pytest.mark.parametrize(
    "extra",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert('x')) >>",
        b"/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (evil.exe) >>] >> >>",
        b"/AcroForm << /Fields [] /XFA (x) >>",
    ],
)
def test_what_a_pdf_would_like_to_do_is_not_done(tmp_path, extra):
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_of([], content=b"0 0 100 100 re f", extra=extra))
    loaded = load_page(PageSource(path, 1))
    assert loaded.gray.min() == 0


def test_the_batch_goes_on_behind_each_of_them(tmp_path):
    names = []
    for n, (make, _code) in enumerate(list(BOMBS.values())[:8]):
        (tmp_path / f"{2 * n:02d}.jpg").write_bytes(make())
        (tmp_path / f"{2 * n + 1:02d}.png").write_bytes(png(np.full((700, 600), 250, np.uint8), 200))
        names += [f"{2 * n:02d}.jpg", f"{2 * n + 1:02d}.png"]
    readings = list(read_files([tmp_path], SHEET, threads=2))
    assert [reading.file.rpartition("/")[2] for reading in readings] == names
    assert all(not reading.ok for reading in readings)
    assert {reading.codes()[-1] for reading in readings[1::2]} == {"blank-page"}


def test_a_page_that_takes_too_long_is_left_out_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(load, "SECONDS", 0.0)
    path = tmp_path / "scan.png"
    path.write_bytes(png(SMALL, 200))
    with pytest.raises(PageRefused) as said:
        load_page(PageSource(path, 1))
    assert said.value.problem.code == "page-slow"
    monkeypatch.undo()
    assert load_page(PageSource(path, 1)).gray.shape == SMALL.shape


def test_a_picture_to_look_at_keeps_its_colours_and_is_made_small(tmp_path):
    colour = np.zeros((900, 600, 3), np.uint8)
    colour[:, :, 0] = 250
    for name in ("page.jpg", "page.png", "page.tif", "page.pdf"):
        Image.fromarray(colour).save(tmp_path / name)
        whole, small = (load_picture(PageSource(tmp_path / name, 1), height) for height in (0, 90))
        assert whole.shape[2] == 3
        assert small.shape == (90, 60, 3)
        assert small[40, 30, 2] > 240
        assert small[40, 30, 0] < 15
    path = tmp_path / "gray.png"
    path.write_bytes(png(SMALL, 200))
    assert load_picture(PageSource(path, 1), 20).shape[:2] == (20, 30)

"""Whether an image file is whole is seen from its own marks, at every place where it may be cut."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from mab_desktop.scanning.whole import is_whole, suffix_of
from tests.scanning.scanner_stand import page_image


def pdf() -> bytes:
    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(10, 10, 100, 100)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def gif() -> bytes:
    out = BytesIO()
    Image.fromarray(page_image(3)).save(out, "GIF")
    return out.getvalue()


def image(suffix: str, *options: int) -> bytes:
    done, data = cv2.imencode(suffix, page_image(3), list(options))
    assert done
    return data.tobytes()


FILES = {
    "a.jpg": image(".jpg"),
    "b.png": image(".png"),
    "plain.tif": image(".tif", cv2.IMWRITE_TIFF_COMPRESSION, 1),
    "lzw.tif": image(".tif", cv2.IMWRITE_TIFF_COMPRESSION, 5),
    "c.pdf": pdf(),
    "d.bmp": image(".bmp"),
    "e.webp": image(".webp"),
    "f.gif": gif(),
    "g.jp2": image(".jp2"),
}


@pytest.mark.parametrize("name", FILES)
def test_whole_files_are_whole_and_cut_ones_are_not(tmp_path: Path, name: str) -> None:
    data, path = FILES[name], tmp_path / name
    path.write_bytes(data)
    assert is_whole(path)
    assert suffix_of(data[:8]) == path.suffix
    for cut in (0, 1, 4, 8, 100, len(data) // 3, len(data) // 2, len(data) - 9):
        path.write_bytes(data[:cut])
        assert not is_whole(path), cut
    path.write_bytes(data + b"\0" * (4 if name in {"f.gif", "g.jp2"} else 300))
    assert is_whole(path)


def test_several_pages_in_one_tiff(tmp_path: Path) -> None:
    path = tmp_path / "many.tif"
    assert cv2.imwritemulti(str(path), [page_image(1), page_image(2)])
    assert is_whole(path)
    path.write_bytes(path.read_bytes()[:-200_000])
    assert not is_whole(path)


@pytest.mark.parametrize("data", [b"text", b"MM\0*" + b"\xff" * 40, b"II*\0" + bytes(100), b"II*\0\x04\0\0\0" * 9])
def test_other_files_and_nonsense_are_not_whole(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.tif"
    path.write_bytes(data)
    assert not is_whole(path)
    assert not is_whole(tmp_path / "away.jpg")


def test_a_tiff_whose_directories_form_a_ring_ends(tmp_path: Path) -> None:
    ring = b"II*\0" + np.uint32(8).tobytes() + np.uint16(0).tobytes() + np.uint32(8).tobytes()
    (tmp_path / "ring.tif").write_bytes(ring)
    assert not is_whole(tmp_path / "ring.tif")

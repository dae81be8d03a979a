"""QR codes in an image by two readers that know nothing of each other: zxing-cpp first, pyzbar beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from pyzbar import pyzbar

from mab_desktop.domain.sheet import Rect, SheetLayout, parse_sheet_code
from mab_desktop.omr.locate import Image, sample_rect
from mab_desktop.omr.problems import PageProblem, PageRefused
from mab_desktop.omr.read import SheetReading

Corners = NDArray[np.float64]  # (n, 2)

_QR: Any = zxingcpp.BarcodeFormat.QRCode
_CLOSE = 0.08  # mm a dot of the straightened code
_QUIET = 4.0  # mm around it


def read_codes(image: Image) -> tuple[str, ...]:
    """The texts of all QR codes in gray values (rows, columns); PageRefused "codes-disagree" as in `agreed`."""
    first = [code.text for code in zxingcpp.read_barcodes(image, formats=_QR)]
    second = [code.data.decode("utf-8", "replace") for code in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])]
    return agreed(first, second)


def places_of_codes(image: Image) -> list[Corners]:
    """The four corners, in pixels (x, y), of every QR code that one of the readers sees."""
    found: list[Corners] = []
    for code in zxingcpp.read_barcodes(image, formats=_QR):
        at = code.position
        corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
        found.append(np.array(corners, dtype=np.float64))
    for code in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE]):
        found.append(np.array([(p.x, p.y) for p in code.polygon], dtype=np.float64))
    return found


def agreed(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """What two readers saw, the first's order first. A reader may miss a code, but not read it otherwise.

    Where both read, one must have seen all that the other saw, else the page is refused by the name "codes-disagree".
    """
    if first and second and not (set(first) <= set(second) or set(second) <= set(first)):
        raise PageRefused("codes-disagree", first=", ".join(first), second=", ".join(second))
    return tuple(dict.fromkeys((*first, *second)))


def read_code_again(image: Image, reading: SheetReading, layout: SheetLayout) -> SheetReading:
    """The second chance of a sheet whose code the reader missed: both readers, straightened and on the whole page.

    Gives the reading with its serial, or as it was. Codes of two sheets on one image give none: they say nothing about
    which of them is on top.
    """
    if reading.serial:
        return reading
    for view in _views(image, reading, layout):
        parsed = [parse_sheet_code(text) for text in read_codes(view)]
        serials = {p[2] for p in parsed if p is not None and f"{p[0]}.{p[1]}" == layout.form_code}
        if len(serials) > 1:
            return reading
        if serials:
            return replace(reading, serial=serials.pop(), problems=_without_no_code(reading.problems))
    return reading


def _views(image: Image, reading: SheetReading, layout: SheetLayout) -> Iterator[Image]:
    """The code's place straightened and smoothed, where the sheet was found; then the whole image."""
    if reading.placement:
        area = layout.qr
        wide = Rect(area.x - _QUIET, area.y - _QUIET, area.width + 2 * _QUIET, area.height + 2 * _QUIET)
        straight = np.clip(sample_rect(image, reading.matrix(), wide, _CLOSE), 0, 255).astype(np.uint8)
        yield np.asarray(cv2.GaussianBlur(straight, (0, 0), 1.5), dtype=np.uint8)
    yield image


def _without_no_code(problems: Sequence[PageProblem]) -> tuple[PageProblem, ...]:
    return tuple(problem for problem in problems if problem.code != "no-code")

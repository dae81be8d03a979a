"""QR codes as vectors: dark modules in runs, one path, sharp on any printer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import zxingcpp
from reportlab.pdfgen.canvas import Canvas

_DARK = re.compile(rb"\x00+")


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code ready to be placed: the number of modules along a side and the path of its dark runs, y upwards."""

    modules: int
    path: str


def qr_code(payload: str) -> QrCode:
    """The QR code of `payload`, error correction M, without the quiet zone (leave four modules around it)."""
    barcode = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = zxingcpp.write_barcode_to_image(barcode, add_quiet_zones=False)
    side = int(image.shape[0])
    shades = bytes(memoryview(image))
    path = [
        f"{run.start()} {side - 1 - y} {run.end() - run.start()} 1 re"
        for y in range(side)
        for run in _DARK.finditer(shades[y * side : (y + 1) * side])
    ]
    return QrCode(side, " ".join(path))


def place_qr(canvas: Canvas, code: QrCode, x: float, y: float, size: float) -> None:
    """Fill `code` into the square of `size` points whose lower left corner is (x, y)."""
    scale = size / code.modules
    canvas.addLiteral(f"q {scale:.4f} 0 0 {scale:.4f} {x:.2f} {y:.2f} cm {code.path} f Q")

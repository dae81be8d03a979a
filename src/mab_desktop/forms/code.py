"""QR codes as vectors: dark modules in runs, one path, sharp on any printer."""

from __future__ import annotations

from dataclasses import dataclass

import zxingcpp
from reportlab.pdfgen.canvas import Canvas


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code ready to be placed: the number of modules along a side and the path of its dark runs, y upwards."""

    modules: int
    path: str


def qr_code(payload: str) -> QrCode:
    """The QR code of `payload`, error correction M, without the quiet zone (leave four modules around it)."""
    barcode = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = zxingcpp.write_barcode_to_image(barcode, add_quiet_zones=False)
    rows = memoryview(image).tolist()
    side = len(rows)
    path = [f"{start} {side - 1 - y} {length} 1 re" for y, row in enumerate(rows) for start, length in _runs(row)]
    return QrCode(side, " ".join(path))


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules."""
    runs, start = [], -1
    for x, shade in enumerate([*row, 255]):
        if shade < 128 and start < 0:
            start = x
        elif shade >= 128 and start >= 0:
            runs.append((start, x - start))
            start = -1
    return runs


def place_qr(canvas: Canvas, code: QrCode, x: float, y: float, size: float) -> None:
    """Fill `code` into the square of `size` points whose lower left corner is (x, y)."""
    scale = size / code.modules
    canvas.addLiteral(f"q {scale:.4f} 0 0 {scale:.4f} {x:.2f} {y:.2f} cm {code.path} f Q")

"""What takes the room in an installer, and what was left out: facts beside each build, and a table of them."""

from __future__ import annotations

import hashlib
import lzma
from collections import defaultdict
from pathlib import Path
from typing import Any

from installers.tree import Tree

_GROUPS = {
    "Qt (PySide6)": ("PySide6", "shiboken6"),
    "OpenCV": ("cv2", "opencv_python_headless.libs"),
    "numpy": ("numpy", "numpy.libs"),
    "Pillow": ("PIL", "pillow.libs"),
    "imagecodecs (TIFF)": ("imagecodecs", "imagecodecs.libs"),
    "pdfium": ("pypdfium2", "pypdfium2_raw"),
    "SQLCipher": ("sqlcipher3",),
    "SQLAlchemy, Alembic": ("sqlalchemy", "alembic", "mako"),
    "cryptography, age": ("cryptography", "pyrage", "securesystemslib"),
    "icons, typefaces": ("qtawesome", "fontpkg_pt_sans"),
    "reportlab": ("reportlab",),
    "codes (zxing-cpp, zbar)": ("zxingcpp", "pyzbar"),
}
_NAMES = {folder: name for name, folders in _GROUPS.items() for folder in folders}


def facts(grown: Tree, made: Path, list_digest: str, system: str, *, quick: bool = False) -> dict[str, Any]:
    """Sizes of an installer and its parts, on the disk and about their share of the file (MB); what stayed at home.

    `quick`: the shares are not measured.
    """
    parts: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(grown.root.rglob("*")):
        if path.is_file():
            parts[_part(path.relative_to(grown.root).parts, system)].append(path)
    table = {name: {"files": len(paths), "disk": _mb(sum(p.stat().st_size for p in paths)),
                    "packed": 0.0 if quick else _packed(paths)} for name, paths in parts.items()}  # fmt: skip
    whole = sum(part["packed"] for part in table.values()) or 1.0
    for part in table.values():
        part["packed"] = round(part["packed"] * made.stat().st_size / 1e6 / whole, 1)
    return {
        "file": made.name, "size_mb": _mb(made.stat().st_size), "sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
        "list_sha256": list_digest, "disk_mb": round(sum(part["disk"] for part in table.values()), 1),
        "parts": dict(sorted(table.items(), key=lambda item: -item[1]["packed"])),
        "left_out_mb": {why: _mb(size) for why, size in grown.left_out.most_common()},
    }  # fmt: skip


def _part(pieces: tuple[str, ...], system: str) -> str:
    if pieces[:2] == ("lib", "site"):
        return _NAMES.get(pieces[2], "other libraries")
    if pieces[:2] == ("lib", "app"):
        return "MAB itself"
    if pieces[0] == "share" or pieces[0].startswith("release"):
        return "licences, list of files"
    return "Python, libraries of the system" if system == "deb" else "Python, launchers"


def _packed(paths: list[Path]) -> float:
    return _mb(len(lzma.compress(b"".join(path.read_bytes() for path in paths), preset=0)))


def _mb(size: int) -> float:
    return round(size / 1e6, 1)

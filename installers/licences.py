"""The licences of everything that is taken along: the texts, and one list of what is under which."""

from __future__ import annotations

import email
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from installers.description import HERE
from installers.tree import Tree

TEXTS = HERE / "licences"
# Where a wheel brings no text of its own, or not the one that we use it under.
OURS = {
    "pyside6_essentials": ("LGPL-3.0-only", ("LGPL-3.0.txt", "GPL-3.0.txt", "qt.txt")),
    "shiboken6": ("LGPL-3.0-only", ("LGPL-3.0.txt", "GPL-3.0.txt", "qt.txt")),
    "fontpkg": ("MIT", ("fontpkg.txt",)),
}
_SIGNS = ("licen", "copying", "notice", "authors", "ofl")


@dataclass(frozen=True)
class Part:
    """Something taken along: name, version, licence in a word, and its texts by file name."""

    name: str
    version: str
    licence: str
    texts: dict[str, bytes]


def of_wheel(wheel: Path) -> Part:
    """A wheel's name, version, licence and texts."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        facts = next(name for name in names if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
        told = email.message_from_bytes(packed.read(facts))
        texts = {
            "/".join(PurePosixPath(name).parts[1:]).removeprefix("licenses/").replace("/", "-"): packed.read(name)
            for name in names if _is_text(name)
        }  # fmt: skip
    key = wheel.name.split("-")[0].lower()
    licence, added = OURS.get(key, (_licence(told), ()))
    texts |= {name: (TEXTS / name).read_bytes() for name in added}
    if not texts:
        raise SystemExit(f"{wheel.name} brings no text of its licence: put one into {TEXTS}.")
    return Part(told["Name"], told["Version"], licence, texts)


def _is_text(name: str) -> bool:
    if name.endswith("/"):
        return False
    path = PurePosixPath(name)
    in_facts = path.parts[0].endswith(".dist-info") and "Commercial" not in name
    return (in_facts or len(path.parts) == 2) and any(path.name.lower().startswith(sign) for sign in _SIGNS) or (
        in_facts and "licenses" in path.parts)  # fmt: skip


def _licence(told: email.message.Message) -> str:
    said = told["License-Expression"] or ""
    named = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    short = (told["License"] or "").strip().splitlines()[:1]
    return said or ", ".join(named) or (short[0] if short else "see the text")


def of_debian(deb: Path) -> Part:
    """A Debian package and its file of copyrights."""
    name, version = subprocess.run(
        ["dpkg-deb", "-W", "--showformat=${Package} ${Version}", str(deb)], capture_output=True, text=True, check=True
    ).stdout.split(" ")  # fmt: skip
    packed = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(deb)], capture_output=True, check=True).stdout
    path = f"./usr/share/doc/{name}/copyright"
    found = subprocess.run(["tar", "-xO", path], input=packed, capture_output=True, check=False)
    text = found.stdout if found.returncode == 0 else b""
    return Part(name, version, "see the text", {"copyright": text} if text else {})


def put(tree: Tree, parts: list[Part]) -> None:
    """Write the texts and the list. Whatever came along out of a wheel stands on it, or the build stops."""
    facts = {path.name.removesuffix(".dist-info").rpartition("-")[0] for path in _facts(tree)}
    unnamed = {_plain(name) for name in facts} - {_plain(part.name) for part in parts}
    if unnamed:
        raise SystemExit(f"Not on the list of licences: {', '.join(sorted(unnamed))}")
    for part in parts:
        for name, text in sorted(part.texts.items()):
            tree.put(f"share/licences/{part.name}/{name}", text)
    tree.put("share/licences/LICENCES.txt", "".join(_lines(parts)).encode())


def _facts(tree: Tree) -> list[Path]:
    """The folders in which the wheels that came along say what they are."""
    return sorted((tree.root / "lib/site").glob("*.dist-info"))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _lines(parts: list[Part]) -> Iterator[str]:
    yield "MAB is under the MIT licence (MAB/LICENSE). It brings along:\n\n"
    for part in sorted(parts, key=lambda one: one.name.lower()):
        texts = ", ".join(f"{part.name}/{name}" for name in sorted(part.texts)) or "text with the package it belongs to"
        yield f"{part.name} {part.version}: {part.licence}\n    {texts}\n"

"""The licences of everything that is taken along: the texts, and one list of what is under which.

Libraries carry parts of others inside of them. What a wheel's own list (CycloneDX) names is taken from there, and the
texts that lie beside its files; what it is silent about stands in INSIDE.
"""

from __future__ import annotations

import base64
import email
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from installers.description import HERE
from installers.tree import Tree

TEXTS = HERE / "licences"
# Where a wheel brings no text of its own, or not the one that we use it under.
OURS = {
    "pyside6_essentials": ("LGPL-3.0-only", ("LGPL-3.0.txt", "GPL-3.0.txt", "qt.txt", "qt-parts.txt")),
    "shiboken6": ("LGPL-3.0-only", ("LGPL-3.0.txt", "GPL-3.0.txt", "qt.txt")),
    "fontpkg": ("MIT", ("fontpkg.txt",)),
    "pyrage": ("MIT", ()),
    "sqlcipher3": ("Zlib", ()),
}
_SIGNS = ("licen", "copying", "notice", "authors", "ofl")
_CODE = (".py", ".pyi", ".pyc", ".pyd", ".so", ".dll", ".h")


@dataclass(frozen=True)
class Inside:
    """What a library carries inside of it: its name and licence, and which text is that licence's."""

    name: str
    text: str
    ours: bool = True
    """False: the text comes with the wheel, and where it does not the part does not either."""


INSIDE = {
    "sqlcipher3": (Inside("SQLCipher: BSD-3-Clause", "sqlcipher.txt"), Inside("SQLite: public domain", ""),
                   Inside("OpenSSL: Apache-2.0", "../cryptography/LICENSE.APACHE")),
    "cryptography": (Inside("OpenSSL: Apache-2.0", "LICENSE.APACHE", ours=False),),
    "zxing_cpp": (Inside("Zint: BSD-3-Clause", "zint.txt"), Inside("pybind11: BSD-3-Clause", "pybind11.txt")),
    "qtawesome": (Inside("Phosphor icons: MIT", "phosphor.txt"),),
    "pyzbar": (Inside("ZBar, libiconv: LGPL-2.1-or-later", "zbar-LICENSE.txt", ours=False),),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Something taken along: name, version, licence in a word, and its texts by file name."""

    name: str
    version: str
    licence: str
    texts: dict[str, bytes]
    inside: tuple[str, ...] = ()


def of_wheel(wheel: Path) -> Part:
    """A wheel's name, version, licence and texts."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        facts = next(name for name in names if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
        told = email.message_from_bytes(packed.read(facts))
        texts = {_short(name): packed.read(name) for name in names if _is_text(name)}
        parts = {part for name in names if _is_list(name)
                 for part in named_by(json.loads(packed.read(name)))}  # fmt: skip
    key = wheel.name.split("-")[0].lower()
    licence, added = OURS.get(key, (_licence(told), ()))
    texts |= {name: (TEXTS / name).read_bytes() for name in added}
    if not texts:
        raise SystemExit(f"{wheel.name} brings no text of its licence: put one into {TEXTS}.")
    if parts:
        texts["parts.txt"] = ("\n".join(sorted(parts)) + "\n").encode()
    inside = [one for one in INSIDE.get(key, ()) if one.ours or one.text in texts]
    texts |= {one.text: (TEXTS / one.text).read_bytes() for one in inside if (TEXTS / one.text).is_file()}
    return Part(told["Name"], told["Version"], licence, texts, tuple(_said(one) for one in inside))


def _is_list(name: str) -> bool:
    return "/sboms/" in name and name.endswith(".json")


def _said(one: Inside) -> str:
    return f"{one.name} ({one.text.removeprefix('../')})" if one.text else one.name


def named_by(listed: dict[str, Any]) -> list[str]:
    """What a wheel's own list says that it is made of, a line each; a licence without a name is told whole."""
    return [
        f"{part['name']} {part.get('version', '')}: {', '.join(_name_of(one) for one in part['licenses'])}"
        for part in listed.get("components", ()) if part.get("licenses") and part.get("scope") != "optional"
    ]  # fmt: skip


def _name_of(licence: dict[str, Any]) -> str:
    told = licence.get("license", {})
    name = licence.get("expression") or told.get("id") or told.get("name")
    whole = told.get("text", {}).get("content", "")
    return f"{name}\n{base64.b64decode(whole).decode()}" if whole else str(name)


def _short(name: str) -> str:
    """The name of a text in its folder: without the first part of its path, what is left joined."""
    return "/".join(PurePosixPath(name).parts[1:]).removeprefix("licenses/").replace("/", "-")


def _is_text(name: str) -> bool:
    """True for a text of a licence: by its name anywhere, by a part of its name near the top, by its folder."""
    path = PurePosixPath(name)
    if name.endswith("/") or path.suffix in _CODE or "Commercial" in name or "/fonts/" in name:
        return False
    plain, depth = path.name.lower(), len(path.parts)
    return plain.startswith(_SIGNS) or (depth == 2 and any(sign in plain for sign in _SIGNS)) or (
        "licenses" in path.parts[:-1])  # fmt: skip


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
        yield from (f"    with {one}\n" for one in part.inside)

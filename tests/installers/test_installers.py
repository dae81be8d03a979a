"""The installers' own rules: what is left out, the list of files, sharing on the disk, the command, licences."""

from __future__ import annotations

import json
import struct
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from installers.linux import sharing
from installers.tree import Tree, compile_all, compiled_catalog

from installers import description, icu, licences, release
from mab_desktop.cli import APPLICATIONS
from mab_desktop.services.installation import check_folder

DESCRIPTION = description.read()


@pytest.mark.parametrize(
    ("path", "pattern", "fitting"),
    [
        ("cv2/data/a.xml", "cv2/*", False), ("cv2/data/a.xml", "cv2/**", True), ("cv2/cv2.so", "cv2/*", True),
        ("a/b/tests/c.py", "**/tests/**", True), ("tests.py", "**/tests/**", False), ("x.pyi", "**.pyi", True),
    ],
)  # fmt: skip
def test_a_star_stays_in_its_folder(path: str, pattern: str, fitting: bool) -> None:
    assert description.fits(path, [pattern]) is fitting


def test_there_is_an_installer_for_each_application() -> None:
    assert {role.key: role.package for role in DESCRIPTION.roles.values()} == APPLICATIONS
    assert all(set(role.title) == {"kk", "ru", "en"} for role in DESCRIPTION.roles.values())
    icons = {path.name for path in (description.HERE / "icons").iterdir()}
    assert {f"{key}.ico" for key in APPLICATIONS} <= icons


def test_what_the_program_opens_comes_along() -> None:
    needed = ("cv2/data/haarcascade_frontalface_alt2.xml", "fontpkg_pt_sans/files/PT_Sans-Web-Regular.ttf",
              "qtawesome/fonts/phosphor-1.3.0.ttf", "PySide6/Qt/plugins/platforms/libqxcb.so",
              "PySide6/plugins/platforms/qwindows.dll", "PySide6/QtWidgets.abi3.so", "imagecodecs/_tiff.abi3.so",
              "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so")  # fmt: skip
    assert [path for path in needed if DESCRIPTION.reason("site", path)] == []
    left = ("PySide6/Qt/qml/QtQuick/x.so", "PySide6/lupdate", "cv2/opencv_videoio_ffmpeg.dll", "numpy/tests/a.py",
            "PySide6/Qt/plugins/platformthemes/libqgtk3.so", "babel/core.py")  # fmt: skip
    assert [path for path in left if not DESCRIPTION.reason("site", path)] == []


def installed(folder: Path, **files: str) -> Path:
    """A small installed folder with its signed list."""
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    key, trial = release.signing_key(None, folder.parent)
    release.write(folder, role="network-uni", version="1", commit="c" * 40, built="2026-01-01", key=key, trial=trial)
    return folder


def test_the_builders_list_is_what_the_program_checks(tmp_path: Path) -> None:
    found = check_folder(installed(tmp_path / "a", one="1", two="2"))
    assert found is not None
    assert found.whole
    assert found.trial
    assert set(found.release.files) == {"one", "two"}


def test_two_builds_of_the_same_files_are_the_same(tmp_path: Path) -> None:
    first, second = installed(tmp_path / "a", one="1"), installed(tmp_path / "b", one="1")
    for name in (release.LIST, release.SIGNATURE):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_compiled_files_are_the_same_each_time_and_start_without_sources(tmp_path: Path) -> None:
    compiled = []
    for name in ("a", "b"):
        root = tmp_path / name
        for place in ("lib/site/part", "lib/app/mab_desktop"):
            (root / place).mkdir(parents=True)
            (root / place / "words.py").write_text('A = {"x", "y"}\ndef f(n):\n    return f"{n} {A} one"\n')
        compile_all(root)
        compiled.append({path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()})
    assert compiled[0] == compiled[1]
    names = {path.as_posix() for path in compiled[0]}
    assert "lib/site/part/words.pyc" in names
    assert "lib/site/part/words.py" not in names
    assert "lib/app/mab_desktop/words.py" in names


def test_what_two_applications_have_in_common_lies_on_the_disk_once(tmp_path: Path) -> None:
    old = installed(tmp_path / "opt" / "old", same="s" * 5000, other="old")
    new = installed(tmp_path / "opt" / "new", same="s" * 5000, other="new")
    assert sharing.share(new) == 5000
    assert (old / "same").samefile(new / "same")
    assert (new / "other").read_text() == "new"
    assert sharing.share(new) == 0
    for folder in (old, new):
        found = check_folder(folder)
        assert found is not None
        assert found.whole


def test_a_changed_file_is_not_shared(tmp_path: Path) -> None:
    old, new = installed(tmp_path / "opt" / "old", same="right"), installed(tmp_path / "opt" / "new", same="right")
    (old / "same").write_text("wrong")
    assert sharing.share(new) == 0
    assert (new / "same").read_text() == "right"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], ["network-uni"]), (["--db", "x.db"], ["network-uni", "--db", "x.db"]), (["verify", "--self"],
        ["verify", "--self"]), (["--version"], ["--version"]), (["--lang", "ru", "network-uni"], ["--lang", "ru",
        "network-uni"]),
    ],
)  # fmt: skip
def test_the_command_starts_the_application_or_its_command_line(tmp_path: Path, given: list[str],
                                                                told: list[str]) -> None:  # fmt: skip
    text = (description.HERE / "linux" / "launcher.sh").read_text("utf-8")
    command = tmp_path / "mab-network-uni"
    command.write_text(text.replace("@ROLE@", "network-uni").replace("@PACKAGE@", "mab-network-uni"))
    command.chmod(0o755)
    python = tmp_path / "mab-python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    said = subprocess.run([str(command), *given], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == ["-m", "mab_desktop.cli", *told]


def test_a_catalog_bears_the_date_of_its_commit(tmp_path: Path) -> None:
    catalog = tmp_path / "kk.po"
    catalog.write_text('msgid ""\nmsgstr ""\n\nmsgid "Hall"\nmsgstr "Аудитория"\n', "utf-8")
    made = compiled_catalog(catalog, 1_300_000_000)
    assert b"POT-Creation-Date: 2011-03-13 07:06+0000" in made
    assert made == compiled_catalog(catalog, 1_300_000_000)


def wheel(folder: Path, name: str = "part", more: Mapping[str, str] = MappingProxyType({}), **texts: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{name}/__init__.py", "")
        packed.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\nLicense-Expression: MIT\n")
        for title, text in texts.items():
            packed.writestr(f"{name}-1.0.dist-info/licenses/{title}", text)
        for path_in_it, text in more.items():
            packed.writestr(path_in_it, text)
    return path


def test_licences_come_along_with_their_list(tmp_path: Path) -> None:
    grown = Tree(tmp_path / "root", DESCRIPTION.roles["audit-fund"], DESCRIPTION)
    licences.put(grown, [licences.of_wheel(wheel(tmp_path, LICENSE="the text"))])
    assert (grown.root / "share/licences/part/LICENSE").read_text() == "the text"
    assert "part 1.0: MIT" in (grown.root / "share/licences/LICENCES.txt").read_text("utf-8")


def test_what_a_library_carries_inside_is_told_with_its_texts(tmp_path: Path) -> None:
    named = {"components": [
        {"name": "age", "version": "1", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"name": "icu", "version": "2", "licenses": [{"license": {"name": "Own", "text": {"content": "dGV4dA=="}}}]},
        {"name": "maybe", "version": "3", "scope": "optional", "licenses": [{"license": {"id": "GPL-3.0"}}]},
    ]}  # fmt: skip
    more = {"pyzbar/zbar-LICENSE.txt": "LGPL", "pyzbar/licenses/LICENSE-tiff": "tiff", "pyzbar/_in/own/LICENSE": "own",
            "pyzbar/licence_words.py": "", "pyzbar/fonts/other-license.txt": "",
            "pyzbar-1.0.dist-info/sboms/parts.cyclonedx.json": json.dumps(named)}  # fmt: skip
    part = licences.of_wheel(wheel(tmp_path, "pyzbar", more, LICENSE="MIT"))
    assert set(part.texts) == {"LICENSE", "zbar-LICENSE.txt", "LICENSE-tiff", "_in-own-LICENSE", "parts.txt"}
    assert part.texts["parts.txt"].decode() == "age 1: MIT OR Apache-2.0\nicu 2: Own\ntext\n"
    assert part.inside == ("ZBar, libiconv: LGPL-2.1-or-later (zbar-LICENSE.txt)",)
    assert licences.of_wheel(wheel(tmp_path, "pyzbar", LICENSE="MIT")).inside == ()


def test_a_part_that_its_wheel_is_silent_about_is_told_too(tmp_path: Path) -> None:
    grown = Tree(tmp_path / "root", DESCRIPTION.roles["audit-fund"], DESCRIPTION)
    licences.put(grown, [licences.of_wheel(wheel(tmp_path, "sqlcipher3", LICENSE="Zlib"))])
    assert "ZETETIC" in (grown.root / "share/licences/sqlcipher3/sqlcipher.txt").read_text()
    told = (grown.root / "share/licences/LICENCES.txt").read_text("utf-8")
    assert "    with SQLCipher: BSD-3-Clause (sqlcipher.txt)\n    with SQLite: public domain\n" in told


def test_a_part_without_a_licence_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no text of its licence"):
        licences.of_wheel(wheel(tmp_path))


def test_a_build_says_what_it_is_made_of(tmp_path: Path) -> None:
    folder = installed(tmp_path / "a", one="1")
    told = json.loads((folder / release.LIST).read_text("utf-8"))
    assert set(told) == {"role", "version", "commit", "built", "files"}


def test_what_came_along_without_standing_on_the_list_stops_the_build(tmp_path: Path) -> None:
    grown = Tree(tmp_path / "root", DESCRIPTION.roles["audit-fund"], DESCRIPTION)
    grown.put("lib/site/other_part-1.0.dist-info/METADATA", b"Name: other-part")
    with pytest.raises(SystemExit, match="other_part"):
        licences.put(grown, [licences.of_wheel(wheel(tmp_path, LICENSE="the text"))])


def test_a_folder_of_licences_is_no_text(tmp_path: Path) -> None:
    path = wheel(tmp_path, LICENSE="the text")
    with zipfile.ZipFile(path, "a") as packed:
        packed.mkdir("part-1.0.dist-info/licenses")
    assert set(licences.of_wheel(path).texts) == {"LICENSE"}


def items(*names: str) -> bytes:
    """ICU's archive with these items: a header of 32 bytes, the table, names, contents that tell their name."""
    table, header = 4 + 8 * len(names), struct.pack("<H", 32) + bytes(30)
    text, places = b"", []
    for name in names:
        places.append(table + len(text))
        text += name.encode() + b"\0"
    begin = -(-(32 + table + len(text)) // 16) * 16 - 32
    toc = b"".join(struct.pack("<II", place, begin + 16 * number) for number, place in enumerate(places))
    head = header + struct.pack("<I", len(names)) + toc + text
    return head + bytes(32 + begin - len(head)) + b"".join(name[-16:].encode().ljust(16, b".") for name in names)


def test_of_icu_only_what_is_used_stays() -> None:
    kept = ("icudt73l/coll/kk.res", "icudt73l/coll/root.res", "icudt73l/coll/ucadata.icu", "icudt73l/kk.res",
            "icudt73l/likelySubtags.res", "icudt73l/nfkc.nrm", "icudt73l/zone/ru.res")  # fmt: skip
    gone = ("icudt73l/brkitr/cjdict.dict", "icudt73l/coll/zh.res", "icudt73l/gb18030.cnv", "icudt73l/unit/kk.res",
            "icudt73l/zh_Hant.res")  # fmt: skip
    whole = items(*sorted(kept + gone))
    slim = icu.slimmed(whole)
    assert slim == items(*kept)
    assert icu.slimmed(slim) == slim

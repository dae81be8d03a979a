"""The installed files against their signed list, and who installed which build."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mab_desktop.cli import main
from mab_desktop.domain.errors import EXIT_REFUSED, EXIT_USAGE, UserError
from mab_desktop.services import installation
from mab_desktop.services.installation import SIGNED_AS, check_folder, note_installation, parts, read_release

KEY = Ed25519PrivateKey.generate()
FILES = {"bin/mab-python": b"python", "lib/app/mab_desktop/a.py": b"a = 1\n", "lib/site/numpy/core.so": b"\0" * 3000}
AT = datetime(2011, 5, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    import hashlib

    top = tmp_path / "network-uni"
    for name, data in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(data)
    listed = {name: [hashlib.sha256(data).hexdigest(), len(data)] for name, data in FILES.items()}
    told = {"role": "network-uni", "version": "0.1.0", "commit": "abcdef0" * 5, "built": "2011-05-01", "files": listed}
    (top / "release.json").write_text(json.dumps(told))
    sign(top)
    return top


def sign(top: Path, key: Ed25519PrivateKey = KEY) -> None:
    signature = key.sign(SIGNED_AS + (top / "release.json").read_bytes()).hex()
    (top / "release.sig").write_text(json.dumps({"key": public(key), "signature": signature}))


def public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def test_an_untouched_program_is_whole(folder: Path) -> None:
    found = check_folder(folder, public(KEY))
    assert found is not None
    assert found.whole
    assert not found.trial
    assert len(found.release.groups) == 8
    assert installation.as_json(found)["whole"] is True


def test_each_difference_is_named(folder: Path) -> None:
    (folder / "lib/app/mab_desktop/a.py").write_bytes(b"a = 2\n")
    (folder / "lib/site/numpy/core.so").unlink()
    (folder / "lib/app/mab_desktop/b.py").write_bytes(b"")
    found = check_folder(folder)
    assert found is not None
    assert (found.changed, found.missing, found.added) == (
        ("lib/app/mab_desktop/a.py",), ("lib/site/numpy/core.so",), ("lib/app/mab_desktop/b.py",),
    )  # fmt: skip
    assert not found.whole


def test_what_an_installer_writes_itself_is_no_difference(folder: Path) -> None:
    for name in ("uninstall.exe", "installation.json"):
        (folder / name).write_bytes(b"x")
    found = check_folder(folder)
    assert found is not None
    assert found.whole


@pytest.mark.parametrize("spoilt", ["list", "signature", "no-signature", "other-key", "half-json"])
def test_a_list_that_is_not_rightly_signed_is_not_believed(folder: Path, spoilt: str) -> None:
    sig = folder / "release.sig"
    if spoilt == "list":
        (folder / "release.json").write_bytes((folder / "release.json").read_bytes().replace(b"0.1.0", b"0.1.1"))
    elif spoilt == "signature":
        sig.write_text(sig.read_text().replace('"signature": "', '"signature": "00'))
    elif spoilt == "no-signature":
        sig.unlink()
    elif spoilt == "half-json":
        sig.write_text(sig.read_text()[:30])
    else:
        sign(folder, Ed25519PrivateKey.generate())
    found = check_folder(folder, public(KEY))
    assert found is not None
    assert found.signed_by == ""
    assert not found.whole


def test_a_damaged_list_is_said_in_words(folder: Path) -> None:
    (folder / "release.json").write_text('{"role": "network-uni"}')
    with pytest.raises(UserError, match="is damaged"):
        read_release(folder)


def test_a_source_tree_has_no_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_folder(tmp_path) is None
    assert main(["--lang", "en", "verify", "--self"]) == EXIT_REFUSED
    assert "was not installed" in capsys.readouterr().err
    assert main(["--lang", "en", "installation"]) == EXIT_REFUSED
    assert main(["--lang", "en", "verify"]) == EXIT_USAGE


def test_installations_are_written_down_in_order(folder: Path, tmp_path: Path) -> None:
    listed, path = read_release(folder), tmp_path / "var" / "installation.json"
    assert listed is not None
    note_installation(path, listed, at=AT, by="Ахметов", computer="PC-1")
    second = note_installation(path, listed, at=AT, by="Бекова", computer="PC-1")
    assert [line.by for line in installation.installations(path)] == ["Ахметов", "Бекова"]
    assert second.before == second.version == "0.1.0+abcdef0"
    assert second.groups == " ".join(listed.groups)
    path.write_text("[{]")
    with pytest.raises(UserError, match="damaged"):
        installation.installations(path)


def test_parts_sum_up_all_files(folder: Path) -> None:
    listed = read_release(folder)
    assert listed is not None
    found = parts(listed)
    assert [part for part, *_rest in found] == ["bin", "lib/app/mab_desktop", "lib/site/numpy"]
    assert sum(files for _part, files, _size, _digest in found) == len(FILES)
    assert sum(size for _part, _files, size, _digest in found) == sum(map(len, FILES.values()))


def test_what_libraries_tell_of_themselves_is_one_part(folder: Path) -> None:
    """The record has to be read by people: fifty lines of two files each are one."""
    listed = read_release(folder)
    assert listed is not None
    told = {f"lib/site/{name}-1.dist-info/METADATA": ("0" * 64, 10) for name in ("numpy", "pillow")}
    found = parts(replace(listed, files={**listed.files, **told}))
    assert [(part, files, size) for part, files, size, _digest in found if part.endswith("info")] == [
        ("lib/site/*.dist-info", 2, 20)
    ]  # fmt: skip

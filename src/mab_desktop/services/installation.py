"""The installed program: the signed list of its files, whether they are as they were made, and who installed it when.

`release.json` lies at the top of an installed folder and names every file with its SHA-256; `release.sig` signs it. The
groups of the list stand on the screen, on the installation record and in the release notes: whoever compares them
compares all files. In a source tree there is no list.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import mab_desktop
from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.exchange.device import fingerprint
from mab_desktop.i18n import N_

LIST, SIGNATURE, RECORD = "release.json", "release.sig", "installation.json"
SIGNED_AS = b"mab-release-1\n"
_ADDED_LATER = frozenset({LIST, SIGNATURE, RECORD, "uninstall.exe"})
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """What was built: for which application, from which commit, and every file with its SHA-256 and size."""

    role: str
    version: str
    commit: str
    built: str
    files: Mapping[str, tuple[str, int]]
    groups: tuple[str, ...]
    """8 groups of 4 symbols that stand for the whole list."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What became of the installed files; `signed_by` is the fingerprint of the key, "" when the signature is wrong."""

    release: Release
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    signed_by: str
    trial: bool = False

    @property
    def whole(self) -> bool:
        """True when everything is as it was signed."""
        return bool(self.signed_by) and not (self.changed or self.missing or self.added)


@dataclass(frozen=True, slots=True)
class Installed:
    """One installation on this computer: which build came when, by whom, in place of which version ("" for none)."""

    version: str
    groups: str
    at: str
    by: str
    computer: str
    before: str = ""


def top() -> Path:
    """The folder that everything of an installed program lies in: `lib/app/mab_desktop` stands below it."""
    return Path(mab_desktop.__file__).resolve().parents[3]


@cache
def release() -> Release | None:
    """The build that runs here; None in a source tree."""
    return read_release(top())


def read_release(folder: Path) -> Release | None:
    """The list of files of an installed folder; None where there is none. UserError when it cannot be read."""
    if not (folder / LIST).is_file():
        return None
    data = (folder / LIST).read_bytes()
    try:
        told = json.loads(data)
        files = {str(name): (str(digest), int(size)) for name, (digest, size) in told["files"].items()}
        role, version, commit, built = (str(told[name]) for name in ("role", "version", "commit", "built"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            N_("The list of the installed files {file} is damaged."),
            next_step=N_("Install the program anew; the data stay as they are."),
            exit_code=EXIT_SYSTEM, file=str(folder / LIST),
        ) from error  # fmt: skip
    return Release(role, version, commit, built, files, tuple(fingerprint(data).split()))


def check_self(key: str = "", progress: Progress = Silent()) -> SelfCheck:
    """Compare every installed file with the signed list; `key` is the public key it must be signed with (hex)."""
    found = check_folder(top(), key, progress)
    if found is None:
        raise UserError(
            N_("This program was not installed: it has no signed list of its files."),
            next_step=N_("Start the check from the installed program."),
        )
    return found


def check_folder(folder: Path, key: str = "", progress: Progress = Silent()) -> SelfCheck | None:
    """Compare the files below `folder` with its list; None where there is no list."""
    listed = read_release(folder)
    if listed is None:
        return None
    there = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    changed = []
    progress.stage(N_("Comparing the installed files"), len(listed.files))
    for name, (digest, size) in listed.files.items():
        progress.step()
        path = there.get(name)
        if path is not None and (path.stat().st_size != size or _sha256(path) != digest):
            changed.append(name)
    signer, trial = _signed_by(folder, key)
    return SelfCheck(
        listed, tuple(changed), tuple(sorted(set(listed.files) - set(there))),
        tuple(sorted(set(there) - set(listed.files) - _ADDED_LATER)), signer, trial,
    )  # fmt: skip


def _signed_by(folder: Path, key: str) -> tuple[str, bool]:
    """The fingerprint of the key that signed the list, and whether it is one for trials; "" when it did not."""
    try:
        told = json.loads((folder / SIGNATURE).read_bytes())
        public, signature = bytes.fromhex(told["key"]), bytes.fromhex(told["signature"])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, SIGNED_AS + (folder / LIST).read_bytes())
    except (OSError, ValueError, KeyError, TypeError, InvalidSignature):
        return "", False
    if key and public != bytes.fromhex(key):
        return "", False
    return fingerprint(public), bool(told.get("trial"))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


# -- who installed what when -------------------------------------------------------------------------------------------


def record_path(folder: Path, role: str) -> Path:
    """Where the record of this computer's installations lies: it outlives an upgrade, and on Linux a removal."""
    return folder / RECORD if sys.platform == "win32" else Path("/var/lib/mab") / role / RECORD


def installations(path: Path) -> tuple[Installed, ...]:
    """All installations of this program on this computer, oldest first."""
    try:
        return tuple(Installed(**line) for line in json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError) as error:
        raise UserError(
            N_("The installation record {file} is damaged."), exit_code=EXIT_SYSTEM, file=str(path)
        ) from error


def note_installation(path: Path, listed: Release, *, at: datetime, by: str, computer: str) -> Installed:
    """Write down that this build was installed."""
    before = installations(path)
    version = f"{listed.version}+{listed.commit[:7]}"
    made = Installed(version, " ".join(listed.groups), at.isoformat(timespec="seconds"), by, computer,
                     before[-1].version if before else "")  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(line) for line in (*before, made)], ensure_ascii=False, indent=1), "utf-8")
    fresh.replace(path)
    return made


def parts(listed: Release) -> list[tuple[str, int, int, str]]:
    """The parts of the program: name, files, bytes, and the first 16 characters of the SHA-256 over their lines."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for name, (digest, size) in listed.files.items():
        found.setdefault(_part_of(name), []).append((name, digest, size))
    return [
        (part, len(lines), sum(size for _name, _digest, size in lines), _over(lines))
        for part, lines in sorted(found.items())
    ]


def _part_of(name: str) -> str:
    """The folder that it counts to; what libraries tell of themselves is one part together."""
    pieces = name.split("/")
    if pieces[:2] == ["lib", "site"] and pieces[2].endswith(".dist-info"):
        return "lib/site/*.dist-info"
    if pieces[0] == "lib" and len(pieces) > 2:
        return "/".join(pieces[:3] if pieces[1] in ("site", "app") and len(pieces) > 3 else pieces[:2])
    return pieces[0] if len(pieces) > 1 else "."


def _over(lines: list[tuple[str, str, int]]) -> str:
    text = "".join(f"{digest}  {name}\n" for name, digest, _size in sorted(lines))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def as_json(found: SelfCheck) -> dict[str, Any]:
    """The check for another program."""
    listed = found.release
    return {
        "whole": found.whole, "role": listed.role, "version": listed.version, "commit": listed.commit,
        "built": listed.built, "files": len(listed.files), "groups": " ".join(listed.groups),
        "signed_by": found.signed_by, "trial_key": found.trial, "changed": list(found.changed),
        "missing": list(found.missing), "added": list(found.added),
    }  # fmt: skip

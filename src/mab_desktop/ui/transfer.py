"""What the drive wizard shows and calls: small frozen facts, and the callables of one application."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtWidgets import QWidget

from mab_desktop.domain.progress import Progress
from mab_desktop.services.carrier_words import VERDICT_WORDS


@dataclass(frozen=True, slots=True)
class Drive:
    """A flash drive or a folder that stands for one. Sizes in bytes; 0 when not known."""

    path: str
    name: str
    free: int = 0
    total: int = 0
    writable: bool = True
    note: str = ""
    removable: bool = False


class Known(StrEnum):
    """What a carrier file is to this database, in the order of the list."""

    NEW = "new"
    RESTORED = "restored"
    GAP = "gap"
    WAITING = "waiting"
    FORK = "fork"
    FROZEN = "frozen"
    INCOMPLETE = "incomplete"
    KNOWN = "known"
    OLDER = "older"
    OWN = "own"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


KNOWN_WORDS = {Known(verdict.value): words for verdict, words in VERDICT_WORDS.items()}


@dataclass(frozen=True, slots=True)
class TransferItem:
    """One carrier file on the drive, as its open part shows it. All words are ready to show."""

    path: str
    title: str
    sender: str = ""
    recipient: str = ""
    made: str = ""
    size: int = 0
    known: Known = Known.NEW
    note: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class TransferChange:
    """What accepting would do to one kind of record."""

    what: str
    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class TransferPreview:
    """A carrier opened and verified, not yet accepted. `obstacle` closes the button and says why.

    `secret_prompt` asks for a password (p.30, p.36); what is typed comes back in `secret`. `card` makes a widget that
    tells in place of `changes` what accepting would do.
    """

    item: TransferItem
    lines: tuple[tuple[str, str], ...] = ()
    changes: tuple[TransferChange, ...] = ()
    warnings: tuple[str, ...] = ()
    obstacle: str = ""
    secret_prompt: str = ""
    secret: str = ""
    card: Callable[[], QWidget] | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an export is for."""

    key: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody whose signing key is on this PC; `obstacle` says why it does not count."""

    login: str
    name: str
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Exportable:
    """One kind of hand-over this application can write now; `obstacle` says why not yet.

    `signatures` people of `signers` must sign it, each with his own password.
    """

    key: str
    title: str
    recipients: tuple[Recipient, ...] = ()
    description: str = ""
    paragraph: str = ""
    obstacle: str = ""
    signatures: int = 0
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What was written or accepted; `recipient` says whom a written file is for."""

    path: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class TransferActions:
    """The callables of one application. All but the first run in a task; UserError says what is wrong and what is safe.

    `make(kind key, recipient keys, passwords by login, progress)` builds the files; what it gives goes to
    `write(made, drive, progress)`, again when a drive has failed and for a second drive. `eject` gives words.
    `again(digest)` gives the title and the files of what was made before.
    `may_export(kind key)` is asked first, in the window's thread (it may ask the person at work for the password).
    """

    list_drives: Callable[[], Sequence[Drive]]
    list_carriers: Callable[[Drive], Sequence[TransferItem]]
    preview: Callable[[str, Progress], TransferPreview]
    accept: Callable[[TransferPreview, Progress], TransferResult]
    accept_new: Callable[[Drive, Progress], TransferResult]
    exportable: Callable[[], Sequence[Exportable]]
    make: Callable[[str, Sequence[str], Mapping[str, str], Progress], Any]
    write: Callable[[Any, Drive, Progress], Sequence[TransferResult]]
    eject: Callable[[Drive], str]
    may_export: Callable[[str], bool] = lambda _kind: True
    again: Callable[[str], tuple[str, Any]] = lambda name: (name, None)

"""What the drive wizard shows and calls: small frozen facts, and the callables of one application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_


@dataclass(frozen=True, slots=True)
class Drive:
    """A flash drive or a folder that stands for one. Sizes in bytes; 0 when not known."""

    path: str
    name: str
    free: int = 0
    total: int = 0
    writable: bool = True
    note: str = ""


class Known(StrEnum):
    """What a carrier file is to this database."""

    NEW = "new"
    KNOWN = "known"
    OLDER = "older"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


KNOWN_WORDS = {
    Known.NEW: N_("New file"),
    Known.KNOWN: N_("Already accepted"),
    Known.OLDER: N_("Older than what is here"),
    Known.FOREIGN: N_("For somebody else"),
    Known.DAMAGED: N_("Cannot be read"),
}


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

    `secret_prompt` asks for a password (p.30, p.36); what is typed comes back in `secret`.
    """

    item: TransferItem
    lines: tuple[tuple[str, str], ...] = ()
    changes: tuple[TransferChange, ...] = ()
    warnings: tuple[str, ...] = ()
    obstacle: str = ""
    secret_prompt: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an export is for."""

    key: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exportable:
    """One kind of hand-over this application can write now; `obstacle` says why not yet."""

    key: str
    title: str
    recipients: tuple[Recipient, ...] = ()
    description: str = ""
    paragraph: str = ""
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class TransferResult:
    """What was written or accepted."""

    path: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransferActions:
    """The callables of one application. All but the first run in a task; UserError says what is wrong and what is safe.

    `export(kind key, recipient key, drive, progress)` is called once for each chosen recipient, after `may_export(kind
    key)` in the window's thread said so (it may ask the person at work for the password).
    """

    list_drives: Callable[[], Sequence[Drive]]
    list_carriers: Callable[[Drive], Sequence[TransferItem]]
    preview: Callable[[str], TransferPreview]
    accept: Callable[[TransferPreview, Progress], TransferResult]
    exportable: Callable[[], Sequence[Exportable]]
    export: Callable[[str, str, Drive, Progress], TransferResult]
    may_export: Callable[[str], bool] = lambda _kind: True

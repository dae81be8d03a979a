"""The sheet of a holder of a root key: the password of his drive, and the rules he keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms import secret_sheet
from mab_desktop.forms.page import DocumentHead, Imprint
from mab_desktop.forms.signature import Signer
from mab_desktop.i18n import N_

TITLE = N_("Password of a root key")
HOLDER = N_("Holder of the root key")
PROGRAMMER = N_("Programmer of the testing centre")
RULES = (
    N_("The file of the key is on your drive, this sheet opens it. Keep them in two different safes."),
    N_("Two of three holders come together when the root changes: another holder, another person who signs the trust "
       "list, or every three years. For nothing else is this password ever asked."),
    N_("Write the file to a second drive and try it: mab ntc root check. Never keep it on a computer."),
    N_("When the drive or this sheet is lost or was in other hands, say so the same day: the two other holders replace "
       "your key."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RootKeySheet:
    """Number of the holder, the day the key was made, the beginning of its id, the password's groups, names."""

    head: DocumentHead
    imprint: Imprint
    holder: int
    made: str
    key: str
    groups: tuple[str, ...]
    programmer: str = ""


def draw(*documents: RootKeySheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, a page each, written to `out` if given, else returned."""
    sheets = (
        secret_sheet.SecretSheet(
            data.head, data.imprint, TITLE, data.groups, RULES,
            ((N_("Holder"), str(data.holder)), (N_("Made on"), data.made), (N_("Number of the key"), data.key)),
            (Signer(HOLDER), Signer(PROGRAMMER, data.programmer)),
        )
        for data in documents
    )  # fmt: skip
    return secret_sheet.draw(*sheets, lang=lang, out=out)

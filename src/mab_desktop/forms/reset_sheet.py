"""Request for a new password: signed and sealed, its groups read to the testing centre, which answers by a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fingerprint_sheet import HEAD_OF_ORGANISATION
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.secret_sheet import draw_groups
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.i18n import N_

TITLE = N_("Request for a new password")
ASKS = N_("The person named above has forgotten the password for logging in. The testing centre is asked to let this "
          "person choose another one. The identity of the person was checked by an identity document.")  # fmt: skip
HOW = N_("Send the file to the testing centre, and this sheet by fax. The centre calls back and compares all groups. "
         "Its answer opens the database only here, and only with the new password.")  # fmt: skip
NOT_SECRET = N_("There is no secret on this sheet or in the file.")
ASKING = N_("Who asks for a new password")


@dataclass(frozen=True, slots=True)
class ResetSheet:
    """Whose password at which workplace, when it was asked for, and the file's groups."""

    head: DocumentHead
    imprint: Imprint
    device: str
    login: str
    made: str
    groups: tuple[str, ...]


def draw(*documents: ResetSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: ResetSheet) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Workplace"), data.device), (N_("Name for logging in"), data.login), (N_("When"), data.made)))  # fmt: skip
    sheet.gap(6)
    draw_groups(sheet, data.groups)
    for words in (ASKS, HOW, NOT_SECRET):
        sheet.statement(words)
        sheet.gap(4)
    sheet.gap(4)
    signatures(sheet, (Signer(ASKING), Signer(HEAD_OF_ORGANISATION, seal=True)))

"""Fingerprint of an organisation's certificate on paper: compared by eye before its files are trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed, shown_date
from mab_desktop.forms.secret_sheet import draw_groups
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.i18n import N_

TITLE = N_("Fingerprint of the organisation's certificate")
COMPARE = N_("Compare all groups with those on the screen of the other side, one by one. If one character differs, "
             "do not accept the certificate and call the organisation by telephone.")  # fmt: skip
NOT_SECRET = N_("The fingerprint is not a secret: it may be sent by fax, read aloud and hung up.")
HEAD_OF_ORGANISATION = N_("Head of the organisation")


@dataclass(frozen=True, slots=True)
class FingerprintSheet:
    """Whose certificate, on which device it was made, how long it holds, and its fingerprint in groups."""

    head: DocumentHead
    imprint: Imprint
    organisation: str
    role: str
    device: str
    valid_from: date
    valid_to: date
    groups: tuple[str, ...]
    programmer_role: str
    programmer: str = ""
    organisation_head: str = ""


def draw(*documents: FingerprintSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, a page each, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: FingerprintSheet) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Organisation"), data.organisation), (N_("Role"), sheet.words(data.role)), (N_("Device"), data.device),
        (N_("Validity"), f"{shown_date(data.valid_from)} – {shown_date(data.valid_to)}")))  # fmt: skip
    sheet.gap(6)
    draw_groups(sheet, data.groups)
    sheet.statement(COMPARE)
    sheet.gap(4)
    sheet.statement(NOT_SECRET)
    sheet.gap(8)
    signers = (
        Signer(data.programmer_role, data.programmer),
        Signer(HEAD_OF_ORGANISATION, data.organisation_head, seal=True),
    )
    signatures(sheet, signers)

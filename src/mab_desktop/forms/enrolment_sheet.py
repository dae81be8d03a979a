"""Check groups of a workplace and of the persons who sign there: read to the testing centre by telephone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fingerprint_sheet import HEAD_OF_ORGANISATION
from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.secret_sheet import draw_groups
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.i18n import N_

TITLE = N_("Check groups of a workplace")
COMPUTER = N_("This computer")
PERSON = N_("Person who signs")
HOW = N_("Hand the enrolment file to the testing centre. The centre calls on the number it knows and has all groups "
         "read out; only then is the workplace let in. Sign, seal and keep this sheet.")  # fmt: skip
NOT_SECRET = N_("There is no secret on this sheet or in the file.")


@dataclass(frozen=True, slots=True)
class KeyGroups:
    """Whose key it is, and its groups; `name` is a computer's or a person's."""

    name: str
    key: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentSheet:
    """The workplace's key and those of its persons; `role` is a message id."""

    head: DocumentHead
    imprint: Imprint
    organisation: str
    role: str
    device: KeyGroups
    persons: tuple[KeyGroups, ...]
    programmer: str = ""


def draw(*documents: EnrolmentSheet, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The sheets as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: EnrolmentSheet) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Organisation"), data.organisation), (N_("Role"), sheet.words(data.role))))  # fmt: skip
    _key(sheet, COMPUTER, data.device)
    for person in data.persons:
        _key(sheet, PERSON, person)
    sheet.gap(2)
    for words in (HOW, NOT_SECRET):
        sheet.statement(words)
        sheet.gap(4)
    signatures(sheet, (
        *(Signer(PERSON, person.name) for person in data.persons),
        Signer(N_("Programmer"), data.programmer), Signer(HEAD_OF_ORGANISATION, seal=True),
    ))  # fmt: skip


def _key(sheet: Sheet, title: str, key: KeyGroups) -> None:
    sheet.need(130)
    sheet.paragraph(f"{sheet.words.both(title)}: {key.name} · {key.key}", 10, BOLD)
    sheet.gap(4)
    draw_groups(sheet, key.groups)

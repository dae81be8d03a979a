"""Acts on keys: a key withdrawn, a person replaced by a stand-in, the root changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.fonts import BOLD
from mab_desktop.forms.page import BODY, DocumentHead, Fact, Imprint, Sheet, printed
from mab_desktop.forms.secret_sheet import draw_groups
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

CENTRE_SIGNER = N_("Signs the trust list for the centre")
ROOT_HOLDER = N_("Holder of the root key")
GROUND = N_("Ground")
NOTHING_COUNTS = N_("No file of this key counts.")
GROUPS = N_("Check groups")
_LAST = (
    Column(N_("Kind of file"), 70), Column(N_("Recipient"), 40), Column(N_("Last number that counts"), 40, "right"),
    Column(N_("Epoch"), 30, "right"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyActKind:
    """What one sort of act says: title and statements (message ids), whether files are counted, who signs."""

    title: str
    statements: tuple[str, ...]
    counts: bool = True
    signers: tuple[str, ...] = (CENTRE_SIGNER, CENTRE_SIGNER)


DEVICE_WITHDRAWN = KeyActKind(
    N_("Act on the withdrawal of a workplace's key"),
    (
        N_("The key of the workplace named above is withdrawn for good. The files below still count; any later file of "
           "this key is refused everywhere as soon as the trust list named above has come there."),
        N_("The organisation sets up another computer under another name, enrols it, sends anew what does not count, "
           "and destroys or keeps locked away every copy of the old database."),
    ),
)  # fmt: skip
PERSON_WITHDRAWN = KeyActKind(
    N_("Act on the withdrawal of a person's signing key"),
    (
        N_("The signing key of the person named above is withdrawn for good. Files that he signed count up to the "
           "numbers below."),
        N_("Files that two people must sign cannot be sent by the organisation until two keys are in force there."),
    ),
)  # fmt: skip
STAND_IN = KeyActKind(
    N_("Act on a stand-in for a person who signs"),
    (
        N_("In place of the person named first the second one signs from now on. Both changes are in the trust list "
           "named above. Files that the first one signed count up to the numbers below."),
    ),
)  # fmt: skip
ROOT_CHANGED = KeyActKind(
    N_("Act on the change of the testing centre's root"),
    (
        N_("The root named above was signed by enough of the root keys in force until now and by enough of the new "
           "ones. Workplaces take it over by themselves with the next file of the centre."),
        N_("At a first start from now on only the groups below are typed. Sheets with earlier groups are collected "
           "and destroyed."),
    ),
    counts=False, signers=(ROOT_HOLDER, ROOT_HOLDER, CENTRE_SIGNER, CENTRE_SIGNER),
)  # fmt: skip
KINDS = (DEVICE_WITHDRAWN, PERSON_WITHDRAWN, STAND_IN, ROOT_CHANGED)


@dataclass(frozen=True, slots=True)
class KeyAct:
    """An act: what it is about (`facts`), why, the last files that count (kind, recipient, number, epoch), groups."""

    kind: KeyActKind
    head: DocumentHead
    imprint: Imprint
    facts: tuple[Fact, ...]
    ground: str = ""
    last: tuple[tuple[str, str, str, str], ...] = ()
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def draw(*documents: KeyAct, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The acts as one PDF, each with its own page numbers, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, act: KeyAct) -> None:
    sheet.begin(act.kind.title, act.head, act.imprint)
    for fact in act.facts:
        sheet.facts([fact])
    sheet.gap(8)
    for words in act.kind.statements:
        sheet.statement(words)
        sheet.gap(4)
    if act.groups:
        sheet.gap(4)
        sheet.paragraph(sheet.words.both(GROUPS), BODY, BOLD)
        sheet.gap(3)
        draw_groups(sheet, act.groups)
    if act.kind.counts:
        _counts(sheet, act.last)
    sheet.gap(4)
    _ground(sheet, act.ground)
    names = (*act.names, *("",) * len(act.kind.signers))
    sheet.gap(4)
    signatures(sheet, tuple(Signer(role, name) for role, name in zip(act.kind.signers, names, strict=False)))


def _counts(sheet: Sheet, last: Sequence[tuple[str, str, str, str]]) -> None:
    sheet.gap(4)
    if last:
        draw_table(sheet, _LAST, last, size=10, row_height=18)
    else:
        sheet.statement(NOTHING_COUNTS)
    sheet.gap(4)


def _ground(sheet: Sheet, ground: str) -> None:
    sheet.paragraph(sheet.words.both(GROUND), BODY, BOLD)
    sheet.gap(2)
    if ground:
        sheet.paragraph(ground, BODY + 1)
        sheet.gap(6)
        return
    for _ in range(3):
        sheet.gap(20)
        sheet.rule()

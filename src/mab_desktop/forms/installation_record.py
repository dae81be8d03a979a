"""Installation record: which build of the program stands on which computer, who put it there, its parts and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mab_desktop.forms.page import DocumentHead, Imprint, Sheet, printed
from mab_desktop.forms.secret_sheet import draw_groups
from mab_desktop.forms.signature import Signer, signatures
from mab_desktop.forms.table import Column, draw_table
from mab_desktop.i18n import N_

TITLE = N_("Installation record")
ALL_FILES = N_("These groups stand for the list of all {n} files of the program with their checksums. Compare them "
               "with the groups of the testing centre; the same groups stand in the program under Event log, About "
               "the program.")  # fmt: skip
WHOLE = N_("All files were compared with the signed list: they are as they were signed.")
NOT_WHOLE = N_("The installed files differ from the signed list. The program must be installed anew.")
INSTALLER, ACCEPTED = N_("Installed by"), N_("Accepted by (responsible for the computer)")
_PARTS = (
    Column(N_("Part"), 82), Column(N_("Files"), 20, "right"), Column(N_("KB"), 26, "right"),
    Column(N_("Checksum of the part"), 52),
)  # fmt: skip
_BEFORE = (
    Column(N_("When"), 44), Column(N_("Version"), 50), Column(N_("In place of"), 46), Column(N_("Installed by"), 40),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InstallationRecord:
    """The build, where it stands, its parts (name, files, KB, checksum) and every installation here, oldest first."""

    head: DocumentHead
    imprint: Imprint
    program: str
    version: str
    computer: str
    folder: str
    signed_by: str
    groups: tuple[str, ...]
    files: int
    whole: bool
    parts: Sequence[tuple[str, int, int, str]]
    history: Sequence[tuple[str, str, str, str]]
    installer: str = ""


def draw(*documents: InstallationRecord, lang: str = "kk", out: BinaryIO | None = None) -> bytes:
    """The records as one PDF, written to `out` if given, else returned."""
    return printed(documents, _body, lang, out)


def _body(sheet: Sheet, data: InstallationRecord) -> None:
    sheet.begin(TITLE, data.head, data.imprint, facts=(
        (N_("Program"), sheet.words(data.program)), (N_("Version"), data.version), (N_("Computer"), data.computer),
        (N_("Folder"), data.folder), (N_("Key of the signature"), data.signed_by)))  # fmt: skip
    sheet.gap(4)
    draw_groups(sheet, data.groups)
    sheet.statement(ALL_FILES, n=data.files)
    sheet.gap(2)
    sheet.statement(WHOLE if data.whole else NOT_WHOLE)
    sheet.gap(6)
    draw_table(sheet, _BEFORE, data.history)
    signatures(sheet, (Signer(INSTALLER, data.installer), Signer(ACCEPTED, seal=True)))
    sheet.gap(10)
    draw_table(sheet, _PARTS, [(name, str(files), str(size), digest) for name, files, size, digest in data.parts])

"""Papers of the centre as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mab_desktop.services.whole_file import write_whole

if TYPE_CHECKING:
    from mab_desktop.services.documents import Document


def write_paper(file: Path, made: Document) -> None:
    """Write a paper of any size, whole or not at all; OSError where the disk refuses."""
    from mab_desktop.services.documents import pdf_parts

    write_whole(file, pdf_parts(made.pdf))

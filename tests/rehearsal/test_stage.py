"""The season's stage: what it keeps."""

from __future__ import annotations

from pathlib import Path

from mab_desktop.domain.progress import Silent
from mab_desktop.rehearsal.stage import Plan, new_stage
from mab_desktop.services.documents import Document
from mab_desktop.storage.sealed_paper import SealedPaper


def test_a_paper_too_large_for_memory_lies_on_the_pile_like_every_other(tmp_path: Path) -> None:
    """Passes of some thousand students are no bytes any more."""
    drawn = SealedPaper(in_memory=10)
    drawn.write(b"%PDF-1.7 ")
    drawn.write(b"page " * 1000)
    large = Document("passes", "027", "passes.pdf", drawn.finished(), 1, 1)
    new_stage(tmp_path, Plan("s", 4, 1, 1), "kk", Silent()).keep("027", large)
    assert (tmp_path / "prints" / "027" / "passes.pdf").read_bytes() == b"%PDF-1.7 " + b"page " * 1000

"""The centre prints the plans of a hall fund that a base university sent."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium

from mab_desktop.domain.errors import EXIT_ORDER, EXIT_REFUSED, EXIT_USAGE
from tests.apps.ntc_centre import Run, open_centre
from tests.services.centre_stand import BASE, put_halls


def pages(path: Path) -> list[str]:
    pdf = pdfium.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in pdf]


def test_every_hall_or_one_is_printed_with_its_seats(centre: Run, tmp_path: Path) -> None:
    code, said = centre("plan", BASE, tmp_path / "none.pdf")
    assert (code, "No hall is entered" in said) == (EXIT_ORDER, True), said
    ctx = open_centre(tmp_path)
    put_halls(ctx, [8, 12])
    ctx.store.close()
    whole, one = tmp_path / "halls.pdf", tmp_path / "hall.pdf"
    assert centre("plan", BASE, whole)[0] == 0
    code, said = centre("plan", BASE, one, "--hall", "102")
    assert (code, "Printed into" in said) == (0, True), said
    assert len(pages(whole)) == 2
    (page,) = pages(one)
    assert "102" in page
    assert "12" in page.split()
    assert centre("plan", BASE, one, "--hall", "999")[0] == EXIT_REFUSED
    assert centre("plan", BASE, one, "--hall", "102", "--of", "site")[0] == EXIT_USAGE
    code, said = centre("plan", BASE, tmp_path / "floors.pdf", "--of", "floors")
    assert (code, "brought no such plan" in said) == (EXIT_ORDER, True), said

"""A page is with the file as soon as it is full: nothing of it is kept, and the document is whole all the same."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader

from mab_desktop.forms import fonts
from mab_desktop.forms.lettering import put
from mab_desktop.forms.streamed import StreamedCanvas

SIZE = (200.0, 100.0)


def picture(shade: int, mode: str = "RGB") -> ImageReader:
    made = io.BytesIO()
    Image.effect_noise((120, 120), shade).convert(mode).save(made, "PNG")
    made.seek(0)
    return ImageReader(made)


def canvas(out: io.BytesIO) -> StreamedCanvas:
    fonts.register()
    return StreamedCanvas(out, SIZE, font=fonts.REGULAR, size=9, lang="kk")


def test_a_page_is_written_before_the_next_and_nothing_of_it_stays() -> None:
    out = io.BytesIO()
    made = canvas(out)
    lengths, kept = [], []
    for number in range(50):
        made.drawImage(picture(20 + number), 10, 10, 60, 60)
        put(made, 100, 50, f"Парақ {number}", 9)
        made.showPage()
        lengths.append(out.tell())
        kept.append(len(made._doc.idToObject))
    assert all(after - before > 5000 for before, after in zip(lengths, lengths[1:], strict=False))
    assert kept[0] == kept[-1]
    made.save()
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        assert len(document) == 50
        assert "Парақ 49" in document[49].get_textpage().get_text_range()
        assert all(len(list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) == 1 for page in document)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pictures_that_pages_or_forms_share_are_found_on_each(mode: str) -> None:
    """The same picture on two pages, one on a form that is drawn before its pages, a number that is known last."""
    out, logo = io.BytesIO(), picture(90, mode)
    made = canvas(out)
    made.beginForm("head", 0, 0, *SIZE)
    made.drawImage(logo, 10, 50, 40, 40, mask="auto")
    made.endForm()
    for number in range(3):
        made.doForm("head")
        made.drawImage(logo, 100, 10, 60, 60, mask="auto")
        made.saveState()
        made.translate(5, 5)
        made.doForm("total")
        made.restoreState()
        put(made, 60, 80, str(number), 9)
        made.showPage()
    made.beginForm("total", 0, 0, 20, 10)
    put(made, 0, 0, "3", 9)
    made.endForm()
    made.save()
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        looks = [document[n].render(scale=1, grayscale=True).to_numpy() for n in range(3)]
        assert document[2].get_textpage().get_text_range().split() == ["3", "2"]
    for look in looks:
        assert look[10:50, 10:50].std() > 1
        assert look[30:90, 100:160].std() > 1
        assert look[85:97, 5:12].min() < 200

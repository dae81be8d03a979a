"""What holds for every printed form in every language: typefaces, margins, sizes, footers, nothing over anything."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import form_samples
import printed_page
import pytest

from mab_desktop.forms import act
from mab_desktop.forms.lettering import _letters
from mab_desktop.forms.page import EDGE, SIDE
from mab_desktop.i18n import translate

Core = tuple[float, float, float, float, str]
NAMES = list(form_samples.SAMPLES)
# What hangs on doors and tables, and the pass, have no room for it.
WITHOUT_LETTERHEAD = {"admission_pass", "admission_pass_three", "seat_labels_10", "seat_labels_24", "hall_sign",
                      "direction_sign", "direction_stairs"}  # fmt: skip
UPRIGHT = [name for name in NAMES if name != "seating_reprint"]  # the test-mode mark lies across the text on purpose


@cache
def drawn(name: str, lang: str) -> bytes:
    """The sample as a PDF, drawn once for all tests here."""
    return form_samples.SAMPLES[name](lang=lang)


@pytest.mark.parametrize("name", NAMES)
def test_typefaces_are_embedded_and_hold_every_letter(name: str) -> None:
    pdf = drawn(name, "kk")
    faces = printed_page.typefaces(pdf)
    assert faces
    assert all("PTSans" in face for face in faces), faces
    assert printed_page.embedded(pdf) == len(faces)
    assert "?" not in "".join(printed_page.texts(pdf))


@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("name", UPRIGHT)
def test_letters_keep_their_margins_their_size_and_their_distance(name: str, lang: str) -> None:
    """No letter outside the margins, none below 8 pt, no two over each other (the cores of their boxes are apart)."""
    smallest = 5.0 if name.startswith("admission_pass") else 8.0
    cells: dict[tuple[int, int, int], list[Core]] = defaultdict(list)
    for page, (wide, high), letter, (left, bottom, right, top), size in printed_page.letters(drawn(name, lang)):
        where = f"{letter!r} on page {page + 1} at {left:.0f}, {bottom:.0f}"
        assert left > SIDE - 1, where
        assert right < wide - SIDE + 1, where
        assert bottom > EDGE - 3, where
        assert top < high - EDGE + 3, where
        assert size >= smallest - 0.01, where
        if letter not in "«»_–-.,;:'":
            _apart(cells, page, (left, bottom, right, top), letter)


def _apart(cells: dict[tuple[int, int, int], list[Core]], page: int, box: printed_page.Box, letter: str) -> None:
    left, bottom, right, top = box
    x, y = (right - left) * 0.25, (top - bottom) * 0.25
    core = (left + x, bottom + y, right - x, top - y, letter)
    for i in range(int(core[0] // 20), int(core[2] // 20) + 1):
        for j in range(int(core[1] // 20), int(core[3] // 20) + 1):
            for other in cells[page, i, j]:
                crossed = core[0] < other[2] and other[0] < core[2] and core[1] < other[3] and other[1] < core[3]
                assert not crossed, f"{letter!r} over {other[4]!r} on page {page + 1} at {left:.0f}, {bottom:.0f}"
            cells[page, i, j].append(core)


@pytest.mark.parametrize("name", NAMES)
def test_english_is_drawn_too(name: str) -> None:
    assert any("Printed 14.05.2011 08:12" in text for text in printed_page.texts(drawn(name, "en")))


@pytest.mark.parametrize("name", NAMES)
def test_footer_tells_page_copy_time_program_and_log(name: str) -> None:
    pages = printed_page.texts(drawn(name, "kk"))
    chapters = "\n".join(pages)
    assert chapters.count("Басылды: 14.05.2011 08:12 · mab-desktop 0.1.0 · журнал a3f19c07d2e4") == len(pages)
    assert "a3f19c07d2e45" not in chapters
    for text in pages:
        assert "парақ " in text
        assert "дана 1 / " in text


def test_page_numbers_count_each_document_of_a_file_by_itself() -> None:
    from form_samples import preparation

    from mab_desktop.forms import seating_sheet

    pages = printed_page.texts(seating_sheet.draw(preparation.seating(48), preparation.seating(5)))
    numbers = [
        next(f"{n} / {m}" for n in range(1, 9) for m in range(1, 9) if f"парақ {n} / {m}" in _flat(t)) for t in pages
    ]
    assert numbers == ["1 / 3", "2 / 3", "3 / 3", "1 / 1"]


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_russian_alone_has_no_kazakh_headings(name: str) -> None:
    text = "\n".join(printed_page.texts(drawn(name, "ru")))
    assert "Қазақстан Республикасы Білім" not in text
    if name not in WITHOUT_LETTERHEAD:
        assert "Министерство образования и науки" in text


def test_every_act_has_its_own_title_in_both_languages() -> None:
    from form_samples import exam

    for kind in act.KINDS:
        text = _flat(printed_page.texts(act.draw(exam.an_act(kind)))[0])
        assert translate("kk", kind.title).upper() in text
        assert translate("ru", kind.title).upper() in text


def test_kazakh_letters_are_in_all_typefaces() -> None:
    for face in ("PTSans", "PTSans-Bold", "PTSans-Italic"):
        assert _letters(face).issuperset("ӘҒҚҢӨҰҮҺІәғқңөұүһі№«»–—…·×")

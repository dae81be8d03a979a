"""Every form is drawn as it was last looked at: its text exactly, its picture within a small tolerance.

After a deliberate change: ``python -m pytest tests/forms --update-golden``, then look at the pictures in the diff.
"""

from __future__ import annotations

from pathlib import Path

import form_samples
import numpy as np
import printed_page
import pytest
from PIL import Image

GOLDEN = Path(__file__).with_name("golden")
DPI = 60


@pytest.mark.parametrize("name", list(form_samples.SAMPLES))
def test_form_looks_as_last_seen(name: str, update_golden: bool) -> None:
    pdf = form_samples.SAMPLES[name](lang="kk")
    text = "\n\f\n".join(printed_page.texts(pdf))
    picture = printed_page.picture(pdf, dpi=DPI)
    text_path, picture_path = GOLDEN / f"{name}.txt", GOLDEN / f"{name}.png"
    if update_golden:
        GOLDEN.mkdir(exist_ok=True)
        text_path.write_text(text, "utf-8", newline="\n")
        Image.fromarray(picture // 16 * 17).quantize(16).save(picture_path, optimize=True)
    assert text == text_path.read_text("utf-8")
    with Image.open(picture_path) as stored:
        seen = np.asarray(stored.convert("L"), dtype=float)
    assert picture.shape == seen.shape
    # Renderers differ by a shade at edges; a moved line or word changes the mean of its neighbourhood.
    coarse = np.abs(_coarse(picture.astype(float)) - _coarse(seen))
    assert coarse.max() < 10


def _coarse(picture: np.ndarray) -> np.ndarray:
    """Means over squares of six pixels (2.5 mm)."""
    high, wide = (n // 6 * 6 for n in picture.shape)
    return picture[:high, :wide].reshape(high // 6, 6, wide // 6, 6).mean(axis=(1, 3))


def test_golden_folder_holds_no_stray_pages() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(form_samples.SAMPLES)


def test_drawing_twice_gives_the_same_bytes() -> None:
    for name in ("seating_sheet", "admission_pass", "identification_last"):
        assert form_samples.SAMPLES[name](lang="kk") == form_samples.SAMPLES[name](lang="kk")

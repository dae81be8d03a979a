"""`mab sheet` of any profile and `mab fit`: what they write, print and answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from mab_desktop.cli import main
from mab_desktop.domain.exam_profile import ExamProfile, profile_to
from mab_desktop.domain.sheet import geometry_json, layout
from mab_desktop.omr.read import read_image

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `mab --lang en`: exit code, standard output, standard error."""

    def go(*arguments: object) -> tuple[int, str, str]:
        code = main(["--lang", "en", *(str(argument) for argument in arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return go


def picture(pdf: Path, page: int = 0) -> np.ndarray:
    """A page at 200 dots per inch."""
    gray = np.array(pypdfium2.PdfDocument(pdf.read_bytes())[page].render(scale=200 / 72, grayscale=True).to_numpy())
    return gray.reshape(gray.shape[:2])


def test_a_sheet_of_options_and_of_a_profile_file_are_the_same(run: Run, tmp_path: Path) -> None:
    big = ExamProfile(subjects=6, items=30, code_digits=10)
    sizes = ("--subjects", 6, "--items", 30, "--code-digits", 10)
    (tmp_path / "profile.json").write_text(json.dumps(profile_to(big)), "utf-8")
    assert run("sheet", "--pdf", tmp_path / "a.pdf", "--geometry", tmp_path / "a.json", *sizes)[0] == 0
    assert run("sheet", "--pdf", tmp_path / "b.pdf", "--profile", tmp_path / "profile.json")[0] == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == geometry_json(layout(big))
    mixed = ("--profile", tmp_path / "profile.json", "--items", 20)
    assert run("sheet", "--geometry", tmp_path / "c.json", *mixed)[0] == 0
    fewer = ExamProfile(subjects=6, items=20, code_digits=10)
    assert json.loads((tmp_path / "c.json").read_text("utf-8")) == geometry_json(layout(fewer))


def test_shift_and_hall_are_printed_so_that_they_are_read(run: Run, tmp_path: Path) -> None:
    assert run("sheet", "--pdf", tmp_path / "a.pdf", "--shift", 7, "--hall", "31", "--count", 2)[0] == 0
    read = read_image(picture(tmp_path / "a.pdf", 1), layout(ExamProfile(training=True)), dpi=200)
    digits = {name: "".join(read.fields[name][n].values[0] for n in sorted(read.fields[name]))
              for name in ("shift", "hall")}  # fmt: skip
    assert (digits, read.serial) == ({"shift": "07", "hall": "031"}, "000000000002")


def test_the_copy_is_no_sheet(run: Run, tmp_path: Path) -> None:
    assert run("sheet", "--pdf", tmp_path / "a.pdf", "--copy", "--subjects", 6)[0] == 0
    assert not read_image(picture(tmp_path / "a.pdf"), layout(ExamProfile(subjects=6)), dpi=200).ok


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--subjects", 7), "7 subjects with 5 options each leave"),
        (("--items", 31), "31 items in a column leave"),
        (("--code-digits", 12), "24 digits in all, 23 fit"),
        (("--code-digits", 99), "personal_code_digits is 99"),
        (("--hall", "12a"), "Hall 12a does not fit into sector 5"),
        (("--hall", "1234"), "at most 3 digits"),
        (("--shift", 100), "at most 2 digits"),
        (("--shift", -1), "does not fit into sector 5"),
        (("--profile", "{tmp}/none.json"), "not JSON"),
        (("--profile", "{tmp}/list.json"), "names with values are expected"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(
    run: Run, tmp_path: Path, options: tuple[object, ...], said: str
) -> None:
    (tmp_path / "none.json").write_text("{", "utf-8")
    (tmp_path / "list.json").write_text("[]", "utf-8")
    given = [str(option).replace("{tmp}", str(tmp_path)) for option in options]
    code, out, error = run("sheet", "--pdf", tmp_path / "a.pdf", *given)
    assert (code, out) == (3, "")
    assert said in error
    assert not (tmp_path / "a.pdf").exists()


def test_the_test_sheet_is_written_read_and_judged(run: Run, tmp_path: Path) -> None:
    assert run("fit", "--pdf", tmp_path / "fit.pdf") == (0, "", "")
    image = picture(tmp_path / "fit.pdf")
    cv2.imwrite(str(tmp_path / "good.png"), image)
    code, out, _ = run("fit", tmp_path / "good.png", "--json", tmp_path / "good.json")
    assert code == 0
    assert out.startswith("Good: fit for the exam.\n")
    assert json.loads((tmp_path / "good.json").read_text("utf-8"))["verdict"] == "good"
    small = np.full_like(image, 255)
    shrunk = cv2.resize(image, None, fx=0.94, fy=0.94, interpolation=cv2.INTER_AREA)
    small[70 : 70 + shrunk.shape[0], 50 : 50 + shrunk.shape[1]] = shrunk
    cv2.imwrite(str(tmp_path / "small.png"), small)
    code, out, _ = run("fit", tmp_path / "small.png", "--dpi", 200)
    assert code == 1
    assert "94 % of its true size across" in out
    assert "fit to page" in out


def test_a_white_sheet_is_looked_at_for_streaks(run: Run, tmp_path: Path) -> None:
    white = np.full((2339, 1654), 240, np.uint8)
    cv2.imwrite(str(tmp_path / "white.png"), white)
    assert run("fit", "--white", tmp_path / "white.png")[0] == 0
    white[:, 900:903] = 200
    cv2.imwrite(str(tmp_path / "white.png"), white)
    code, out, _ = run("fit", "--white", tmp_path / "white.png")
    assert code == 1
    assert "Streak at 114 mm" in out


def test_what_cannot_be_used_is_said(run: Run, tmp_path: Path) -> None:
    code, _, error = run("fit")
    assert code == 2
    assert "which image to read" in error
    (tmp_path / "words.png").write_bytes(b"words")
    code, out, _ = run("fit", tmp_path / "words.png")
    assert code == 1
    assert "cannot be opened as an image" in out
    assert run("fit", tmp_path / "nothing.png")[0] == 1


def test_the_verdict_is_told_in_one_language_with_its_decimal_comma(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("no image")
    assert main(["--lang", "ru", "fit", str(tmp_path / "a.txt")]) == 1
    assert "открывается как изображение: не JPEG" in capsys.readouterr().out
    assert run("fit", "--pdf", tmp_path / "fit.pdf")[0] == 0
    page = pypdfium2.PdfDocument(tmp_path / "fit.pdf")[0].render(scale=200 / 72, grayscale=True).to_numpy()
    tall = cv2.resize(page.reshape(page.shape[:2]), None, fx=1.0, fy=1.02, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "tall.png"), tall)
    assert main(["--lang", "ru", "fit", str(tmp_path / "tall.png"), "--dpi", "200"]) in (0, 1)
    assert " % по ширине, 102,0 % по высоте" in capsys.readouterr().out


def test_a_resolution_that_no_scanner_has_is_refused(run: Run) -> None:
    assert run("fit", "a.png", "--dpi", -5)[::2] == (2, "--dpi must be a number from 50 to 1200.\n")

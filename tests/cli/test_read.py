"""`mab read` and `mab bench`: our sheet of any profile, other forms, pictures, decisions taken again."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest

from mab_desktop.rehearsal.sample_scans import SampleScan, make_scans
from mab_desktop.services.sheets import blank_sheets
from tests.cli.conftest import Run

LANGUAGES = ("kk", "ru", "en")


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> list[SampleScan]:
    """Sheets with the worst pens, printers and scanners: some groups are doubtful."""
    return list(make_scans(tmp_path_factory.mktemp("scans"), "hard", 4, seed="read tests"))


def sheets(out: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(out)["sheets"]
    return found


def values(sheet: dict[str, Any], field: str, column: int) -> list[str]:
    found: list[str] = sheet["fields"][field][str(column)]["values"]
    return found


# -- our sheet


def test_names_that_are_no_text_or_hardly_fit_end_no_run(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    names = [os.fsencode(folder) + b"/" + name for name in (b"1 \xff\xfe.pdf", b"2" * 240 + b".pdf")]
    for name in names:
        Path(os.fsdecode(name)).write_bytes(blank_sheets(1))
    code, out, err = run("read", folder, "--pictures", tmp_path / "why", "--pictures-of", "all")
    assert (code, err) == (0, "")
    assert [os.fsencode(sheet["file"]) for sheet in sheets(out)] == names
    assert all((tmp_path / "why" / sheet["picture"]).stat().st_size for sheet in sheets(out))
    assert run("read", folder, "--json", tmp_path / "seen.json")[0] == 0
    assert sheets((tmp_path / "seen.json").read_text("utf-8"))[0]["ok"]


def test_folders_within_a_folder_are_told_of(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hall" / "pass-1").mkdir(parents=True)
    assert "Folders within a folder are not looked into" in run("--lang", "en", "read", tmp_path / "hall")[2]
    assert "Folders" not in run("--lang", "en", "read", tmp_path / "hall" / "pass-1")[2]


def test_what_people_marked_is_read_or_asked_about(run: Run, scans: list[SampleScan]) -> None:
    code, out, _ = run("read", *(scan.path for scan in scans))
    found = sheets(out)
    assert code in (0, 1)
    assert [Path(sheet["file"]) for sheet in found] == [scan.path for scan in scans]
    assert any(sheet["ok"] for sheet in found)
    for sheet, scan in zip(found, scans, strict=True):
        assert not sheet["ok"] or sheet["serial"] == scan.truth.sheet
        for field, columns in sheet["fields"].items():
            for column, group in columns.items():
                meant = scan.truth.plausible((field, column))
                assert group["state"] == "doubtful" or set(group["values"]) in [set(m) for m in meant]


def test_a_sheet_of_another_profile_is_read_with_that_profile_only(run: Run, tmp_path: Path) -> None:
    sizes = ("--subjects", 6, "--items", 30, "--code-digits", 10)
    (tmp_path / "profile.json").write_text(json.dumps({"fixed": {"subjects_per_student": 6, "items_per_subject": 30,
                                                                 "personal_code_digits": 10}}), "utf-8")  # fmt: skip
    assert run("sheet", "--pdf", tmp_path / "a.pdf", *sizes)[0] == 0
    for options in (sizes, ("--profile", tmp_path / "profile.json")):
        code, out, err = run("read", tmp_path / "a.pdf", *options)
        assert (code, err) == (0, "")
        assert len(sheets(out)[0]["fields"]["code"]) == 10
        assert len(sheets(out)[0]["fields"]["subject6"]) == 30
    code, out, err = run("--lang", "en", "read", tmp_path / "a.pdf")
    assert (code, sheets(out)[0]["problems"]) == (1, ["wrong-form"])
    assert "a.pdf, page 1: This is another form than the one of this exam." in err


def test_a_geometry_reads_what_lies_between_the_squares(run: Run, tmp_path: Path) -> None:
    sizes = ("--subjects", 4, "--items", 20)
    assert run("sheet", "--pdf", tmp_path / "a.pdf", "--geometry", tmp_path / "g.json", *sizes)[0] == 0
    code, out, err = run("read", tmp_path / "a.pdf", "--geometry", tmp_path / "g.json")
    assert (code, err) == (0, "")
    (sheet,) = sheets(out)
    assert (len(sheet["fields"]["subject4"]), "subject5" in sheet["fields"]) == (20, False)
    assert sheet["serial"] == "000000000001"


def test_many_pages_are_counted_and_no_file_ends_the_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "01.pdf").write_bytes(blank_sheets(12))
    (tmp_path / "in" / "02.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    (tmp_path / "in" / "03.tif").write_bytes(b"II*\0")
    (tmp_path / "in" / "04.pdf").write_bytes(blank_sheets(1))
    for lang in LANGUAGES:
        code, out, err = run("--lang", lang, "read", tmp_path / "in", "--threads", 2)
        found = sheets(out)
        assert code == 1
        assert [sheet["ok"] for sheet in found] == [True] * 12 + [False, False, True]
        assert [sheet["problems"] for sheet in found[12:14]] == [["unreadable-file"]] * 2
        assert "15/15" in err
        assert len(err.strip().splitlines()) == 3
        assert "02.jpg" in err


# -- pictures


def test_pictures_show_the_pages_that_people_will_ask_about(run: Run, tmp_path: Path, scans: list[SampleScan]) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    files = [tmp_path / "broken.jpg", *(scan.path for scan in scans)]
    pictures = tmp_path / "a" / "why"
    code, out, _ = run("read", *files, "--pictures", pictures)
    assert code == 1
    asked = 0
    for sheet in sheets(out):
        groups = [group for columns in sheet["fields"].values() for group in columns.values()]
        doubtful = any(group["state"] == "doubtful" for group in groups)
        assert ("picture" in sheet) == (doubtful or not sheet["ok"])
        asked += "picture" in sheet
        if "picture" in sheet:
            shown = cv2.imread(str(pictures / sheet["picture"]), cv2.IMREAD_COLOR)
            assert shown.shape[1] == 992
            assert (shown.shape[0] > 1403) == (Path(sheet["file"]).name != "broken.jpg")
    assert len(list(pictures.iterdir())) == asked > 1
    (tmp_path / "blank.pdf").write_bytes(blank_sheets(1))
    for of, count in (("asked", 0), ("all", 1)):
        run("read", tmp_path / "blank.pdf", "--pictures", tmp_path / of, "--pictures-of", of)
        assert len(list((tmp_path / of).iterdir())) == count


def test_the_words_on_a_picture_follow_the_language(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"nothing")
    shown = set()
    for lang in LANGUAGES:
        run("--lang", lang, "read", tmp_path / "broken.jpg", "--pictures", tmp_path / lang)
        (file,) = (tmp_path / lang).iterdir()
        shown.add(file.read_bytes())
    assert len(shown) == 3


# -- scores


def test_decisions_are_taken_again_without_the_images(run: Run, tmp_path: Path, scans: list[SampleScan]) -> None:
    seen, again = tmp_path / "seen.json", tmp_path / "again.json"
    code = run("read", *(scan.path for scan in scans), "--scores", "--json", seen)[0]
    first = json.loads(seen.read_text("utf-8"))
    assert list(first) == ["reader", "geometry", "sheets"]
    assert any(len(base64.b64decode(sheet["scores"])) > 800 for sheet in first["sheets"] if sheet["ok"])
    assert run("read", "--again", seen, "--json", again) == (code, "", "")
    assert json.loads(again.read_text("utf-8")) == first
    run("read", "--again", seen, "--json", again, "--rule", "floor=0.15", "--rule", "likes=40")
    other = json.loads(again.read_text("utf-8"))
    for before, after in zip(first["sheets"], other["sheets"], strict=True):
        assert {k: v for k, v in before.items() if k not in ("fields", "thresholds")} == {
            k: v for k, v in after.items() if k not in ("fields", "thresholds")
        }
        assert before["ok"] == (after.get("thresholds", {}).get("likes") == 40)
    assert [sheet["fields"] for sheet in other["sheets"]] != [sheet["fields"] for sheet in first["sheets"]]


def test_rules_hold_for_reading_too(run: Run, scans: list[SampleScan]) -> None:
    good = next(sheet for sheet in sheets(run("read", *(scan.path for scan in scans))[1]) if sheet["ok"])
    none_is_strong = ("weakest=5", "strongest=5", "pale_mark=9", "gap=99", "solid_ink=9", "fine_ink=9")
    rules = [word for rule in none_is_strong for word in ("--rule", rule)]
    (strict,) = sheets(run("read", good["file"], *rules)[1])
    assert (strict["ok"], strict["problems"]) == (False, ["pale-ink"])  # a sheet without an answer


@pytest.mark.parametrize("content", ["[]", "{}", '{"sheets": 1}', '{"sheets": [{"ok": true}]}', "no", '{"sheets": [7]}',
                                     '{"sheets": [{"ok": true, "scores": "!", "thresholds": {}}]}',
                                     '{"sheets": [{"ok": true, "scores": "AAAA", "thresholds": {}}]}'])  # fmt: skip
def test_a_file_without_scores_is_told(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "f.json").write_text(content, "utf-8")
    code, out, err = run("--lang", "en", "read", "--again", tmp_path / "f.json")
    assert (code, out) == (3, "")
    assert "f.json holds no scores to decide from." in err


def test_scores_of_another_sheet_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(blank_sheets(1))
    run("read", tmp_path / "a.pdf", "--scores", "--json", tmp_path / "f.json")
    code, _, err = run("--lang", "en", "read", "--again", tmp_path / "f.json", "--items", 20)
    assert code == 3
    assert "belong to another sheet" in err


# -- registered pages of any form

COLUMNS, ROWS = 3, 24


def foreign_form() -> dict[str, Any]:
    """A card of 150 x 200 mm: three columns of questions with flat bubbles, one group of large ones."""
    flat = {"rx": 2.4, "ry": 1.5}
    bubbles = [
        {"field": f"part{c}", "column": n, "value": v, "x": 14 + c * 34 + k * 7.5, "y": 30 + n * 6.4} | flat
        for c in range(COLUMNS) for n in range(ROWS) for k, v in enumerate("abcd")
    ]  # fmt: skip
    bubbles += [{"field": "sex", "column": 0, "value": v, "x": 120, "y": 40 + 9 * k, "rx": 3, "ry": 3}
                for k, v in enumerate("fm")]  # fmt: skip
    return {"page": {"width": 150, "height": 200}, "bubbles": bubbles}


def foreign_page(
    form: dict[str, Any], dots: float, rng: np.random.Generator, filled: bool
) -> tuple[Any, dict[str, str]]:
    """The card as gray values and what was marked; print and marks stray by some tenths of a millimetre."""
    width, height = (round(form["page"][side] * dots) for side in ("width", "height"))
    gray = np.full((height, width), 238.0, np.float32)
    marked: dict[str, str] = {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for bubble in form["bubbles"]:
        groups.setdefault(f"{bubble['field']}.{bubble['column']}", []).append(bubble)
    astray = rng.normal(0, 0.12, 2)
    for key, members in groups.items():
        chosen = int(rng.integers(len(members))) if filled and rng.random() < 0.9 else -1
        marked[key] = members[chosen]["value"] if chosen >= 0 else ""
        for n, bubble in enumerate(members):
            middle = tuple(np.rint((np.array([bubble["x"], bubble["y"]]) + astray) * dots * 16).astype(int).tolist())
            axes = round(bubble["rx"] * dots * 16), round(bubble["ry"] * dots * 16)
            cv2.ellipse(gray, middle, axes, 0, 0, 360, 120, max(1, round(0.2 * dots)), cv2.LINE_AA, 4)
            letter = middle[0] // 16 - round(0.6 * dots), middle[1] // 16 + round(0.7 * dots)
            cv2.putText(gray, bubble["value"], letter, cv2.FONT_HERSHEY_SIMPLEX, 0.05 * dots, 150, 1, cv2.LINE_AA)
            if n == chosen:
                inner = round(axes[0] * 0.85), round(axes[1] * 0.85)
                cv2.ellipse(gray, middle, inner, 0, 0, 360, 70, -1, cv2.LINE_AA, 4)
    noisy = cv2.GaussianBlur(gray, (0, 0), 0.6) + rng.normal(0, 2.5, gray.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), marked


@pytest.mark.parametrize("with_blank", [False, True])
def test_a_registered_page_of_another_form_is_read(run: Run, tmp_path: Path, with_blank: bool) -> None:
    form, rng = foreign_form(), np.random.default_rng(3)
    (tmp_path / "form.json").write_text(json.dumps(form), "utf-8")
    page, marked = foreign_page(form, 8.0, rng, filled=True)
    cv2.imwrite(str(tmp_path / "card.png"), page)
    cv2.imwrite(str(tmp_path / "blank.tif"), foreign_page(form, 11.0, rng, filled=False)[0])
    blank = ("--blank", tmp_path / "blank.tif") if with_blank else ()
    code, out, err = run("read", tmp_path / "card.png", "--geometry", tmp_path / "form.json", "--registered", *blank,
                         "--pictures", tmp_path / "why", "--pictures-of", "all")  # fmt: skip
    assert (code, err) == (0, "")
    (sheet,) = sheets(out)
    found = {f"{field}.{column}": group for field, columns in sheet["fields"].items()
             for column, group in columns.items()}  # fmt: skip
    assert found == {
        key: {"state": "one", "values": [value]} if value else {"state": "none", "values": []}
        for key, value in marked.items()
    }
    shown = cv2.imread(str(tmp_path / "why" / sheet["picture"]))
    assert shown.shape[1] == round(150 / 25.4 * 120)


def test_decisions_on_registered_pages_are_taken_again_alike(run: Run, tmp_path: Path) -> None:
    form, rng = foreign_form(), np.random.default_rng(4)
    (tmp_path / "form.json").write_text(json.dumps(form), "utf-8")
    cv2.imwrite(str(tmp_path / "card.png"), foreign_page(form, 8.0, rng, filled=True)[0])
    cv2.imwrite(str(tmp_path / "blank.png"), foreign_page(form, 8.0, rng, filled=False)[0])
    own = ("--geometry", tmp_path / "form.json", "--registered")
    first = run("read", tmp_path / "card.png", *own, "--blank", tmp_path / "blank.png", "--scores")[1]
    (tmp_path / "f.json").write_text(first, "utf-8")
    assert run("read", "--again", tmp_path / "f.json", *own)[1] == first


def test_our_own_sheet_can_be_read_as_a_registered_page(run: Run, tmp_path: Path) -> None:
    run("sheet", "--geometry", tmp_path / "g.json", "--pdf", tmp_path / "a.pdf", "--shift", 3, "--hall", "312")
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    document[0].render(scale=200 / 72, grayscale=True).to_pil().save(tmp_path / "a.png")
    document.close()
    (sheet,) = sheets(run("read", tmp_path / "a.png", "--registered")[1])
    assert [values(sheet, "hall", n) for n in range(3)] == [["3"], ["1"], ["2"]]
    assert sheet == sheets(run("read", tmp_path / "a.png", "--registered", "--geometry", tmp_path / "g.json")[1])[0] | {
        "ms": sheet["ms"]}  # fmt: skip


# -- wrong usage

BUBBLE = {"field": "q", "column": 0, "value": "a", "x": 50, "y": 50, "rx": 2, "ry": 2}
SMALL = {"width": 100, "height": 100}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("no", "it is not JSON"),
        ([], "a page with width and height and a list of bubbles"),
        ({"bubbles": [BUBBLE]}, "a page with width"),
        ({"page": SMALL, "bubbles": []}, "a list of bubbles"),
        ({"page": {"width": 100}, "bubbles": [BUBBLE]}, "page's height"),
        ({"page": {"width": True, "height": 100}, "bubbles": [BUBBLE]}, "page's width"),
        ({"page": {"width": 1e9, "height": 100}, "bubbles": [BUBBLE]}, "page's width"),
        ({"page": SMALL, "bubbles": [BUBBLE, 7]}, "bubble 2"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"field": ""}]}, "field and value"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"value": None}]}, "field and value"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"column": "0"}]}, "column"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"column": -1}]}, "column"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"x": "50"}]}, "x, y, rx and ry"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"y": float("nan")}]}, "x, y, rx and ry"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"rx": 0}]}, "half its width"),
        ({"page": SMALL, "bubbles": [BUBBLE | {"x": 99.5}]}, "on the page"),
        ({"page": SMALL, "bubbles": [BUBBLE, BUBBLE | {"x": 60}]}, "bubble 2: its field, column and value"),
    ],
)
def test_a_wrong_geometry_is_told_in_words(run: Run, tmp_path: Path, form: Any, said: str) -> None:
    (tmp_path / "form.json").write_text(form if isinstance(form, str) else json.dumps(form), "utf-8")
    (tmp_path / "a.png").write_bytes(b"")
    own = ("--registered", "--geometry", tmp_path / "form.json")
    code, out, err = run("--lang", "en", "read", tmp_path / "a.png", *own)
    assert (code, out) == (3, "")
    assert said in err
    assert "mab sheet --geometry" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("{a}", "--blank", "{a}"), 2, "--registered"),
        (("{a}", "--again", "{a}"), 2, "--again"),
        (("--again", "{a}", "--pictures", "{a}.d"), 2, "--again"),
        (("{a}", "--rule", "flor=1"), 2, "flor=1"),
        (("{a}", "--rule", "floor"), 2, "floor"),
        (("{a}", "--rule", "likes=many"), 2, "likes=many"),
        (("{a}", "--rule", "floor=nan"), 2, "floor=nan"),
        (("{a}", "--threads", "-1"), 2, "--threads"),
        (("{a}", "--geometry", "{small}"), 3, "--registered"),
        (("{a}", "--registered", "--blank", "{a}"), 3, "a.png"),
        (("{a}", "--geometry", "{a}.json"), 7, "a.png.json"),
        (("{empty}",), 3, "empty"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    (tmp_path / "empty").mkdir()
    (tmp_path / "small.json").write_text(json.dumps({"page": SMALL, "bubbles": [BUBBLE]}), "utf-8")
    names = {"{a}": tmp_path / "a.png", "{small}": tmp_path / "small.json", "{empty}": tmp_path / "empty"}
    given = []
    for argument in arguments:
        for name, path in names.items():
            argument = argument.replace(name, str(path))
        given.append(argument)
    for lang in LANGUAGES:
        found, out, err = run("--lang", lang, "read", *given)
        assert (found, out) == (code, "")
        assert said in err


def test_why_an_empty_form_cannot_be_opened_is_told_in_the_same_language(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    _, _, err = run("--lang", "ru", "read", tmp_path / "a.png", "--registered", "--blank", tmp_path / "a.png")
    assert "a.png не открывается: Файл не открывается как изображение" in err
    assert "cannot" not in err


# -- the bench


def test_the_bench_measures_every_stage_beside_bare_decoding(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("--lang", "en", "bench", "read", "--pages", 3, "--kind", "clean", "--rounds", 1, "--keep",
                       tmp_path / "scans", "--json", tmp_path / "b.json")  # fmt: skip
    assert code == 0
    found = json.loads((tmp_path / "b.json").read_text("utf-8"))
    assert [speed["threads"] for speed in found["runs"]] == [1, 2]
    for speed in found["runs"]:
        assert {"decode", "locate", "code", "sample", "decide"} <= set(speed["ms_by_stage"])
        assert all(ms > 0 for ms in speed["ms_by_stage"].values())
        assert min(speed["imread_pages_per_second"], speed["colour_imread_pages_per_second"]) > 0
        assert speed["pages_per_second"] > 0
        assert "around" in speed["ms_by_stage"]
    assert (found["pages"], found["refused"], found["wrong"]) == (3, {}, 0)
    assert len(list((tmp_path / "scans").iterdir())) == 3
    assert "2 threads" in out
    assert "without flags" in out
    code, _, _ = run("bench", "read", "--images", tmp_path / "scans", "--threads", 1, "--rounds", 1)
    assert code == 0


def test_what_cannot_be_measured_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(blank_sheets(1))
    assert run("bench", "read", "--images", tmp_path)[0] == 3
    for wrong in (("--threads", 0), ("--rounds", 0), ("--pages", 0)):
        assert run("bench", "read", *wrong)[0] == 2

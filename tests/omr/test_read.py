"""Whole pages: what pens and scanners do must be read rightly, asked about, or refused by name; never guessed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from omr_pages import SHEET, blot, lose_two_corners, read, silent_errors, written
from omr_paper import PENS, Paper, Scan, fill_in

from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.sheet import layout
from mab_desktop.omr.geometry import layout_geometry
from mab_desktop.omr.marks import decide, decide_again
from mab_desktop.omr.read import read_image, to_json
from mab_desktop.omr.rules import State
from mab_desktop.omr.sample import Scores

BIG = layout(ExamProfile(subjects=6, items=30, code_digits=10))


@pytest.mark.parametrize(
    ("pen", "scan"),
    [
        ("black", Scan()),
        ("blue", Scan(dpi=150, turn=2.0, noise=6, jpeg=60)),
        ("gel", Scan(dpi=300, turn=-1.5, upside_down=True)),
        ("pencil", Scan(turn=5.0)),
        ("hard pencil", Scan(stretch=(1.01, 0.99), wave=0.3)),
        ("sloppy", Scan(dpi=170, turn=-5.0)),
        ("ticks", Scan(upside_down=True, backing=10, turn=1.0)),
        ("crosses", Scan(shade=0.2, gamma=1.3)),
    ],
)
def test_every_pen_is_read(pen, scan):
    paper, truth = written(len(pen) + 100, pen)
    reading = read(paper, scan)
    assert reading.ok, reading.codes()
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 3
    assert (reading.serial, reading.rotation) == ("00000001", 180 if scan.upside_down else 0)


@pytest.mark.parametrize("seed", range(7000, 7004))
def test_hard_sheets_give_no_silent_error(seed):
    rng = np.random.default_rng(seed)
    pen = replace(PENS[("black", "blue", "pencil")[seed % 3]], off=0.25)
    paper = Paper(SHEET, rng)
    truth = fill_in(paper, pen, empty=0.05, double=0.03)
    for n in rng.permutation(len(truth))[:6]:
        key = list(truth)[n]
        clean = [SHEET.bubbles[i] for i in SHEET.groups()[key] if SHEET.bubbles[i].value not in truth[key]]
        if clean:
            paper.erased(clean[0], pen)
    paper.specks(40)
    paper.stray()
    reading = read(
        paper, Scan(noise=7, blur=0.9, turn=float(rng.uniform(-3, 3)), jpeg=50, paper=205, black=60, wave=0.3)
    )
    assert reading.ok, reading.codes()
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 12


def crossed(paper, bubble, rng, pen):
    """A line that passes over a bubble and goes on on both sides."""
    angle = rng.uniform(0, np.pi)
    way = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-way[1], way[0]]) * rng.uniform(-0.6, 0.6) * bubble.rx
    ends = np.array([-way * rng.uniform(3, 8), way * rng.uniform(3, 10)])
    paper.lines(ends + aside + (bubble.x, bubble.y), pen.width, pen.ink, pen.even)


@pytest.mark.parametrize("pen", ["black", "hard pencil", "ticks"])
def test_what_happened_to_an_empty_group_is_never_read_as_an_answer(pen):
    rng = np.random.default_rng(len(pen) + 7300)
    paper = Paper(SHEET, rng)
    paper.handwriting()
    keys = list(SHEET.groups().items())
    touched = rng.permutation(len(keys))[:9]
    for n, (_key, members) in enumerate(keys):
        chosen = SHEET.bubbles[members[int(rng.integers(len(members)))]]
        if n not in touched:
            paper.mark(chosen, PENS[pen])
        elif n in touched[:4]:
            crossed(paper, chosen, rng, PENS[pen])
        elif n in touched[4:7]:
            paper.erased(chosen, PENS[pen])
    reading = read(paper, Scan(noise=5, turn=float(rng.uniform(-2, 2))))
    assert reading.ok, reading.codes()
    states = [reading.fields[keys[n][0][0]][keys[n][0][1]].state for n in touched]
    assert State.ONE not in states
    assert State.MANY not in states
    assert states[7:] == [State.NONE, State.NONE] or State.DOUBTFUL in states[7:]  # a line may reach them


def test_a_sheet_that_the_scanner_washed_out_is_not_read_as_blank():
    paper, _ = written(7500, replace(PENS["pencil"], ink=0.15))
    assert {"pale-ink", "bilevel-lost"} & set(read(paper, Scan(paper=285, gamma=2.0, black=90)).codes())


def test_people_who_tick_now_and_then_are_read():
    rng = np.random.default_rng(7400)
    paper = Paper(SHEET, rng)
    truth = {}
    for n, (key, members) in enumerate(SHEET.groups().items()):
        bubble = SHEET.bubbles[members[int(rng.integers(len(members)))]]
        paper.mark(bubble, PENS["ticks" if n % 5 == 0 else "black"])
        truth[key] = (bubble.value,)
    wrong, doubtful = silent_errors(read(paper), truth)
    assert wrong == []
    assert doubtful <= 3


def test_noise_does_not_hide_pale_squares():
    paper, truth = written(19)
    paper.darkness *= 0.62
    reading = read(paper, Scan(noise=9, black=50, paper=222))
    assert reading.ok, reading.codes()
    assert silent_errors(reading, truth)[0] == []


def test_biggest_profile_is_read():
    paper, truth = written(3, "pencil", BIG)
    reading = read(paper, Scan(dpi=150, turn=1.0))
    assert reading.ok, reading.codes()
    assert silent_errors(reading, truth) == ([], 0)


def test_one_option_marked_all_down_the_sheet_is_not_taken_for_print():
    paper = Paper(SHEET, np.random.default_rng(4))
    for members in SHEET.groups().values():
        paper.mark(SHEET.bubbles[members[0]], PENS["hard pencil"])
    reading = read(paper)
    assert {group.values for group in reading.fields["subject1"].values()} == {("A",)}
    assert {group.values for group in reading.fields["code"].values()} == {("0",)}


def test_a_blank_sheet_is_blank_and_a_blank_form_with_a_name_is_asked_about():
    paper = Paper(SHEET, np.random.default_rng(5))
    reading = read(paper)
    assert reading.ok
    assert {g.state for columns in reading.fields.values() for g in columns.values()} == {State.NONE}
    paper.handwriting()
    assert read(paper).codes() == ("pale-ink",)


@pytest.mark.parametrize(("name", "codes"), [(0.0, ()), (0.3, ("pale-ink",))])
def test_the_grain_of_an_unused_sheet_is_no_handwriting(name, codes):
    paper = Paper(SHEET, np.random.default_rng(6))
    if name:
        paper.handwriting(name)
    assert read(paper, Scan(paper=200, black=90, noise=9)).codes() == codes


def test_half_filled_goes_to_a_person():
    item = SHEET.bubbles[SHEET.groups()["subject2", 3][1]]
    clean = Paper(SHEET, np.random.default_rng(6))
    for key, members in SHEET.groups().items():
        if key != ("subject2", 3):
            clean.mark(SHEET.bubbles[members[-1]], PENS["black"])
    clean.half(item, replace(PENS["black"], ink=0.7))
    group = read(clean).fields["subject2"][3]
    assert group.state is State.DOUBTFUL
    assert group.values == (item.value,)


@pytest.mark.parametrize(
    ("corner", "dark"), [("top-left", True), ("top-right", False), ("bottom-left", True), ("bottom-right", False)]
)
def test_any_one_lost_corner_is_read(corner, dark):
    paper, truth = written(8)
    ys, xs = np.indices(paper.darkness.shape) / 12.0
    x, y = 210 * ("right" in corner), 297 * ("bottom" in corner)
    paper.darkness[np.abs(xs - x) + np.abs(ys - y) < 42] = float(dark)
    reading = read(paper, Scan(turn=1.0))
    assert reading.ok, reading.codes()
    assert "corner-lost" in reading.codes()
    assert silent_errors(reading, truth)[0] == []


def cover_a_block(paper):
    blot(paper, 60, 150, 85, 200, 0)


def lose_mark_and_code(paper):
    blot(paper, 10, 60, 18, 90, 0)
    blot(paper, 165, 8, 189, 28, 0)


def second_sheet(paper):
    paper.darkness = np.maximum(paper.darkness, np.roll(paper.darkness, (420, 260), (0, 1)))


@pytest.mark.parametrize(
    ("spoil", "scan", "code"),
    [
        (lose_two_corners, Scan(), "missing-corners"),
        (cover_a_block, Scan(), "covered"),
        (second_sheet, Scan(), "two-sheets"),
        (lambda paper: None, Scan(paper=130, black=95), "low-contrast"),
        (lambda paper: None, Scan(stretch=(1.0, 1.06)), "shape"),
        (lose_mark_and_code, Scan(), "orientation"),
        (lambda paper: blot(paper, 0, 0, 210, 297, 0), Scan(), "blank-page"),
    ],
)
def test_spoilt_pages_are_refused_by_name(spoil, scan, code):
    paper, _ = written(9)
    spoil(paper)
    reading = read(paper, scan)
    assert not reading.ok
    assert code in reading.codes()
    assert reading.fields == {}
    for lang in ("kk", "ru", "en"):
        assert all("{" not in problem.message(lang) for problem in reading.problems)


@pytest.mark.parametrize(
    ("places", "width", "code"),
    [((40.0,), 2, "streak-through"), ((96.5, 150.0), 3, "streak-through"), ((8.0,), 2, "streak-beside")],
)
def test_thin_streaks_cost_a_few_questions_not_the_sheet(places, width, code):
    paper, truth = written(10)
    image = paper.scan(Scan(turn=1.0))
    for place in places:
        column = int(place / 25.4 * 200)
        image[:, column : column + width] //= 2
    reading = read(paper, image=image)
    assert (reading.ok, reading.codes()) == (True, (code,))
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 6


def test_an_empty_group_under_a_streak_is_asked_about_now_and_when_decided_again():
    empty = ("subject1", 4)
    paper = Paper(SHEET, np.random.default_rng(11))
    for key, members in SHEET.groups().items():
        if key != empty:
            paper.mark(SHEET.bubbles[members[-1]], PENS["black"])
    image = paper.scan(Scan())
    column = int(SHEET.bubbles[SHEET.groups()[empty][0]].x / 25.4 * 200)
    image[:, column : column + 2] //= 2
    reading = read(paper, image=image)
    assert reading.fields["subject1"][4].state is State.DOUBTFUL
    again = decide_again(reading.scores, layout_geometry(SHEET))
    assert again.groups[layout_geometry(SHEET).keys.index(empty)].state is State.DOUBTFUL


def test_a_broad_streak_through_bubbles_refuses_the_sheet():
    paper, _ = written(10)
    image = paper.scan(Scan())
    image[:, 315:330] //= 2
    reading = read(paper, image=image)
    assert (reading.ok, "streak" in reading.codes()) == (False, True)


def test_two_streaks_side_by_side_are_two_thin_ones():
    paper, truth = written(10)
    image = paper.scan(Scan(turn=1.0))
    for column in (756, 762):  # 0.8 mm apart, through a column of bubbles
        image[:, column : column + 2] //= 2
    reading = read(paper, image=image)
    assert reading.codes() == ("streak-through",)
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 6


@pytest.mark.parametrize(("at", "broad", "aside"), [(92.0, 0.8, 0.1), (96.5, 1.6, 0.0), (120.0, 0.6, 0.15)])
def test_an_upright_fold_is_no_streak_and_costs_questions_only(at, broad, aside):
    paper, truth = written(21, empty=0.1)
    image = paper.scan(Scan())
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    middle = at + aside * np.sin(rows / 260)
    shadow = 0.25 * np.exp(-(((columns / 200 * 25.4 - middle) / (broad / 2)) ** 2))
    reading = read(paper, image=(image * (1 - shadow)).astype(np.uint8))
    assert reading.codes() == ("fold-through",)
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 12


def test_a_dusty_feeder_costs_questions_not_its_pile():
    paper, truth = written(22, "pencil", empty=0.1)
    image = paper.scan(Scan(turn=-0.8))
    for place in (33.1, 58.4, 99.0, 131.5, 168.2):
        column = int(place / 25.4 * 200)
        image[:, column : column + 2] = (image[:, column : column + 2] * 0.55).astype(np.uint8)
    reading = read(paper, image=image)
    assert reading.codes() == ("streak-through",)
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert 1 <= doubtful <= 40


@pytest.mark.parametrize("pen", ["black", "pencil", "crosses"])
def test_print_that_fades_is_no_covered_sheet(pen):
    paper = Paper(SHEET, np.random.default_rng(23))
    across = np.arange(paper.darkness.shape[1]) / 12
    paper.darkness *= (1 - 0.85 * np.exp(-(((across - 60) / 14) ** 2)))[None].astype(np.float32)
    paper.handwriting()
    truth = fill_in(paper, PENS[pen], empty=0.4)
    reading = read(paper, Scan(turn=0.5))
    assert reading.codes() == ("print-fades",)
    wrong, doubtful = silent_errors(reading, truth)
    assert wrong == []
    assert doubtful <= 45


def dot(paper, bubble, x, y, width=0.45):
    at = np.array([bubble.x + x, bubble.y + y])
    paper.lines(np.array([at - 0.12, at + 0.12]), width, 0.95)


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        (lambda paper, bubble: dot(paper, bubble, -0.5, 0.5), "small-marks"),
        (lambda paper, bubble: paper.lines(np.array([(-1.6, 2.3), (1.6, 2.2)]) + (bubble.x, bubble.y), 0.5, 0.9),
         "marks-beside"),
        (lambda paper, bubble: paper.lines(np.array([(-0.8, 0.9), (0.9, -0.9)]) + (bubble.x, bubble.y), 0.4, 0.1),
         "pale-ink"),
    ],
)  # fmt: skip
def test_what_is_hardly_seen_in_bubbles_has_its_own_name(mark, code):
    paper = Paper(SHEET, np.random.default_rng(24))
    paper.handwriting()
    for members in SHEET.groups().values():
        mark(paper, SHEET.bubbles[members[int(paper.rng.integers(len(members)))]])
    reading = read(paper)
    states = {group.state for columns in reading.fields.values() for group in columns.values()}
    assert reading.codes() == (code,) or states == {State.DOUBTFUL}, (reading.codes(), states)


@pytest.mark.parametrize(("bends", "mm", "codes"), [(2, 0.9, ()), (3, 0.8, ("bent",)), (3, 1.4, ("fit",))])
def test_a_sheet_that_ran_unevenly_is_followed_a_mm(bends, mm, codes):
    paper, truth = written(26, "pencil")
    image = paper.scan(Scan(turn=0.4))
    rows, columns = np.indices(image.shape, dtype=np.float32)
    aside = mm / 25.4 * 200 * np.sin(bends * np.pi * rows / image.shape[0])
    reading = read(paper, image=cv2.remap(image, columns + aside, rows, cv2.INTER_LINEAR, borderValue=235))
    assert reading.codes() == codes
    if reading.ok:
        wrong, doubtful = silent_errors(reading, truth)
        assert wrong == []
        assert doubtful <= 15


def test_the_code_tells_what_is_up_where_the_mark_is_lost():
    paper, truth = written(25)
    blot(paper, 10, 60, 18, 90, 0)
    for scan in (Scan(turn=2.0), Scan(upside_down=True)):
        reading = read(paper, scan)
        assert reading.codes() == ("mark-lost",)
        assert silent_errors(reading, truth)[0] == []


def test_another_profile_is_the_wrong_form():
    paper, _ = written(11, sheet=BIG)
    assert read_image(paper.scan(Scan()), SHEET, dpi=200).codes() == ("wrong-form",)


def test_pale_ink_is_not_an_empty_sheet():
    paper = Paper(SHEET, np.random.default_rng(12))
    paper.handwriting(0.12)
    fill_in(paper, replace(PENS["black"], ink=0.05))
    assert read(paper).codes() == ("pale-ink",)


def test_turned_and_inverted_pages_are_read_and_said_so():
    paper, truth = written(13)
    image = paper.scan(Scan())
    lying = read(paper, image=np.ascontiguousarray(np.rot90(image)))
    negative = read(paper, image=255 - image)
    assert (lying.codes(), negative.codes()) == (("sideways",), ("negative",))
    assert silent_errors(lying, truth)[0] == silent_errors(negative, truth)[0] == []


def test_scores_decide_again_without_the_image():
    paper, truth = written(16)
    reading = read(paper)
    again = decide_again(reading.scores, layout_geometry(SHEET))
    assert again.thresholds() == reading.thresholds
    first = [g for columns in reading.fields.values() for g in columns.values()]
    assert sorted(map(str, first)) == sorted(map(str, again.groups))
    with pytest.raises(ValueError, match="another geometry"):
        decide_again(reading.scores, layout_geometry(BIG))


def test_json_has_the_promised_shape():
    paper, truth = written(17)
    data = to_json(read(paper))
    assert set(data) == {"file", "page", "ok", "problems", "rotation", "fields", "ms"}
    assert set(data["fields"]["code"]) == {str(n) for n in range(8)}
    assert data["fields"]["code"]["0"] == {"state": "one", "values": list(truth["code", 0])} or not truth["code", 0]


def test_lost_code_leaves_the_marks_readable():
    paper, truth = written(18)
    cv2.rectangle(paper.darkness, (165 * 12, 8 * 12), (189 * 12, 28 * 12), 0.0, -1)
    reading = read(paper)
    assert (reading.ok, reading.serial, reading.codes()) == (True, "", ("no-code",))
    assert silent_errors(reading, truth)[0] == []


def ring(paper, bubble, ink, beyond=0.45):
    """A circle drawn around a bubble, just outside its printed ring."""
    turn = np.linspace(0, 2 * np.pi, 40)
    x, y = (bubble.rx + beyond) * np.cos(turn), (bubble.ry + beyond) * np.sin(turn)
    paper.lines(np.stack([bubble.x + x, bubble.y + y], axis=1), 0.35, ink)


@pytest.mark.parametrize("ink", [0.10, 0.16, 0.3])
def test_a_sheet_full_of_pale_rings_is_no_empty_sheet(ink):
    paper = Paper(SHEET, np.random.default_rng(7600))
    for members in SHEET.groups().values():
        ring(paper, SHEET.bubbles[members[int(paper.rng.integers(len(members)))]], ink)
    reading = read(paper, Scan(noise=2))
    states = {group.state for columns in reading.fields.values() for group in columns.values()}
    assert {"pale-ink", "marks-beside"} & set(reading.codes()) or states == {State.DOUBTFUL}


@pytest.mark.parametrize("sheet", [SHEET, BIG])
def test_an_empty_sheet_is_read_as_empty(sheet):
    reading = read(Paper(sheet, np.random.default_rng(7601)), Scan(noise=3))
    assert reading.ok, reading.codes()
    assert {group.state for columns in reading.fields.values() for group in columns.values()} == {State.NONE}


def test_a_full_mark_that_is_crossed_out_is_a_question():
    paper, truth = written(7602)
    keys = [key for key, values in truth.items() if len(values) == 1 and key[0] == "subject2"][:4]
    for key in keys:
        bubble = next(b for b in SHEET.bubbles if (b.field, b.column, b.value) == (*key, *truth[key]))
        for way in (1, -1):
            arm = np.array([bubble.rx, way * bubble.ry]) * 1.9
            paper.lines(np.array([-arm, arm]) + (bubble.x, bubble.y), 0.5, 0.8)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert {reading.fields[field][column].state for field, column in keys} == {State.DOUBTFUL}


def test_a_stroke_of_the_same_pencil_beside_a_full_mark_is_no_erasure():
    paper, truth = written(7603, "pencil")
    keys = [key for key, values in truth.items() if len(values) == 1 and key[0] == "subject3"][:4]
    for key in keys:
        bubble = next(b for b in SHEET.bubbles if (b.field, b.column) == key and b.value not in truth[key])
        ends = np.array([(-0.6, 0.9), (0.6, -0.9)]) * (bubble.rx, bubble.ry) + (bubble.x, bubble.y)
        paper.lines(ends, 0.55, PENS["pencil"].ink)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert State.ONE not in {reading.fields[field][column].state for field, column in keys}


@pytest.mark.parametrize("darker", [0.03, 0.055])
def test_one_letter_marked_all_down_by_a_pale_pen_is_no_print(darker):
    geometry = layout_geometry(SHEET)
    scores = Scores.from_bytes(read(Paper(SHEET, np.random.default_rng(7605))).scores)
    letter = np.array([b.field.startswith("subject") and b.value == "D" for b in geometry.bubbles])
    mean = np.where(letter, scores.mean + round(darker * 200), scores.mean).astype(np.uint8)
    decision = decide(replace(scores, mean=mean), geometry)
    columns = [n for field, columns in geometry.fields if field.startswith("subject") for _, n in columns]
    assert State.NONE not in {decision.groups[n].state for n in columns}


def test_a_digit_that_reaches_into_its_unmarked_column_is_no_nought():
    paper, _ = written(7606)
    clean = Paper(SHEET, paper.rng)
    keys = [("code", column) for column in range(4)]
    for key in SHEET.groups():
        if key not in keys:
            continue
        for n in SHEET.groups()[key]:
            wipe(paper, clean, SHEET.bubbles[n])
        top = SHEET.bubbles[SHEET.groups()[key][0]]
        turn = np.linspace(0, np.pi, 20)
        bowl = np.stack([top.x + 1.1 * np.cos(turn), top.y - 3.2 + 2.6 * np.sin(turn)], axis=1)
        paper.lines(bowl, 0.5, PENS["black"].ink)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert State.ONE not in {reading.fields[field][column].state for field, column in keys}


def wipe(paper, clean, bubble):
    """Take a mark away, with what lies around it."""
    dots = paper.darkness.shape[0] / 297
    rows, columns = (slice(round((at - 2.2) * dots), round((at + 2.2) * dots)) for at in (bubble.y, bubble.x))
    paper.darkness[rows, columns] = clean.darkness[rows, columns]


def test_what_an_eraser_left_of_a_full_mark_is_no_answer():
    paper, truth = written(7607)
    clean = Paper(SHEET, paper.rng)
    keys = [key for key, values in truth.items() if len(values) == 1 and key[0] == "subject4"][:4]
    for key in keys:
        bubble = next(b for b in SHEET.bubbles if (b.field, b.column, b.value) == (*key, *truth[key]))
        wipe(paper, clean, bubble)
        paper.mark(bubble, replace(PENS["black"], ink=0.32, even=0.02))
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert State.ONE not in {reading.fields[field][column].state for field, column in keys}


@pytest.mark.parametrize("beyond", [0.5, 0.8])
def test_a_pale_pencil_ring_among_filled_bubbles_is_seen(beyond):
    paper, truth = written(7608, "hard pencil")
    clean = Paper(SHEET, paper.rng)
    keys = [key for key, values in truth.items() if len(values) == 1 and key[0] == "subject5"][:4]
    for key in keys:
        bubble = next(b for b in SHEET.bubbles if (b.field, b.column, b.value) == (*key, *truth[key]))
        wipe(paper, clean, bubble)
        ring(paper, bubble, PENS["hard pencil"].ink, beyond)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert State.NONE not in {reading.fields[field][column].state for field, column in keys}


def test_a_page_whose_rings_are_all_but_gone_is_refused():
    paper = Paper(SHEET, np.random.default_rng(7609))
    paper.darkness[paper.darkness < 0.75] *= 0.06
    for members in SHEET.groups().values():
        paper.half(SHEET.bubbles[members[int(paper.rng.integers(len(members)))]], PENS["black"])
    assert not read(paper).ok


def others(truth, field, count=4):
    """Answered groups of a field with a bubble each that is not marked."""
    keys = [key for key, values in truth.items() if len(values) == 1 and key[0] == field][:count]
    return {
        key: next(b for b in SHEET.bubbles if (b.field, b.column) == key and b.value not in truth[key]) for key in keys
    }


def test_a_ring_around_another_bubble_than_the_crossed_one_is_a_question():
    paper, truth = written(7610, "crosses")
    asked = others(truth, "subject1")
    for bubble in asked.values():
        ring(paper, bubble, PENS["crosses"].ink, 0.1)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert {reading.fields[field][column].state for field, column in asked} == {State.DOUBTFUL}


def test_a_dot_of_the_same_pen_beside_a_full_mark_is_a_question():
    paper, truth = written(7611)
    asked = others(truth, "subject1")
    for bubble in asked.values():
        paper.lines(np.array([(-0.2, 0.1), (0.2, -0.1)]) + (bubble.x + 0.4, bubble.y - 0.5), 0.7, 0.9)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert State.ONE not in {reading.fields[field][column].state for field, column in asked}


def test_a_dot_on_the_letter_of_an_empty_group_is_a_question():
    paper, truth = written(7612)
    clean = Paper(SHEET, paper.rng)
    asked = others(truth, "subject1")
    for (field, column), bubble in asked.items():
        for marked in (b for b in SHEET.bubbles if (b.field, b.column) == (field, column)):
            wipe(paper, clean, marked)
        paper.lines(np.array([(-0.05, 0), (0.05, 0)]) + (bubble.x, bubble.y), 0.6, 0.95)
    reading = read(paper)
    assert reading.ok, reading.codes()
    assert {reading.fields[field][column].state for field, column in asked} == {State.DOUBTFUL}

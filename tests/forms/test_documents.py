"""What single documents must say: passes, QR codes, results, keys, cards, appeals, statistics."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import printed_page
import pytest
import zxingcpp
from form_samples import exam, preparation
from form_samples.people import IMPRINT, OF_NETWORK, SITTING, SUBJECTS
from PIL import Image

from mab_desktop.forms import (
    admission_pass,
    analysis_card,
    answer_key,
    appeal_form,
    appeal_minutes,
    appeal_register,
    attendance,
    envelope_cover,
    hall_plan,
    identification_protocol,
    result_sheet,
    secret_sheet,
    statistics_report,
    student_database,
)
from mab_desktop.forms.code import qr_code


def flat(pdf: bytes, page: int = 0) -> str:
    return " ".join(printed_page.texts(pdf)[page].split())


def codes(pdf: bytes, page: int = 0) -> list[str]:
    picture = np.ascontiguousarray(printed_page.picture(pdf, page, dpi=200))
    return [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]


def test_pass_and_stub_carry_all_of_p24() -> None:
    text = flat(admission_pass.draw(preparation.passes(1)))
    one = preparation.one_pass(0)
    for value in (
        one.code,
        one.specialty_cipher,
        one.language,
        *SUBJECTS,
        "14.05.2011",
        "09:00",
        "312",
        one.foreign_language,
    ):
        assert value in text, value
    assert text.count(one.code) == 2
    assert "Орын №" in text
    assert "Нұсқа" in text
    assert "М.О." in text


@pytest.mark.parametrize("per_sheet", [2, 3])
def test_a_surname_as_long_as_can_be_typed_is_not_broken_on_a_pass(per_sheet: int) -> None:
    """Forty letters without a hyphen: set smaller on slip and stub, never cut with a letter on the next line."""
    surname = "Шайқысламмұхаммедиярханғалиұлыхановтегін"
    one = replace(preparation.one_pass(0), full_name=f"{surname} Ян Темірғалымұхаммедқожахметжанұлы")
    (text, *_back) = printed_page.texts(
        admission_pass.draw(admission_pass.PassSet(OF_NETWORK, IMPRINT, [one], per_sheet=per_sheet))
    )
    assert text.count(surname) == 2


def test_pass_codes_are_read_on_slip_and_stub() -> None:
    pdf = admission_pass.draw(preparation.passes(2))
    assert sorted(codes(pdf)) == sorted([preparation.one_pass(i).payload for i in (0, 1) for _ in range(2)])


def test_passes_come_two_to_a_sheet_with_backs_or_without() -> None:
    data = admission_pass.PassSet(OF_NETWORK, IMPRINT, [preparation.one_pass(i) for i in range(5)])
    both = printed_page.texts(admission_pass.draw(data))
    assert len(both) == 6
    assert all("Аудиторияда тыйым салынады" in text for text in both[1::2])
    assert printed_page.page_count(admission_pass.draw(replace(data, backs=False))) == 3


def test_reprinted_pass_is_marked_on_slip_and_stub() -> None:
    data = admission_pass.PassSet(OF_NETWORK, replace(IMPRINT, reprint=True), [preparation.one_pass(0)])
    assert flat(admission_pass.draw(data)).count("ТЕЛНҰСҚА") == 2


def test_photo_is_printed_in_both_boxes() -> None:
    image = io.BytesIO()
    Image.new("RGB", (300, 400), (10, 10, 10)).save(image, "JPEG")
    data = [replace(preparation.one_pass(0), photo=image.getvalue())]
    shown = printed_page.picture(admission_pass.draw(admission_pass.PassSet(OF_NETWORK, IMPRINT, data)), dpi=72)
    plain = printed_page.picture(
        admission_pass.draw(admission_pass.PassSet(OF_NETWORK, IMPRINT, [preparation.one_pass(0)])), dpi=72
    )
    darker = (plain.astype(int) - shown).clip(0).sum() / 245
    assert darker == pytest.approx(2 * 85 * 113, rel=0.06)


def test_longest_pass_texts_stay_on_their_form() -> None:
    one = replace(
        preparation.one_pass(0),
        full_name="ҚОҢЫРАТБАЙҚЫЗЫ-ӘЛІМҒАЗИЕВАНҰРМҰХАМЕДОВА Гүлжаухарбаршагүл Мұхамедқалиқызыабдрахманұлы",
        address="Шығыс Қазақстан облысы, Өскемен қаласы, Александр Протозанов көшесі, 69/1, бас есік, екінші қабат",
        subjects=("Қазақстан Республикасының қазіргі заман тарихы және мемлекеттік құрылымы",) * 5,
    )
    pdf = admission_pass.draw(admission_pass.PassSet(OF_NETWORK, IMPRINT, [one]))
    for _, (wide, _), letter, (left, _, right, _), _ in printed_page.letters(pdf):
        assert left > 42, letter
        assert right < wide - 41, letter
    assert "екінші қабат" in flat(pdf)


def test_envelope_cover_code_names_shift_hall_and_pass() -> None:
    assert envelope_cover.payload(exam.cover()) == "MABENV1|2|312|1"
    assert envelope_cover.payload(replace(exam.cover(), scan_pass=0)) == "MABENV1|2|312"
    assert codes(envelope_cover.draw(exam.cover())) == ["MABENV1|2|312|1"]


def test_qr_path_has_every_dark_module_once() -> None:
    code = qr_code("MABENV1|2|312")
    grid = np.zeros((code.modules, code.modules), int)
    for x, y, wide in re.findall(r"(\d+) (\d+) (\d+) 1 re", code.path):
        grid[code.modules - 1 - int(y), int(x) : int(x) + int(wide)] += 1
    assert grid.max() == 1
    assert grid[0, :7].tolist() == [1] * 7
    assert grid[7, :8].sum() == 0


def test_result_sheet_before_appeal_shows_points_total_and_absent() -> None:
    data = exam.results(False)
    text = flat(result_sheet.draw(data))
    assert "апелляция қорытындысы енгізілмеген" in text
    assert "АПЕЛЛЯЦИЯҒА ДЕЙІН" not in text.upper()
    first = tuple(data.groups)[0].lines
    assert f"{' '.join(map(str, next(iter(first)).points))} {next(iter(first)).before}" in text
    assert "келмеді" in text


def test_wall_copy_has_codes_and_no_names() -> None:
    text = "\n".join(printed_page.texts(result_sheet.draw(exam.results(False, True))))
    assert "31450000" in text
    assert "ӘБІЛҚАСЫМОВ" not in text
    assert "Т.А.Ә." not in text.split("Қолы")[0]


def test_result_after_appeal_adds_points_by_subject() -> None:
    line = result_sheet.ResultLine("А", "1", "050102", "қаз", "2101", (10, 11, None, 13, 14), (0, 2, 0, 1, 0))
    group = result_sheet.ResultGroup("01", SUBJECTS, (line,))
    data = replace(exam.results(True), groups=(group,), final=True)
    text = flat(result_sheet.draw(data))
    assert "10 13 (+2) – 14 (+1) 14 48 +3 51" in text
    assert "БЕКІТЕМІН / УТВЕРЖДАЮ" in text


def test_answer_key_numbers_every_letter_of_every_variant() -> None:
    key = exam.key()
    pages = printed_page.texts(answer_key.draw(key))
    assert sum(text.count("Нұсқа / Вариант") for text in pages) == len(key.variants)
    letters = "".join(
        letter
        for _, _, letter, _, size in printed_page.letters(answer_key.draw(key))
        if size == 11 and letter in "ABCDE"
    )
    wanted = "".join(s.letters for v in key.variants for s in v.subjects)
    assert sorted(letters) == sorted(wanted)


def test_card_shows_empty_and_double_answers_and_counts_points() -> None:
    card = exam.card()
    text = flat(analysis_card.draw(card))
    assert text.count("*") >= 5
    assert str(sum(s.results.count("1") for s in card.subjects)) in text


def test_card_and_form_take_more_than_one_strip_of_items() -> None:
    letters = "ABCDE" * 8
    subject = analysis_card.CardSubject("Физика", letters, letters, "1" * 40)
    text = flat(analysis_card.draw(replace(exam.card(), subjects=(subject,))))
    assert "26 27 28 29 30 31 32 33 34 35 36 37 38 39 40" in text


def test_blank_appeal_form_asks_for_all_signatures() -> None:
    text = " ".join(" ".join(printed_page.texts(appeal_form.draw(exam.form(False)))).split())
    for role in ("Апелляциялық комиссия төрағасы", "Мемлекеттік комиссия төрағасы", "Студент"):
        assert role in text
    assert text.count("Апелляциялық комиссия мүшесі") == 3
    assert text.count("Шешім") >= 5
    assert text.count("Сомасы") >= 5


def test_register_shows_the_state_in_words() -> None:
    text = flat(appeal_register.draw(exam.appeals()))
    assert text.count("Шешім қабылданды") == 6
    assert text.count("Апелляцияға келмеді") == 1


def test_minutes_count_by_ground() -> None:
    text = flat(appeal_minutes.draw(exam.minutes()))
    assert "Барлығы 3 0 1 0 1 0 2 1" in text
    assert "Қаралмайды" in text


def test_attendance_sums_stay_open_until_counted() -> None:
    p = attendance.Presence
    assert attendance.added(iter((p(3, 2), p()))) == p(3, 2)
    assert attendance.added(iter((p(3, 2), p(4)))).absent is None
    blank = replace(exam.presence(), groups=(("01", (attendance.AttendanceLine("050102", (p(84), p(36), p())),)),))
    assert "050102 84 36 – – – 120" in flat(attendance.draw(blank))


def test_statistics_add_up() -> None:
    text = flat(statistics_report.draw(preparation.statistics(True)))
    whole = statistics_report.added(c for group in preparation.STATISTICS for _, c in group.specialties)
    assert whole.total == whole.kazakh + whole.russian + whole.english == whole.men + whole.women == 665
    assert f"Барлығы {whole.total} {whole.kazakh} {whole.russian} –" in text
    assert "М.О. / М.П." in text
    assert "М.О." not in flat(statistics_report.draw(preparation.statistics(False)))


def test_database_on_paper_carries_count_checksum_and_the_heads_seal() -> None:
    pages = printed_page.texts(student_database.draw(preparation.database()))
    text = " ".join(" ".join(pages).split())
    assert text.count("5C90-A1F2-0B7D-E413") == 3 + len(pages) - 1  # and at the head of each further page
    assert "Жазбалар / Записи: 35" in text
    assert "Желілік ЖОО басшысы" in pages[-1]
    assert "М.О." in pages[-1]


def test_protocol_is_signed_by_all_members_and_says_last_version() -> None:
    last = " ".join(" ".join(printed_page.texts(identification_protocol.draw(exam.protocol(True)))).split())
    assert "Соңғы нұсқа" in last
    assert last.count("Мемлекеттік комиссия мүшесі") == 5
    assert "Соңғы нұсқа" not in flat(identification_protocol.draw(exam.protocol()))
    empty = replace(exam.protocol(True), students=(), sheets=())
    assert "Сәйкестендірілмеген студенттер жоқ" in flat(identification_protocol.draw(empty))


def test_secret_sheet_prints_each_group_in_its_order() -> None:
    secret = exam.secret()
    drawn = [letter for _, _, letter, _, size in printed_page.letters(secret_sheet.draw(secret)) if size == 18]
    assert "".join(drawn) == "".join(secret.groups)
    assert secret.head.hall == ""
    assert SITTING.hall == "312"


def test_numbers_of_the_widest_hall_stay_inside_their_places() -> None:
    grid = tuple(tuple(row * 40 + column + 1 for column in range(40)) for row in range(24))
    pdf = hall_plan.draw(replace(preparation.plan(), grid=grid, marks=()))
    digits = [box for _page, _size, letter, box, _points in printed_page.letters(pdf) if letter.isdigit()]
    rows: dict[int, list[printed_page.Box]] = {}
    for box in digits:
        rows.setdefault(round(box[1]), []).append(box)
    full = max(rows.values(), key=len)
    assert len(full) == 40 * 3  # a row of three digits to a place
    full.sort()
    within = [full[n + 1][0] - full[n][2] for n in range(len(full) - 1) if n % 3 != 2]
    between = [full[n + 1][0] - full[n][2] for n in range(2, len(full) - 1, 3)]
    assert min(between) > max(within) + 1  # each number apart from the next

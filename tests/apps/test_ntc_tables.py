"""Tables that the centre brings in: the reference package, the contingent, keys; every mistake with its place."""

from __future__ import annotations

import csv
from pathlib import Path

from mab_desktop.domain.errors import EXIT_ORDER, EXIT_REFUSED, EXIT_USAGE
from mab_desktop.domain.exam_profile import profile_from
from mab_desktop.services import centre_secrets
from mab_desktop.services.settings import setting
from tests.apps.ntc_centre import Run, open_centre
from tests.apps.test_ntc import stock
from tests.services.centre_stand import BASE


def rewrite(path: Path, change: dict[tuple[int, str], str]) -> None:
    """Put cells by (row as a person counts, column)."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    for (row, column), value in change.items():
        rows[row - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)


def test_the_reference_package_goes_out_and_comes_in_as_tables(centre: Run, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    code, said = centre("reference", "--tables", folder)
    assert (code, "ties.csv" in said) == (0, True), said
    assert (folder / "ties.csv").read_text(encoding="utf-8").splitlines()[1] == "013,013"
    code, said = centre("reference", "--csv", folder)
    assert (code, "nothing changed" in said) == (0, True), said
    rewrite(folder / "universities.csv", {(2, "name_kk"): "Жаңа атау"})
    (folder / "shifts.csv").write_text("shift;date;start\n1;2011-05-18;10:00\n2;2011-05-20;\n", encoding="utf-8-sig")
    code, said = centre("reference", "--csv", folder)
    assert code == 0, said
    assert "The lists are new" in said
    assert "The shifts are new" in said
    assert "2011-05-20" in said
    assert "ties of universities are new" not in said
    assert "nothing changed" in centre("reference", "--csv", folder)[1]
    assert centre("reference", "--csv", tmp_path)[0] == EXIT_REFUSED


def test_every_mistake_of_every_table_is_told_at_once(centre: Run, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    centre("reference", "--tables", folder)
    rewrite(folder / "universities.csv", {(3, "code"): "01", (4, "name_kk"): "", (6, "code"): "004"})
    rewrite(folder / "specialties.csv", {(2, "direction"): "77"})
    rewrite(folder / "subjects_by_direction.csv", {(2, "sector7"): "HIST", (3, "sector8"): "XXX"})
    (folder / "ties.csv").write_text("base,network\n013,998\n013,013\n013,013\n", encoding="utf-8")
    (folder / "shifts.csv").write_text("shift,date,when\n1,2011-05-18,x\n3,tomorrow,x,y\n", encoding="utf-8")
    code, said = centre("reference", "--csv", folder)
    assert code == EXIT_REFUSED
    for line in (
        "universities.csv, row 3, column code: 01 is not written as a code of this list.",
        "universities.csv, row 4, column name_kk: Required field.",
        "universities.csv, row 6, column code: 004 stands in row 5 already.",
        "specialties.csv, row 2, column direction: 77 is not in the list.",
        "subjects_by_direction.csv, row 2, column sector7: HIST stands twice.",
        "subjects_by_direction.csv, row 3, column sector8: XXX is not in the list.",
        "ties.csv, row 2, column network: 998 is not in the list.",
        "ties.csv, row 4, column base: 013 013 stands in row 3 already.",
        "shifts.csv, row 1, column when: Nobody knows this column.",
        "shifts.csv, row 3, column –: The row has 4 cells, the heads are 3.",
        "Nothing was changed.",
    ):
        assert line in said, line
    assert "013, 027, 041" in centre("reference")[1]
    (folder / "ties.csv").write_bytes(b"\xff\xfe")
    assert "not written in UTF-8" in centre("reference", "--csv", folder)[1]


def test_shifts_stay_once_students_are_allotted(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    centre("allot", BASE, "--only")
    folder = tmp_path / "package"
    centre("reference", "--tables", folder)
    assert "nothing changed" in centre("reference", "--csv", folder)[1]
    (folder / "shifts.csv").write_text("shift,date\n1,2011-05-18\n", encoding="utf-8")
    code, said = centre("reference", "--csv", folder)
    assert (code, "allotted to shifts already" in said) == (EXIT_REFUSED, True), said


def test_a_strange_table_is_refused_in_few_words_and_changes_nothing(centre: Run, tmp_path: Path) -> None:
    path, head = tmp_path / "contingent.csv", "base,direction,language,students\n"
    before = centre("contingent")

    def said_of(text: str) -> str:
        path.write_text(text, encoding="utf-8")
        code, said = centre("contingent", "--csv", path)
        assert code == EXIT_REFUSED, said
        assert centre("contingent") == before
        return said

    # Which of two columns of one name counts nobody knows: a sheet pasted together by hand.
    assert "row 1, column students: This column stands there more than once." in said_of(
        f"{head[:-1]},students\n{BASE},01,1,30,20\n"
    )
    assert "Expected a whole number" in said_of(f"{head}{BASE},01,1,{'9' * 5000}\n")
    flood = said_of(head + f"{BASE},01,1,many\n" * 3000)
    assert len(flood.splitlines()) < 110
    assert "and 5899 more" in flood
    controls = said_of(f"{head[:-1]},\x1b[2J{'long' * 100}\n")
    assert "\x1b" not in controls
    assert max(map(len, controls.splitlines())) < 250
    assert "CSV UTF-8" in said_of(f'{head}{BASE},"01,1,30\n')
    assert "There is no file" in centre("contingent", "--csv", "/dev/zero")[1]


def test_the_contingent_says_all_its_mistakes_and_changes_nothing_twice(centre: Run, tmp_path: Path) -> None:
    path = tmp_path / "contingent.csv"
    path.write_text("base,direction,language,students\n013,01,1,30\n013,01,2,many\n027,01,1,5\n013,99,1,5\n013,01,1,2\n",
                    encoding="utf-8")  # fmt: skip
    code, said = centre("contingent", "--csv", path)
    assert code == EXIT_REFUSED
    for line in ("row 3, column students: Expected a whole number", "row 4, column base: 027 is not one of 013",
                 "row 5, column direction: 99 is not", "row 6, column base: 013 01 1 stands in row 2"):  # fmt: skip
        assert line in said, line
    assert "30" not in centre("contingent")[1]
    path.write_text("base,direction,language,students\n013,01,1,30\n", encoding="utf-8")
    assert "30 students expected." in centre("contingent", "--csv", path)[1]
    assert "nothing changed" in centre("contingent", "--csv", path)[1]


def test_keys_of_the_item_bank_come_from_a_table(centre: Run, tmp_path: Path) -> None:
    stock(tmp_path)
    assert centre("keys")[0] == EXIT_USAGE
    ctx = open_centre(tmp_path)
    centre_secrets.make_variants(ctx)
    sets = centre_secrets.variant_sets(ctx)
    with ctx.store.read() as session:
        profile = profile_from(setting(session, "profile"))
        subjects = centre_secrets.season_subjects(session)
    ctx.store.close()
    letters = ("".join(profile.options) * profile.items)[: profile.items]
    lines = [f"1,{variant},{subject},{letters}" for variant in sets[1] for subject in subjects]
    path = tmp_path / "keys.csv"
    path.write_text("shift,variant,subject,letters\n" + "\n".join(lines), encoding="utf-8")
    assert "key of shift 1 is entered" in centre("keys", "--csv", path)[1]
    assert "stands like this already; nothing changed" in centre("keys", "--csv", path)[1]
    wrong = [*lines[2:], f"1,{sets[1][0]},{subjects[0]},{letters[:-1]}Z", "1,9999,HIST,A", f"9,1,{subjects[0]},A"]
    path.write_text("shift,variant,subject,letters\n" + "\n".join(wrong), encoding="utf-8")
    code, said = centre("keys", "--csv", path)
    assert code == EXIT_REFUSED
    assert f"row {len(wrong) - 1}, column letters: Z is not one of" in said
    assert "column variant: 9999 is not in the list" in said
    assert f"column letters: 1 letter, expected {profile.items}" in said
    assert f"Shift 1, variant {sets[1][0]}, {subjects[1]}: the key is missing." in said
    centre("allot", BASE)
    path.write_text(
        "shift,variant,subject,letters\n" + "\n".join(lines).replace(letters, letters[::-1]), encoding="utf-8"
    )
    code, said = centre("keys", "--csv", path)
    assert (code, "sealed already" in said) == (EXIT_ORDER, True), said
    code, said = centre("variants", "--table", tmp_path / "booklets.csv")
    assert sets[1][0] in said
    booklets = list(
        csv.DictReader((tmp_path / "booklets.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    )
    assert sum(int(line["booklets"]) for line in booklets) >= 36

"""`mab rehearse`: a whole season, or its parts, in a folder of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, OutOfOrder, UserError
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_, translate
from mab_desktop.rehearsal import exam, preparation, reckoning
from mab_desktop.rehearsal.stage import STATE, Plan, Stage, new_stage, open_stage
from mab_desktop.services import workplace
from mab_desktop.services.progress import ConsoleProgress

MOST_STUDENTS = 20_000


def rehearse(
    part: str, out: Path, *, seed: str, students: int, universities: int, shifts: int, scans: Path | None, lang: str,
    progress: Progress | None = None, centre_address: str = "",
) -> int:  # fmt: skip
    """Play `part` ("all", "prepare" or "exam") of the season in `out`; 0, or 1 when the ledger shows a difference."""
    progress = progress or ConsoleProgress(lang)
    if scans is not None and part != "exam":
        raise UserError(N_("Scans belong to the exam: mab rehearse exam --scans FOLDER."), exit_code=2)
    if part == "exam":
        stage = _go_on(out, lang, progress)
    else:
        address = workplace.checked_address(centre_address) if centre_address else ""
        plan = Plan(str(seed), students, universities, shifts, centre_address=address)
        stage = _begin(out, plan, lang, progress)
    try:
        return _play(stage, part, scans)
    finally:
        stage.close()
        if isinstance(progress, ConsoleProgress):
            progress.end()


def play_for_pictures(out: Path, lang: str = "kk") -> Path:
    """A small season on its second day: results and applications of shift 1, scanned envelopes of shift 2."""
    stage = _begin(out, Plan("1", 60, 3, 3), lang, Silent())
    try:
        preparation.prepare(stage)
        exam.eve(stage, 1)
        exam.play_day(stage, None)
        exam.play_to_the_scans(stage)
        reckoning.write_launcher(stage)
        stage.save()
    finally:
        stage.close()
    return out


def _begin(out: Path, plan: Plan, lang: str, progress: Progress) -> Stage:
    _check_plan(plan)
    if out.exists() and any(out.iterdir()):
        if not (out / STATE).exists():
            raise UserError(
                N_("The folder {name} holds something else. Nothing was changed."),
                next_step=N_("Choose an empty folder, or one of an earlier rehearsal."),
                name=str(out),
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    # Written first, so that a rehearsal that was stopped can be begun anew in the same folder.
    (out / STATE).write_text("{}", encoding="utf-8")
    return new_stage(out, plan, lang, progress)


def _check_plan(plan: Plan) -> None:
    if not (1 <= plan.universities <= 12 and 1 <= plan.shifts <= 20):
        raise UserError(N_("A season has 1 to 12 network universities and 1 to 20 shifts."), exit_code=2)
    least = max(6 * plan.universities, 12 * plan.shifts)
    if not least <= plan.students <= MOST_STUDENTS:
        raise UserError(
            N_("Such a season needs {least} to {most} students."), exit_code=2, least=least, most=MOST_STUDENTS
        )


def _go_on(out: Path, lang: str, progress: Progress) -> Stage:
    try:
        stage = open_stage(out, lang, progress)
    except (FileNotFoundError, KeyError) as error:
        raise OutOfOrder(
            N_("No season is prepared in {name}."), next_step=N_("Begin with: mab rehearse prepare."), name=str(out)
        ) from error
    if stage.memory.get("finished"):
        raise OutOfOrder(N_("The season in {name} is played to its end."), name=str(out))
    return stage


def _play(stage: Stage, part: str, scans: Path | None) -> int:
    lang = stage.lang
    if part != "exam":
        preparation.prepare(stage)
        reckoning.write_launcher(stage)
        exam.eve(stage, 1)
        stage.save()
        if part == "prepare":
            paper, truth = stage.out / "paper" / "shift-1", stage.out / "truth" / "shift-1.json"
            _say(lang, N_("Shift {n} is on its eve: paper in {paper}, what people will mark in {truth}."), n=1,
                 paper=str(paper), truth=str(truth))  # fmt: skip
            return EXIT_OK
    while not stage.memory.get("finished"):
        exam.play_day(stage, scans)
        stage.save()
        if part == "exam":
            break
    if not stage.memory.get("finished"):
        _say(lang, N_("The next shift is on its eve: shift {n}."), n=stage.memory["next_shift"])
        return EXIT_OK
    return _settle(stage)


def _settle(stage: Stage) -> int:
    """The end of the season: the ledger, the summary, where the prints are."""
    wrong = reckoning.settle(stage)
    stage.save()
    summary = reckoning.summary(stage)
    (stage.out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    for line in reckoning.summary_lines(summary, stage.lang):
        print(line)
    for line in wrong:
        truth, product = (f"{points.before} {points.after}" for points in (line.truth, line.product))
        _say(stage.lang, N_("DIFFERENCE {code}: truth {truth}, product {product}"), code=line.code, truth=truth,
             product=product)  # fmt: skip
    _say(stage.lang, N_("Prints: {prints}. Ledger: {ledger}."), prints=str(stage.out / "prints"),
         ledger=str(stage.out / "ledger.json"))  # fmt: skip
    return EXIT_DIFFERENCE if wrong else EXIT_OK


def _say(lang: str, text: str, **params: object) -> None:
    print(translate(lang, text).format(**params))

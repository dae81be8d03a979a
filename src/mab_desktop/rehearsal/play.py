"""`mab rehearse`: a whole season, or its parts, in a folder of its own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_DIFFERENCE, EXIT_OK, OutOfOrder, UserError
from mab_desktop.domain.file_names import readable
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.i18n import N_, translate
from mab_desktop.rehearsal import exam, preparation, reckoning
from mab_desktop.rehearsal.stage import STATE, Plan, Stage, new_stage, open_stage
from mab_desktop.services import workplace
from mab_desktop.services.progress import ConsoleProgress

MOST_STUDENTS = 20_000
EVE = "eve"  # what a day changes, as it was on the day's eve: a day that is cut off is played again from there
CHANGED = ("drive", "workplaces")
UNDER_WAY = "under_way"
SUMMARY = "summary.json"
# What a season's folder holds, in its top. Whoever keeps something else there (scans, a letter) does not lose it.
OWN_NAMES = frozenset({
    STATE, SUMMARY, EVE, f"{EVE}.new", "drive", "holders", "launcher.json", "ledger.json", "paper", "prints",
    "readiness", "scans", "season.tmp", "truth", "workplaces",
})  # fmt: skip


def rehearse(
    part: str, out: Path, *, seed: str, students: int, universities: int, shifts: int, scans: Path | None, lang: str,
    progress: Progress | None = None, centre_address: str = "", anew: bool = False,
) -> int:  # fmt: skip
    """Play `part` ("all", "prepare" or "exam") of the season in `out`; 0, or 1 when the ledger shows a difference.

    A rehearsal that lies there already is replaced only when `anew` says so: OutOfOrder else.
    """
    progress = progress or ConsoleProgress(lang)
    if scans is not None and part != "exam":
        raise UserError(N_("Scans belong to the exam: mab rehearse exam --scans FOLDER."), exit_code=2)
    if part == "exam":
        stage = _go_on(out, lang, progress)
    else:
        address = workplace.checked_address(centre_address) if centre_address else ""
        plan = Plan(readable(seed), students, universities, shifts, centre_address=address)
        stage = _begin(out, plan, lang, progress, anew=anew)
    try:
        return _play(stage, part, scans)
    finally:
        stage.close()
        if isinstance(progress, ConsoleProgress):
            progress.end()


def play_for_pictures(out: Path, lang: str = "kk") -> Path:
    """A small season on its second day: results and applications of shift 1, scanned envelopes of shift 2."""
    stage = _begin(out, Plan("1", 60, 3, 3), lang, Silent(), anew=True)
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


def _begin(out: Path, plan: Plan, lang: str, progress: Progress, *, anew: bool) -> Stage:
    _check_plan(plan)
    if out.exists() and any(out.iterdir()):
        if not _holds_only_a_rehearsal(out):
            raise UserError(
                N_("The folder {name} holds something else. Nothing was changed."),
                next_step=N_("Choose an empty folder, or one of an earlier rehearsal."),
                name=str(out),
            )
        if not anew and _was_begun(out):
            raise OutOfOrder(
                N_("There is a rehearsal in {name} already. Nothing was changed."),
                next_step=N_("Go on with it (mab rehearse exam), choose another folder (--out), or add --anew: then it "
                             "is deleted and begun anew."), name=str(out),
            )  # fmt: skip
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    # Written first, so that a rehearsal that was stopped can be begun anew in the same folder.
    (out / STATE).write_text("{}", encoding="utf-8")
    return new_stage(out, plan, lang, progress)


def _holds_only_a_rehearsal(out: Path) -> bool:
    """True where everything in the folder was made by a rehearsal: only then it may be begun anew over it."""
    if any(entry.name not in OWN_NAMES for entry in out.iterdir()):
        return False
    state = _state(out)
    return isinstance(state, dict) and (not state or {"plan", "memory"} <= state.keys())


def _was_begun(out: Path) -> bool:
    """True where somebody could have worked; a preparation that was stopped leaves nothing to lose."""
    return bool(_state(out))


def _state(out: Path) -> Any:
    try:
        return json.loads((out / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


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
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, ValueError) as error:
        raise OutOfOrder(
            N_("No season is prepared in {name}."), next_step=N_("Begin with: mab rehearse prepare."), name=str(out)
        ) from error
    # Without its summary it was cut off between the last day and the count: that is made up for.
    if stage.memory.get("finished") and (out / SUMMARY).exists():
        raise OutOfOrder(N_("The season in {name} is played to its end."), name=str(out))
    if stage.memory.get(UNDER_WAY):
        _back_to_the_eve(stage)
    return stage


def _back_to_the_eve(stage: Stage) -> None:
    """Put back what a day that was cut off (a kill, a refused scan) has changed; given again after a cut, too."""
    kept = stage.out / EVE
    if not kept.is_dir():
        raise OutOfOrder(
            N_("The season in {name} was cut off within a day; it cannot go on from there."),
            next_step=N_("Begin it anew: mab rehearse prepare --anew."), name=str(stage.out),
        )  # fmt: skip
    _say(stage.lang, N_("The day of shift {n} was cut off; it is played again from its eve."),
         n=stage.memory["next_shift"])  # fmt: skip
    for name in CHANGED:
        shutil.rmtree(stage.out / name, ignore_errors=True)
        shutil.copytree(kept / name, stage.out / name, dirs_exist_ok=True)


def _keep_the_eve(stage: Stage) -> None:
    """Copy what the day will change, whole or not at all."""
    fresh = stage.out / f"{EVE}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in CHANGED:
        shutil.copytree(stage.out / name, fresh / name)
    shutil.rmtree(stage.out / EVE, ignore_errors=True)
    fresh.rename(stage.out / EVE)


def _play_day(stage: Stage, scans: Path | None, *, again: bool) -> None:
    """One day; `again` says whether it can be played again where it is cut off."""
    if again and not stage.memory.get(UNDER_WAY):
        _keep_the_eve(stage)
    stage.memory[UNDER_WAY] = True
    stage.save()
    exam.play_day(stage, scans)
    del stage.memory[UNDER_WAY]
    stage.save()
    shutil.rmtree(stage.out / EVE, ignore_errors=True)


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
        # Who lets a whole season be played begins it anew; who plays by days may have printed and filled the paper in.
        _play_day(stage, scans, again=part == "exam")
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
    (stage.out / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")
    for line in reckoning.summary_lines(summary, stage.lang):
        print(line)
    for student in wrong:
        truth, product = (f"{points.before} {points.after}" for points in (student.truth, student.product))
        _say(stage.lang, N_("DIFFERENCE {code}: truth {truth}, product {product}"), code=student.code, truth=truth,
             product=product)  # fmt: skip
    _say(stage.lang, N_("Prints: {prints}. Ledger: {ledger}."), prints=str(stage.out / "prints"),
         ledger=str(stage.out / "ledger.json"))  # fmt: skip
    return EXIT_DIFFERENCE if wrong else EXIT_OK


def _say(lang: str, text: str, **params: object) -> None:
    print(translate(lang, text).format(**params))

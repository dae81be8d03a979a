"""The end of a rehearsal: the ledger against the centre's final data, and where the time went."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from mab_desktop import __version__
from mab_desktop.domain.organisation import ROLE_LABELS, Role
from mab_desktop.i18n import LANGS, N_, translate
from mab_desktop.rehearsal import appeal_day, hall, slips
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.ledger import LedgerLine, Points, points_on_paper, with_appeal, write_ledger
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import centre_final, received_results

PARTS = {
    "people": N_("people"), "paper": N_("paper and scanner"), "reading": N_("reading"), "rest": N_("the rest"),
}  # fmt: skip


def settle(stage: Stage) -> list[LedgerLine]:
    """Write the ledger; the students on whom truth and product differ, and an error where the centre disagrees."""
    ntc = stage.ctx("ntc")
    report = centre_final.recount(ntc, stage.plan.base)
    stage.memory["recount"] = {"students": report.students, "agrees": report.agrees,
                               "before": report.total_before, "after": report.total_after}  # fmt: skip
    reached = _reached(stage)
    lines = [line for shift in range(1, stage.plan.shifts + 1) for line in _shift_lines(stage, shift, reached)]
    wrong = write_ledger(stage.out / "ledger.json", stage.plan.seed, lines)
    second = stage.memory["second_entry"]
    if second["found"] != second["planted"] or second["open"]:
        print(translate(stage.lang, N_("The second entries do not tell of every slip.")), file=sys.stderr)
        return wrong or lines[:1]
    if not report.agrees or len(lines) != stage.plan.students:
        print(translate(stage.lang, N_("The centre's own count does not agree.")), file=sys.stderr)
        return wrong or lines[:1]
    networks = [f"nu{code}" for code in stage.plan.networks]
    if any(_received(stage, names) != reached for names in ([f"bu{stage.plan.base}"], networks)):
        print(translate(stage.lang, N_("The universities did not receive the points of the centre.")), file=sys.stderr)
        return wrong or lines[:1]
    return wrong


def _received(stage: Stage, names: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
    """What came to these universities together, by code and subject: (before, after)."""
    return {
        line.code: dict(zip(line.subjects, zip(line.before, line.after, strict=True), strict=True))
        for name in names
        for line in received_results.results(stage.ctx(name))
    }


def _reached(stage: Stage) -> dict[str, dict[str, tuple[int, int]]]:
    """What the product reached, as the centre received it: code -> subject -> (before, after)."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for line in centre_final.points(stage.ctx("ntc"), stage.plan.base):
        found.setdefault(line.code, {})[line.subject] = (line.before, line.after)
    return found


def _shift_lines(stage: Stage, shift: int, reached: Mapping[str, dict[str, tuple[int, int]]]) -> list[LedgerLine]:
    truths = hall.read_truth(slips.truth_path(stage, shift))
    papers: dict[str, SheetTruth] = {t.student: t for sheets in truths.values() for t in sheets if t.student}
    given = appeal_day.granted(stage, shift)
    subjects = slips.subjects_by_code(stage, shift)
    names = slips.names_by_code(stage, shift)
    lines = []
    for seat in slips.seats_of(stage, shift):
        paper, points = papers.get(seat.code), reached.get(seat.code)
        truth = Points(None, None)
        if paper is not None:
            before = points_on_paper(paper.marks, seat.key)
            truth = Points(before, with_appeal(before, given.get(seat.code, [])))
        product = Points(None, None)
        if points is not None:
            both = [points[subject] for subject in subjects[seat.code]]
            product = Points(tuple(b for b, _ in both), tuple(a for _, a in both))
        note = paper.note if paper else "absent"
        lines.append(LedgerLine(seat.code, names[seat.code], shift, seat.hall, note, truth, product))
    return lines


def write_launcher(stage: Stage) -> None:
    """What the launcher opens: each application's workplace with its person."""
    entries = []
    for name, known in stage.memory["workplaces"].items():
        if known["role"] != Role.NTC and "-" not in name:
            label, university = ROLE_LABELS[Role(known["role"])], known["university"]
            entries.append({
                "app": known["role"].replace("_", "-"),
                "title": {lang: f"{translate(lang, label)} {university}" for lang in LANGS},
                "database": str(stage.database(name).relative_to(stage.out)), "login": known["login"],
                "password": stage.password(name),
            })  # fmt: skip
    (stage.out / "launcher.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1), encoding="utf-8")


def summary(stage: Stage) -> dict[str, Any]:
    """How big the season was, what the centre counted, and the processor time by part."""
    return {
        "program": __version__, "students": stage.plan.students, "shifts": stage.plan.shifts,
        "network_universities": len(stage.plan.networks),
        "seed": stage.plan.seed, "recount": stage.memory["recount"], "second_entry": stage.memory["second_entry"],
        "carriers": len(list(stage.drive.glob("*.mab"))),
        "prints": sum(1 for _ in (stage.out / "prints").rglob("*.pdf")),
        "processor_seconds": {part: round(seconds, 1) for part, seconds in sorted(stage.seconds.items())},
        "processor_seconds_in_all": round(sum(stage.seconds.values()), 1),
    }  # fmt: skip


def summary_lines(content: Mapping[str, Any], lang: str) -> list[str]:
    """The summary in words."""
    text = translate(lang, N_("Season {seed}: {students} students, {universities} network universities, "
                              "{shifts} shifts, {carriers} carriers, {prints} prints."))  # fmt: skip
    lines = [text.format(seed=content["seed"], students=content["students"], shifts=content["shifts"],
                         universities=content["network_universities"], carriers=content["carriers"],
                         prints=content["prints"])]  # fmt: skip
    times = ", ".join(f"{translate(lang, PARTS[part])} {seconds:.0f} s"
                      for part, seconds in content["processor_seconds"].items())  # fmt: skip
    total = content["processor_seconds_in_all"]
    lines.append(translate(lang, N_("Processor time {total} s: {parts}.")).format(total=f"{total:.0f}", parts=times))
    second = content["second_entry"]
    lines.append(translate(lang, N_("Typed again: {sheets} sheets; slips in them {planted}, found {found}."))
                 .format(sheets=second["sheets"], planted=second["planted"], found=second["found"]))  # fmt: skip
    recount = content["recount"]
    lines.append(translate(lang, N_("The centre counted {before} points before and {after} after the appeals."))
                 .format(before=recount["before"], after=recount["after"]))  # fmt: skip
    return lines

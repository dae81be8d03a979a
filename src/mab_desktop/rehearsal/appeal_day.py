"""Appeals (p.41-45): who applies with what, what the commission finds, and the end of a shift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from mab_desktop.domain.appeal import Ground, ItemDecision
from mab_desktop.domain.errors import Refused
from mab_desktop.rehearsal import hall, people, slips
from mab_desktop.rehearsal.answers import SheetTruth
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import Stage
from mab_desktop.services import appeals, documents_exam, representative_report, shifts

MEMBERS = 5
LANGUAGES = (people.KAZAKH, people.RUSSIAN)
REASONS = "Тапсырманың шарты бойынша екінші шешім де дұрыс, есептеу қоса берілді."
REPORT = "Жұмыс технология бойынша өтті, ескерту болған жоқ."
LITERATURE = "Оқулық, 2009, 114-бет"


@dataclass(frozen=True)
class Application:
    """What a student appeals and what the commission will find: (subject, item) from 1 -> ground, "" refused."""

    code: str
    items: dict[tuple[int, int], str]
    comes: bool = True


def file_applications(stage: Stage, shift: int) -> None:
    """Enter the applications of a shift, in two portions; one that comes too late is refused (p.41)."""
    mp = slips.programmer(stage)
    if not appeals.members(mp):
        _list_members(stage)
    planned = plan_applications(stage, shift)
    for application in planned[:-1]:
        appeals.register_appeal(mp, shift, application.code, sorted(application.items))
    stage.clock.set(stage.clock.moment + timedelta(minutes=5))
    appeals.register_appeal(mp, shift, planned[-1].code, sorted(planned[-1].items))
    _come_too_late(stage, shift, {application.code for application in planned})
    stage.memory.setdefault("applications", {})[str(shift)] = [
        {"code": a.code, "comes": a.comes, "items": [[*item, ground] for item, ground in sorted(a.items.items())]}
        for a in planned
    ]
    pile = f"07-appeal-{shift}"
    stage.keep(pile, documents_exam.print_appeal_journal(mp, shift), documents_exam.print_register(mp, shift),
               documents_exam.print_cards(mp, shift), documents_exam.print_appeal_forms(mp, shift))  # fmt: skip


def _list_members(stage: Stage) -> None:
    """Teachers of the universities who teach the subjects of the first directions in their languages (p.9)."""
    mp, networks = slips.programmer(stage), stage.plan.networks
    found = people.make_people(stream(stage.plan.seed, "appeal-commission"), MEMBERS)
    subjects = sorted({code for codes in slips.subjects_by_code(stage, 1).values() for code in codes})
    for number, person in enumerate(found):
        appeals.save_member(mp, {
            "full_name": person.name, "chair": number == 0, "language": LANGUAGES[number % len(LANGUAGES)],
            "subject": subjects[number % len(subjects)], "university": networks[number % len(networks)],
        })  # fmt: skip


def _come_too_late(stage: Stage, shift: int, taken: set[str]) -> None:
    """Somebody names a time after 13:00: the program must refuse it."""
    mp = slips.programmer(stage)
    other = next(truth.student for truth in _used(stage, shift) if truth.student and truth.student not in taken)
    limit = shifts.appeal_deadline(mp, shift)
    assert limit is not None
    try:
        appeals.register_appeal(mp, shift, other, [(1, 1)], limit + timedelta(minutes=1))
    except Refused:
        return
    raise AssertionError("an application after 13:00 was taken")


def _used(stage: Stage, shift: int) -> Iterable[SheetTruth]:
    truths = hall.read_truth(slips.truth_path(stage, shift))
    return [truth for number in sorted(truths) for truth in truths[number] if truth.used]


def plan_applications(stage: Stage, shift: int) -> list[Application]:
    """Six applications that bring up all five grounds; no item of a variant is named twice."""
    keys = {seat.code: seat.key for seat in slips.seats_of(stage, shift)}
    used = _used(stage, shift)
    planned = [_special(truth) for truth in used if truth.note.startswith((hall.INK_BLOT, hall.DRY_PEN))]
    rng = stream(stage.plan.seed, "appeals", shift)
    special = {application.code for application in planned}
    plain = [truth for truth in used if truth.student and truth.student not in special]
    order = [plain[int(n)] for n in rng.permutation(len(plain))]
    wishes = [(Ground.MISSING_TEXT, ""), (Ground.OTHER_SOLUTION, ""), (Ground.WRONG_ITEM, ""), ("", "")]
    named: set[tuple[str, int, int]] = set()
    for truth in order:
        if not wishes:
            break
        free = [i for i in _wrong_items(truth, keys[str(truth.student)]) if (str(truth.variant), *i) not in named]
        grounds = [str(ground) for ground in wishes[0]]
        if len(free) < len(grounds):
            continue
        items = dict(zip(free, grounds, strict=False))
        named.update((str(truth.variant), *item) for item in items)
        # The last one does not come to the sitting: nothing of it is satisfied (p.43).
        planned.append(Application(str(truth.student), items, comes=len(wishes) > 1))
        wishes.pop(0)
    return planned


def _special(truth: SheetTruth) -> Application:
    word, subject, item, _letter = truth.note.split(" ")
    ground = Ground.DEFECTIVE_SHEET if word == hall.INK_BLOT else Ground.FAINT_MARK
    return Application(str(truth.student), {(int(subject), int(item) + 1): ground.value})


def _wrong_items(truth: SheetTruth, key: tuple[str, ...]) -> list[tuple[int, int]]:
    """Items with one answer that is not the key's: (subject, item) from 1."""
    found = []
    for subject, letters in enumerate(key, 1):
        for item, letter in enumerate(letters):
            marked = truth.marks[f"subject{subject}"].get(str(item), [])
            if len(marked) == 1 and marked != [letter]:
                found.append((subject, item + 1))
    return found


def end_appeal(stage: Stage, shift: int) -> None:
    """The commission's word on every application, the minutes, the last sheets, and the shift is closed (p.43-45)."""
    mp = slips.programmer(stage)
    wanted = {entry["code"]: entry for entry in stage.memory["applications"][str(shift)]}
    truths = {truth.student: truth for truth in _used(stage, shift)}
    present = [member.id for member in appeals.members(mp)]
    for line in appeals.journal(mp, shift):
        entry = wanted[line.code]
        if not entry["comes"]:
            appeals.mark_not_come(mp, line.id)
            continue
        decisions = [
            _word(subject, item, ground, truths[line.code], len(present)) for subject, item, ground in entry["items"]
        ]
        appeals.decide_appeal(mp, line.id, decisions, present)
    shifts.close_appeal(mp, shift)
    pile = f"07-appeal-{shift}"
    stage.keep(pile, documents_exam.print_register(mp, shift), documents_exam.print_minutes(mp, shift),
               documents_exam.print_appeal_reports(mp, shift))  # fmt: skip
    stage.keep(f"06-shift-{shift}", documents_exam.print_results(mp, shift, after=True))
    shifts.close_shift(mp, shift)


def _word(subject: int, item: int, ground: str, truth: SheetTruth, present: int) -> ItemDecision:
    if not ground:
        return ItemDecision(subject, item, satisfied=False, votes_for=0, votes_against=present)
    marked = truth.marks[f"subject{subject}"].get(str(item - 1), [])
    accepted = marked[0] if ground == Ground.OTHER_SOLUTION else ""
    return ItemDecision(subject, item, True, Ground(ground), REASONS, LITERATURE, accepted, present, 0)


def granted(stage: Stage, shift: int) -> dict[str, list[tuple[int, int]]]:
    """By code, the items that the commission gave: (subject, item) from 0, as the ledger counts them."""
    return {
        entry["code"]: [(s - 1, i - 1) for s, i, ground in entry["items"] if ground] if entry["comes"] else []
        for entry in stage.memory["applications"][str(shift)]
    }


def send_everything(stage: Stage, representative: str) -> None:
    """The day after the last test (p.37, p.47): the report, daily statistics and the final data go to the centre.

    The points go to the base university, which hands them on to its network universities (p.44).
    """
    mp, base = f"mp{stage.plan.base}", f"bu{stage.plan.base}"
    for shift in range(1, stage.plan.shifts + 1):
        stage.keep("08-end", documents_exam.print_daily(slips.programmer(stage), shift))
    hers = stage.ctx(mp, representative)
    representative_report.save(hers, [REPORT] * len(representative_report.TASKS))
    stage.keep("08-end", documents_exam.print_report(hers))
    stage.hand_over(mp, "daily-statistics", "ntc")
    stage.hand_over(mp, "final-data", "ntc")
    stage.hand_over(mp, "results", base, persons=stage.signers(mp))
    for code in stage.plan.networks:
        stage.hand_over(base, "results", f"nu{code}", persons=stage.signers(base))

"""The state commission at work before the exam (p.6): members, plan, sittings, duty officers, the hand-over (p.24)."""

from __future__ import annotations

from collections import Counter
from datetime import date

from mab_desktop.domain.commission import FOR, Votes
from mab_desktop.rehearsal import people
from mab_desktop.rehearsal.chance import stream
from mab_desktop.rehearsal.stage import YEAR, Stage
from mab_desktop.services import (
    approvals,
    commission,
    documents_commission,
    documents_hand_over,
    duties,
    duty_list,
    passes,
    plan_of_work,
    representative_papers,
    sittings,
)
from mab_desktop.services.context import Context

MEMBERS, VOTING = 9, 8
SPARE = 6  # duty officers beyond those whom the fullest shift needs
PLACE = "Бас корпус, мәжіліс залы"
AGENDA = (
    ("Аудиториялар бойынша кезекшілердің тізімін бекіту туралы", "Комиссия хатшысы",
     "Аудиториялар бойынша кезекшілердің тізімі бекітілсін; оқыту емтиханға он күн қалғанға дейін өткізілсін."),
    ("Апелляциялық комиссияның жұмыс бөлмесі туралы", "Базалық ЖОО жауаптысы",
     "Апелляциялық комиссияға 214-бөлме берілсін."),
    ("Бақылаушыларды ғимаратқа жіберу тәртібі туралы", "",
     "Бақылаушылар екінші кіреберістен, комиссия мүшесінің ілесуімен жіберілсін."),
)  # fmt: skip
LATER = (
    ("Аудиториялардың тестілеуге дайындығы туралы", "Базалық ЖОО жауаптысы", "Аудиториялар дайын деп танылсын."),
    ("Кезекшілерге нұсқама беру күні туралы", "Комиссия төрағасы", "Нұсқама емтихан алдындағы күні берілсін."),
)


def work(stage: Stage) -> None:
    """From the commission's approval to the papers that the representative signs for."""
    base = stage.ctx(f"bu{stage.plan.base}")
    members = _form(stage, base)
    _list_duty_officers(stage, base)
    stage.at(4, 26)
    plan_of_work.propose(base)
    approvals.note_approval(base, approvals.PLAN, "Төраға бекіткен, № 1", date(YEAR, 4, 26))
    _hold_first(stage, base, members)
    _hold_second(stage, base, members)
    stage.keep("04-base", documents_commission.print_plan(base))
    _call_last(base)


def hand_over(stage: Stage, representative: str) -> None:
    """Lists, the act and its annex are printed; both sides sign."""
    base = stage.ctx(f"bu{stage.plan.base}")
    shifts = sorted({shift for shift, _hall, _n in passes.halls_used(base)})
    stage.keep(
        "04-base", documents_hand_over.print_duty_list(base),
        *(documents_hand_over.print_duty_list(base, shift) for shift in shifts),
        documents_hand_over.print_centre_act(base), documents_hand_over.print_hand_over(base),
        documents_hand_over.print_hand_over_halls(base), documents_hand_over.print_materials_act(base),
    )  # fmt: skip
    representative_papers.note_given(base, base.clock.now().date(), representative)
    _note_done(base)
    _confirm(base, before_exam=True)


def end(stage: Stage) -> None:
    """The day after the last test nothing of the plan and of the duties is left open."""
    base = stage.ctx(f"bu{stage.plan.base}")
    _note_done(base)
    _confirm(base, before_exam=False)


def _form(stage: Stage, base: Context) -> list[str]:
    """Eight who vote and an observer; the ministry approves them."""
    with stage.counting("people"):
        chosen = people.make_commission(stream(stage.plan.seed, "commission"), MEMBERS)
    members = []
    for number, person in enumerate(chosen):
        role = ("chair", "secretary")[number] if number < 2 else ("member" if number < VOTING else "observer")
        members.append(commission.save_member(base, {
            "full_name": person.name, "post": person.position, "role": role, "phone": "",
            "organisation": f"ЖОО {stage.plan.base}",
        }))  # fmt: skip
    approvals.note_approval(base, approvals.MEMBERS, "ҚР БҒМ бұйрығы № 144", base.clock.now().date())
    return members


def _list_duty_officers(stage: Stage, base: Context) -> None:
    """Enough for the fullest shift and a few more; one stands in the corridor, the program fills the halls."""
    halls = Counter(shift for shift, _hall, _n in passes.halls_used(base))
    with stage.counting("people"):
        found = people.make_people(stream(stage.plan.seed, "duty"), 2 * max(halls.values()) + SPARE, "Оқытушы")
    keys = [
        duty_list.save_officer(base, {"full_name": person.name, "post": person.position, "file_received": number > 1})
        for number, person in enumerate(found)
    ]
    duty_list.mark(base, keys[1:], trained=True)
    duty_list.assign(base, keys[2:3], None, "1-дәліз")
    duty_list.fill(base)


def _hold_first(stage: Stage, base: Context, members: list[str]) -> None:
    """Seven of eight come; equal votes are decided by the chair, one draft is not adopted; corrected the day after."""
    number = _call(base, date(YEAR, 5, 4), AGENDA)
    stage.at(5, 4, 10, 30)
    stage.keep("04-base", documents_commission.print_agenda(base, number))
    sittings.take_attendance(base, number, [*members[:7], members[-1]])
    for question, votes in enumerate((Votes(7, 0, 0), Votes(3, 3, 1, FOR), Votes(3, 4, 0)), start=1):
        sittings.vote(base, number, question, votes)
    sittings.close_sitting(base, number)
    stage.keep("04-base", documents_commission.print_minutes(base, number))
    stage.at(5, 5)
    sittings.correct(base, number, "2-сұрақ бойынша бөлменің нөмірі 214 емес, 241.", "Ғимараттың қабаттық жоспары")
    stage.keep("04-base", documents_commission.print_minutes(base, number),
               documents_commission.print_extract(base, number, 1))  # fmt: skip


def _hold_second(stage: Stage, base: Context, members: list[str]) -> None:
    """Five of eight are no quorum; called again with the same agenda, everybody comes."""
    number = _call(base, date(YEAR, 5, 6), LATER)
    stage.at(5, 6, 15)
    sittings.take_attendance(base, number, members[:5])
    sittings.close_sitting(base, number)
    again = sittings.call_again(base, {"day": date(YEAR, 5, 10), "time": "1500", "place": PLACE}, number)
    stage.at(5, 10, 15)
    sittings.take_attendance(base, again, members)
    for question in (1, 2):
        sittings.vote(base, again, question, Votes(VOTING, 0, 0))
    sittings.close_sitting(base, again)
    stage.keep("04-base", documents_commission.print_minutes(base, again))
    _note_done(base)


def _note_done(base: Context) -> None:
    """The lines of the plan whose day is here were done on it."""
    for line in plan_of_work.lines(base):
        if not line["done_on"] and line["due"] <= base.clock.now().date():
            plan_of_work.finish(base, line["id"], line["due"])


def _confirm(base: Context, *, before_exam: bool) -> None:
    """The chair confirms duties done, on their last days where these are over; before the exam what is known to be."""
    today = base.clock.now().date()
    for line in duties.duties(base):
        if line.done_on is None and not (before_exam and (line.known is None or not line.known.complete)):
            duties.confirm_duty(base, line.number, min(line.due or today, today))


def _call_last(base: Context) -> None:
    """The sitting after the exam is called already."""
    question = ("Тестілеудің қорытындысы туралы", "Комиссия төрағасы", "Тестілеудің қорытындысы назарға алынсын.")
    _call(base, date(YEAR, 6, 10), (question,))


def _call(base: Context, day: date, agenda: tuple[tuple[str, str, str], ...]) -> int:
    asked = [{"text": text, "reporter": reporter, "decision": decision} for text, reporter, decision in agenda]
    return sittings.save_sitting(base, {"day": day, "time": "1030", "place": PLACE}, agenda=asked)

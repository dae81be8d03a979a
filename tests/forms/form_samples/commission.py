"""The state commission's papers: a plan, a sitting with an equal vote, one not adopted, a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mab_desktop.forms.commission_papers import Person, Plan, PlanLine, Question, SittingPaper

from .people import IMPRINT, SEASON, name

POST = "оқу ісі жөніндегі проректор, техника ғылымдарының докторы"
QUESTIONS = (
    Question(1, "Аудитория кезекшілерінің тізімін және олардың аудиториялар бойынша бөлінуін бекіту туралы", name(2),
             "Аудиториялар бойынша кезекшілердің тізімі (46 адам) бекітілсін; кезекшілерді оқыту 22 сәуірге дейін "
             "өткізілсін. Орындалуын бақылау комиссия хатшысына жүктелсін.", (3, 3, 0), "for", True),
    Question(2, "Апелляциялық комиссияның жұмыс орны туралы", name(3), "Апелляциялық комиссияға 214-бөлме берілсін.",
             (5, 1, 0), "", True),
    Question(3, "Тестілеу өтетін ғимаратқа бақылаушыларды жіберу тәртібі туралы", "",
             "Бақылаушылар ғимаратқа екінші кіреберістен жіберілсін.", (2, 3, 1)),
)  # fmt: skip
ROLES = ("chair", "secretary", *["member"] * 5, "observer")


def plan() -> Plan:
    lines = (
        PlanLine(date(2011, 4, 5), "Аудиториялардың дайындығын тексеру, орындардың нөмірленуін қарау", name(1),
                 date(2011, 4, 4)),
        PlanLine(date(2011, 4, 22), "Аудитория және дәліз кезекшілерін оқыту", name(2)),
        PlanLine(date(2011, 4, 25), "Мәліметтері қате студенттердің тізімін қабылдау", ""),
    )  # fmt: skip
    return Plan(SEASON, IMPRINT, lines, name(0), name(1))


def sitting() -> SittingPaper:
    people = tuple(Person(name(n), role, POST if n % 2 else "", n != 5, role != "observer")
                   for n, role in enumerate(ROLES))  # fmt: skip
    corrected = ("2-сұрақ бойынша бөлменің нөмірі 214 емес, 241.", "Ғимараттың қабаттық жоспары", "23.04.2011")
    top = replace(SEASON, day=date(2011, 4, 20))
    return SittingPaper(top, IMPRINT, "4", "10:30", "Бас оқу ғимаратының мәжіліс залы", people, QUESTIONS, (corrected,))


def agenda() -> SittingPaper:
    return replace(sitting(), questions=tuple(replace(q, votes=None, casting="") for q in QUESTIONS))


def extract() -> SittingPaper:
    return replace(sitting(), questions=QUESTIONS[:1])

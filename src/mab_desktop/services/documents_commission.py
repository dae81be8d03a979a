"""The state commission's papers: plan of work, agenda, minutes and extracts of minutes (p.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mab_desktop.domain.commission import CHAIR, OBSERVER, SECRETARY
from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.organisation import Role
from mab_desktop.forms import commission_papers as papers
from mab_desktop.i18n import N_
from mab_desktop.services import commission, plan_of_work, sittings
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint


def print_plan(ctx: Context) -> Document:
    """The plan of work, with the chair's approval."""
    require(ctx, Role.BASE_UNI)
    lines = tuple(
        papers.PlanLine(row["due"], row["text"], row["responsible"] or "", row["done_on"])
        for row in plan_of_work.lines(ctx)
    )  # fmt: skip
    names = {member["role"]: member["full_name"] for member in commission.members(ctx)}
    with ctx.store.read() as session:
        top = head(ctx, session)

    def draw(printing: Printing) -> bytes:
        whole = papers.Plan(top, imprint(printing), lines, names.get(CHAIR, ""), names.get(SECRETARY, ""))
        return papers.draw_plan(whole, lang=printing.lang)

    return print_document(ctx, "commission-plan", "", draw)


def print_agenda(ctx: Context, number: int) -> Document:
    """The agenda of a sitting."""
    require(ctx, Role.BASE_UNI)
    whole = sittings.sitting(ctx, number)

    def draw(printing: Printing) -> bytes:
        return papers.draw_agenda(_paper(ctx, whole, printing, str(number)), lang=printing.lang)

    return print_document(ctx, "commission-agenda", str(number), draw)


def print_minutes(ctx: Context, number: int, version: int = 0) -> Document:
    """The minutes of a closed sitting with the corrections that came later, or an earlier `version` as it was.

    Version 1 has no correction, each correction makes the next one; 0 is the newest.
    """
    require(ctx, Role.BASE_UNI)
    whole, minutes = _with_minutes(ctx, number)
    newest = len(whole.corrections) + 1
    if not 0 <= version <= newest:
        raise OutOfOrder(N_("There is no version {n} of these minutes (p.6)."), n=version)
    wanted = version or newest
    whole = replace(whole, corrections=whole.corrections[: wanted - 1])

    def draw(printing: Printing) -> bytes:
        return papers.draw_minutes(_paper(ctx, whole, printing, str(minutes)), lang=printing.lang)

    key = str(number) if wanted == 1 else f"{number}-v{wanted}"
    return print_document(ctx, "commission-minutes", key, draw, copies=2)


def print_extract(ctx: Context, number: int, question: int) -> Document:
    """An extract of the minutes: one question and its decision."""
    require(ctx, Role.BASE_UNI)
    whole, minutes = _with_minutes(ctx, number)
    if question not in {q.number for q in whole.questions}:
        raise OutOfOrder(N_("There is no such question on the agenda."))

    def draw(printing: Printing) -> bytes:
        return papers.draw_extract(_paper(ctx, whole, printing, str(minutes), only=question), lang=printing.lang)

    return print_document(ctx, "commission-extract", f"{number}-{question}", draw)


def _with_minutes(ctx: Context, number: int) -> tuple[sittings.Sitting, int]:
    whole = sittings.sitting(ctx, number)
    if whole.minutes is None:
        raise OutOfOrder(N_("A sitting has minutes when it is closed and had a quorum (p.6)."))
    return whole, whole.minutes


def _paper(
    ctx: Context, whole: sittings.Sitting, printing: Printing, number: str, only: int = 0
) -> papers.SittingPaper:
    people = whole.attenders or tuple(sittings.on_list(ctx, whole.number))
    with ctx.store.read() as session:
        top = head(ctx, session, day=whole.day)
    return papers.SittingPaper(
        top, imprint(printing), number, f"{whole.time[:2]}:{whole.time[2:]}", whole.place,
        tuple(papers.Person(a.full_name, a.role, a.post, a.present, a.role != OBSERVER) for a in people),
        tuple(_question(q) for q in whole.questions if only in (0, q.number)),
        tuple((c.text, c.ground, datetime.fromisoformat(c.at).strftime("%d.%m.%Y")) for c in whole.corrections),
    )  # fmt: skip


def _question(q: sittings.Question) -> papers.Question:
    votes = (q.votes.votes_for, q.votes.against, q.votes.abstained) if q.votes else None
    casting = q.votes.casting if q.votes else ""
    return papers.Question(q.number, q.text, q.reporter, q.decision, votes, casting, bool(q.adopted))

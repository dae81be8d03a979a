"""Papers of duty officers, of the hand-over, of exam materials and of the state commission, for the page of papers."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.domain.progress import Progress
from mab_desktop.i18n import N_, _
from mab_desktop.services import documents_commission, documents_hand_over, duty_list, passes, sittings
from mab_desktop.services.documents import Document
from mab_desktop.ui.document_papers import DocumentPapersPage
from mab_desktop.ui.formats import shown_date
from mab_desktop.ui.papers_page import Paper

Options = Sequence[tuple[str, str]]


def duty_papers(page: DocumentPapersPage, group: str) -> tuple[Paper, ...]:
    """The list of duty officers, of the season or by hall of a shift."""

    def options() -> Options:
        shifts = sorted({post.shift for post in duty_list.posts(page.app.ctx)})
        return [("", _("All shifts")), *((str(n), _("Shift {n}").format(n=n)) for n in shifts)]

    def make(option: str, _p: Progress) -> Document:
        return documents_hand_over.print_duty_list(page.app.ctx, int(option or 0))

    title = N_("Duty officers by hall")
    return (page.paper("duty-list", title, make, paragraph="p.24", group=group, options=options),)


def hand_over_papers(page: DocumentPapersPage, group: str) -> tuple[Paper, ...]:
    """Acts with both sides: to the representative with its annex, exam materials, databases to the centre."""
    made = documents_hand_over

    def shifts() -> Options:
        found = sorted({shift for shift, _hall, _n in passes.halls_used(page.app.ctx)})
        return [("", _("Empty lines, to be written by hand")),
                *((str(n), _("Boxes of the halls of shift {n}").format(n=n)) for n in found)]  # fmt: skip

    def materials(option: str, _p: Progress) -> Document:
        return made.print_materials_act(page.app.ctx, int(option or 0))

    return (
        page.paper("hand-over", N_("Hand-over to the ministry representative"),
                   lambda _o, _p: made.print_hand_over(page.app.ctx), paragraph="p.24", group=group, copies=2),
        page.paper("hand-over-halls", N_("Annex to the hand-over: by hall"),
                   lambda _o, _p: made.print_hand_over_halls(page.app.ctx), paragraph="p.24", group=group, copies=2,
                   obstacle=lambda: _no_halls(page)),
        page.paper("materials", N_("Act on exam materials"), materials, paragraph="p.30", group=group, copies=2,
                   options=shifts),
        page.paper("centre-act", N_("Act on databases for the testing centre"),
                   lambda _o, _p: made.print_centre_act(page.app.ctx), paragraph="p.23", group=group, copies=2,
                   obstacle=lambda: _nothing_written(page)),
    )  # fmt: skip


def commission_papers(page: DocumentPapersPage, group: str) -> tuple[Paper, ...]:
    """Plan of work, agenda, minutes, extracts (p.6)."""
    made = documents_commission

    def agenda(option: str, _p: Progress) -> Document:
        return made.print_agenda(page.app.ctx, int(option))

    def minutes(option: str, _p: Progress) -> Document:
        number, _colon, version = option.partition(":")
        return made.print_minutes(page.app.ctx, int(number), int(version or 0))

    def extract(option: str, _p: Progress) -> Document:
        number, _colon, question = option.partition(":")
        return made.print_extract(page.app.ctx, int(number), int(question))

    return (
        page.paper("commission-plan", N_("Plan of work of the state commission"),
                   lambda _o, _p: made.print_plan(page.app.ctx), paragraph="p.6", group=group),
        page.paper("commission-agenda", N_("Agenda of the sitting of the state commission"), agenda, paragraph="p.6",
                   group=group, options=lambda: _called(page), obstacle=lambda: _no_sitting(page)),
        page.paper("commission-minutes", N_("Minutes of the sitting of the state commission"), minutes,
                   paragraph="p.6", group=group, copies=2, options=lambda: _held(page),
                   obstacle=lambda: _no_minutes(page)),
        page.paper("commission-extract", N_("Extract of the minutes of the state commission"), extract,
                   paragraph="p.6", group=group, options=lambda: _decisions(page),
                   obstacle=lambda: _no_minutes(page)),
    )  # fmt: skip


def _called(page: DocumentPapersPage) -> Options:
    words = _("Sitting {number} of {day}")
    return [(str(s.number), words.format(number=s.number, day=shown_date(s.day)))
            for s in sittings.sittings(page.app.ctx)]  # fmt: skip


def _held(page: DocumentPapersPage) -> Options:
    """The newest version of each sitting's minutes, and under it those before it."""
    words = _("Minutes {number} of {day}, version {version}")
    found = []
    for s in sittings.sittings(page.app.ctx):
        if s.minutes:
            newest = len(s.corrections) + 1
            for version in range(newest, 0, -1):
                key = str(s.number) if version == newest else f"{s.number}:{version}"
                found.append((key, words.format(number=s.minutes, day=shown_date(s.day), version=version)))
    return found


def _decisions(page: DocumentPapersPage) -> Options:
    return [(f"{s.number}:{q.number}", f"№ {s.minutes}/{q.number}. {q.text}")
            for s in sittings.sittings(page.app.ctx) if s.minutes for q in s.questions]  # fmt: skip


def _no_sitting(page: DocumentPapersPage) -> str:
    return "" if _called(page) else _("No sitting has been called yet.")


def _no_minutes(page: DocumentPapersPage) -> str:
    return "" if _held(page) else _("No sitting with a quorum is closed yet (p.6).")


def _no_halls(page: DocumentPapersPage) -> str:
    return "" if passes.halls_used(page.app.ctx) else _("The final database has not come from the centre yet (p.23).")


def _nothing_written(page: DocumentPapersPage) -> str:
    written = documents_hand_over.written_for_centre(page.app.ctx)
    return "" if written else _("Nothing has been written for the testing centre yet.")

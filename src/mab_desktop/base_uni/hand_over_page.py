"""What the base university hands to the ministry representative before the testing (p.24): counts, papers, drive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import commission, passes, representative_papers, transfer_view
from mab_desktop.services.representative_papers import GivenFile, GivenPaper
from mab_desktop.ui.formats import shown_date, shown_moment
from mab_desktop.ui.list_page import ListPage
from mab_desktop.ui.page import Action, PageSpec
from mab_desktop.ui.panels import Facts, StateLabel
from mab_desktop.ui.record_table import Column, Rows, TableSource
from mab_desktop.ui.states import Mark

GIVEN = RecordSpec(
    "papers-given",
    N_("Handed over"),
    (
        Field("to", N_("Who took the papers"), required=True, max_length=120),
        Field("day", N_("Day"), Kind.DATE, required=True),
    ),
)
_FILES = {
    "hand-over": N_("File for the ministry programmer: register, duty officers, commission"),
    "wrong-data": N_("File for the ministry programmer: wrong data"),
}


class HandOverPage(ListPage):
    """The five papers of p.24 and the two files, each with what is missing; Enter prints or writes it."""

    def settle(self, spec: PageSpec) -> None:
        """How the whole stands, over the list."""
        super().settle(spec)
        self.summary = StateLabel(Mark.NONE)
        self.body.insertWidget(0, self.summary)

    def table(self) -> TableSource:
        """In the order of p.24."""
        columns = (
            Column("title", N_("What is handed over"), 52),
            Column("count", N_("Quantity"), 8, kind="number"),
            Column("of", N_("Expected"), 8, kind="number", shown=False),
            Column("at", N_("Printed, written"), 16, kind="code", shown=False),
            Column("state", N_("State"), 22),
        )
        return Rows(columns, load=self._rows, key_of="key", mark_of=lambda row: row["mark"])

    def _rows(self) -> list[Mapping[str, Any]]:
        ctx = self.app.ctx
        obstacles = {offer.kind: offer.obstacle for offer in transfer_view.offered(ctx)}
        found = [_paper_row(paper) for paper in representative_papers.papers(ctx)]
        return found + [_file_row(file, obstacles.get(file.kind, "")) for file in representative_papers.files(ctx)]

    def refresh(self, changed: set[str] | None = None) -> None:
        """Say above the list what holds the hand-over up, or that it was done."""
        super().refresh(changed)
        self.summary.show_state(*self._standing())
        self.renew_actions()

    def _standing(self) -> tuple[Mark, str]:
        ctx, why = self.app.ctx, self.obstacle()
        done = representative_papers.given(ctx)
        if done is not None:
            words = _("Handed over on {day}: {name} took everything and signed the act.")
            return Mark.DONE, words.format(day=shown_date(done.day), name=done.to)
        notes = [why] if why else [problem.message(active()) for problem in commission.problems(ctx)]
        short, stubs = commission.halls_without_duty(ctx), len(passes.missing_stubs(ctx))
        if short:
            notes.append(_("Halls with fewer than two duty officers: {n}.").format(n=len(short)))
        if stubs:
            notes.append(_("Stubs still missing: {n}.").format(n=stubs))
        ready = _("Everything is ready to be handed over.")
        return Mark.BLOCKED if why else Mark.DUE if notes else Mark.DONE, " ".join(notes) or ready

    def page_actions(self) -> Sequence[Action]:
        """The annex, the note, the drive."""
        return (
            Action(N_("Annex by hall"), lambda: self._paper("hand-over-halls"), "hall", obstacle=self._no_halls),
            Action(N_("Note that it was handed over"), self.note, "sign", "Ctrl+D", obstacle=self._noted),
            Action(N_("Write to the drive"), self.export_files, "drive", obstacle=self.obstacle, primary=True),
        )  # fmt: skip

    def row_actions(self) -> Sequence[Action]:
        """Print or write the row; take the note back."""
        return (
            Action(N_("Print this paper"), self.print_row, "print", obstacle=self._no_paper),
            Action(N_("Write this file"), self.write_row, "drive", obstacle=self._no_file),
            Action(N_("Take the note back"), self.take_note_back, "undo", obstacle=self._not_noted),
        )

    def obstacle(self) -> str:
        """Why the file cannot be written yet."""
        offers = transfer_view.offered(self.app.ctx)
        return next((offer.obstacle for offer in offers if offer.kind == "hand-over"), "")

    def _no_halls(self) -> str:
        known = passes.halls_used(self.app.ctx)
        return "" if known else _("The final database has not come from the centre yet (p.23).")

    def _noted(self) -> str:
        return _("It is noted already.") if representative_papers.given(self.app.ctx) else ""

    def _not_noted(self) -> str:
        return "" if representative_papers.given(self.app.ctx) else _("Nothing is noted yet.")

    def _no_paper(self) -> str:
        row = self.current()
        return "" if row and row["paper"] else _("This is a file, not a paper.")

    def _no_file(self) -> str:
        row = self.current()
        return row["why"] if row and row["carrier"] else _("This is a paper, not a file.")

    # --- acts ------------------------------------------------------------------------------------------------------

    def activate(self, row: Any) -> None:
        """Enter: print the paper or write the file under the cursor."""
        if row["paper"]:
            self.print_row()
        elif not row["why"]:
            self.write_row()

    def print_row(self) -> None:
        """The paper under the cursor."""
        if (row := self.current()) is not None and row["paper"]:
            self._paper(row["paper"])

    def write_row(self) -> None:
        """The file under the cursor."""
        if (row := self.current()) is not None and row["carrier"]:
            self.app.open_page("transfer", export=row["carrier"])

    def _paper(self, key: str) -> None:
        self.app.open_page("papers", paper=key)

    def print_out(self) -> None:
        """Ctrl+P: the act."""
        self._paper("hand-over")

    def export_files(self) -> None:
        """The drive."""
        if not self.obstacle():
            self.app.open_page("transfer", export="hand-over")

    def note(self) -> None:
        """Both sides signed: on which day, who took everything."""
        ctx = self.app.ctx
        if self._noted():
            return
        done = ask_record(
            self, _("Note that it was handed over"), _("Note it when both sides have signed the act and its annex."),
            _("Note that it was handed over"), GIVEN,
            lambda values: representative_papers.note_given(ctx, values["day"], values["to"]),
            {"day": ctx.clock.now().date()},
        )  # fmt: skip
        if done:
            done_and_undoable(self, _("Noted: the papers were handed over."),
                              lambda: representative_papers.take_note_back(ctx))  # fmt: skip

    def take_note_back(self) -> None:
        """It was noted by mistake."""
        with self.app.guarded():
            representative_papers.take_note_back(self.app.ctx)
            self.refresh()

    # --- words -----------------------------------------------------------------------------------------------------

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One paper or file."""
        lines = (
            (_("Quantity"), str(row["count"])),
            (_("Expected"), "" if row["of"] is None else str(row["of"])),
            (_("Printed, written"), row["at"]),
            (_("State"), row["state"]),
            *row["more"],
        )
        return (Facts(row["title"], lines),)

    def help_words(self) -> str:
        """What the regulation asks."""
        return _(
            "The representative is given the stubs, the hall list, a copy of the register of issue, the list of duty "
            "officers by hall and the list of students with wrong data (p.24). Ctrl+P prints the act with both sides' "
            "signature lines, “Annex by hall” the count of stubs and the duty officers of each hall. The files go to "
            "the ministry programmer on a drive. Note the hand-over with Ctrl+D when both sides have signed."
        )


def _paper_row(paper: GivenPaper) -> Mapping[str, Any]:
    short = paper.of is not None and paper.count < paper.of
    state = _("Missing: {n}").format(n=(paper.of or 0) - paper.count) if short else _("Not printed yet")
    if paper.printed_at and not short:
        state = _("Printed: {moment}").format(moment=_moment(paper.printed_at))
    mark = Mark.LATE if short else Mark.DONE if paper.printed_at else Mark.DUE
    return {
        "key": paper.key, "title": _(paper.title), "count": paper.count, "of": paper.of,
        "at": _moment(paper.printed_at), "state": state, "mark": mark, "paper": paper.paper, "carrier": "", "why": "",
        "more": (),
    }  # fmt: skip


def _file_row(file: GivenFile, why: str) -> Mapping[str, Any]:
    state = _("Confirmed by its recipient") if file.confirmed else _("Written, no receipt yet")
    mark = Mark.DONE
    if not file.file:
        state, mark = why or _("Not written yet"), Mark.BLOCKED if why else Mark.DUE
    return {
        "key": f"file-{file.kind}", "title": _(_FILES[file.kind]), "count": file.records or None, "of": None,
        "at": _moment(file.at), "state": state, "mark": mark, "paper": "", "carrier": file.kind, "why": why,
        "more": ((_("File"), file.file), (_("Control sum"), file.checksum)),
    }  # fmt: skip


def _moment(stored: str) -> str:
    return shown_moment(datetime.fromisoformat(stored)) if stored else ""

"""Duty officers of halls and corridors (p.6, p.24): people, personal files, training, where each serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog, QFileDialog

from mab_desktop.base_uni.record_question import ask_record
from mab_desktop.base_uni.undo_note import done_and_undoable
from mab_desktop.domain.carrier_records import DUTY_OFFICER
from mab_desktop.domain.duty_place import Officer
from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_, _, active
from mab_desktop.services import commission, duty_intake, duty_list
from mab_desktop.services.duty_intake import Intake
from mab_desktop.ui.entry_page import EntryPage
from mab_desktop.ui.messages import Question
from mab_desktop.ui.page import Action
from mab_desktop.ui.panels import Facts, label
from mab_desktop.ui.record_table import Column, FilterChip, Rows, TableSource
from mab_desktop.ui.states import Mark

PLACE = RecordSpec(
    "duty-place",
    N_("Hall or corridor"),
    (
        Field("place", N_("Hall or corridor"), required=True, max_length=40),
        Field("shift", N_("Shift"), Kind.INTEGER, low=1, high=99, hint=N_("Empty: in every shift.")),
    ),
)
_FOLDER, _TABLES = "duty.folder", N_("Tables (*.csv *.tsv *.txt *.xlsx *.xlsm);;All files (*)")
_SHOWN = 6  # wrong rows named before bringing in


def place_words(officer: Officer) -> str:
    """Where somebody serves: «101 (1, 3), 2-corridor»."""
    by_place: dict[str, list[int]] = {}
    for place in officer.places:
        by_place.setdefault(place.place, []).extend([place.shift] if place.shift else [])
    words = _("{place} (shift {shifts})")
    return ", ".join(
        words.format(place=place, shifts=", ".join(map(str, sorted(shifts)))) if shifts else place
        for place, shifts in by_place.items()
    )


class DutyOfficersPage(EntryPage):
    """Everybody once; halls that have fewer than two stand above the list."""

    record = DUTY_OFFICER
    only = ("full_name", "post", "phone", "place", "shift", "file_received", "trained")
    new_word = N_("New duty officer")

    def table(self) -> TableSource:
        """In Kazakh order."""
        columns = (
            Column("full_name", N_("Full name"), 28),
            Column("post", N_("Post, department"), 14),
            Column("phone", N_("Telephone"), 14, kind="code", shown=False),
            Column("where", N_("Hall, corridor"), 20),
            Column("file_received", N_("Personal file"), 5, kind="flag"),
            Column("trained", N_("Trained"), 6, kind="flag"),
        )
        return Rows(columns, load=self._rows, mark_of=lambda row: Mark.DONE if row["officer"].ready else Mark.DUE)

    def _rows(self) -> list[Mapping[str, Any]]:
        return [_row(officer) for officer in duty_list.officers(self.app.ctx)]

    def chips(self) -> Sequence[FilterChip]:
        """What waits."""
        return (
            FilterChip("untrained", N_("Not trained"), lambda row: not row["trained"]),
            FilterChip("no-file", N_("Without a personal file"), lambda row: not row["file_received"]),
            FilterChip("no-place", N_("Without a hall"), lambda row: not row["where"]),
        )

    def refresh(self, changed: set[str] | None = None) -> None:
        """Name the halls that are short of people."""
        super().refresh(changed)
        short = commission.halls_without_duty(self.app.ctx)
        places = ", ".join(f"{shift}/{hall}" for shift, hall, _here in short[:12])
        more = "…" if len(short) > 12 else ""
        text = _("Fewer than two duty officers (shift/hall): {places}").format(places=places + more)
        self.closed_reason = text if short else ""

    def page_actions(self) -> Sequence[Action]:
        """A table from elsewhere, the halls; new stands last."""
        return (
            Action(N_("Bring in a table"), self.choose_table, "table", "Ctrl+O"),
            Action(N_("Duty by hall"), lambda: self.app.open_page("duty_halls"), "hall"),
            *super().page_actions(),
        )

    def print_out(self) -> None:
        """Ctrl+P: the list of duty officers."""
        self.app.open_page("papers", paper="duty-list")

    def row_actions(self) -> Sequence[Action]:
        """On everybody chosen."""
        return (
            Action(N_("Change"), self.edit, "edit", "F2"),
            Action(N_("Personal file: yes or no"), self.mark_files, "document", "Ctrl+G"),
            Action(N_("Trained: yes or no"), self.mark_trained, "specialty", "Ctrl+T"),
            Action(N_("Give a hall or corridor"), self.assign, "hall", "Ctrl+D"),
            Action(N_("Take off the list"), self.remove, "delete", "Del", dangerous=True),
        )

    # --- acts on those chosen --------------------------------------------------------------------------------------

    def _people(self) -> list[Officer]:
        return [] if self.in_form() else [row["officer"] for row in self.chosen()]

    def mark_files(self) -> None:
        """The personal files of all chosen came; pressed again, they did not."""
        people = self._people()
        if people:
            self._mark(people, file_received=not all(officer.file_received for officer in people))

    def mark_trained(self) -> None:
        """All chosen were trained; pressed again, they were not."""
        people = self._people()
        if people:
            self._mark(people, trained=not all(officer.trained for officer in people))

    def _mark(self, people: Sequence[Officer], **marks: bool) -> None:
        ctx = self.app.ctx
        with self.app.guarded():
            before = duty_list.mark(ctx, [officer.id for officer in people], **marks)
            done_and_undoable(self, _("Noted of {n} people.").format(n=len(people)),
                              lambda: duty_list.mark_back(ctx, before))  # fmt: skip

    def assign(self) -> None:
        """Ask for hall and shift; undo takes them back."""
        people, ctx, made = self._people(), self.app.ctx, list[str]()
        if not people:
            return
        names = ", ".join(officer.full_name for officer in people[:3]) + ("…" if len(people) > 3 else "")
        done = ask_record(
            self, _("Give a hall or corridor"), names, _("Give the place"), PLACE,
            lambda values: made.extend(duty_list.assign(ctx, [o.id for o in people], values["shift"], values["place"])),
        )  # fmt: skip
        if done:
            done_and_undoable(self, _("Given a place: {names}.").format(names=names),
                              lambda: duty_list.release(ctx, made))  # fmt: skip

    def remove(self) -> None:
        """Take all chosen off the list; undo brings them back."""
        people, ctx = self._people(), self.app.ctx
        if not people:
            return
        with self.app.guarded():
            gone = duty_list.remove(ctx, [officer.id for officer in people])
            names = ", ".join(officer.full_name for officer in people[:3]) + ("…" if len(people) > 3 else "")
            done_and_undoable(self, _("Taken off the list: {name}.").format(name=names),
                              lambda: duty_list.put_back(ctx, gone))  # fmt: skip

    # --- a table from elsewhere ------------------------------------------------------------------------------------

    def choose_table(self) -> None:
        """Ask for the file; the folder is remembered."""
        folder = str(self.app.settings.get(_FOLDER, str(Path.home())))
        file, _kind = QFileDialog.getOpenFileName(self, _("Choose a table"), folder, _(_TABLES))
        if file:
            self.app.settings.set(_FOLDER, str(Path(file).parent))
            self.open_table(Path(file))

    def open_table(self, path: Path) -> None:
        """Read the table in a task, then show what it holds before anything is taken."""
        self.app.tasks.run(
            _("Reading the table"), lambda progress: duty_intake.look_in(self.app.ctx, path, progress), self.offer
        )

    def offer(self, found: Intake) -> None:
        """What would be brought in, what stands here already, what is not right; the person decides."""
        title = _("Bring in {n} duty officers?").format(n=len(found.new))
        said = [_("Table {name}.").format(name=found.name)]
        if found.known:
            said.append(_("On the list already and left as they are: {n}.").format(n=len(found.known)))
        if found.wrong:
            said.append(_("Rows that are not right and are left out: {n}.").format(n=len(found.wrong)))
        asked = Question(self, title, "\n".join(said), _("Bring in"))
        for line, problem in found.wrong[:_SHOWN]:
            words = _("Row {line}: {problem}").format(line=line, problem=problem.message(active()))
            asked.fields.addWidget(label(words, "fieldError", wrap=True))
        asked.act_button.setEnabled(bool(found.new))
        if asked.exec() != QDialog.DialogCode.Accepted:
            return
        ctx = self.app.ctx
        with self.app.guarded():
            made = duty_intake.bring_in(ctx, found)
            done_and_undoable(self, _("Brought in: {n} duty officers.").format(n=len(made)),
                              lambda: duty_list.remove(ctx, made))  # fmt: skip

    # --- form and words --------------------------------------------------------------------------------------------

    def open_form(self, row: Any | None, values: Mapping[str, Any] | None = None) -> None:
        """Who serves in several places gets them on the page of halls."""
        super().open_form(row, values)
        several = row is not None and len(row["officer"].places) > 1
        for name in ("place", "shift"):
            self.form.editor(name).setReadOnly(several)
            self.form.rows[name].note.setText(_("Several: see “Duty by hall”.") if several else "")

    def store(self, values: Mapping[str, Any], row: Any | None) -> None:
        """Save the form."""
        duty_list.save_officer(self.app.ctx, {**values, "id": row["id"] if row else None})

    def details(self, row: Mapping[str, Any]) -> Sequence[Facts]:
        """One officer and his places by shift."""
        officer: Officer = row["officer"]
        lines = (
            (_("Post, department"), officer.post), (_("Telephone"), officer.phone),
            (_("Personal file received"), _("Yes") if officer.file_received else _("No")),
            (_("Trained"), _("Yes") if officer.trained else _("No")),
        )  # fmt: skip
        places = tuple(
            (_("Shift {n}").format(n=place.shift) if place.shift else _("every shift"), place.place)
            for place in officer.places
        )
        return (Facts(officer.full_name, lines), *((Facts(_("Hall, corridor"), places),) if places else ()))

    def empty_words(self) -> tuple[str, str]:
        """How to begin."""
        return _("Nobody is on the list."), _(
            "Press Ctrl+N and enter the first duty officer, or Ctrl+O and bring in a table with names."
        )

    def help_words(self) -> str:
        """What the regulation asks, and the keys."""
        return _(
            "The base university makes the list of duty officers by hall and keeps their personal files (p.6, p.24). "
            "An officer without a shift serves in every shift. Choose several with Shift and the arrows: Ctrl+G notes "
            "their files, Ctrl+T their training, Ctrl+D gives a hall or corridor; Ctrl+Z takes back."
        )


def _row(officer: Officer) -> Mapping[str, Any]:
    only = officer.places[0] if officer.places else None
    return {
        "id": officer.id, "full_name": officer.full_name, "post": officer.post or None, "phone": officer.phone or None,
        "file_received": officer.file_received, "trained": officer.trained, "where": place_words(officer),
        "place": only.place if only else None, "shift": only.shift if only else None, "officer": officer,
    }  # fmt: skip

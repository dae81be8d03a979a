"""The acts of the exam day (p.30-34): which lines with counts each has, what is expected, what cannot be.

A count that differs from what is expected is no mistake of the person: it is the very thing that the act is for, so it
asks for a remark. What can not be at all (more used sheets than the hall has) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mab_desktop.domain.errors import Problem
from mab_desktop.domain.exam_clock import typed_time
from mab_desktop.i18n import N_

COUNT, TEXT = "count", "text"
ROLES = ("given_by", "taken_by", "students")
MOST_ROWS, MOST_TEXT, MOST_STORY = 40, 200, 2000


@dataclass(frozen=True, slots=True)
class ActColumn:
    """A column: a count or a text; `needed` must not be empty."""

    key: str
    label: str
    kind: str = TEXT
    needed: bool = False


@dataclass(frozen=True, slots=True)
class ActSpec:
    """One sort of act. Without `lines` the rows are free; without columns it is a story. `hall`: one for each hall."""

    kind: str
    title: str
    paragraph: str
    columns: tuple[ActColumn, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    hall: bool = True
    students: int = 0
    given_by: tuple[str, ...] = ()
    taken_by: tuple[str, ...] = ()

    @property
    def is_story(self) -> bool:
        """True for an act that is told in words."""
        return not self.columns


@dataclass(frozen=True, slots=True)
class ActFacts:
    """What is known of the hall: sheets of its stack, students seated, who may sign; of a shift, how many `halls`."""

    sheets: int = 0
    seated: int = 0
    names: frozenset[str] = frozenset()
    halls: int = 0


REP, DUTY, BASE = N_("Representative"), N_("Duty officer"), N_("Coordinator of the base university")
PROGRAMMER = N_("Ministry programmer")
_REMARK = ActColumn("remark", N_("Remark"))
_QUANTITY = ActColumn("count", N_("Quantity"), COUNT, needed=True)

RECEIVED = ActSpec(
    "materials-received", N_("Exam materials from the base university"), "p.30.1",
    (ActColumn("what", N_("Bag, box"), needed=True), ActColumn("number", N_("Number"), needed=True),
     ActColumn("seal", N_("Seal number"), needed=True),
     ActColumn("notice", N_("Seal number by the notice"), needed=True),
     ActColumn("state", N_("State of package and seal"))),
    hall=False, given_by=(BASE,), taken_by=(REP,),
)  # fmt: skip
HALLS_READY = ActSpec(
    "halls-ready", N_("Daily check of the halls"), "p.7.4, 28", (_QUANTITY, _REMARK),
    (("numbered", N_("Halls with their number and numbered seats")),
     ("seats", N_("Halls whose seats fit the seating sheet")), ("board", N_("Halls with board and chalk")),
     ("officers", N_("Halls whose duty officers are there and briefed")),
     ("sealed", N_("Entrances and rooms not used: locked and sealed"))),
    hall=False, given_by=(REP, BASE),
)  # fmt: skip
TO_DUTY = ActSpec(
    "materials-to-duty", N_("Exam materials to the duty officers"), "p.31.4", (_QUANTITY, _REMARK),
    (("box", N_("Sealed box with exam materials")), ("seating", N_("Seating sheet")),
     ("stubs", N_("Folder of pass stubs"))),
    given_by=(REP,), taken_by=(DUTY, DUTY),
)  # fmt: skip
OPENING = ActSpec(
    "opening", N_("Opening of exam materials"), "p.32.4",
    (ActColumn("list", N_("By the variant distribution sheet"), COUNT, needed=True),
     ActColumn("fact", N_("In fact"), COUNT, needed=True), _REMARK),
    (("sheets", N_("Answer sheets")), ("copies", N_("Copies of answer sheets")), ("booklets", N_("Question booklets")),
     ("envelope", N_("Envelope for answer sheets")), ("variants", N_("Variant distribution sheet")),
     ("seals", N_("Whole seals of the box"))),
    students=3, given_by=(DUTY, DUTY),
)  # fmt: skip
RETURNED = ActSpec(
    "materials-returned", N_("Exam materials back from the duty officers"), "p.34.1", (_QUANTITY, _REMARK),
    (("used", N_("Envelope with answer sheets: used")), ("unused", N_("Envelope with answer sheets: unused")),
     ("seating", N_("Seating sheet signed by the students")), ("booklets", N_("Question booklets in their box")),
     ("variants", N_("Variant distribution sheet signed by the students")), ("stubs", N_("Folder of pass stubs")),
     ("other", N_("Further papers (acts, remarks)"))),
    given_by=(DUTY, DUTY), taken_by=(REP,),
)  # fmt: skip
REMOVAL = ActSpec("removal", N_("Removal from the hall for a breach"), "p.33.14", given_by=(DUTY, REP))
FAULT = ActSpec("technical-fault", N_("Technical fault"), "p.38", hall=False, given_by=(PROGRAMMER, REP))
SPECS = {spec.kind: spec for spec in (RECEIVED, HALLS_READY, TO_DUTY, OPENING, RETURNED, REMOVAL, FAULT)}


@dataclass(frozen=True, slots=True)
class ActContent:
    """What an act says: rows in the order of its columns (of its lines where it has some), story, who signed.

    `code` and `time` are of the student who was sent out.
    """

    rows: tuple[tuple[str, ...], ...] = ()
    story: str = ""
    given_by: tuple[str, ...] = ()
    taken_by: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    code: str = ""
    time: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "rows": [list(row) for row in self.rows], "story": self.story, "code": self.code, "time": self.time,
            **{role: list(getattr(self, role)) for role in ROLES},
        }  # fmt: skip


def content_of(plain: Mapping[str, Any]) -> ActContent:
    """What was stored."""
    given, taken, students = (tuple(map(str, plain.get(role, ()))) for role in ROLES)
    rows = tuple(tuple(map(str, row)) for row in plain.get("rows", ()))
    words = (str(plain.get(name, "")) for name in ("code", "time"))
    return ActContent(rows, str(plain.get("story", "")), given, taken, students, *words)


def expected(spec: ActSpec, facts: ActFacts) -> dict[str, int]:
    """Line -> the count that should be found: what the hall was given, by the centre's stack and the seating."""
    if spec is HALLS_READY:
        return dict.fromkeys(("numbered", "seats", "board", "officers"), facts.halls)
    if spec is TO_DUTY:
        return {"box": 1, "seating": 1, "stubs": 1}
    if spec is OPENING:
        return {"sheets": facts.sheets, "copies": facts.sheets, "booklets": facts.seated, "envelope": 1, "variants": 1,
                "seals": 1}  # fmt: skip
    if spec is RETURNED:
        return {"seating": 1, "booklets": facts.seated, "variants": 1, "stubs": 1}
    return {}


def begun(spec: ActSpec, facts: ActFacts) -> ActContent:
    """An act to be filled in: what is expected stands there, what is counted does not."""
    known = expected(spec, facts)
    rows = []
    for key, _label in spec.lines:
        cells = []
        for column in spec.columns:
            told = column.key == "list" or (column.key == "count" and spec is TO_DUTY)
            cells.append(str(known[key]) if told and key in known else "")
        rows.append(tuple(cells))
    return ActContent(tuple(rows))


def problems(spec: ActSpec, content: ActContent, facts: ActFacts) -> list[Problem]:
    """Why an act cannot be kept; `field` is "row:column", or "story", "students", "given_by", "taken_by"."""
    found = list(_size_problems(spec, content))
    if found:
        return found
    if spec.is_story:
        if len(content.story.strip()) < 10:
            found.append(Problem("story", N_("Tell what happened, when and who was there.")))
        if spec is REMOVAL and not typed_time(content.time):
            found.append(Problem("time", N_("Hour and minute are needed, 10:15.")))
        if spec is REMOVAL and not content.code.strip():
            found.append(Problem("code", N_("Whose code is it?")))
    else:
        found += _cell_problems(spec, content)
        if not found:
            found += _count_problems(spec, content, facts)
    for role, wanted in (("given_by", len(spec.given_by)), ("taken_by", len(spec.taken_by))):
        if wanted and not any(name.strip() for name in getattr(content, role)):
            found.append(Problem(role, N_("Who signed for this side?")))
    return found + _student_problems(spec, content, facts)


def _size_problems(spec: ActSpec, content: ActContent) -> Sequence[Problem]:
    rows_fit = len(content.rows) == len(spec.lines) if spec.lines else 1 <= len(content.rows) <= MOST_ROWS
    if not spec.is_story and not rows_fit:
        return [Problem("", N_("The act has no line."))]
    texts = [cell for row in content.rows for cell in row] + [n for role in ROLES for n in getattr(content, role)]
    if any(len(text) > MOST_TEXT for text in texts) or len(content.story) > MOST_STORY:
        return [Problem("", N_("A text of the act is too long."))]
    if any(len(row) != len(spec.columns) for row in content.rows):
        return [Problem("", N_("The act has no line."))]
    return []


def _cell_problems(spec: ActSpec, content: ActContent) -> list[Problem]:
    found = []
    for n, row in enumerate(content.rows):
        for column, text in zip(spec.columns, row, strict=True):
            where = f"{n}:{column.key}"
            if column.needed and not text.strip():
                found.append(Problem(where, N_("Fill this in; write 0 where there is nothing.")))
            elif column.kind == COUNT and text.strip() and not _is_count(text):
                found.append(Problem(where, N_("A whole number is needed.")))
    return found


def _is_count(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 5


def _count_problems(spec: ActSpec, content: ActContent, facts: ActFacts) -> list[Problem]:
    cells = [dict(zip((c.key for c in spec.columns), row, strict=True)) for row in content.rows]
    by_line = {key: cell for (key, _label), cell in zip(spec.lines, cells, strict=False)}
    found = []
    if spec is RECEIVED:
        for n, cell in enumerate(cells):
            if cell["seal"].strip() != cell["notice"].strip() and not cell["state"].strip():
                found.append(Problem(f"{n}:state", N_("The seal is not the one of the notice: say what you found.")))
    if spec is RETURNED:
        used, unused = int(by_line["used"]["count"]), int(by_line["unused"]["count"])
        if used > facts.seated:
            params = (("used", used), ("seated", facts.seated))
            found.append(Problem("0:count", N_("{used} used sheets, but only {seated} students are seated."), params))
        if used + unused != facts.sheets and not (by_line["used"]["remark"] or by_line["unused"]["remark"]).strip():
            params = (("sum", used + unused), ("all", facts.sheets))
            text = N_("Used and unused sheets are {sum}; the hall was given {all}. Say in the remark why.")
            found.append(Problem("1:remark", text, params))
    due = expected(spec, facts)
    for n, (key, _label) in enumerate(spec.lines):
        counted = by_line[key].get("fact", by_line[key].get("count", ""))
        wanted = int(by_line[key]["list"]) if "list" in by_line[key] else due.get(key)
        if wanted is not None and int(counted) != wanted and not by_line[key]["remark"].strip():
            params = (("due", wanted), ("found", int(counted)))
            text = N_("{due} were due, {found} were found: say in the remark why.")
            found.append(Problem(f"{n}:remark", text, params))
    return found


def _student_problems(spec: ActSpec, content: ActContent, facts: ActFacts) -> list[Problem]:
    names = [name.strip() for name in content.students if name.strip()]
    if len(names) < spec.students or len(set(names)) != len(names):
        text = N_("{n} different students of the hall sign this act (p.32).")
        return [Problem("students", text, (("n", spec.students),))]
    strangers = [name for name in names if spec.students and facts.names and name not in facts.names]
    if strangers:
        return [Problem("students", N_("{name} does not sit in this hall."), (("name", strangers[0]),))]
    return []


def counts(content: Mapping[str, Any]) -> tuple[int, int] | None:
    """Used and unused sheets of a stored act of return; None for another act."""
    rows = content_of(content).rows
    if len(rows) != len(RETURNED.lines):
        return None
    return int(rows[0][0]), int(rows[1][0])

"""Papers of what the base university gives away: duty lists, the hand-over to the representative, materials, centre."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select

from mab_desktop.domain.errors import OutOfOrder
from mab_desktop.domain.names import sort_key
from mab_desktop.domain.organisation import NTC_CODE, PersonRole, Role
from mab_desktop.forms import act, duty_list, hand_over_act
from mab_desktop.forms.page import DocumentHead
from mab_desktop.forms.table import Row, Total
from mab_desktop.i18n import N_, translate
from mab_desktop.services import duty_list as duty
from mab_desktop.services import representative_papers as given
from mab_desktop.services.carrier_words import kind_title, shown_moment
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.exam_heads import shift_head
from mab_desktop.services.imprint import head, imprint, official
from mab_desktop.services.passes import halls_used
from mab_desktop.storage.tables.core import CarrierOut

_TO_CENTRE = ("statistics", "base-students", "wrong-data")


def print_duty_list(ctx: Context, shift: int = 0) -> Document:
    """The duty officers by hall (p.24): of the season, a person in one line, or of one shift, under each hall."""
    require(ctx, Role.BASE_UNI)
    lines = _of_shift(ctx, shift) if shift else _of_season(ctx)
    with ctx.store.read() as session:
        top = shift_head(ctx, session, shift) if shift else head(ctx, session)
        coordinator = official(session, PersonRole.COORDINATOR)

    def draw(printing: Printing) -> bytes:
        whole = duty_list.DutyList(top, imprint(printing), lines, coordinator=coordinator, by_hall=bool(shift))
        return duty_list.draw(whole, lang=printing.lang)

    return print_document(ctx, "duty-list", f"s{shift}" if shift else "", draw)


def print_hand_over(ctx: Context) -> Document:
    """What the base university hands to the ministry representative, with counts and the files (p.24)."""
    require(ctx, Role.BASE_UNI)
    rows = [(_said(ctx, paper.title), str(paper.count), _missing_words(ctx, paper)) for paper in given.papers(ctx)]
    files = [file for file in given.files(ctx) if file.file]
    rows += [(_file_words(ctx, file.kind), "1", f"{file.file}\n{file.checksum}") for file in files]
    return _print_act(ctx, hand_over_act.HAND_OVER, "hand-over", rows)


def print_hand_over_halls(ctx: Context) -> Document:
    """The annex: stubs and duty officers by shift and hall."""
    require(ctx, Role.BASE_UNI)
    lines = given.halls(ctx)
    if not lines:
        raise OutOfOrder(N_("The final database has not come from the centre yet (p.23)."))
    rows: list[Sequence[str]] = [
        (str(x.shift), x.hall, str(x.students), str(x.stubs), ", ".join(x.missing) or "–", ", ".join(x.officers))
        for x in lines
    ]  # fmt: skip
    total = ("", _said(ctx, N_("Total")), str(sum(x.students for x in lines)), str(sum(x.stubs for x in lines)), "", "")
    return _print_act(ctx, hand_over_act.HAND_OVER_BY_HALL, "hand-over-halls", rows, total)


def print_materials_act(ctx: Context, shift: int = 0) -> Document:
    """The act of acceptance and hand-over of exam materials (p.30): empty lines, or the boxes of a shift's halls."""
    require(ctx, Role.BASE_UNI)
    rows = [
        (_said(ctx, N_("Box of hall {hall}"), hall=hall), "", "", "", "")
        for number, hall, _students in halls_used(ctx) if number == shift
    ]  # fmt: skip
    return _print_act(ctx, act.MATERIALS_RECEIVED, "materials", rows, key=f"s{shift}" if shift else "", shift=shift)


def print_centre_act(ctx: Context) -> Document:
    """The act on the databases handed to the testing centre, with the newest file of each kind (p.23)."""
    require(ctx, Role.BASE_UNI)
    with ctx.store.read() as session:
        files = [given.newest_file(session, kind, NTC_CODE) for kind in _TO_CENTRE]
    rows = [
        (_title(ctx, file.kind), file.file, str(file.records), file.checksum, shown_moment(file.at))
        for file in files if file.file
    ]  # fmt: skip
    if not rows:
        raise OutOfOrder(N_("Nothing has been written for the testing centre yet."))
    return _print_act(ctx, hand_over_act.TO_CENTRE, "to-centre", rows, programmer=True)


def written_for_centre(ctx: Context) -> bool:
    """True when some file for the testing centre was made."""
    with ctx.store.read() as session:
        query = select(CarrierOut.digest).where(CarrierOut.recipient == NTC_CODE, CarrierOut.kind.in_(_TO_CENTRE))
        return session.scalar(query.limit(1)) is not None


def _of_season(ctx: Context) -> tuple[duty_list.DutyLine, ...]:
    """By place and name; a person with several shifts in a place in one line, without a place last."""
    lines = []
    for officer in duty.officers(ctx):
        shifts: dict[str, list[int]] = {}
        for place in officer.places:
            shifts.setdefault(place.place, []).extend([place.shift] if place.shift else [])
        lines += [
            duty_list.DutyLine(officer.full_name, officer.post, officer.phone, place, ", ".join(map(str, sorted(own))))
            for place, own in (shifts or {"": []}).items()
        ]
    return tuple(sorted(lines, key=lambda line: (not line.place, sort_key(line.place), sort_key(line.full_name))))


def _of_shift(ctx: Context, shift: int) -> tuple[duty_list.DutyLine, ...]:
    people = {place.row: officer for officer in duty.officers(ctx) for place in officer.places}
    lines = []
    for post in duty.posts(ctx):
        if post.shift == shift:
            here = [people[row] for row, _name in post.officers]
            lines += [duty_list.DutyLine(o.full_name, o.post, o.phone, post.place, str(shift)) for o in here]
            lines += [duty_list.DutyLine("", "", "", post.place, str(shift))] * post.missing
    return tuple(lines)


def _print_act(
    ctx: Context, kind: act.ActKind, name: str, rows: Iterable[Sequence[str]], total: Sequence[str] = (), *,
    key: str = "", shift: int = 0, programmer: bool = False,
) -> Document:  # fmt: skip
    with ctx.store.read() as session:
        top: DocumentHead = shift_head(ctx, session, shift) if shift else head(ctx, session)
        coordinator = official(session, PersonRole.COORDINATOR)
    noted = given.given(ctx)
    representative = noted.to if noted else ""
    given_by = (coordinator, *((ctx.actor.name,) if programmer else ()))
    lines: tuple[Row, ...] = (*rows, *((Total(total),) if total else ()))

    def draw(printing: Printing) -> bytes:
        whole = act.Act(kind, top, imprint(printing, 2), lines, given_by=given_by,
                        taken_by=() if programmer else (representative,))  # fmt: skip
        return act.draw(whole, lang=printing.lang)

    return print_document(ctx, f"act-{name}", key, draw, copies=2)


def _title(ctx: Context, kind: str) -> str:
    return _in_both(ctx, lambda lang: kind_title(kind, lang))


def _file_words(ctx: Context, kind: str) -> str:
    text = N_("File on the drive: {title}")
    return _in_both(ctx, lambda lang: translate(lang, text).format(title=kind_title(kind, lang)))


def _missing_words(ctx: Context, paper: given.GivenPaper) -> str:
    missing = (paper.of or 0) - paper.count
    return _said(ctx, N_("missing: {n}"), n=missing) if paper.of is not None and missing > 0 else ""


def _said(ctx: Context, text: str, **values: object) -> str:
    return _in_both(ctx, lambda lang: translate(lang, text).format(**values))


def _in_both(ctx: Context, say: Callable[[str], str]) -> str:
    """Kazakh over Russian, as the acts print their lines; one language alone in the others."""
    langs = (ctx.lang, "ru") if ctx.lang == "kk" else (ctx.lang,)
    return "\n".join(dict.fromkeys(map(say, langs)))

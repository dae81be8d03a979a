"""The answer key of a shift (p.39): sealed until identification is confirmed, opened by two persons together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from mab_desktop.domain.answer_key import AnswerKey, decode_answer_key, encode_answer_key, key_problems
from mab_desktop.domain.errors import OutOfOrder, Refused, UserError
from mab_desktop.domain.organisation import PersonRole, Role
from mab_desktop.domain.sealed import shift_name
from mab_desktop.domain.shift import KEY_KNOWN, ShiftState, refuse_unless_open
from mab_desktop.exchange import key_envelope, passwords
from mab_desktop.i18n import N_
from mab_desktop.services import hall_sheets, shifts, tries
from mab_desktop.services.closed_marks import closed_code_of
from mab_desktop.services.context import Context, require, require_person, stamp
from mab_desktop.services.exam_heads import commission
from mab_desktop.storage.tables.core import Account
from mab_desktop.storage.tables.exam import VariantSeat
from mab_desktop.storage.tables.results import KeyLetters, MarksClosed, OpenedKey, SealedKey
from mab_desktop.storage.tables.students import Shift

MINISTRY_SIDE, COMMISSION_SIDE = key_envelope.SIDES
RELEASE = key_envelope.CENTRE


@dataclass(frozen=True)
class KeyState:
    """Where a shift's key stands: received, opened (when, by whom, whose passwords), tries, who can open it together.

    `marks` is the code of the closed marks, told with the confirmation.
    """

    received_at: str
    commitment: str
    holders: tuple[tuple[str, ...], ...]
    opened_at: str
    opened_by: str
    chair: str
    tries: int
    wait_until: datetime | None
    shut: bool
    opened_with: tuple[str, ...] = ()
    marks: str = ""


def key_state(ctx: Context, shift: int) -> KeyState:
    """What may be said of a key without opening it."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        sealed, opened = session.get(SealedKey, shift), session.get(OpenedKey, shift)
        now = tries.try_state(ctx, session, _subject(shift, sealed)) if sealed else tries.TryState(0, None, False)
        ways = key_envelope.read_header(sealed.envelope.encode()).ways if sealed else ()
        return KeyState(
            sealed.received_at if sealed else "", sealed.commitment if sealed else "", ways,
            opened.at if opened else "", opened.by if opened else "", opened.chair if opened else "", now.tries,
            now.wait_until, now.shut, tuple(opened.holders) if opened else (), closed_code_of(session, shift),
        )  # fmt: skip


def open_key(
    ctx: Context, shift: int, ministry_password: str, chair_password: str, chair: str, centre_password: str = "", *,
    present: tuple[str, str] = (key_envelope.MINISTRY, key_envelope.CHAIR),
) -> AnswerKey:  # fmt: skip
    """Open a shift's key with the passwords of the ministry's side and of the chair of the state commission (p.39).

    `present` are the two who type: on either side it may be the stand-in.

    Only after the representative's confirmation, while the marks are those that were closed then. A mistyped password
    is no try; a wrong one is counted before the result shows, and nobody learns which of the two it was.
    """
    require(ctx, Role.MINISTRY_PROGRAMMER)
    require_person(ctx, PersonRole.PROGRAMMER)
    given = dict(zip(present, (ministry_password, chair_password), strict=True))
    if centre_password:
        given[key_envelope.CENTRE] = centre_password
    with ctx.store.read() as session:
        _two_persons(ctx, session, given, chair)
        refuse_unless_open("open-key", shifts.facts_of(ctx, session, shift))
        sealed = session.get(SealedKey, shift)
        assert sealed is not None
        envelope, announced, subject = sealed.envelope.encode(), sealed.commitment, _subject(shift, sealed)
    tries.count_try(ctx, subject)
    opened = key_envelope.open_envelope(
        envelope, given, campaign=ctx.season.campaign, mode=tries.season_mode(ctx),
        shift=shift_name(ctx.university, shift), announced=announced,
    )  # fmt: skip
    key = decode_answer_key(opened.content)
    with ctx.store.write(ctx.actor) as tx:
        refuse_unless_open("open-key", shifts.facts_of(ctx, tx.session, shift))
        _check_key(tx.session, key, shift)
        tx.session.add(
            OpenedKey(shift=shift, commitment=announced, chair=chair.strip(), at=stamp(ctx), by=ctx.actor.name,
                      salt=opened.salt.hex(), holders=list(opened.holders))
        )  # fmt: skip
        tx.session.flush()
        tx.session.execute(
            insert(KeyLetters),
            [
                {"shift": shift, "variant": variant, "subject": code, "letters": letters}
                for (variant, code), letters in sorted(key.letters.items())
            ],
        )
        closed = tx.session.get(MarksClosed, shift)
        shifts.make_move(
            ctx, tx, "open-key", shift, commitment=announced, chair=chair.strip(), holders=list(opened.holders),
            marks=closed.digest if closed else "",
        )  # fmt: skip
    return key


def check_symbol_fits(typed: str) -> bool:
    """Whether a password as it is typed is whole by its own check symbol; nothing is tried."""
    return passwords.is_whole(typed)


def answer_key(ctx: Context, shift: int) -> AnswerKey:
    """The opened key; OutOfOrder while it is sealed."""
    require(ctx, Role.MINISTRY_PROGRAMMER)
    with ctx.store.read() as session:
        return AnswerKey(shift, letters_of(session, shift))


def letters_of(session: Session, shift: int) -> dict[tuple[str, str], str]:
    """(variant, subject) -> right options; OutOfOrder while the key is sealed."""
    row = session.get(Shift, shift)
    if row is None or ShiftState(row.state) not in KEY_KNOWN:
        raise OutOfOrder(
            N_(
                "The answer key of shift {n} is sealed until identification is confirmed and two people open it (p.39)."
            ),
            n=shift,
        )
    query = select(KeyLetters).where(KeyLetters.shift == shift)
    return {(row.variant, row.subject): row.letters for row in session.scalars(query)}


def announced_of(session: Session, shift: int) -> str:
    """The first twelve characters of the commitment of a shift's key, as papers tell it; "" before it is opened."""
    opened = session.get(OpenedKey, shift)
    return opened.commitment[:12] if opened else ""


def require_announced(session: Session, shift: int) -> None:
    """OutOfOrder unless the letters that points are counted by are, to the last one, what the centre announced."""
    opened = session.get(OpenedKey, shift)
    content = encode_answer_key(AnswerKey(shift, letters_of(session, shift)))
    if opened is None or key_envelope.commitment(content, bytes.fromhex(opened.salt)) != opened.commitment:
        raise OutOfOrder(
            N_("The answer key kept here is not the one that was opened. Nothing was counted (p.39)."),
            next_step=N_("Call the testing centre."),
        )


def _subject(shift: int, sealed: SealedKey) -> str:
    """What tries are counted for: a new sealed key begins anew."""
    return f"key-{shift}-{sealed.commitment[:16]}"


def _two_persons(ctx: Context, session: Session, given: dict[str, str], chair: str) -> None:
    """Two people with two passwords; who sits for the commission is of its list, and is nobody else at this PC."""
    for password in given.values():
        passwords.require(password)
    if len({passwords.normalise(password) for password in given.values()}) != len(given):
        raise UserError(N_("One password was typed twice (p.39). Each holder has his own. Nothing was opened."))
    name = _one_name(chair)
    if not name or name == _one_name(ctx.actor.name):
        raise UserError(N_("The chair of the state commission opens the key together with you: write the name (p.39)."))
    here = select(Account.full_name).where(Account.active)
    if name in {_one_name(other) for other in session.scalars(here)}:
        raise UserError(
            N_("{name} works at this computer and cannot open the key for the state commission too (p.39)."),
            next_step=N_("Nothing was opened. The chair or the deputy chair types the password of the commission."),
            name=chair.strip(),
        )  # fmt: skip
    head, secretary, others = commission(session)
    side = {_one_name(head)} if key_envelope.CHAIR in given else {_one_name(n) for n in (secretary, *others)}
    if head and name not in side:
        raise UserError(
            N_("{name} is not in the list of the state commission for this (p.6, 39)."),
            next_step=N_("Nothing was opened. Choose the chair, or for the deputy a voting member of the list (p.6)."),
            name=chair.strip(),
        )  # fmt: skip


def _one_name(name: str) -> str:
    """A name as it is compared: blanks and capitals make no other person."""
    return " ".join(name.split()).casefold()


def _check_key(session: Session, key: AnswerKey, shift: int) -> None:
    """The key must cover every variant that lies in a hall and every subject that is sat in this shift."""
    if key.shift != shift:
        raise UserError(N_("The sealed key is of shift {other}. Nothing was opened."), other=key.shift)
    variants = session.scalars(select(VariantSeat.variant).where(VariantSeat.shift == shift).distinct()).all()
    subjects = {code for codes in hall_sheets.subjects_of(session, shift).values() for code in codes}
    problems = key_problems(key, variants, subjects, hall_sheets.exam_profile(session))
    if problems:
        raise Refused(problems)

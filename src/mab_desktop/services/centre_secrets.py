"""The centre's secrets: variants of every seat, sealed seating seeds, sealed answer keys, passwords (p.26, 30, 39)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mab_desktop.domain.answer_key import (
    AnswerKey,
    decode_answer_key,
    draw_answer_key,
    encode_answer_key,
    key_commitment,
)
from mab_desktop.domain.errors import OutOfOrder, UserError
from mab_desktop.domain.exam_profile import ExamProfile
from mab_desktop.domain.organisation import Role
from mab_desktop.domain.progress import Progress, Silent
from mab_desktop.domain.sealed import seed_header, shift_name
from mab_desktop.domain.spoken_code import LENGTH, LETTERS, shown_code, typed_code
from mab_desktop.domain.variant import draw_variants, seat_variants
from mab_desktop.exchange import kdf, key_envelope, passwords, seal
from mab_desktop.i18n import N_
from mab_desktop.services.centre_allotment import allotted_halls, allotted_shifts, allotted_subjects
from mab_desktop.services.centre_season import exam_profile
from mab_desktop.services.centre_tables import Mistakes, TableRow, number, read_table, require_known, require_once
from mab_desktop.services.context import Context, require, stamp
from mab_desktop.services.halls import grid_of
from mab_desktop.services.settings import setting
from mab_desktop.storage.store import Transaction
from mab_desktop.storage.tables.centre import (
    AllotmentRun,
    CentreKey,
    KeyEnvelope,
    PasswordGiven,
    SeatingSeed,
    VariantHall,
    VariantSet,
)
from mab_desktop.storage.tables.halls import Hall
from mab_desktop.storage.tables.students import Shift

SEATING, MINISTRY, CHAIR, CENTRE = "seating", key_envelope.MINISTRY, key_envelope.CHAIR, key_envelope.CENTRE
MINISTRY_DEPUTY, CHAIR_DEPUTY = STAND_INS = key_envelope.MINISTRY_DEPUTY, key_envelope.CHAIR_DEPUTY
PURPOSES = (SEATING, MINISTRY, CHAIR, *STAND_INS, CENTRE)
MADE = N_("Variants, seating seeds and answer keys of {base} are made and sealed.")
SEATS_MADE = N_("Variants and seating seeds of {base} are made and sealed.")
KEYS_TO_ENTER = N_(
    "The answer keys of the item bank are still to be entered (shifts: {shifts}); nothing is drawn for them in the "
    "real exam. Enter them: mab ntc keys --csv FILE, then seal them: mab ntc keys --base {base}"
)
DRAWN_FOR_TRAINING = N_("Training: answer keys that nobody brought from the item bank were drawn at random.")
NOTHING_LEFT = N_("Variants, seating seeds and answer keys of {base} were all there; nothing changed.")
VARIANTS_PER_SHIFT = 10
SPARE_SHARE, SPARE_LEAST = 10, 2  # one answer sheet in ten more than students, and two
# A rehearsal's secrets are worth nothing, so its boxes need not cost a second each.
_REHEARSAL_COST = kdf.KdfParams(1 << 10, 1)


@dataclass(frozen=True, slots=True)
class SecretSheet:
    """What stands on the paper that a holder of a password gets, or that the centre reads out by telephone."""

    base: str
    shift: int
    purpose: str
    password: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A hall's booklets and answer sheets: how many of each variant, the first serial number, how many sheets."""

    base: str
    shift: int
    hall: str
    variants: Mapping[str, int]
    first_serial: str
    sheets: int


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A password told or handed to somebody."""

    base: str
    shift: int
    purpose: str
    given_to: str
    at: str
    by: str


def prepare_exam(ctx: Context, base: str, progress: Progress = Silent(), more: Collection[str] = ()) -> int:
    """Everything the exam needs after the allotment: variants, seats, sealed seeds, keys, sealed keys.

    May be called again: what is there stays, what is missing is made; how much that was. `more` are holders of keys
    beside the two. In the real exam keys come from the item bank only: those not entered yet (`keys_to_enter`) are
    left, with their sealing, for a later call.
    """
    made = make_variants(ctx, progress)
    made += lay_variants(ctx, base, progress)
    made += seal_seatings(ctx, base, progress)
    made += make_keys(ctx, progress)
    return made + seal_keys(ctx, base, progress, more)


def keys_to_enter(ctx: Context, base: str) -> list[int]:
    """The shifts of a base university whose answer keys nobody brought from the item bank yet."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        known = set(session.scalars(select(CentreKey.shift)))
        return [shift for shift in allotted_shifts(session, base) if shift not in known]


def make_variants(ctx: Context, progress: Progress = Silent(), count: int = VARIANTS_PER_SHIFT) -> int:
    """Draw the variants of every shift that has none yet, all numbers different over the season; how many shifts."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        profile = exam_profile(tx.session)
        known = {row.shift: row.variants for row in tx.session.scalars(select(VariantSet))}
        missing = [n for n in tx.session.scalars(select(Shift.number).order_by(Shift.number)) if n not in known]
        taken = {variant for variants in known.values() for variant in variants}
        progress.stage(N_("Drawing variants"), len(missing))
        for shift in missing:
            drawn = draw_variants(count, profile, ctx.entropy, taken)
            taken.update(drawn)
            tx.session.add(VariantSet(shift=shift, variants=list(drawn), made_at=stamp(ctx)))
            tx.note("variants-drawn", str(shift), count=count)
            progress.step()
    return len(missing)


def lay_variants(ctx: Context, base: str, progress: Progress = Silent()) -> int:
    """Fix the variant of every seat of every hall that a base university uses, and its answer sheets; new halls."""
    require(ctx, Role.NTC)
    with ctx.store.write(ctx.actor) as tx:
        session = tx.session
        _require_allotted(session, base)
        profile = exam_profile(session)
        sets = {row.shift: row.variants for row in session.scalars(select(VariantSet))}
        grids = {row.number: grid_of(row) for row in session.scalars(select(Hall).where(Hall.base_university == base))}
        used = allotted_halls(session, base)
        progress.stage(N_("Laying variants on seats"), len(used))
        made = 0
        for (shift, hall), students in used.items():
            progress.step()
            if session.get(VariantHall, (base, shift, hall)) is not None:
                continue
            laid = seat_variants(grids[hall], _set_of(sets, shift), profile.same_variant_min_distance_seats,
                                 ctx.entropy.bytes(32))  # fmt: skip
            session.add(
                VariantHall(base_university=base, shift=shift, hall=hall, variants=list(laid),
                            first_serial=first_serial(base, shift, hall), sheets=sheets_needed(students))
            )  # fmt: skip
            made += 1
        if made:
            tx.note("variants-laid", base, halls=made)
    return made


def seal_seatings(ctx: Context, base: str, progress: Progress = Silent()) -> int:
    """Draw a secret seating seed for every shift of a base university and seal it under a password; new seeds."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        _require_allotted(session, base)
        known = set(session.scalars(select(SeatingSeed.shift).where(SeatingSeed.base_university == base)))
        missing = [shift for shift in allotted_shifts(session, base) if shift not in known]
    progress.stage(N_("Sealing seating seeds"), len(missing))
    for shift in missing:
        seed, password = ctx.entropy.bytes(32), passwords.generate(ctx.entropy)
        header = seed_header(ctx.season.campaign, mode(ctx), base, shift)
        sealed = seal.seal(seed, password, header, params=cost(ctx), entropy=ctx.entropy)
        with ctx.store.write(ctx.actor) as tx:
            if tx.session.get(SeatingSeed, (base, shift)) is not None:
                continue
            tx.session.add(
                SeatingSeed(base_university=base, shift=shift, seed=seed.hex(), commitment=seal.commitment(seed),
                            sealed=sealed.decode(), password=password, made_at=stamp(ctx))
            )  # fmt: skip
            tx.note("seating-sealed", shift_name(base, shift), commitment=seal.commitment(seed))
        progress.step()
    return len(missing)


def make_keys(ctx: Context, progress: Progress = Silent()) -> int:
    """Draw the answer key of every shift that has none yet, for all subjects of the season; how many shifts.

    Stands for the item bank in a training; `keys_from_csv` takes real ones. In the real exam nothing is ever drawn.
    """
    require(ctx, Role.NTC)
    if ctx.season.official:
        return 0
    with ctx.store.write(ctx.actor) as tx:
        known = set(tx.session.scalars(select(CentreKey.shift)))
        sets = {row.shift: row.variants for row in tx.session.scalars(select(VariantSet).order_by(VariantSet.shift))}
        subjects, profile = season_subjects(tx.session), exam_profile(tx.session)
        missing = [shift for shift in sets if shift not in known]
        progress.stage(N_("Making answer keys"), len(missing))
        for shift in missing:
            _keep_key(ctx, tx, draw_answer_key(shift, sets[shift], subjects, profile, ctx.entropy))
            progress.step()
    return len(missing)


def keys_from_csv(ctx: Context, path: Path) -> dict[int, bool]:
    """Enter keys of the item bank: `shift,variant,subject,letters` lines, one letter an item, item 1 first.

    Every shift in the table must be whole. Gives by shift whether its key is a new one; TablesRefused with every
    mistake, OutOfOrder for another key than one that is sealed already. All or none.
    """
    require(ctx, Role.NTC)
    mistakes = Mistakes()
    rows = read_table(path, ("shift", "variant", "subject", "letters"), mistakes)
    require_once(rows, ("shift", "variant", "subject"), mistakes)
    with ctx.store.write(ctx.actor) as tx:
        sets = {row.shift: row.variants for row in tx.session.scalars(select(VariantSet))}
        subjects, profile = season_subjects(tx.session), exam_profile(tx.session)
        letters: dict[int, dict[tuple[str, str], str]] = {}
        for row in rows:
            shift = number(row, "shift", mistakes, 1, 99)
            _check_key_row(row, sets.get(shift, []), subjects, profile, mistakes)
            letters.setdefault(shift, {})[row["variant"], row["subject"]] = row["letters"]
        whole = TableRow(path.name, 1, {})
        for shift, found in sorted(letters.items()):
            for pair in sorted({(v, s) for v in sets.get(shift, ()) for s in subjects} - found.keys()):
                mistakes.add(whole, "letters", N_("Shift {shift}, variant {variant}, {subject}: the key is missing."),
                             shift=shift, variant=pair[0], subject=pair[1])  # fmt: skip
        mistakes.refuse()
        return {shift: _enter(ctx, tx, AnswerKey(shift, found)) for shift, found in sorted(letters.items())}


def _check_key_row(
    row: TableRow, variants: Collection[str], subjects: Collection[str], profile: ExamProfile, mistakes: Mistakes
) -> None:
    require_known([row], "variant", variants, mistakes)
    require_known([row], "subject", subjects, mistakes)
    if len(row["letters"]) != profile.items:
        mistakes.add(row, "letters", N_("{n} letters, expected {items}."), n=len(row["letters"]), items=profile.items)
    for letter in sorted(set(row["letters"]) - set(profile.options)):
        mistakes.add(row, "letters", N_("{value} is not one of {options}."), value=letter,
                     options=" ".join(profile.options))  # fmt: skip


def _enter(ctx: Context, tx: Transaction, key: AnswerKey) -> bool:
    """True where the key is another one than stands there; OutOfOrder where that one is sealed."""
    present = tx.session.get(CentreKey, key.shift)
    if present is not None and present.content == encode_answer_key(key):
        return False
    sealed = select(func.count()).select_from(KeyEnvelope).where(KeyEnvelope.shift == key.shift)
    if tx.session.scalar(sealed):
        raise OutOfOrder(N_("The key of shift {number} is sealed already. Nothing was changed."), number=key.shift)
    _keep_key(ctx, tx, key)
    return True


def variant_sets(ctx: Context) -> dict[int, tuple[str, ...]]:
    """The variants of every shift that has some."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        rows = session.scalars(select(VariantSet).order_by(VariantSet.shift))
        return {row.shift: tuple(row.variants) for row in rows}


def stacks(ctx: Context, base: str = "") -> list[Stack]:
    """Every hall with variants on its seats: base university, shift, hall, how often each variant lies there."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        query = select(VariantHall).order_by(VariantHall.base_university, VariantHall.shift, VariantHall.hall)
        rows = session.scalars(query.where(VariantHall.base_university == base) if base else query)
        return [
            Stack(row.base_university, row.shift, row.hall, dict(sorted(Counter(row.variants).items())),
                  row.first_serial, row.sheets)
            for row in rows
        ]  # fmt: skip


def seal_keys(ctx: Context, base: str, progress: Progress = Silent(), more: Collection[str] = ()) -> int:
    """Seal every shift's key that stands for a base university under generated passwords; how many new envelopes.

    An envelope holds only the subjects that this university's students sit in the shift. `more` are holders beside the
    ministry's side and the chair: stand-ins, and the centre where keys are to be delivered before they may be opened.
    """
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        _require_allotted(session, base)
        known = set(session.scalars(select(KeyEnvelope.shift).where(KeyEnvelope.base_university == base)))
        entered = set(session.scalars(select(CentreKey.shift))) if ctx.season.official else None
        work = [
            (shift, _key(session, shift).only(allotted_subjects(session, base, shift)))
            for shift in allotted_shifts(session, base)
            if shift not in known and (entered is None or shift in entered)
        ]
    progress.stage(N_("Sealing answer keys"), len(work))
    for shift, key in work:
        given = {holder: passwords.generate(ctx.entropy) for holder in (MINISTRY, CHAIR, *sorted(set(more)))}
        envelope, announced = _sealed(ctx, base, key, given)
        with ctx.store.write(ctx.actor) as tx:
            if tx.session.get(KeyEnvelope, (base, shift)) is not None:
                continue
            tx.session.add(
                KeyEnvelope(base_university=base, shift=shift, envelope=envelope, commitment=announced,
                            password_ministry=given.pop(MINISTRY), password_chair=given.pop(CHAIR), others=given,
                            made_at=stamp(ctx))
            )  # fmt: skip
            tx.note("answer-key-sealed", shift_name(base, shift), commitment=announced, holders=sorted(given))
        progress.step()
    return len(work)


def reseal_key(ctx: Context, base: str, shift: int, more: Collection[str] = (), *, fresh: bool = False) -> str:
    """Seal a shift's key once more, for `more` holders too; the new commitment, which goes with the next answer-key.

    Passwords that were given out stay good, unless they are to be `fresh`: when the key was shut after too many tries,
    or when a paper was lost. The tries at the old file end with it.
    """
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        row = _envelope(session, base, shift)
        key = _key(session, shift).only(allotted_subjects(session, base, shift))
        given = {MINISTRY: row.password_ministry, CHAIR: row.password_chair, **row.others}
    holders = (*given, *(holder for holder in sorted(set(more)) if holder not in given))
    known: dict[str, str] = {} if fresh else given
    given = {holder: known.get(holder) or passwords.generate(ctx.entropy) for holder in holders}
    envelope, announced = _sealed(ctx, base, key, given)
    with ctx.store.write(ctx.actor) as tx:
        row = _envelope(tx.session, base, shift)
        row.envelope, row.commitment, row.made_at = envelope, announced, stamp(ctx)
        row.password_ministry, row.password_chair, row.others = given.pop(MINISTRY), given.pop(CHAIR), given
        tx.note("answer-key-sealed", shift_name(base, shift), commitment=announced, holders=sorted(given), fresh=fresh)
    return announced


def release_key(ctx: Context, base: str, shift: int, confirmed_by: str, marks: str = "") -> bool:
    """Let a shift's key go to a base university: the representative confirmed that identification is done (p.39).

    `marks` is the code of the closed marks that he told with it; the second count compares the marks with it. False
    where it was released before: then what was written down stays.
    """
    require(ctx, Role.NTC)
    if not confirmed_by.strip():
        raise UserError(N_("Write down who confirmed that the identification of the shift is finished (p.39)."))
    code = typed_code(marks)
    if code and not _is_code(code):
        raise UserError(N_("The code of the closed marks has twelve letters and digits. Nothing was released."))
    with ctx.store.write(ctx.actor) as tx:
        row = _envelope(tx.session, base, shift)
        if row.released_at is not None:
            return False
        row.released_at, row.released_to, row.marks = stamp(ctx), confirmed_by.strip(), code
        tx.note("answer-key-released", shift_name(base, shift), confirmed_by=confirmed_by.strip(), marks=code)
    return True


def secret_sheet(ctx: Context, base: str, shift: int, purpose: str) -> SecretSheet:
    """A password with what it opens. Reading it is not giving it: `give_password` writes down who got it."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        return _secret(session, base, shift, purpose)


def give_password(ctx: Context, base: str, shift: int, purpose: str, given_to: str, note: str = "") -> str:
    """The password to tell or hand over now; who got it is written down for good, before it is shown."""
    require(ctx, Role.NTC)
    if not given_to.strip():
        raise UserError(N_("Write down to whom the password is given."))
    with ctx.store.write(ctx.actor) as tx:
        secret = _secret(tx.session, base, shift, purpose)
        tx.session.add(
            PasswordGiven(base_university=base, shift=shift, purpose=purpose, given_to=given_to.strip(), note=note,
                          at=stamp(ctx), by=ctx.actor.login)
        )  # fmt: skip
        tx.note("password-given", shift_name(base, shift), purpose=purpose, to=given_to.strip())
    return secret.password


def give_seating_password(
    ctx: Context, base: str, shift: int, given_to: str, frozen: str, *, again: bool = False
) -> str:
    """The password of a shift's seating, told by telephone on the eve of the exam (p.30).

    `frozen` are the twelve characters of the frozen list: they are read out and written down first, else nobody could
    say afterwards that list and halls were fixed before the password was known. Told again, it is told for the same
    list: with the password known, another list could be chosen for the seats that it gives. `again` says that the list
    was frozen anew for a reason, or its characters were taken down wrongly; both stay written down, the newest counts.
    """
    code = typed_code(frozen)
    if not _is_code(code):
        raise UserError(
            N_("The code of the frozen list has twelve letters and digits. No password was given."),
            next_step=N_("Let the ministry programmer freeze the list and read the characters out, then give it: "
                         "--code"),
        )  # fmt: skip
    with ctx.store.read() as session:
        before = frozen_told(session, base, shift)
    if before and before != code and not again:
        raise UserError(
            N_("The password of this seating was told before, for the list {code}. No password was given."),
            next_step=N_("Ask why the list was frozen anew, or whether its characters were taken down wrongly; "
                         "then add --again. Both stay written down."), code=shown_code(before),
        )  # fmt: skip
    return give_password(ctx, base, shift, SEATING, given_to, code)


def frozen_told(session: Session, base: str, shift: int) -> str:
    """The code of the frozen list that was read out before the password of a seating was last told; "" for none."""
    query = (
        select(PasswordGiven.note)
        .where(PasswordGiven.base_university == base, PasswordGiven.shift == shift, PasswordGiven.purpose == SEATING)
        .order_by(PasswordGiven.id.desc())
    )
    return next((note for note in session.scalars(query) if _is_code(note)), "")


def _is_code(text: str) -> bool:
    return len(text) == LENGTH and not set(text) - set(LETTERS)


def spelled(password: str) -> str:
    """A password as it is read out by telephone: letters by the words of the radio alphabet."""
    return passwords.spelled(password)


def passwords_given(ctx: Context, base: str = "") -> list[GivenLine]:
    """Every password that was given out, in order."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        query = select(PasswordGiven).order_by(PasswordGiven.id)
        rows = session.scalars(query.where(PasswordGiven.base_university == base) if base else query)
        return [GivenLine(r.base_university, r.shift, r.purpose, r.given_to, r.at, r.by) for r in rows]


def season_subjects(session: Session) -> list[str]:
    """Every subject that some direction sits this season."""
    return sorted({code for codes in setting(session, "subjects_by_direction").values() for code in codes})


def centre_key(session: Session, shift: int) -> AnswerKey:
    """The whole key of a shift from the centre's own database."""
    return _key(session, shift)


def first_serial(base: str, shift: int, hall: str) -> str:
    """The first answer sheet of a hall's stack: base university 3, shift 2, hall 3, running number 4 digits."""
    return f"{base}{shift:02d}{hall.zfill(3)}0001"


def sheets_needed(students: int) -> int:
    """Answer sheets in a hall's stack: one for each student and spares, which come back unused (p.34)."""
    return students + ceil(students / SPARE_SHARE) + SPARE_LEAST


def mode(ctx: Context) -> str:
    """How sealed things call the season's mode, as carriers do."""
    return "official" if ctx.season.official else "test"


def cost(ctx: Context) -> kdf.KdfParams:
    """What one guess at a password must cost: the full price in earnest."""
    return kdf.ENVELOPE if ctx.season.official else _REHEARSAL_COST


def _keep_key(ctx: Context, tx: Transaction, key: AnswerKey) -> None:
    content = encode_answer_key(key)
    tx.session.merge(
        CentreKey(shift=key.shift, content=content, commitment=key_commitment(content), made_at=stamp(ctx))
    )
    tx.note("answer-key-made", str(key.shift), digest=key_commitment(content), variants=len(key.variants))


def _key(session: Session, shift: int) -> AnswerKey:
    row = session.get(CentreKey, shift)
    if row is None:
        raise OutOfOrder(N_("The answer key of shift {number} is not made yet."), number=shift)
    return decode_answer_key(row.content)


def _set_of(sets: dict[int, list[str]], shift: int) -> list[str]:
    if shift not in sets:
        raise OutOfOrder(N_("The variants of shift {number} are not drawn yet."), number=shift)
    return sets[shift]


def _require_allotted(session: Session, base: str) -> None:
    if session.get(AllotmentRun, base) is None:
        raise OutOfOrder(N_("The students of {code} are not allotted yet."), code=base)


def _envelope(session: Session, base: str, shift: int) -> KeyEnvelope:
    row = session.get(KeyEnvelope, (base, shift))
    if row is None:
        raise OutOfOrder(N_("The answer key of shift {number} is not sealed for {code} yet."), number=shift, code=base)
    return row


def _sealed(ctx: Context, base: str, key: AnswerKey, given: Mapping[str, str]) -> tuple[str, str]:
    """An envelope for these holders, and the commitment that it announces."""
    envelope = key_envelope.make(
        encode_answer_key(key), campaign=ctx.season.campaign, mode=mode(ctx), shift=shift_name(base, key.shift),
        ways=key_envelope.pairs(given), params=cost(ctx), entropy=ctx.entropy,
    )  # fmt: skip
    return envelope.decode(), key_envelope.read_header(envelope).commitment


def _secret(session: Session, base: str, shift: int, purpose: str) -> SecretSheet:
    if purpose not in PURPOSES:
        raise ValueError(purpose)
    if purpose == SEATING:
        seed = session.get(SeatingSeed, (base, shift))
        if seed is None:
            raise OutOfOrder(N_("The seating of shift {number} is not sealed for {code} yet."), number=shift, code=base)
        return SecretSheet(base, shift, purpose, seed.password, seed.commitment)
    row = _envelope(session, base, shift)
    given = {MINISTRY: row.password_ministry, CHAIR: row.password_chair, **row.others}
    if purpose not in given:
        raise OutOfOrder(
            N_("The key of shift {number} is not sealed for this holder."),
            next_step=N_("Seal it for him too: mab ntc keys --stand-in"), number=shift,
        )  # fmt: skip
    if purpose == CENTRE and row.released_at is None:
        raise OutOfOrder(
            N_("The key of shift {number} is not released: the representative must first confirm that the "
               "identification of the shift is finished (p.39)."), number=shift,
        )  # fmt: skip
    password = given[purpose]
    return SecretSheet(base, shift, purpose, password, row.commitment)

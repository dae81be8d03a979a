"""The papers about keys: check groups of a workplace, a root key holder's sheet, acts on withdrawn and changed keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import NTC_CODE, ROLE_LABELS, Role
from mab_desktop.exchange import trust
from mab_desktop.exchange.root_key import RootFile
from mab_desktop.forms import enrolment_sheet, key_act, root_key_sheet
from mab_desktop.forms.enrolment_sheet import KeyGroups
from mab_desktop.forms.page import shown_date
from mab_desktop.i18n import N_, translate
from mab_desktop.services import centre_roots, persons, trusting
from mab_desktop.services.carrier_words import KIND_TITLES
from mab_desktop.services.carriers import organisation_name
from mab_desktop.services.context import Context, require
from mab_desktop.services.documents import Document, Printing, print_document
from mab_desktop.services.imprint import head, imprint
from mab_desktop.storage.tables.centre import DeviceEnrolment, PersonEnrolment
from mab_desktop.storage.tables.core import AuditEntry, TrustState

WORKPLACE, PERSON, STANDS_IN = N_("Workplace"), N_("Person"), N_("Stand-in")
ORGANISATION, TRUST_LIST = N_("Organisation"), N_("Trust list number")
WITHDRAWN_ON, ROOT_NUMBER = N_("Withdrawn on"), N_("Root number")
NEW_KEYS, SIGN_LISTS, LAST_DAY = N_("Holders with new keys"), N_("Sign the trust list"), N_("Holds until")


def print_enrolment(ctx: Context) -> Document:
    """The check groups of this workplace and of everybody who signs here, to be read to the centre."""
    people = persons.persons(ctx)
    with ctx.store.read() as session:
        public = trusting.device_keys(session).public
        name, top = organisation_name(ctx, session, public.org), head(ctx, session)
    device = KeyGroups(public.device, public.keyid[:16], tuple(public.fingerprint.split()))
    signers = tuple(KeyGroups(line.name, line.person, tuple(line.fingerprint.split())) for line in people)

    def draw(printing: Printing) -> bytes:
        sheet = enrolment_sheet.EnrolmentSheet(top, imprint(printing), f"{public.org} · {name}", ROLE_LABELS[ctx.role],
                                               device, signers, ctx.actor.name)  # fmt: skip
        return enrolment_sheet.draw(sheet, lang=printing.lang)

    return print_document(ctx, "enrolment", public.device, draw)


def print_root_key(ctx: Context, file: RootFile) -> Document:
    """The sheet with the password of a root key just made; it cannot be printed later, for nothing here knows it."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        top = head(ctx, session)
    made = shown_date(date.fromisoformat(file.header.made))

    def draw(printing: Printing) -> bytes:
        sheet = root_key_sheet.RootKeySheet(
            top, imprint(printing), file.header.holder, made, file.header.keyid[:16],
            tuple(file.password.split("-")), ctx.actor.name,
        )  # fmt: skip
        return root_key_sheet.draw(sheet, lang=printing.lang)

    return print_document(ctx, "root-key", f"{file.header.holder}-{file.header.keyid[:8]}", draw)


def print_revocation(ctx: Context, name: str) -> Document:
    """The act on a key that was withdrawn, of a workplace or of a person."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        row = _withdrawn(session, name)
        is_device = isinstance(row, DeviceEnrolment)
        facts = (_whose(ctx, session, row), (WITHDRAWN_ON, shown_date(date.fromisoformat(str(row.revoked_at)[:10]))),
                 (TRUST_LIST, str(_list_that_withdraws(session, row.keyid))))  # fmt: skip
        top, ground, last = head(ctx, session), row.ground, _last(ctx, row.last_valid)
        names = _signers(session)
    kind = key_act.DEVICE_WITHDRAWN if is_device else key_act.PERSON_WITHDRAWN

    def draw(printing: Printing) -> bytes:
        act = key_act.KeyAct(kind, top, imprint(printing), facts, ground, last, names=names)
        return key_act.draw(act, lang=printing.lang)

    return print_document(ctx, "revocation", name, draw)


def print_stand_in(ctx: Context, old: str, new: str) -> Document:
    """The act on a person who signs in place of another."""
    require(ctx, Role.NTC)
    with ctx.store.read() as session:
        row = _withdrawn(session, old)
        coming = session.scalars(select(PersonEnrolment).where(PersonEnrolment.person == new)).first()
        if coming is None or not coming.active or isinstance(row, DeviceEnrolment):
            raise UserError(N_("{old} and {new} are not two people of one organisation. Nothing was changed."),
                            old=old, new=new)  # fmt: skip
        facts = (_whose(ctx, session, row), (STANDS_IN, f"{coming.name} · {coming.person}"),
                 (TRUST_LIST, str(_list_that_withdraws(session, row.keyid))))  # fmt: skip
        top, ground, last = head(ctx, session), row.ground, _last(ctx, row.last_valid)
        names = _signers(session)

    def draw(printing: Printing) -> bytes:
        act = key_act.KeyAct(key_act.STAND_IN, top, imprint(printing), facts, ground, last, names=names)
        return key_act.draw(act, lang=printing.lang)

    return print_document(ctx, "stand-in", f"{old}-{new}", draw)


def print_root_change(ctx: Context) -> Document:
    """The act on the root in force, alike whenever it is printed: its groups for every first start from now on."""
    require(ctx, Role.NTC)
    state = centre_roots.root_state(ctx)
    with ctx.store.read() as session:
        store, top, names = trusting.trust_store(session), head(ctx, session), _signers(session)
        entry = session.scalars(select(AuditEntry).where(
            AuditEntry.event == "root-changed", AuditEntry.object == str(state.version))).first()  # fmt: skip
        replaced, ground = (entry.details["replaced"], entry.details["ground"]) if entry else ((), "")
        number = _first_list(session, lambda found: len(found.roots) >= state.version)
    facts = (
        (ROOT_NUMBER, str(state.version)), (NEW_KEYS, ", ".join(str(number) for number in sorted(replaced)) or "–"),
        (SIGN_LISTS, ", ".join(names)), (LAST_DAY, shown_date(date.fromisoformat(state.expires))),
        (TRUST_LIST, str(number)),
    )  # fmt: skip

    def draw(printing: Printing) -> bytes:
        act = key_act.KeyAct(key_act.ROOT_CHANGED, top, imprint(printing), facts, ground,
                             groups=tuple(store.fingerprint.split()))  # fmt: skip
        return key_act.draw(act, lang=printing.lang)

    return print_document(ctx, "root-change", f"{NTC_CODE}-{state.version}", draw)


def _withdrawn(session: Session, name: str) -> DeviceEnrolment | PersonEnrolment:
    device = session.scalars(select(DeviceEnrolment).where(DeviceEnrolment.device == name)).first()
    row = device or session.scalars(select(PersonEnrolment).where(PersonEnrolment.person == name)).first()
    if row is None or row.revoked_at is None:
        raise UserError(N_("The key of {name} is not withdrawn."), name=name)
    return row


def _list_that_withdraws(session: Session, keyid: str) -> int:
    """The first trust list that says so: where it came, the key counts no more. The next one while none does yet."""

    def says_so(store: trust.TrustStore) -> bool:
        device, person = store.device(keyid), store.person(keyid)
        entry = device[1] if device else person
        return entry is not None and entry.last_valid is not None

    return _first_list(session, says_so)


def _first_list(session: Session, says_so: Callable[[trust.TrustStore], bool]) -> int:
    lists = session.execute(select(TrustState.version, TrustState.envelope).order_by(TrustState.version)).all()
    for version, envelope in lists:
        if says_so(trust.verify_list(envelope)):
            return int(version)
    return trusting.trust_store(session).version + 1


def _whose(ctx: Context, session: Session, row: DeviceEnrolment | PersonEnrolment) -> tuple[str, str]:
    organisation = organisation_name(ctx, session, row.organisation) if row.organisation != NTC_CODE else translate(
        ctx.lang, ROLE_LABELS[Role.NTC])  # fmt: skip
    if isinstance(row, DeviceEnrolment):
        return WORKPLACE, f"{row.device} · {organisation}"
    return PERSON, f"{row.name} · {row.person} · {organisation}"


def _last(ctx: Context, last_valid: Mapping[str, Any]) -> tuple[tuple[str, str, str, str], ...]:
    rows = []
    for stream, epoch, seq in last_valid.get("streams", ()):
        recipient, kind = stream.partition(">")[2].split("/")[:2]
        rows.append((translate(ctx.lang, KIND_TITLES.get(kind, kind)), recipient, str(seq), str(epoch)))
    return tuple(rows)


def _signers(session: Session) -> tuple[str, ...]:
    own = select(PersonEnrolment.name).where(PersonEnrolment.organisation == NTC_CODE, PersonEnrolment.active)
    return tuple(session.scalars(own.order_by(PersonEnrolment.person)))

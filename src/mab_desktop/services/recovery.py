"""A forgotten password, with the testing centre's help: asked at the locked workplace, answered there, taken here.

For workplaces where there are no two others who could do it (`accounts.give_password`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from mab_desktop.domain import password_rules
from mab_desktop.domain.clock import Clock
from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import CarrierRefused, Refused, UserError
from mab_desktop.domain.organisation import MANAGERS, NTC_CODE, Role
from mab_desktop.exchange import durable, reset, trust
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.exchange.drive import FolderDrive, drive_errors, find_drives, shown_name
from mab_desktop.exchange.kdf import LOGIN, KdfParams
from mab_desktop.exchange.keyring import folded
from mab_desktop.exchange.refusals import refuse
from mab_desktop.forms import reset_sheet
from mab_desktop.forms.page import DocumentHead, Imprint
from mab_desktop.i18n import N_
from mab_desktop.services import accounts, locks, trusting, workplace
from mab_desktop.services.context import Context, require, require_person
from mab_desktop.services.imprint import PROGRAM
from mab_desktop.storage import instance
from mab_desktop.storage.store import Store
from mab_desktop.storage.tables.core import DeviceKey

REQUEST, ANSWER = ".request.json", ".answer.json"


@dataclass(frozen=True)
class Asked:
    """A request that waits for the centre's answer; `groups` stand on the signed sheet."""

    login: str
    device: str
    made: str
    groups: str


def waiting(database: Path) -> Asked | None:
    """What was asked for here and not answered yet."""
    found = _waiting(database).request()
    return _asked(found) if found else None


def ask(
    database: Path, login: str, password: str, folder: Path, *, clock: Clock, entropy: Entropy | None = None,
    lang: str = "kk", params: KdfParams = LOGIN,
) -> tuple[Asked, Path, Path]:  # fmt: skip
    """Write the request and its sheet (PDF) into `folder`; `password` is the new one, which holds after the answer.

    Only the newest request is answered. Nothing is opened, nothing in the database changes.
    """
    if folded(login) not in workplace.logins(database):
        raise UserError(N_("Nobody is called {login} here."), login=login)
    if found := password_rules.problems(password, login):
        raise Refused(found)
    now = clock.now()
    with instance.held(database), drive_errors():
        ring = locks.keyring_of(database)
        request = _waiting(database).begin(
            ring.lid(), login, password, now.isoformat(timespec="minutes"), params=params,
            entropy=entropy or SystemEntropy(),
        )  # fmt: skip
        asked = _asked(request)
        file, paper = folder / f"{_stem(request)}{REQUEST}", folder / f"{_stem(request)}.pdf"
        durable.write_file(file, request.data())
        durable.write_file(paper, _sheet(asked, now, lang))
    return asked, file, paper


def answer(ctx: Context, path: Path, groups: str, folder: Path) -> Path:
    """At the centre: let a person of an enrolled workplace choose a new password; the answer's file in `folder`.

    `groups` are those of the signed sheet, compared by calling back. WrongPassword where the request was made before
    this centre's keys were known there.
    """
    require(ctx, Role.NTC)
    require_person(ctx, *MANAGERS)
    request = read_request(path)
    if "".join(groups.upper().split()).replace("-", "") != request.groups.replace(" ", ""):
        raise UserError(
            N_("The check groups are not those of the file. No answer was made."),
            next_step=N_("Have them read out once more; if they differ again, keep the file and find out why."),
        )
    with ctx.store.read() as session:
        store = trusting.trust_store(session)
        _require_enrolled(store, request.device)
        rows = session.scalars(select(DeviceKey).where(DeviceKey.kind == trusting.DEVICE))
        identities = [DeviceKeys.load(row.keys).age_identity for row in rows]
        signing = trusting.device_keys(session).signing
    data = reset.answer(request, identities, store.data, signing)
    target = folder / f"{_stem(request)}{ANSWER}"
    with drive_errors(), ctx.store.write(ctx.actor) as tx:
        tx.note("reset-answered", request.device, login=request.login, request=request.digest)
        durable.write_file(target, data)
    return target


def read_request(path: Path) -> reset.Request:
    """A request on a drive; CarrierRefused for another file."""
    trusting.require_file(path)
    with drive_errors(), path.open("rb") as source:
        return reset.read_request(source.read(reset.LIMIT + 1))


def take(
    database: Path, path: Path, password: str, *, clock: Clock, entropy: Entropy | None = None, lang: str = "kk",
    params: KdfParams = LOGIN,
) -> str:  # fmt: skip
    """Take the centre's answer: from now on `password`, typed when it was asked for, opens; the person's login.

    The answer is believed only when it is signed by a device of the centre that the database's own trust list names.
    """
    trusting.require_file(path)
    with drive_errors():
        data = _read(path)
    _require_no_request(path, data)
    asked = _waiting(database)
    with instance.held(database):
        answered = asked.take(data, password)
        request = asked.request()
        assert request is not None
        store = Store(database, answered.key, clock)
    try:
        store.quick_check()
        workplace.bring_up_to_date(store, clock)
        ctx = _as_person(store, request.login, clock, entropy or SystemEntropy(), lang)
        _admit(ctx, answered, request, password, params)
    finally:
        store.close()
    asked.forget()
    locks.tries_of(database).forgive(request.login)
    return request.login


def find_answer(database: Path, drives: Iterable[FolderDrive] | None = None) -> Path | None:
    """The centre's answer to what was asked for here, on the drives that are in now; None where there is none."""
    request = _waiting(database).request()
    if request is None:
        return None
    for drive in find_drives() if drives is None else drives:
        for path in sorted(drive.folder.glob(f"*{ANSWER}"))[: trusting.MANY_FILES]:
            with suppress(CarrierRefused, OSError):
                if reset.read_answer(_read(path))[0].request == request.digest:
                    return path
    return None


def _read(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(reset.LIMIT + trust.TRUST_LIMIT + 1)


def _require_no_request(path: Path, data: bytes) -> None:
    """UserError where somebody gave the request back: its name differs from the answer's in one word."""
    with suppress(CarrierRefused):
        reset.read_request(data)
        raise UserError(
            N_("{name} is the request itself, not the answer to it. Nothing was changed."),
            next_step=N_("The testing centre's answer ends in {ending}."), name=shown_name(path.name), ending=ANSWER,
        )  # fmt: skip


def _as_person(store: Store, login: str, clock: Clock, entropy: Entropy, lang: str) -> Context:
    with store.read() as session:
        account = accounts.find(session, login)
        if account is None or not account.active:
            raise UserError(N_("The account {login} is closed. Nothing was changed."), login=login)
    return workplace.enter(store, login, clock, entropy, lang)


def _admit(ctx: Context, answered: reset.Answered, request: reset.Request, password: str, params: KdfParams) -> None:
    with ctx.store.write(ctx.actor) as tx:
        current = trusting.trust_store(tx.session)
        newest = _newest(current, answered.trust)
        if not any(_is_centre(newest, signer) for signer in answered.signers):
            raise refuse("reset-signer")
        trusting.adopt_in(ctx, tx, newest)
        account = accounts.find(tx.session, request.login)
        assert account is not None
        if found := password_rules.problems(password, account.login, account.full_name):
            raise Refused(found)
        account.must_change = False
        tx.note("password-reset", account.login, by="centre", request=request.digest, signed=list(answered.signers))
        tx.session.flush()
        locks.keyring_of(ctx.store.path, params, ctx.entropy).set_password(ctx.store.key, account.login, password)


def _newest(current: trust.TrustStore, brought: bytes) -> trust.TrustStore:
    try:
        return trust.adopt(current, brought)
    except CarrierRefused as error:
        if error.code != "trust-older":  # a newer list came here while the answer was on its way
            raise
        return current


def _is_centre(store: trust.TrustStore, keyid: str) -> bool:
    found = store.device(keyid)
    return found is not None and found[0].org == NTC_CODE and found[1].last_valid is None


def _require_enrolled(store: trust.TrustStore, name: str) -> None:
    devices = [device for org in store.list.organisations for device in org.devices if device.device == name]
    if not devices:
        raise UserError(N_("The centre knows no workplace {device}."), device=name or "?")
    if all(device.last_valid is not None for device in devices):
        raise UserError(
            N_("The key of {device} was withdrawn: whoever has that computer gets no new password. No answer was "
               "made."),
            next_step=N_("If the computer is in the right hands, begin there anew, or restore a backup whose password "
                         "somebody knows."),
            device=name,
        )  # fmt: skip


def _waiting(database: Path) -> reset.Waiting:
    return reset.Waiting(database.with_suffix(".reset"))


def _asked(request: reset.Request) -> Asked:
    return Asked(request.login, request.device, request.made[:16].replace("T", " "), request.groups)


def _stem(request: reset.Request) -> str:
    return f"mab-password-{request.device or 'pc'}-{request.groups[:4].lower()}"


def _sheet(asked: Asked, now: datetime, lang: str) -> bytes:
    imprint = Imprint(now, PROGRAM, "–")  # the log is locked
    made = datetime.fromisoformat(asked.made).strftime("%d.%m.%Y %H:%M")
    page = reset_sheet.ResetSheet(DocumentHead(now.year), imprint, asked.device, asked.login, made,
                                  tuple(asked.groups.split()))  # fmt: skip
    return reset_sheet.draw(page, lang=lang)

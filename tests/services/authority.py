"""The centre's authority in tests: two people who sign, three root keys that somebody keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mab_desktop.exchange import canonical
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.kdf import KdfParams
from mab_desktop.exchange.root_key import RootFile
from mab_desktop.services import centre_roots, centre_trust, persons, trust_issue, trusting
from mab_desktop.services.context import Context

CHEAP = KdfParams(32, 1, 1)
PEOPLE = {"registrar": "бірінші құпия сөз", "deputy": "екінші құпия сөз"}


def make_authority(ctx: Context, keep: centre_roots.Keep | None = None) -> str:
    """A centre with its two people and its root; the groups for first starts."""
    for login, password in PEOPLE.items():
        persons.make_person_key(ctx, login, password, f"Тіркеуші {login}", params=CHEAP)
    return centre_roots.create_authority(ctx, signing(ctx), keep or _lose, params=CHEAP)


def signing(ctx: Context) -> list[SigningKey]:
    """The keys of the two people."""
    return persons.signing_keys(ctx, PEOPLE)


def issue(ctx: Context) -> bytes:
    """What was confirmed and revoked comes into force."""
    return centre_trust.issue_trust(ctx, signing(ctx))


def official_list(centre: Context) -> bytes:
    """The next list as the centre of a real exam signs it."""
    real = replace(centre, season=replace(centre.season, official=True))
    signers = signing(centre)
    with centre.store.write(centre.actor) as tx:
        current = trusting.trust_store(tx.session)
        roots = [canonical.encode(fields) for fields in current.list.roots]
        return trust_issue.issue(real, tx, roots, current, signers).data


def _lose(_files: Sequence[RootFile]) -> None:
    """Most tests need the root keys never again."""

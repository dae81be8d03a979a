"""Who may sign what: the testing centre's trust list under the rules of a TUF root (TUF 1.0.33, 5.3).

Root statements form a chain without gaps: each is signed by its own threshold and by the threshold of the one before.
A root names the keys that sign lists, so that the root's own keys stay locked away. The list is signed by the threshold
of those keys, carries the whole chain and the digests of all lists before it, and only ever gets newer: a list that
grows from another one than ours is seen at once, whatever lists between were missed. Keys are withdrawn by the last
number that counts in each stream, so no clock is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from mab_desktop.exchange import canonical, envelope, passwords
from mab_desktop.exchange.device import DevicePublic, SigningKey, fingerprint, is_device_of
from mab_desktop.exchange.kinds import KINDS, NTC, ROLES
from mab_desktop.exchange.manifest import Digest, DigestOrNone, Frozen, Id, KeyId, Ordinal, Stream, Word
from mab_desktop.exchange.refusals import place_of, refuse
from mab_desktop.i18n import N_

TRUST_LIMIT = 8 << 20
ANYBODY = "*"
# So long before a list or its root expires people are told.
WARNING_DAYS = 60

_T = TypeVar("_T", bound=Frozen)

Day = Annotated[str, msgspec.Meta(pattern=r"\A\d{4}-\d\d-\d\d\Z")]


class LastValid(Frozen, frozen=True):
    """The last carrier of a stream that a withdrawn key may have signed."""

    stream: Stream
    epoch: Ordinal
    seq: Annotated[int, msgspec.Meta(ge=0)]


class DeviceEntry(Frozen, frozen=True):
    """A device in the list; `last_valid` is None while its key is in force."""

    device: Id
    role: Word
    keyid: KeyId
    age: Annotated[str, msgspec.Meta(pattern=r"\Aage1[0-9a-z]{58}\Z")]
    last_valid: tuple[LastValid, ...] | None


class PersonEntry(Frozen, frozen=True):
    """A person who signs for an organisation, under an id that is not a name."""

    person: Id
    keyid: KeyId
    last_valid: tuple[LastValid, ...] | None


class OrganisationEntry(Frozen, frozen=True):
    """What an organisation may do. `may_send` are kinds, `may_send_to` organisations, "*" stands for any."""

    org: Id
    roles: tuple[Word, ...]
    may_send: tuple[Word, ...]
    may_send_to: tuple[Word, ...]
    devices: tuple[DeviceEntry, ...]
    persons: tuple[PersonEntry, ...]


Keys = Annotated[tuple[KeyId, ...], msgspec.Meta(min_length=1, max_length=15)]
Threshold = Annotated[int, msgspec.Meta(ge=1, le=15)]


class RootStatement(Frozen, frozen=True):
    """Which keys change the root, which sign trust lists, and how many of them must."""

    format: Literal["mab-root-2"]
    version: Ordinal
    keys: Keys
    threshold: Threshold
    list_keys: Keys
    list_threshold: Threshold
    prev: DigestOrNone
    expires: Day


class TrustList(Frozen, frozen=True):
    """The list itself: `history` are the digests of all lists before it, `roots` all root envelopes in order."""

    format: Literal["mab-trust-2"]
    version: Ordinal
    history: Annotated[tuple[Digest, ...], msgspec.Meta(max_length=10_000)]
    issued: Day
    expires: Day
    roots: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=1, max_length=100)]
    organisations: Annotated[tuple[OrganisationEntry, ...], msgspec.Meta(max_length=1000)]


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The list in force at a workplace: kept in its database, `data` sent on in every carrier."""

    data: bytes
    digest: str
    list: TrustList
    roots: tuple[RootStatement, ...]
    root_digests: tuple[str, ...]

    @property
    def version(self) -> int:
        """The list's number."""
        return self.list.version

    @property
    def fingerprint(self) -> str:
        """8 groups that name the newest root, compared with paper at the first start."""
        return fingerprint(bytes.fromhex(self.root_digests[-1]))

    def org(self, org: str) -> OrganisationEntry | None:
        """The organisation by id."""
        return next((entry for entry in self.list.organisations if entry.org == org), None)

    def device(self, keyid: str) -> tuple[OrganisationEntry, DeviceEntry] | None:
        """The device that signs with `keyid`."""
        pairs = ((org, device) for org in self.list.organisations for device in org.devices)
        return next(((org, device) for org, device in pairs if device.keyid == keyid), None)

    def openers(self, org: str, roles: Iterable[str]) -> tuple[DeviceEntry, ...]:
        """Devices of `org` in force in one of `roles`, by key id."""
        entry, wanted = self.org(org), set(roles)
        devices = entry.devices if entry else ()
        found = (device for device in devices if device.role in wanted and device.last_valid is None)
        return tuple(sorted(found, key=lambda device: device.keyid))

    def person(self, keyid: str) -> PersonEntry | None:
        """The person who signs with `keyid`."""
        people = (person for org in self.list.organisations for person in org.persons)
        return next((person for person in people if person.keyid == keyid), None)

    @property
    def expires(self) -> date:
        """The last day of the list or of its root, whichever comes first."""
        return date.fromisoformat(min(self.list.expires, self.roots[-1].expires))

    def expires_soon(self, today: date) -> bool:
        """True from `WARNING_DAYS` before the last day on."""
        return (self.expires - today).days < WARNING_DAYS

    def is_fresh(self, today: date) -> bool:
        """True where neither the list nor its root has expired."""
        return today <= self.expires

    def require_fresh(self, today: date) -> None:
        """CarrierRefused trust-expired after the last day of the list or of its root."""
        if not self.is_fresh(today):
            raise refuse("trust-expired", date=self.expires.isoformat(), today=today.isoformat())


def in_force(last_valid: tuple[LastValid, ...] | None, stream: str, epoch: int, seq: int) -> bool:
    """True where a key with this `last_valid` counts for the carrier at `epoch` and `seq` of `stream`."""
    if last_valid is None:
        return True
    return any(last.stream == stream and (epoch, seq) <= (last.epoch, last.seq) for last in last_valid)


def make_root(
    keys: Iterable[str], threshold: int, expires: date, signers: Sequence[SigningKey], previous: Sequence[bytes] = (),
    *, list_keys: Iterable[str] = (), list_threshold: int = 0,
) -> tuple[bytes, ...]:  # fmt: skip
    """The chain of root envelopes with a new statement at its end; CarrierRefused trust-root when signers lack.

    Without `list_keys` the root's own keys sign the lists.
    """
    earlier, digests = _verify_roots([canonical.decode(data, N_("trust list")) for data in previous])
    own, lists = tuple(sorted(set(keys))), tuple(sorted(set(list_keys)))
    statement = RootStatement(
        format="mab-root-2", version=len(earlier) + 1, keys=own, threshold=threshold, list_keys=lists or own,
        list_threshold=list_threshold if lists else threshold, prev=digests[-1] if digests else "",
        expires=expires.isoformat(),
    )  # fmt: skip
    payload = canonical.encode(msgspec.to_builtins(statement))
    chain = (*previous, envelope.sign(payload, envelope.ROOT_TYPE, signers))
    _verify_roots([canonical.decode(data, N_("trust list")) for data in chain])
    return chain


def newest_root(chain: Sequence[bytes]) -> RootStatement:
    """The last statement of a chain of root envelopes; CarrierRefused trust-root for a wrong chain."""
    return _verify_roots([canonical.decode(data, N_("trust list")) for data in chain])[0][-1]


def issue_list(
    roots: Sequence[bytes], organisations: Iterable[OrganisationEntry], *,
    signers: Sequence[SigningKey], issued: date, expires: date, previous: TrustStore | None = None,
) -> TrustStore:  # fmt: skip
    """The next trust list, signed and checked as a recipient would check it."""
    entries = tuple(sorted(organisations, key=lambda entry: entry.org))
    content = TrustList(
        format="mab-trust-2", version=previous.version + 1 if previous else 1,
        history=(*previous.list.history, previous.digest) if previous else (),
        issued=issued.isoformat(), expires=expires.isoformat(),
        roots=tuple(canonical.decode(data, N_("trust list")) for data in roots), organisations=entries,
    )  # fmt: skip
    data = envelope.sign(canonical.encode(msgspec.to_builtins(content)), envelope.TRUST_TYPE, signers)
    return adopt(previous, data) if previous else verify_list(data)


def verify_list(data: bytes) -> TrustStore:
    """A trust list that is right in itself. Whether it is the centre's, only its fingerprint or `adopt` can tell."""
    if len(data) > TRUST_LIMIT:
        raise refuse("container-too-large")
    signed = envelope.verify(data, envelope.TRUST_TYPE)
    content = _convert(signed.payload, TrustList)
    roots, digests = _verify_roots(content.roots)
    keys, threshold = roots[-1].list_keys, roots[-1].list_threshold
    if not signed.require(keys, threshold) or not set(signed.signers) <= set(keys):
        raise refuse("trust-signatures")
    _check_entries(content)
    return TrustStore(data, hashlib.sha256(signed.payload).hexdigest(), content, roots, digests)


def groups_fit(typed: str, fingerprint_groups: str) -> bool:
    """True where somebody typed these groups, blanks, hyphens, small letters and look-alikes aside."""
    return passwords.normalise(typed) == passwords.normalise(fingerprint_groups)


def bootstrap(data: bytes, groups: str) -> TrustStore:
    """The first trust list of a workplace: taken only when its fingerprint is the one typed from paper."""
    store = verify_list(data)
    if groups_fit(groups, store.fingerprint):
        return store
    if any(groups_fit(groups, fingerprint(bytes.fromhex(digest))) for digest in store.root_digests[:-1]):
        raise refuse("trust-fingerprint-old")
    raise refuse("trust-fingerprint")


def adopt(store: TrustStore, data: bytes) -> TrustStore:
    """`data` if it is newer than `store` and grows from it, `store` if it is the same list; else refused."""
    if data == store.data:
        return store
    newer = verify_list(data)
    require_kin(store, newer)
    if newer.version < store.version:
        raise refuse("trust-older")
    if len(newer.roots) < len(store.roots):
        # Keys that a later root took the right from have gone on signing.
        raise refuse("trust-root")
    return store if newer.digest == store.digest else newer


def require_kin(one: TrustStore, other: TrustStore) -> None:
    """CarrierRefused unless both have one first root (trust-centre), one chain of roots after it (trust-root), and one
    grows from the other (trust-fork).
    """
    if one.root_digests[0] != other.root_digests[0]:
        raise refuse("trust-centre")
    shared = min(len(one.root_digests), len(other.root_digests))
    if one.root_digests[:shared] != other.root_digests[:shared]:
        raise refuse("trust-root")
    if not (_grows_from(one, other) or _grows_from(other, one)):
        raise refuse("trust-fork")


def _grows_from(newer: TrustStore, older: TrustStore) -> bool:
    """True where `older` is `newer` or one of the lists that `newer` says came before it."""
    digests = (*newer.list.history, newer.digest)
    return older.version <= newer.version and digests[older.version - 1] == older.digest


def device_entry(public: DevicePublic, last_valid: tuple[LastValid, ...] | None = None) -> DeviceEntry:
    """The list's entry for a device."""
    return DeviceEntry(
        device=public.device, role=public.role, keyid=public.keyid, age=public.age, last_valid=last_valid
    )


def _convert(payload: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(canonical.decode(payload, N_("trust list")), kind, strict=True)
    except msgspec.ValidationError as error:
        raise refuse("trust-malformed", what=place_of(error)) from error


def _verify_roots(envelopes: Sequence[dict[str, Any]]) -> tuple[tuple[RootStatement, ...], tuple[str, ...]]:
    """The chain from the first root on: numbered without gaps, each signed by itself and by the one before."""
    roots: list[RootStatement] = []
    digests: list[str] = []
    for fields in envelopes:
        signed = envelope.verify_fields(fields, envelope.ROOT_TYPE)
        root = _convert(signed.payload, RootStatement)
        before = roots[-1:] or [root]
        sound = (
            root.version == len(roots) + 1
            and root.prev == (digests[-1] if digests else "")
            and root.keys == tuple(sorted(set(root.keys)))
            and root.list_keys == tuple(sorted(set(root.list_keys)))
            and root.threshold <= len(root.keys)
            and root.list_threshold <= len(root.list_keys)
        )
        if not sound or not all(signed.require(of.keys, of.threshold) for of in (root, *before)):
            raise refuse("trust-root")
        roots.append(root)
        digests.append(hashlib.sha256(signed.payload).hexdigest())
    return tuple(roots), tuple(digests)


def _check_entries(content: TrustList) -> None:
    """One id and one key, one entry; roles and kinds are known ones; a device has a role of its organisation."""
    orgs = [entry.org for entry in content.organisations]
    devices = [device for entry in content.organisations for device in entry.devices]
    persons = [person for entry in content.organisations for person in entry.persons]
    keyids = [device.keyid for device in devices] + [person.keyid for person in persons]
    rules = {
        "history": content.version == len(content.history) + 1,
        "organisations": orgs == sorted(set(orgs)),
        "keyid": len(keyids) == len(set(keyids)),
        "device": len(devices) == len({device.device for device in devices}),
        "age": len(devices) == len({device.age for device in devices}),
        "person": len(persons) == len({person.person for person in persons}),
        "roles": all(set(entry.roles) <= set(ROLES) for entry in content.organisations),
        "ntc": sum(NTC in entry.roles for entry in content.organisations) <= 1,
        "may_send": all(set(entry.may_send) <= {*KINDS, ANYBODY} for entry in content.organisations),
        "devices": all(
            device.role in entry.roles and is_device_of(device.device, entry.org)
            for entry in content.organisations
            for device in entry.devices
        ),
    }
    for what, holds in rules.items():
        if not holds:
            raise refuse("trust-malformed", what=what)

"""What can be told of a carrier by anybody who finds it: whole, rightly signed, from whom, for whom, how much.

Needs no key and no workplace: `mab verify` and whoever checks a file years later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mab_desktop.domain.errors import EXIT_OK, CarrierRefused
from mab_desktop.domain.organisation import ROLE_LABELS, TRAINING, parse_organisation
from mab_desktop.exchange import carrier
from mab_desktop.exchange import drive as drive_files
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.exchange.manifest import EVERYBODY, Manifest
from mab_desktop.i18n import N_, translate
from mab_desktop.services import trusting
from mab_desktop.services.carrier_words import SUM_TITLES, kind_title, record_title

LOG_GROUP = 12  # as on printed protocols

Pairs = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class CheckedFile:
    """A file as it lies there."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Verification:
    """The verdict on a set. `manifests` are in the order of parts, empty where it was refused.

    `refusal` says why, `refused` which file. `own_list` is False where the list inside the file had to do.
    """

    files: tuple[CheckedFile, ...]
    manifests: tuple[Manifest, ...] = ()
    persons: tuple[str, ...] = ()
    trust: trust_rules.TrustStore | None = None
    own_list: bool = False
    refusal: CarrierRefused | None = None
    refused: str = ""

    @property
    def exit_code(self) -> int:
        """For the command line."""
        return self.refusal.exit_code if self.refusal else EXIT_OK


def verify_set(paths: Sequence[Path], trust_path: Path | None = None) -> Verification:
    """Judge a whole set: each of its parts, and that it has them all. UserError where a file is not there.

    Without a trust list of one's own a carrier is only checked against the list it brings, and the verdict says so.
    """
    for path in paths:
        trusting.require_file(path)
    with drive_files.drive_errors():
        files = tuple(
            CheckedFile(drive_files.shown_name(path.name), path.stat().st_size, drive_files.digest_of(path))
            for path in paths
        )
    at = trust_path or paths[0]
    try:
        store = trust_rules.verify_list(trusting.trust_list_in(at))
        verdicts = []
        for at in paths:
            with drive_files.drive_errors():
                verdicts.append(carrier.verify(at, store))
        at = Path()
        order = carrier.check_set([verdict.manifest for verdict in verdicts])
    except CarrierRefused as error:
        return Verification(files, refusal=error, refused=drive_files.shown_name(at.name))
    newest = max((verdict.trust for verdict in verdicts), key=lambda trust: trust.version)
    manifests = tuple(verdicts[i].manifest for i in order)
    return Verification(files, manifests, verdicts[0].persons, newest, trust_path is not None)


def as_lines(found: Verification, lang: str) -> list[str]:
    """The verdict as `mab verify` prints it: what the file says of itself, then the verdict."""
    lines = [f"{file.name}  {_number(file.size)} B  SHA-256 {file.sha256}" for file in found.files]
    if found.refusal:
        lines.append(translate(lang, N_("REFUSED")) + f" [{found.refusal.code}]")
        if len(found.files) > 1 and found.refused:
            lines.append(f"{translate(lang, N_('File'))}: {found.refused}")
        return [*lines, found.refusal.message(lang)]
    lines += [f"{label}: {value}" for label, value in _described(found, lang)]
    first = found.manifests[0]
    whole = translate(lang, N_("Whole and rightly signed by {sender}.")).format(sender=first.sender.org)
    lines.append(whole)
    if not found.own_list and found.trust:
        text = N_("Checked against the trust list inside the file; its root is {groups}.")
        lines.append(translate(lang, text).format(groups=found.trust.fingerprint))
    return lines


def as_json(found: Verification, lang: str) -> dict[str, Any]:
    """The same for programs."""
    refusal, trust = found.refusal, found.trust
    return {
        "verdict": "refused" if refusal else "whole",
        "code": refusal.code if refusal else None,
        "sentence": refusal.message(lang) if refusal else None,
        "refused": found.refused or None,
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in found.files],
        "digest": found.manifests[-1].digest if found.manifests else None,
        "persons": list(found.persons),
        "trust": {"version": trust.version, "expires": trust.list.expires, "root": trust.fingerprint,
                  "own": found.own_list} if trust else None,
        "manifests": [manifest.fields() for manifest in found.manifests],
    }  # fmt: skip


def _described(found: Verification, lang: str) -> Pairs:
    def say(text: str, **values: Any) -> str:
        return translate(lang, text).format(**values)

    last, sender = found.manifests[-1], found.manifests[-1].sender
    kind = last.carrier_kind
    yield say(N_("Contents")), f"{kind_title(kind.name, lang)} ({kind.number or kind.name})"
    training = "" if last.mode == "official" else f", {say(TRAINING)}"
    yield say(N_("Campaign")), last.campaign + training
    device = "" if sender.device == sender.org else f", {sender.device}"
    yield say(N_("From")), _organisation(sender.org, lang) + device
    to = (EVERYBODY,) if kind.broadcast else tuple(recipient.org for recipient in last.recipients)
    yield say(N_("For")), ", ".join(_organisation(org, lang) for org in to)
    restored = say(N_("{seq}, after a restored backup (order {epoch})"), seq=last.seq, epoch=last.epoch)
    yield say(N_("Number in its order")), str(last.seq) if last.epoch == 1 else restored
    yield say(N_("Parts of the set")), str(last.parts)
    yield say(N_("Made")), say(N_("{moment} by the sender's clock"), moment=last.created)
    yield from ((say(record_title(name)), _number(count)) for name, count in sorted(last.counts.items()))
    yield from ((say(SUM_TITLES.get(name, name)), str(value)) for name, value in sorted(last.control_sums.items()))
    if last.checkpoint:
        log = N_("{n} lines, the last is {hash}")
        yield say(N_("Log of the sender")), say(log, n=last.checkpoint.n, hash=last.checkpoint.hash[:LOG_GROUP])
    yield say(N_("Signed by")), ", ".join((sender.device, *found.persons))
    if found.trust:
        number = N_("number {version}, counts until {date}")
        yield say(N_("Trust list")), say(number, version=found.trust.version, date=found.trust.list.expires)


def _organisation(organisation: str, lang: str) -> str:
    if organisation == EVERYBODY:
        return translate(lang, N_("Everybody"))
    try:
        role, code = parse_organisation(organisation)
    except ValueError:
        return organisation
    return f"{translate(lang, ROLE_LABELS[role])} {code}".strip()


def _number(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")

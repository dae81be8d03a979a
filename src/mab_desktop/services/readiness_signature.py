"""The digital signature under a report of readiness (p.29): made by this PC's key, checked by anybody who has the file.

The file is a DSSE envelope as carriers have one; its text names the report, the two people, every verdict and the PC.
Who has no trust list compares the PC's check groups and the twelve characters with those printed on the signed paper.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mab_desktop import __version__
from mab_desktop.domain.errors import EXIT_OK, CarrierRefused
from mab_desktop.domain.organisation import TRAINING, organisation_id
from mab_desktop.domain.readiness import ITEM_LABELS, VERDICT_LABELS, Item
from mab_desktop.domain.spoken_code import shown_code, spoken_code
from mab_desktop.exchange import canonical, envelope
from mab_desktop.exchange import trust as trust_rules
from mab_desktop.exchange.device import DevicePublic
from mab_desktop.exchange.drive import drive_errors
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_, translate
from mab_desktop.services import trusting
from mab_desktop.services.context import Context

STATEMENT_TYPE = "application/vnd.mab.readiness+json"
SUFFIX = ".dsse.json"
LIMIT = 1 << 20
_FORM = "mab-readiness-1"
_TEXTS = ("campaign", "mode", "org", "at", "made_by", "confirmed_by", "reason", "digest", "findings", "program")
_PC = frozenset({"org", "device", "role", "keyid", "age"})


@dataclass(frozen=True, slots=True)
class Signature:
    """A report as its signature says it: number, text fields, the PC that signed, the code of the signed text."""

    number: int
    fields: dict[str, str]
    device: DevicePublic
    code: str

    @property
    def verdicts(self) -> dict[str, str]:
        """Check -> verdict, in the order of the page; what no check of this program is called comes last."""
        found = {name: str(one["verdict"]) for name, one in json.loads(self.fields["findings"]).items()}
        known = [item.value for item in Item if item.value in found]
        return {name: found[name] for name in (*known, *sorted(found.keys() - set(known)))}


def sign(ctx: Context, session: Session, number: int, findings: str, **told: str) -> str:
    """The signed statement of a report; `findings` is the JSON text that the report's checksum is made of."""
    keys = trusting.device_keys(session)
    fields = {
        "form": _FORM, "campaign": ctx.season.campaign, "mode": "official" if ctx.season.official else "test",
        "org": organisation_id(ctx.role, ctx.university), "number": number, "findings": findings,
        "program": __version__, "device": keys.public.fields(), **told,
    }  # fmt: skip
    return envelope.sign(canonical.encode(fields), STATEMENT_TYPE, [keys.signing]).decode("ascii")


def read(statement: bytes) -> Signature:
    """What a statement says; CarrierRefused unless it is whole, signed by the PC it names, and fits its checksum."""
    signed = envelope.verify(statement, STATEMENT_TYPE)
    told: dict[str, Any] = canonical.decode(signed.payload, N_("signature"))
    try:
        texts = {name: told[name] for name in _TEXTS}
        if told["form"] != _FORM or told["device"].keys() != _PC or not all(type(v) is str for v in texts.values()):
            raise ValueError(told["form"])
        found = Signature(int(told["number"]), texts, DevicePublic(**told["device"]), _code(signed.payload))
        whole = hashlib.sha256(texts["findings"].encode()).hexdigest() == texts["digest"]
        found.verdicts  # noqa: B018  a text that is no list of findings is refused here
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise refuse("envelope-malformed") from error
    if not whole or signed.signers != (found.device.keyid,):
        raise refuse("signature-bad")
    return found


def _code(payload: bytes) -> str:
    return shown_code(spoken_code(hashlib.sha256(payload).digest()))


def file_name(university: str, number: int) -> str:
    """How the file of a report is called."""
    return f"readiness-{university}-{number}{SUFFIX}"


# -- `mab verify`


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a file; `known` is None where there was no trust list to look the PC up in."""

    found: Signature | None = None
    known: bool | None = None
    refusal: CarrierRefused | None = None

    @property
    def exit_code(self) -> int:
        """For the command line."""
        return self.refusal.exit_code if self.refusal else EXIT_OK


def is_statement(path: Path) -> bool:
    """True for the name of a signed report."""
    return path.name.startswith("readiness-") and path.name.endswith(SUFFIX)


def check_file(path: Path, trust_path: Path | None = None) -> Checked:
    """Judge a file; with a trust list the PC must stand in it as one of the organisation that it names."""
    trusting.require_file(path)
    with drive_errors(), path.open("rb") as source:
        data = source.read(LIMIT + 1)
    try:
        found = read(data)
        if trust_path is None:
            return Checked(found)
        entry = trust_rules.verify_list(trusting.trust_list_in(trust_path)).device(found.device.keyid)
        if entry is None or entry[0].org != found.fields["org"]:
            raise refuse("sender-unknown", keyid=found.device.keyid[:12])
    except CarrierRefused as error:
        return Checked(refusal=error)
    return Checked(found, known=True)


def as_lines(checked: Checked, lang: str) -> list[str]:
    """The verdict as `mab verify` prints it."""

    def say(text: str, **values: object) -> str:
        return translate(lang, text).format(**values)

    if checked.refusal or checked.found is None:
        told = checked.refusal
        return [f"{say(N_('REFUSED'))} [{told.code}]", told.message(lang)] if told else []
    found, fields = checked.found, checked.found.fields
    training = "" if fields["mode"] == "official" else f", {say(TRAINING)}"
    lines = [
        f"{say(N_('Report of readiness'))}: {fields['org']}, {found.number}",
        f"{say(N_('Campaign'))}: {fields['campaign']}{training}",
        f"{say(N_('Made'))}: {fields['at'].replace('T', ' ')}",
        f"{say(N_('Programmer'))}: {fields['made_by'] or '–'}",
        f"{say(N_('Ministry representative'))}: {fields['confirmed_by']}",
    ]
    lines += [f"  {say(_label(name))}: {say(_verdict(verdict))}" for name, verdict in found.verdicts.items()]
    lines += [f"{say(N_('Reason'))}: {fields['reason']}"] if fields["reason"] else []
    lines += [
        f"{say(N_('Checksum'))}: {fields['digest'][:16].upper()}",
        f"{say(N_('Code of the signed text'))}: {found.code}",
        f"{say(N_('Check groups of the PC'))} {found.device.device}: {found.device.fingerprint}",
        say(N_("Whole and rightly signed by {sender}."), sender=found.device.device),
    ]
    compare = N_(
        "The PC was not looked up in a trust list: compare groups and code with the signed paper, or add --trust."
    )
    return lines if checked.known else [*lines, say(compare)]


def as_json(checked: Checked, lang: str) -> dict[str, Any]:
    """The same for programs."""
    found, refusal = checked.found, checked.refusal
    return {
        "verdict": "refused" if refusal else "whole", "code": refusal.code if refusal else None,
        "sentence": refusal.message(lang) if refusal else None, "known": checked.known,
        "report": {"number": found.number, **found.fields, "verdicts": found.verdicts} if found else None,
        "device": {**found.device.fields(), "groups": found.device.fingerprint} if found else None,
        "text_code": found.code if found else None,
    }  # fmt: skip


def _label(name: str) -> str:
    return {item.value: label for item, label in ITEM_LABELS.items()}.get(name, name)


def _verdict(name: str) -> str:
    return {verdict.value: label for verdict, label in VERDICT_LABELS.items()}.get(name, name)

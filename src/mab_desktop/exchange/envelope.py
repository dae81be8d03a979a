"""DSSE v1 envelopes with Ed25519: the payload, its type, and one signature for each key.

The key id is the public key itself, so each signature can be tried before anybody is trusted; who the keys are is the
trust list's matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey  # type: ignore[attr-defined]

from mab_desktop.exchange import canonical
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

MANIFEST_TYPE = "application/vnd.mab.manifest+json"
TRUST_TYPE = "application/vnd.mab.trust+json"
ROOT_TYPE = "application/vnd.mab.root+json"

MAX_SIGNATURES = 16
KEYID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope whose signatures all fit the keys they name. `signers` are key ids, sorted."""

    payload: bytes
    signers: tuple[str, ...]

    def require(self, keys: Collection[str], threshold: int) -> bool:
        """True where at least `threshold` of `keys` have signed."""
        return len(set(self.signers) & set(keys)) >= threshold > 0


def sign(payload: bytes, payload_type: str, keys: Sequence[SigningKey]) -> bytes:
    """The envelope of `payload`, signed with each of `keys`, as canonical JSON."""
    envelope = Envelope(payload, payload_type, {})
    for key in sorted(keys, key=lambda key: key.keyid):
        envelope.sign(CryptoSigner(key.private(), _public(key.keyid)))
    return canonical.encode(envelope.to_dict())


def verify(data: bytes, payload_type: str) -> Signed:
    """The payload of an envelope in which every signature is good, or CarrierRefused."""
    return verify_fields(canonical.decode(data, N_("signature")), payload_type)


def verify_fields(fields: Any, payload_type: str) -> Signed:
    """The same for an envelope that stands decoded inside another document."""
    envelope = _read(fields, payload_type)
    if not envelope.signatures:
        raise refuse("signature-missing")
    for keyid, signature in envelope.signatures.items():
        try:
            _public(keyid).verify_signature(signature, envelope.pae())
        except (UnverifiedSignatureError, VerificationError) as error:
            raise refuse("signature-bad") from error
    return Signed(envelope.payload, tuple(envelope.signatures))


def _read(fields: Any, payload_type: str) -> Envelope:
    """The envelope in its one form: known fields only, keys sorted, base64 with its one spelling."""
    try:
        signatures = [Signature(item["keyid"], "") for item in fields["signatures"]]
        well_formed = (
            isinstance(fields["signatures"], list)
            and len(signatures) <= MAX_SIGNATURES
            # The library would carry fields of its own along, unsigned.
            and all(item.keys() == {"keyid", "sig"} for item in fields["signatures"])
            and fields["payloadType"] == payload_type
            and all(KEYID.fullmatch(signature.keyid) for signature in signatures)
        )
        # from_dict changes what it is given, so it gets a copy.
        copy = {**fields, "signatures": [dict(item) for item in fields["signatures"]]}
        envelope = Envelope.from_dict(copy) if well_formed else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refuse("envelope-malformed") from error
    if envelope is None or list(envelope.signatures) != sorted(envelope.signatures) or envelope.to_dict() != fields:
        raise refuse("envelope-malformed")
    return envelope


def _public(keyid: str) -> SSlibKey:
    return SSlibKey(keyid, "ed25519", "ed25519", {"public": keyid})

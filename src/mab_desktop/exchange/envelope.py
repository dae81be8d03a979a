"""DSSE v1 envelopes with Ed25519: the payload, its type, and one signature for each key.

The key id is the public key itself, so each signature can be tried before anybody is trusted; who the keys are is the
trust list's matter.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey  # type: ignore[attr-defined]

from mab_desktop.exchange import canonical
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.manifest import Frozen, KeyId
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

MANIFEST_TYPE = "application/vnd.mab.manifest+json"
TRUST_TYPE = "application/vnd.mab.trust+json"
ROOT_TYPE = "application/vnd.mab.root+json"

MAX_SIGNATURES = 16


class _SignatureFields(Frozen, frozen=True):
    keyid: KeyId
    sig: Annotated[str, msgspec.Meta(min_length=88, max_length=88)]


class _EnvelopeFields(Frozen, frozen=True):
    """The envelope as it is written; the library would carry fields of its own along, unsigned."""

    payload: str
    payloadType: str  # noqa: N815 - DSSE's name
    signatures: Annotated[tuple[_SignatureFields, ...], msgspec.Meta(max_length=MAX_SIGNATURES)]


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
    try:
        fields = canonical.decode_as(data, _EnvelopeFields, N_("signature"))
    except msgspec.ValidationError as error:
        raise refuse("envelope-malformed") from error
    return _verify(fields, payload_type)


def verify_fields(fields: Any, payload_type: str) -> Signed:
    """The same for an envelope that stands decoded inside another document."""
    try:
        return _verify(msgspec.convert(fields, _EnvelopeFields, strict=True), payload_type)
    except msgspec.ValidationError as error:
        raise refuse("envelope-malformed") from error


def _verify(fields: _EnvelopeFields, payload_type: str) -> Signed:
    """One form only: keys in order and each once, base64 with its one spelling; then every signature."""
    keyids = tuple(signature.keyid for signature in fields.signatures)
    if fields.payloadType != payload_type or list(keyids) != sorted(set(keyids)):
        raise refuse("envelope-malformed")
    if not keyids:
        raise refuse("signature-missing")
    envelope = Envelope(_bytes_of(fields.payload), payload_type, {})
    pae = envelope.pae()
    for found in fields.signatures:
        try:
            _public(found.keyid).verify_signature(Signature(found.keyid, _bytes_of(found.sig).hex()), pae)
        except (UnverifiedSignatureError, VerificationError) as error:
            raise refuse("signature-bad") from error
    return Signed(envelope.payload, keyids)


def _bytes_of(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise refuse("envelope-malformed") from error
    if base64.b64encode(data).decode("ascii") != text:
        raise refuse("envelope-malformed")
    return data


def _public(keyid: str) -> SSlibKey:
    return SSlibKey(keyid, "ed25519", "ed25519", {"public": keyid})

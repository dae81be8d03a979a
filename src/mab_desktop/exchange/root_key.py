"""A root key of the testing centre in a file of its own, for one holder's drive: `root-1.key`.

Sealed under a generated password on that holder's sheet of paper. The centre's database keeps none, so nobody who has
it, or all of it, can change the root; two holders must come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mab_desktop.domain.entropy import Entropy, SystemEntropy
from mab_desktop.domain.errors import CarrierRefused, WrongPassword
from mab_desktop.exchange import canonical, kdf, passwords, seal
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.refusals import refuse
from mab_desktop.i18n import N_

PURPOSE = "root-key"


@dataclass(frozen=True, slots=True)
class RootHeader:
    """What may be read without the password: whose key this is, and the day it was made."""

    holder: int
    keyid: str
    made: str

    def fields(self) -> dict[str, Any]:
        """As they stand in the file, and what the seal is bound to."""
        return {"purpose": PURPOSE, "holder": self.holder, "keyid": self.keyid, "made": self.made}


@dataclass(frozen=True, slots=True)
class RootFile:
    """A root key just made: its file's content, and the password for its holder's paper."""

    header: RootHeader
    data: bytes = field(repr=False)
    password: str = field(repr=False)

    @property
    def file_name(self) -> str:
        """How the file is called on its drive."""
        return f"root-{self.header.holder}.key"


def make(
    key: SigningKey, holder: int, made: str, *,
    params: kdf.KdfParams = kdf.ENVELOPE, entropy: Entropy = SystemEntropy(),
) -> RootFile:  # fmt: skip
    """Seal `key` for holder number `holder` under a fresh password."""
    header, password = RootHeader(holder, key.keyid, made), passwords.generate(entropy)
    return RootFile(header, seal.seal(key.seed, password, header.fields(), params=params, entropy=entropy), password)


def read_header(data: bytes) -> RootHeader:
    """Whose key a file holds; CarrierRefused sealed-malformed for what is no root key."""
    try:
        fields = canonical.decode(data[: seal.LIMIT + 1], N_("root key"))["header"]
        header = RootHeader(fields["holder"], fields["keyid"], fields["made"])
        if fields != header.fields() or type(header.holder) is not int or not header.holder > 0:
            raise ValueError("header")
    except (CarrierRefused, KeyError, TypeError, ValueError) as error:
        raise refuse("sealed-malformed") from error
    return header


def open_key(data: bytes, password: str) -> SigningKey:
    """The key; UserError for a mistyped password, WrongPassword for a wrong one, CarrierRefused for a damaged file."""
    header = read_header(data)
    try:
        seed = seal.unseal(data, password, header.fields())
    except WrongPassword as error:
        raise WrongPassword(
            N_("The password does not open root key {n}."),
            next_step=N_("Nothing was signed. Compare it with that holder's sheet of paper and type it again."),
            n=header.holder,
        ) from error
    key = SigningKey(seed)
    if key.keyid != header.keyid:
        raise refuse("sealed-malformed")
    return key

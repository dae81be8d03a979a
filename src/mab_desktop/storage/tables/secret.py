"""Columns whose values nobody reads who has only the tables: device keys, seeds, answer keys, passwords of the exam.

A file is encrypted as a whole, so a secret lies in it as it is. A server keeps its tables in clear, for whoever looks
after it and for every dump of it; there each such value is sealed by itself in ChaCha20-Poly1305 (RFC 8439) under a key
that HKDF (RFC 5869) makes of the database's own, which lies beside the address under the people's passwords. Table and
column are associated data: a value put into another column is refused, and so is one that lies there in clear.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import JSON, Dialect, Engine, LargeBinary, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from mab_desktop.domain.entropy import SystemEntropy
from mab_desktop.domain.errors import EXIT_SYSTEM, UserError
from mab_desktop.i18n import N_

MARK = "sealed1."
_NONCE = 12
_sealers: WeakKeyDictionary[Dialect, ChaCha20Poly1305] = WeakKeyDictionary()


def seal_with(engine: Engine, key: bytes) -> None:
    """Secrets that go through `engine` are sealed under what is made of the database's 32-byte key."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mab secret columns of a server").derive(key)
    _sealers[engine.dialect] = ChaCha20Poly1305(made)


class Secret(TypeDecorator[Any]):
    """A secret of the kind `inner` (a text, bytes or a JSON object) at `place`, written table.column."""

    impl = String
    cache_ok = True

    def __init__(self, inner: TypeEngine[Any], place: str) -> None:
        super().__init__()
        self.inner, self.place = inner, place

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A column of its own kind, on both databases."""
        return dialect.type_descriptor(self.inner)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Seal on a server; LookupError where nobody said with what."""
        if value is None or dialect.name == "sqlite":
            return value
        plain = value if isinstance(value, bytes) else _spelled(value).encode()
        nonce = SystemEntropy().bytes(_NONCE)
        sealed = nonce + _sealers[dialect].encrypt(nonce, plain, self.place.encode())
        return sealed if isinstance(self.inner, LargeBinary) else MARK + base64.b64encode(sealed).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Open what a server gave; UserError for anything that this centre has not sealed for this column."""
        if value is None or dialect.name == "sqlite":
            return value
        try:
            sealed = bytes(value) if isinstance(self.inner, LargeBinary) else _bytes(value)
            plain = _sealers[dialect].decrypt(sealed[:_NONCE], sealed[_NONCE:], self.place.encode())
        except (InvalidTag, ValueError) as error:
            raise UserError(
                N_("A secret of the database was changed on the server, or another centre wrote it: {place}."),
                next_step=N_("Nothing was changed here. Have the server restored from its backup."),
                exit_code=EXIT_SYSTEM, place=self.place,
            ) from error  # fmt: skip
        if isinstance(self.inner, LargeBinary):
            return plain
        return json.loads(plain) if isinstance(self.inner, JSON) else plain.decode()


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith(MARK):
        raise ValueError("not sealed")  # noqa: TRY003, TRY004 - the caller tells it in words
    return base64.b64decode(value.removeprefix(MARK), validate=True)

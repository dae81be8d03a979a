"""A forgotten password by files: what the answer opens, and everything that it does not open."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused, WrongPassword
from mab_desktop.exchange import canonical, reset
from mab_desktop.exchange.device import SigningKey
from mab_desktop.exchange.kdf import KdfParams
from mab_desktop.exchange.keyring import Keyring, Lid
from mab_desktop.exchange.reset import Waiting
from tests.services.land import refused

CHEAP = KdfParams(8, 1, 1)
NEW = "жаңа құпия сөйлем"
TRUST = b'{"list":1}'
SIGNING = SigningKey.generate(SeededEntropy("centre"))
IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    made = Keyring(tmp_path / "mab.keys", CHEAP, SeededEntropy("ring"))
    made.create("asel", "ескі құпия сөз", [str(IDENTITY.to_public())], device="nu027", trust="one")
    return made


def ask(tmp_path: Path, lid: Lid) -> tuple[Waiting, reset.Request]:
    waiting = Waiting(tmp_path / "mab.reset")
    request = waiting.begin(lid, " ASEL ", NEW, "2011-03-10T09:00", params=CHEAP, entropy=SeededEntropy("ask"))
    return waiting, request


def answer(request: reset.Request, identity: Any = IDENTITY) -> bytes:
    return reset.answer(request, [str(pyrage.x25519.Identity.generate()), str(identity)], TRUST, SIGNING)


def test_the_answer_gives_the_key_to_the_new_password_only(tmp_path: Path, ring: Keyring) -> None:
    waiting, request = ask(tmp_path, ring.lid())
    assert (request.login, request.device, reset.read_request(request.data())) == ("asel", "nu027", request)
    assert waiting.request() == request
    data = answer(request)
    opened = waiting.take(data, NEW)
    assert opened.key == ring.unlock("asel", "ескі құпия сөз")
    assert (opened.signers, opened.trust) == ((SIGNING.keyid,), TRUST)
    assert opened.key.hex() not in repr(opened)
    with pytest.raises(WrongPassword, match="not the new password"):
        waiting.take(data, NEW + "!")
    waiting.forget()
    with refused("reset-not-asked"):
        waiting.take(data, NEW)


def test_nothing_secret_lies_about_in_clear(tmp_path: Path, ring: Keyring) -> None:
    waiting, request = ask(tmp_path, ring.lid())
    key = ring.unlock("asel", "ескі құпия сөз")
    seen = waiting.path.read_bytes() + request.data() + answer(request) + ring.path.read_bytes()
    assert b"AGE-SECRET-KEY" not in seen
    for secret in (key, key.hex().encode(), NEW.encode()):
        assert secret not in seen
    # Whoever has every file, but not the new password, has no identity to open the answer with.
    box = json.loads(waiting.path.read_bytes())["box"]
    assert len(bytes.fromhex(box)) == len(str(pyrage.x25519.Identity.generate())) + 16


def test_a_newer_request_makes_the_answer_to_an_older_one_useless(tmp_path: Path, ring: Keyring) -> None:
    _waiting, first = ask(tmp_path, ring.lid())
    waiting, second = ask(tmp_path, ring.lid())
    assert first.groups != second.groups
    with refused("reset-other"):
        waiting.take(answer(first), NEW)


def test_the_centre_needs_a_key_that_the_wraps_were_made_for(tmp_path: Path, ring: Keyring) -> None:
    _waiting, request = ask(tmp_path, ring.lid())
    with pytest.raises(WrongPassword, match="does not fit"):
        answer(request, pyrage.x25519.Identity.generate())


def test_a_database_without_recovery_keys_cannot_ask(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "mab.keys", CHEAP, SeededEntropy("ring"))
    ring.create("asel", "ескі құпия сөз", device="ntc")
    with refused("reset-no-centre"):
        ask(tmp_path, ring.lid())


NO_SIGNATURE = base64.b64encode(bytes(64)).decode()
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another signature": (lambda a: a["answer"]["signatures"][0].update(sig=NO_SIGNATURE), "signature-bad"),
    "no signature": (lambda a: a["answer"].update(signatures=[]), "signature-missing"),
    "another payload": (lambda a: a["answer"].update(payload="e30="), "signature-bad"),
    "another type": (lambda a: a["answer"].update(payloadType="application/vnd.mab.manifest+json"), "reset-malformed"),
    "one part more": (lambda a: a.update(more={}), "reset-malformed"),
    "no trust list": (lambda a: a.pop("trust"), "reset-malformed"),
    "no answer": (lambda a: a.pop("answer"), "reset-malformed"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_answer_is_refused(tmp_path: Path, ring: Keyring, case: str) -> None:
    change, code = CHANGES[case]
    waiting, request = ask(tmp_path, ring.lid())
    parts = json.loads(answer(request))
    change(parts)
    with refused(code):
        waiting.take(canonical.encode(parts), NEW)
    assert waiting.request() == request


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"not json", b"[" * 9000, b" " * (reset.LIMIT + 1)])
def test_other_files_are_neither_request_nor_answer(tmp_path: Path, ring: Keyring, data: bytes) -> None:
    waiting, _request = ask(tmp_path, ring.lid())
    with refused("reset-malformed"):
        reset.read_request(data)
    with refused("reset-malformed"):
        waiting.take(data, NEW)


def test_every_flipped_bit_of_an_answer_is_refused(tmp_path: Path, ring: Keyring) -> None:
    """The trust list is judged by whoever takes it in, so the flips are those of the signed part."""
    waiting, request = ask(tmp_path, ring.lid())
    data = answer(request)
    end = data.index(b'"trust"')
    for bit in range(0, end * 8, 41):  # a share of them in the default run, another bit of each byte in turn
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CarrierRefused) as caught:
            reset.read_answer(bytes(flipped))
        assert caught.value.code.startswith(("reset-", "signature-")), (bit, caught.value.code)


def test_a_spoilt_note_of_a_request_counts_as_none(tmp_path: Path, ring: Keyring) -> None:
    waiting, _request = ask(tmp_path, ring.lid())
    waiting.path.write_bytes(waiting.path.read_bytes()[:-1])
    assert waiting.request() is None

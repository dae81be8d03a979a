"""Passwords, the sealed answer key, the sealed seed, the locks of the database."""

from __future__ import annotations

import json

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused, UserError, WrongPassword
from mab_desktop.exchange import canonical, kdf, key_envelope, passwords, seal
from mab_desktop.exchange.device import CROCKFORD
from mab_desktop.exchange.keyring import Keyring

PLACE = {"campaign": "2026", "mode": "official", "shift": "2026-05-12-1"}


# --- generated passwords


def test_one_slip_of_the_hand_always_shows():
    symbols = passwords.normalise(passwords.generate(SeededEntropy("slip")))
    assert len(symbols) == 14
    assert passwords.is_whole(symbols)
    for i in range(14):
        wrong = [symbols[:i] + other + symbols[i + 1 :] for other in CROCKFORD if other != symbols[i]]
        assert not any(passwords.is_whole(text) for text in wrong)
        for j in range(i):
            swapped = list(symbols)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert symbols[i] == symbols[j] or not passwords.is_whole("".join(swapped))
    assert not passwords.is_whole(symbols[:-1])
    assert not passwords.is_whole(symbols + "0")


@given(st.binary(min_size=13, max_size=13))
def test_any_password_may_be_typed_in_any_manner(data):
    class Fixed:
        def bytes(self, n):
            return data[:n]

    password = passwords.generate(Fixed())
    symbols = password.replace("-", "")
    for typed in (password, password.lower(), f" {symbols} ", symbols.replace("0", "o").replace("1", "l"),
                  symbols.translate(str.maketrans("ABCEHKMPTXY01", "АВСЕНКМРТХУОІ"))):  # fmt: skip
        assert passwords.require(typed) == symbols.encode()


def test_mistyped_is_told_before_anything_is_tried():
    password = passwords.generate()
    wrong = ("1" if password[0] != "1" else "2") + password[1:]
    with pytest.raises(UserError, match="mistyped"):
        passwords.require(wrong)


# --- the answer key


@pytest.fixture(scope="module")
def key():
    chance = SeededEntropy("key")
    words = {holder: passwords.generate(chance) for holder in ("ministry", "chair", "deputy", "centre")}
    ways = [
        {"ministry": words["ministry"], "chair": words["chair"]},
        {"ministry": words["ministry"], "deputy": words["deputy"], "centre": words["centre"]},
    ]
    data = key_envelope.make(b"ABCDE" * 20, **PLACE, ways=ways, params=kdf.KdfParams(8, 1, 1), entropy=chance)
    return data, words


def test_a_key_opens_with_all_its_passwords(key):
    data, words = key
    header = key_envelope.read_header(data)
    assert header.ways == (("chair", "ministry"), ("centre", "deputy", "ministry"))
    pair = {"ministry": words["ministry"], "chair": words["chair"].lower()}
    opened = key_envelope.open_envelope(data, pair, **PLACE, announced=header.commitment)
    assert opened.content == b"ABCDE" * 20
    assert opened.commitment == header.commitment == key_envelope.commitment(opened.content, opened.salt)
    trio = {holder: words[holder] for holder in ("ministry", "deputy", "centre")}
    assert key_envelope.open_envelope(data, trio, **PLACE).content == opened.content


def test_no_password_opens_it_alone_or_in_another_s_place(key):
    data, words = key
    for holders in (["ministry"], ["chair"], ["chair", "deputy"], ["ministry", "deputy"]):
        with pytest.raises(UserError, match="more people"):
            key_envelope.open_envelope(data, {holder: words[holder] for holder in holders}, **PLACE)
    for wrong in (
        {"ministry": words["chair"], "chair": words["ministry"]},
        {"ministry": words["ministry"], "chair": words["deputy"]},
        {"ministry": passwords.generate(), "chair": words["chair"]},
    ):
        with pytest.raises(WrongPassword):
            key_envelope.open_envelope(data, wrong, **PLACE)
    with pytest.raises(UserError, match="mistyped"):
        key_envelope.open_envelope(data, {"ministry": words["ministry"], "chair": "ABCDE"}, **PLACE)


def test_a_key_in_one_hand_is_not_made():
    one, two = passwords.generate(), passwords.generate()
    for ways in ([], [{"chair": one}], [{"chair": one, "ministry": one}],
                 [{"chair": one, "ministry": two}, {"chair": two, "centre": one}]):  # fmt: skip
        with pytest.raises(ValueError, match="hand|password"):
            key_envelope.make(b"x", **PLACE, ways=ways, params=kdf.KdfParams(8, 1, 1))


def test_the_key_of_another_shift(key, refused):
    data, words = key
    with refused("sealed-other"):
        key_envelope.open_envelope(data, words, **{**PLACE, "shift": "2026-05-13-1"})
    with refused("sealed-commitment"):
        key_envelope.open_envelope(data, words, **PLACE, announced="ab" * 32)


def test_every_bit_of_a_sealed_key(key):
    """A wrap of other holders is not looked at, so both ways are tried; one of them must say no."""
    data, words = key
    ways = [{holder: words[holder] for holder in way} for way in key_envelope.read_header(data).ways]
    for bit in range(0, len(data) * 8, 11):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CarrierRefused, WrongPassword)):
            assert [key_envelope.open_envelope(bytes(flipped), way, **PLACE) for way in ways] == []


def test_a_header_changed_with_care_opens_nothing(key, refused):
    """Even the person who made the file cannot bend the header under the wraps."""
    data, words = key
    fields = json.loads(data)
    fields["header"]["commitment"] = "ab" * 32
    with pytest.raises(WrongPassword):
        key_envelope.open_envelope(canonical.encode(fields), words, **PLACE)
    fields["header"]["kdf"]["memory_kib"] = 1 << 31
    with refused("sealed-malformed"):
        key_envelope.open_envelope(canonical.encode(fields), words, **PLACE)


def test_tries_are_few():
    waits = [key_envelope.wait_before_next(tries) for tries in range(17)]
    assert waits[:8] == [0, 0, 0, 0, 0, 15, 30, 60]
    assert waits[14:] == [15 << 9, None, None]


# --- the seed of the seating


def test_a_sealed_seed(cheap, refused):
    password, other = passwords.generate(), passwords.generate()
    secret, header = bytes(range(32)), {"what": "seating", **PLACE}
    data = seal.seal(secret, password, header, params=cheap)
    assert seal.unseal(data, password.lower(), header) == secret
    assert len(seal.commitment(secret)) == 64
    with pytest.raises(WrongPassword):
        seal.unseal(data, other, header)
    with refused("sealed-other"):
        seal.unseal(data, password, {**header, "shift": "other"})
    with pytest.raises(ValueError, match="short"):
        seal.commitment(b"1234")
    for bit in range(0, len(data) * 8, 7):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CarrierRefused, WrongPassword)):
            seal.unseal(bytes(flipped), password, header)


def test_the_cost_of_a_guess_is_real():
    assert (kdf.ENVELOPE.memory_kib, kdf.ENVELOPE.passes) == (256 * 1024, 3)
    assert (kdf.LOGIN.memory_kib, kdf.LOGIN.passes) == (64 * 1024, 3)
    # RFC 9106 leaves no vector without a secret; this one is argon2-cffi's and the reference program's.
    assert kdf.derive(b"password", b"somesalt", kdf.KdfParams(65536, 2, 1)).hex() == (
        "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
    )


# --- the locks of the database


@pytest.fixture
def ring(tmp_path, cheap) -> Keyring:
    return Keyring(tmp_path / "mab.keys", cheap)


def test_each_person_opens_with_his_own_password(ring):
    key = ring.create("Әлия", "correct horse battery")
    assert len(key) == 32
    ring.set_password(key, "sergey", "another long password")
    assert ring.logins() == ("sergey", "әлия")
    assert ring.unlock(" ӘЛИЯ ", "correct horse battery") == key
    assert ring.unlock("sergey", "another long password") == key
    ring.set_password(key, "sergey", "a third long password")
    assert ring.unlock("sergey", "a third long password") == key
    for login, password in (("sergey", "another long password"), ("sergey", ""), ("nobody", "x"), ("Әлия", "Correct")):
        with pytest.raises(WrongPassword) as caught:
            ring.unlock(login, password)
        assert caught.value.text == "The name or the password is wrong."


def test_a_person_who_left(ring):
    key = ring.create("a", "one")
    ring.set_password(key, "b", "two")
    ring.remove(key, "a")
    with pytest.raises(WrongPassword):
        ring.unlock("a", "one")
    with pytest.raises(UserError, match="last person"):
        ring.remove(key, "b")
    assert ring.unlock("b", "two") == key
    with pytest.raises(ValueError, match="not the key"):
        ring.set_password(bytes(32), "c", "three")


def test_the_centre_can_recover(ring):
    centre, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    key = ring.create("a", "one", [str(centre.to_public())])
    ring.set_password(key, "b", "two")
    assert ring.recover(str(centre)) == key
    with pytest.raises(WrongPassword):
        ring.recover(str(stranger))


def test_a_lock_cannot_be_moved_to_another_person(ring):
    key = ring.create("a", "one")
    ring.set_password(key, "b", "two")
    fields = json.loads(ring.path.read_bytes())
    fields["users"][0]["login"], fields["users"][1]["login"] = "b", "a"
    ring.path.write_bytes(canonical.encode(fields))
    with pytest.raises(WrongPassword):
        ring.unlock("b", "one")


def test_damaged_locks_are_told(ring, refused):
    ring.create("a", "one")
    good = ring.path.read_bytes()
    longer, other = good.replace(b'"salt":"', b'"salt":"00'), good.replace(b"argon2id", b"plaintxt")
    for bad in (b"", b"{}", good[:-1], longer, other):
        ring.path.write_bytes(bad)
        with refused("keyring-malformed"):
            ring.unlock("a", "one")
    ring.path.unlink()
    with refused("keyring-malformed"):
        ring.unlock("a", "one")
    ring.path.write_bytes(good)
    with pytest.raises(FileExistsError):
        ring.create("b", "two")
    assert ring.unlock("a", "one")

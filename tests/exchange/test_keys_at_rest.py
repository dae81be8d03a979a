"""Root keys in files of their own and persons' keys in the database: nobody without the password signs with them."""

from __future__ import annotations

import json
import unicodedata

import pytest

from mab_desktop.domain.entropy import SeededEntropy
from mab_desktop.domain.errors import CarrierRefused, UserError, WrongPassword
from mab_desktop.exchange import canonical, passwords, person_key, root_key
from mab_desktop.exchange.device import PersonPublic, SigningKey

CHANCE = SeededEntropy("keys at rest")
KEY = SigningKey.generate(CHANCE)
PASSWORD = "әжемнің ескі сандығы"
WHO = PersonPublic.of("mp013", "mp013-pc2", KEY.keyid, "Асқаров Ғали")


@pytest.fixture
def root(cheap):
    return root_key.make(KEY, 2, "2011-02-01", params=cheap, entropy=CHANCE)


def test_a_root_key_opens_with_the_password_of_its_holder(root, refused):
    assert root.file_name == "root-2.key"
    assert root_key.read_header(root.data) == root.header
    assert (root.header.holder, root.header.keyid, root.header.made) == (2, KEY.keyid, "2011-02-01")
    assert passwords.is_whole(root.password)
    assert root_key.open_key(root.data, root.password.lower().replace("-", " ")) == KEY
    assert KEY.dump() not in root.data.decode()
    assert root.password not in repr(root)
    with pytest.raises(WrongPassword, match="does not open root key 2"):
        root_key.open_key(root.data, passwords.generate(CHANCE))
    with pytest.raises(UserError, match="mistyped"):
        root_key.open_key(root.data, root.password[:-1])


def test_a_root_file_tells_only_the_truth_of_itself(root, refused):
    """Whose key it is stands in clear, and cannot be changed without the seal showing it."""
    fields = json.loads(root.data)
    for name, value in (("holder", 1), ("keyid", SigningKey.generate(CHANCE).keyid), ("made", "2012-02-01")):
        changed = canonical.encode({**fields, "header": {**fields["header"], name: value}})
        with pytest.raises(UserError):
            root_key.open_key(changed, root.password)
    for header in ({}, {**fields["header"], "holder": "2"}, {**fields["header"], "holder": 0},
                   {**fields["header"], "purpose": "seating"}, {**fields["header"], "more": 1}):  # fmt: skip
        with refused("sealed-malformed"):
            root_key.read_header(canonical.encode({**fields, "header": header}))
    for data in (b"", b"{}", root.data[:-1], b"x" * 100):
        with refused("sealed-malformed"):
            root_key.read_header(data)


def test_every_bit_of_a_root_file(root):
    for bit in range(0, len(root.data) * 8, 3):
        flipped = bytearray(root.data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(UserError):
            root_key.open_key(bytes(flipped), root.password)


def test_a_persons_key_opens_with_his_password_only(cheap):
    stored = person_key.lock_key(KEY, WHO, PASSWORD, params=cheap, entropy=CHANCE)
    assert KEY.dump() not in json.dumps(stored)
    assert person_key.unlock_key(stored, WHO, PASSWORD) == KEY
    assert person_key.unlock_key(stored, WHO, PASSWORD + " ") is None
    # The same letters composed another way are the same password.
    typed = unicodedata.normalize("NFD", "ұзын йогурт сөзі")
    composed = person_key.lock_key(KEY, WHO, typed, params=cheap, entropy=CHANCE)
    assert person_key.unlock_key(composed, WHO, unicodedata.normalize("NFC", typed)) == KEY


def test_a_persons_key_is_nobody_elses(cheap, refused):
    """Moved to another row of the database it does not open, so nobody signs under another's name."""
    stored = person_key.lock_key(KEY, WHO, PASSWORD, params=cheap, entropy=CHANCE)
    other = PersonPublic.of("mp013", "mp013", KEY.keyid, "Басқа адам")
    assert person_key.unlock_key(stored, other, PASSWORD) is None
    foreign = SigningKey.generate(CHANCE)
    lied = PersonPublic(WHO.org, WHO.person, WHO.keyid, WHO.name)
    with refused("sealed-malformed"):
        person_key.unlock_key(
            person_key.lock_key(foreign, lied, PASSWORD, params=cheap, entropy=CHANCE), lied, PASSWORD
        )
    for change in ({"format": "x"}, {"salt": "zz"}, {"nonce": "00"}, {"kdf": {}}, {"more": 1}):
        with pytest.raises(CarrierRefused):
            person_key.unlock_key({**stored, **change}, WHO, PASSWORD)


def test_the_id_of_a_person_follows_from_the_key():
    assert WHO.person.startswith("mp013-pc2-")
    assert PersonPublic.of("mp013", "mp013-pc2", KEY.keyid, "Other").person == WHO.person
    # The groups read out stand for the name as well.
    assert PersonPublic.of("mp013", "mp013-pc2", KEY.keyid, "Other").fingerprint != WHO.fingerprint

"""The trust list under the rules of a TUF root."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta

import msgspec
import pytest

from mab_desktop.domain.errors import CarrierRefused
from mab_desktop.exchange import canonical, carrier, envelope, kinds, trust
from mab_desktop.exchange.device import SigningKey

FAR = date(2030, 1, 1)


def test_lists_get_newer_by_one_and_nobody_goes_back(world, refused):
    second = world.issue(previous=world.trust)
    third = world.issue(previous=second)
    assert (world.trust.version, second.version, third.version) == (1, 2, 3)
    assert trust.adopt(world.trust, third.data) == third
    assert trust.adopt(third, third.data) is third
    with refused("trust-older"):
        trust.adopt(third, second.data)


def test_two_of_three_keys(world, refused):
    assert world.issue(signers=world.root_keys[1:]).version == 1
    with refused("trust-signatures"):
        world.issue(signers=world.root_keys[:1])
    with refused("trust-signatures"):
        world.issue(signers=[world.root_keys[0], SigningKey.generate()])
    with refused("trust-signatures"):
        world.issue(signers=[*world.root_keys, SigningKey.generate()])
    with refused("signature-missing"):
        world.issue(signers=[])


def test_root_changes_need_old_and_new_keys(world, refused):
    fresh = [world.root_keys[0], SigningKey.generate(), SigningKey.generate()]
    ids = [key.keyid for key in fresh]
    with refused("trust-root"):
        trust.make_root(ids, 2, FAR, fresh, world.roots)
    with refused("trust-root"):
        trust.make_root(ids, 2, FAR, world.root_keys, world.roots)
    chain = trust.make_root(ids, 2, FAR, [*fresh, world.root_keys[1]], world.roots)
    newer = world.issue(previous=world.trust, roots=chain, signers=fresh[1:])
    assert trust.adopt(world.trust, newer.data) == newer
    assert newer.fingerprint != world.trust.fingerprint
    with refused("trust-signatures"):
        world.issue(previous=world.trust, roots=chain, signers=world.root_keys[1:])
    # Who was asleep through two changes still finds the way.
    later = trust.make_root(ids[1:], 1, FAR, fresh, chain)
    newest = world.issue(previous=newer, roots=later, signers=fresh[2:])
    assert trust.adopt(world.trust, newest.data).version == 3
    with refused("trust-older"):
        trust.adopt(newest, newer.data)


def test_another_root_is_not_ours(world, refused):
    keys = [SigningKey.generate() for _ in range(3)]
    foreign = world.issue(roots=trust.make_root([k.keyid for k in keys], 2, FAR, keys), signers=keys)
    with refused("trust-centre"):
        trust.adopt(world.trust, foreign.data)
    built = world.send(trust=foreign)
    with refused("trust-centre"):
        carrier.verify(built.paths[0], world.trust)


def test_two_changes_of_one_root_are_a_change_that_nobody_confirmed(world, refused):
    """The centre is the same, two of its keys went two ways: that is no file of somebody else's."""
    ids = [key.keyid for key in world.root_keys]
    one, two = (
        world.issue(roots=trust.make_root(ids, 2, day, world.root_keys, world.roots), signers=world.root_keys[:2])
        for day in (FAR, FAR.replace(year=FAR.year + 1))
    )
    with refused("trust-root"):
        trust.adopt(one, two.data)


def test_two_lists_with_one_number(world, refused):
    one = world.issue(previous=world.trust)
    two = world.issue(world.organisations()[:2], previous=world.trust)
    with refused("trust-fork"):
        trust.adopt(one, two.data)
    with refused("trust-fork"):
        trust.adopt(two, world.issue(previous=one).data)


def test_a_fork_shows_although_lists_between_were_missed(world, refused):
    """Every list names all before it: nobody can slip in another past by skipping the number that would show it."""
    true = forged = world.issue(previous=world.trust)
    false = world.issue(world.organisations()[:2], previous=world.trust)
    for _ in range(3):
        true, forged = world.issue(previous=true), world.issue(previous=forged)
        false = world.issue(previous=false)
    with refused("trust-fork"):
        trust.adopt(world.issue(previous=world.trust), false.data)
    with refused("trust-fork"):
        trust.adopt(false, world.issue(previous=world.trust).data)
    assert trust.adopt(world.trust, false.data) == false
    with refused("trust-fork"):
        trust.require_kin(true, false)


def test_the_past_of_a_list_has_as_many_lists_as_its_number_says(world, refused):
    content = json.loads(base64.b64decode(json.loads(world.issue(previous=world.trust).data)["payload"]))
    for change in ({"version": 3}, {"history": []}, {"history": ["0" * 64, "1" * 64]}):
        data = envelope.sign(canonical.encode({**content, **change}), envelope.TRUST_TYPE, world.root_keys[:2])
        with refused("trust-malformed"):
            trust.verify_list(data)


def test_the_root_gives_the_right_to_sign_lists_to_other_keys(world, refused):
    people = [SigningKey.generate() for _ in range(3)]
    ids = [key.keyid for key in people]
    chain = trust.make_root([k.keyid for k in world.root_keys], 2, FAR, world.root_keys[:2], list_keys=ids,
                            list_threshold=2)  # fmt: skip
    store = world.issue(roots=chain, signers=people[1:])
    assert store.roots[-1].list_threshold == 2
    root = world.root_keys[0]
    for signers in (people[:1], world.root_keys[:2], [*people[:2], root], [people[0], root]):
        with refused("trust-signatures"):
            world.issue(roots=chain, signers=signers)
    # One of them is gone: the root names another, and what the two old ones sign afterwards is no list any more.
    fresh = [people[0], SigningKey.generate()]
    later = trust.make_root([k.keyid for k in world.root_keys], 2, FAR, world.root_keys[1:], chain,
                            list_keys=[k.keyid for k in fresh], list_threshold=2)  # fmt: skip
    newer = world.issue(previous=store, roots=later, signers=fresh)
    assert trust.adopt(store, newer.data) == newer
    with refused("trust-root"):
        world.issue(previous=newer, roots=chain, signers=people[1:])
    assert trust.newest_root(later).list_keys == tuple(sorted(key.keyid for key in fresh))


def test_a_root_must_be_signed_by_its_own_kind(world, refused):
    people = [SigningKey.generate() for _ in range(2)]
    ids, own = [key.keyid for key in people], [key.keyid for key in world.root_keys]
    with refused("trust-root"):
        trust.make_root(own, 2, FAR, people, list_keys=ids, list_threshold=2)
    with refused("trust-root"):
        trust.make_root(own, 2, FAR, world.root_keys, list_keys=ids, list_threshold=3)
    chain = trust.make_root(own, 2, FAR, world.root_keys, list_keys=ids, list_threshold=2)
    with refused("trust-root"):
        trust.make_root(ids, 2, FAR, people, chain, list_keys=ids, list_threshold=2)


def test_first_start_compares_groups_from_paper(world, refused):
    groups = world.trust.fingerprint
    assert len(groups.split()) == 8
    assert trust.bootstrap(world.trust.data, groups.lower().replace(" ", "-")) == world.trust
    for typed in ("", groups[:-1], groups.replace(groups[0], "Z" if groups[0] != "Z" else "Y")):
        with refused("trust-fingerprint"):
            trust.bootstrap(world.trust.data, typed)
    # As people type it: small letters, O for 0, I for 1, Cyrillic letters of the same shape.
    alike = str.maketrans({"0": "O", "1": "l", "A": "А", "B": "В", "C": "С", "E": "Е", "K": "К", "M": "М"})
    assert trust.bootstrap(world.trust.data, groups.translate(alike)) == world.trust


def test_the_paper_of_an_earlier_root_is_told_apart(world, refused):
    old = world.trust.fingerprint
    chain = trust.make_root([k.keyid for k in world.root_keys], 2, FAR, world.root_keys, world.roots)
    newer = world.issue(previous=world.trust, roots=chain)
    with refused("trust-fingerprint-old"):
        trust.bootstrap(newer.data, old)
    assert trust.bootstrap(newer.data, newer.fingerprint) == newer


def test_the_list_for_the_first_start_lies_in_every_carrier(world):
    built = world.send(kind=kinds.TRUST, sender=world.ntc, recipients=["nu027", "nu028"], records=[],
                       persons=world.persons[:2])  # fmt: skip
    assert trust.bootstrap(carrier.read_trust(built.paths[0]), world.trust.fingerprint) == world.trust
    assert world.open(built.paths[0], world.other).trust == world.trust


def test_expiry_is_asked_only_with_a_day(world, refused):
    built = world.send()
    assert carrier.verify(built.paths[0], world.trust)
    assert carrier.verify(built.paths[0], world.trust, date(2026, 12, 31))
    with refused("trust-expired"):
        carrier.verify(built.paths[0], world.trust, date(2027, 1, 1))


def test_the_end_of_list_and_root_is_told_in_time(world):
    day = date(2026, 12, 31)
    assert world.trust.expires == day
    assert not world.trust.expires_soon(day - timedelta(days=trust.WARNING_DAYS))
    assert world.trust.expires_soon(day - timedelta(days=trust.WARNING_DAYS - 1))
    assert world.trust.is_fresh(day)
    assert not world.trust.is_fresh(day + timedelta(days=1))
    soon = trust.make_root([k.keyid for k in world.root_keys], 2, date(2026, 5, 1), world.root_keys)
    assert world.issue(roots=soon).expires == date(2026, 5, 1)


def test_carriers_bring_the_newest_list(world, refused):
    newer = world.issue(previous=world.trust)
    assert carrier.verify(world.send(trust=newer).paths[0], world.trust).trust == newer
    # The sender may not have the newest one; the newest one known here judges.
    assert carrier.verify(world.send().paths[0], newer).trust == newer
    sent = world.send(kind=kinds.TRUST, sender=world.ntc, recipients=["nu027"], records=[], persons=world.persons[:2])
    with refused("trust-older"):
        carrier.verify(sent.paths[0], newer)


def test_every_bit_of_a_list(world):
    data = world.issue(world.organisations()[:1]).data
    for bit in range(0, len(data) * 8, 17):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CarrierRefused):
            trust.verify_list(bytes(flipped))


def test_entries_that_contradict_each_other(world, refused, replaced):
    ntc, bu, *rest = world.organisations()
    wrong = [
        [ntc, bu, bu],
        [ntc, replaced(bu, roles=("base_uni",))],
        [ntc, replaced(bu, roles=("king", *bu.roles))],
        [ntc, replaced(bu, roles=("ntc", *bu.roles))],
        [ntc, replaced(bu, may_send=("lottery",))],
        [ntc, replaced(bu, devices=(bu.devices[0], msgspec.structs.replace(bu.devices[1], age=bu.devices[0].age)))],
        [ntc, replaced(bu, devices=(bu.devices[0], msgspec.structs.replace(bu.devices[1], keyid=bu.devices[0].keyid)))],
        [ntc, replaced(bu, devices=(bu.devices[0], msgspec.structs.replace(bu.devices[1], device="bu013")))],
        [ntc, replaced(bu, devices=(msgspec.structs.replace(bu.devices[0], device="nu027"),))],
        [ntc, bu, replaced(rest[0], persons=ntc.persons)],
        [ntc, replaced(bu, org="Base 13")],
    ]
    for entries in wrong:
        with refused("trust-malformed"):
            world.issue(entries)


def test_envelopes_have_one_form(world, refused):
    good = json.loads(world.trust.data)
    one, two = good["signatures"]
    for change in (
        {"signatures": [two, one]}, {"signatures": [one, one]}, {"signatures": {}}, {"signatures": [{"keyid": "x"}]},
        {"payload": good["payload"] + "\n"}, {"payloadType": "x"}, {"more": 1}, {"payload": 1},
        {"signatures": [{**one, "keyid": "ab"}, two]}, {"signatures": [{**one, "more": 1}, two]},
        {"signatures": [one] * 40},
    ):  # fmt: skip
        with refused("envelope-malformed"):
            trust.verify_list(canonical.encode({**good, **change}))
    with refused("json-not-canonical"):
        trust.verify_list(json.dumps(good).encode())
    other = base64.b64encode(base64.b64decode(good["payload"]).replace(b"bu013", b"bu014")).decode()
    with refused("signature-bad"):
        trust.verify_list(canonical.encode({**good, "payload": other}))


def test_openssl_s_kind_of_check_agrees(world):
    """The signature is plain Ed25519 over DSSE's PAE, made here by hand."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    fields = json.loads(world.trust.data)
    body, name = base64.b64decode(fields["payload"]), envelope.TRUST_TYPE
    pae = b"DSSEv1 %d %s %d %s" % (len(name), name.encode(), len(body), body)
    for signature in fields["signatures"]:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["keyid"]))
        key.verify(base64.b64decode(signature["sig"]), pae)

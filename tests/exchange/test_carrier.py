"""A carrier goes from one workplace to another and arrives whole, or is refused."""

from __future__ import annotations

import hashlib
import io
import os
import tracemalloc

import msgspec
import pyrage
import pytest

from mab_desktop.domain.errors import CarrierRefused, Problem
from mab_desktop.exchange import carrier, kinds, payload, sealing, trust
from mab_desktop.exchange.manifest import FORMAT


def test_arrives_whole(world):
    built = world.send(control_sums={"roster": "ab" * 32, "total": 2})
    assert [path.name for path in built.paths] == ["2026-university-students-nu027-bu013-0001-p1of1.mab"]
    opened = world.open(built.paths[0])
    assert list(opened.records()) == [("student", {"n": 1, "name": "Әлия"}), ("student", {"n": 2})]
    assert opened.counts == {"student": 2}
    assert opened.manifest.control_sums == {"roster": "ab" * 32, "total": 2}
    assert opened.digest == built.digest
    assert opened.verdicts[0].sender.org == "nu027"


def test_enclosed_images_arrive_whole(world):
    built = world.send_images({"plan/1.png": b"\x89PNG" + bytes(100), "empty": b""})
    opened = world.open(built.paths[0], world.ntc)
    assert opened.counts == {"seat": 2}
    assert opened.read("plan/1.png") == b"\x89PNG" + bytes(100)
    assert [(info.name, data) for info, data in opened.each_attachment()][1] == ("empty", b"")
    with pytest.raises(KeyError):
        opened.read("plan/2.png")


def test_the_same_records_make_the_same_manifest_but_for_the_cipher_text(world):
    one, two = world.send().manifest, world.send().manifest
    assert msgspec.structs.replace(one, files=()) == msgspec.structs.replace(two, files=())


def test_manifest_holds_no_personal_data(world):
    built = world.send()
    raw = built.paths[0].read_bytes()
    assert "Әлия".encode() not in raw
    assert built.manifest.format == FORMAT


def test_peek_needs_only_the_head_and_sees_a_wrong_length_if_asked(world, tmp_path, refused):
    built = world.send()
    whole, cut = built.paths[0].read_bytes(), tmp_path / "cut.mab"
    assert carrier.peek(built.paths[0], world.trust, whole=True).manifest == built.manifest
    cases = ((whole[:-600], "container-cut"), (whole[:-1], "container-cut"), (whole + b"x", "container-tail"))
    for data, code in cases:
        cut.write_bytes(data)
        assert carrier.peek(cut, world.trust).manifest == built.manifest
        with refused(code):
            carrier.peek(cut, world.trust, whole=True)


def test_large_files_make_a_set_of_parts(world, monkeypatch, tmp_path, refused):
    monkeypatch.setattr(sealing, "PIECE", 100_000)
    image = tmp_path / "scan.jpg"
    image.write_bytes(os.urandom(1_000_000))
    made = world.send_images({"scan.jpg": image}, part_limit=(4 << 20) + 430_000)
    assert [m.part for m in made.manifests] == [1, 2, 3]
    assert all(b.prev == a.digest for a, b in zip(made.manifests, made.manifests[1:], strict=False))
    opened = world.open(made.paths[::-1], world.ntc)
    assert opened.read("scan.jpg") == image.read_bytes()
    assert max(len(piece) for piece in opened.chunks("scan.jpg")) == 100_000
    assert opened.counts == {"seat": 2}
    with refused("set-incomplete"):
        world.open(made.paths[:2], world.ntc)
    with refused("set-mixed"):
        world.open([made.paths[0], made.paths[1], world.send_images({}, seq=2, prev=made.digest).paths[0]], world.ntc)
    with refused("set-mixed"):
        world.open([*made.paths, made.paths[0]], world.ntc)


def test_twenty_thousand_students_in_bounded_memory(world):
    row = {f"field{i}": "Қ" * 30 for i in range(9)}
    students = (("student", {"n": n, **row}) for n in range(20_000))
    built = world.send(records=students)
    assert len(built.manifest.files) >= 3
    tracemalloc.start()
    opened = world.open(built.paths[0], check=lambda _, fields: [] if "n" in fields else [Problem("n", "?")])
    assert sum(1 for _ in opened.records()) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20  # all records together would take more than 60 MB


def test_records_the_kind_does_not_know_are_a_bug(world, refused):
    with pytest.raises(ValueError, match="no record"):
        world.send(records=[("score", {})])
    with refused("record-too-long"):
        world.send(records=[("student", {"name": "x" * 70_000})])
    with pytest.raises(TypeError):
        world.send(records=[("student", {"mark": 1.5})])
    with pytest.raises(ValueError, match="encloses no files"):
        world.send(kind=kinds.STATISTICS, records=[], attachments=[carrier.Attachment("a", b"")])
    with pytest.raises(ValueError, match="enclosed file"):
        world.send_images({"../etc/passwd": b""})
    with pytest.raises(ValueError, match="enclosed file"):
        world.send(kind=kinds.FINAL_DATA, sender=world.ministry, recipients=["ntc"], records=[],
                   attachments=[carrier.Attachment("a", b""), carrier.Attachment("a", b"")])  # fmt: skip


def test_nothing_is_left_when_building_fails(world, tmp_path):
    with pytest.raises(ValueError, match="no record"):
        world.send(records=[("student", {"n": 1}), ("score", {})])
    assert [list(folder.iterdir()) for folder in tmp_path.glob("out*")] == [[]]


def test_a_set_is_never_made_twice_under_one_name(world, tmp_path):
    out = tmp_path / "once"
    out.mkdir()
    given = {
        "kind": kinds.STATISTICS, "sender": world.net, "recipients": ["bu013"], "trust": world.trust, "mode": "test",
        "campaign": "2026", "epoch": 2, "seq": 1, "prev": "", "created": "2026-04-01T09:00:00Z", "app_version": "1",
    }  # fmt: skip
    built = carrier.build(out, **given)
    assert built.paths[0].name == "2026-test-statistics-nu027-bu013-e2-0001-p1of1.mab"
    before = built.paths[0].read_bytes()
    with pytest.raises(FileExistsError):
        carrier.build(out, **given)
    assert built.paths[0].read_bytes() == before


def test_a_broadcast_goes_to_every_organisation(world):
    everybody = ["bu013", "mp013", "nu027", "nu028"]
    built = world.send(kind=kinds.REFERENCE, sender=world.ntc, recipients=everybody, records=[("setting", {"k": "v"})])
    assert built.paths[0].name == "2026-reference-ntc-all-0001-p1of1.mab"
    for me in (world.base, world.halls, world.ministry, world.net, world.operator, world.other):
        assert list(world.open(built.paths[0], me).records()) == [("setting", {"k": "v"})]


def test_operators_send_to_their_own_organisation(world, refused):
    built = world.send(kind=kinds.OPERATOR_PORTION, sender=world.operator, recipients=["nu027"])
    assert built.paths[0].name == "2026-operator-portion-nu027-op1-nu027-0001-p1of1.mab"
    assert len(list(world.open(built.paths[0], world.net).records())) == 2
    with refused("own-carrier"):
        world.open(built.paths[0], world.operator)


def test_for_somebody_else(world, refused):
    path = world.send().paths[0]
    with refused("recipient-other"):
        world.open(path, world.other)
    with refused("recipient-role"):
        world.open(path, world.halls)
    with refused("own-carrier"):
        world.open(path, world.net)
    with refused("campaign-other"):
        world.open(path, campaign="2027")
    with refused("mode-other"):
        world.open(path, mode="test")


def test_a_computer_that_came_later_cannot_open_it(world, refused, replaced):
    path = world.send().paths[0]
    later = type(world.base).generate("bu013", "bu013-2", kinds.BASE_UNI)
    entries = [
        replaced(e, devices=(*e.devices, trust.device_entry(later.public))) if e.org == "bu013" else e
        for e in world.organisations()
    ]
    newer = world.issue(entries, previous=world.trust)
    with refused("recipient-device"):
        world.open(path, later, trust=newer)


def test_nobody_there_to_open_it(world, refused, replaced):
    entries = [replaced(e, devices=()) if e.org == "bu013" else e for e in world.organisations()]
    with refused("recipient-none"):
        world.send(trust=world.issue(entries, previous=world.trust))


def test_enrolment_comes_from_a_computer_not_listed_yet(world, refused):
    fresh = type(world.net).generate("nu029", "nu029", kinds.NETWORK_UNI)
    record = ("device", fresh.public.fields())
    built = world.send(kind=kinds.ENROLMENT, sender=fresh, recipients=["ntc"], records=[record])
    opened = world.open(built.paths[0], world.ntc)
    assert list(opened.records()) == [record]
    assert opened.verdicts[0].sender is None
    with refused("sender-unknown"):
        world.send(sender=fresh)


# --- what a sender with a good key could forge


def test_rights_of_the_sender(world, refused, replaced):
    entries = world.organisations()

    def with_net(**kwargs):
        return world.issue([replaced(e, **kwargs) if e.org == "nu027" else e for e in entries], previous=world.trust)

    path = world.send().paths[0]
    with refused("sender-kind"):
        carrier.verify(path, with_net(may_send=("statistics",)))
    with refused("sender-recipient"):
        carrier.verify(path, with_net(may_send_to=("ntc",)))
    with refused("sender-unknown"):
        carrier.verify(path, with_net(devices=()))
    with refused("sender-role"):
        world.send(kind=kinds.BASE_STUDENTS, recipients=["ntc"], trust=world.trust)
    with refused("sender-recipient"):
        carrier.verify(world.forge(world.send(), lambda m: m["recipients"].__setitem__(0, {
            "org": "ntc", "devices": []}) or m.update(stream=m["stream"].replace(">bu013", ">ntc"))), world.trust)


def test_a_role_or_name_that_is_not_the_key_s(world, refused):
    path = world.forge(world.send(), lambda m: m["sender"].update(device="nu027-op1") or m.update(
        stream=m["stream"].replace("nu027>", "nu027-op1>")))  # fmt: skip
    with refused("sender-unknown"):
        carrier.verify(path, world.trust)


def test_withdrawn_keys_count_up_to_a_number(world, refused, replaced):
    first = world.send()
    second = world.send(seq=2, prev=first.digest)
    elsewhere = world.send(kind=kinds.STATISTICS, records=[])
    entries = [e if e.org != "nu027" else replaced(e, devices=tuple(
        d if d.device != "nu027" else msgspec.structs.replace(
            d, last_valid=(trust.LastValid(stream=first.manifest.stream, epoch=1, seq=1),)) for d in e.devices
    )) for e in world.organisations()]  # fmt: skip
    newer = world.issue(entries, previous=world.trust)
    assert carrier.verify(first.paths[0], newer).manifest.seq == 1
    with refused("sender-revoked"):
        carrier.verify(second.paths[0], newer)
    with refused("sender-revoked"):
        carrier.verify(elsewhere.paths[0], newer)


def test_a_key_needs_two_people(world, refused, replaced):
    given = {
        "kind": kinds.ANSWER_KEY, "sender": world.ntc, "recipients": ["mp013"],
        "records": [("sealed-key", {"shift": "1"})],
    }  # fmt: skip
    built = world.send(**given, persons=world.persons[:2])
    assert carrier.verify(built.paths[0], world.trust).persons == ("ntc-p1", "ntc-p2")
    with refused("persons-missing"):
        world.send(**given, persons=world.persons[:1])
    with refused("persons-missing"):
        world.send(**given)
    with refused("persons-missing"):
        world.send(**given, persons=[world.persons[0], world.persons[0]])
    with refused("sender-unknown"):
        world.send(**given, persons=[world.persons[0], type(world.persons[0]).generate()])
    gone = [e if e.org != "ntc" else replaced(e, persons=tuple(
        msgspec.structs.replace(p, last_valid=()) if p.person == "ntc-p1" else p for p in e.persons
    )) for e in world.organisations()]  # fmt: skip
    with refused("sender-revoked"):
        carrier.verify(built.paths[0], world.issue(gone, previous=world.trust))


def test_results_and_trust_need_two_people_too(world, refused):
    assert {kind.name for kind in kinds.KINDS.values() if kind.two_persons} == {
        "answer-key", "results", "stream-decision", "trust"
    }  # fmt: skip
    with refused("persons-missing"):
        world.send(kind=kinds.TRUST, sender=world.ntc, recipients=["nu027"], records=[])


def test_the_signature_must_be_the_sender_s(world, refused):
    with refused("signature-missing"):
        carrier.verify(world.forge(world.send(), keys=[world.other.signing]), world.trust)
    with refused("signature-missing"):
        carrier.verify(world.forge(world.send(), keys=[]), world.trust)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("missing", lambda m: m.pop("counts")),
        ("unknown", lambda m: m.update(note="")),
        ("seq", lambda m: m.update(seq=0)),
        ("stream", lambda m: m.update(stream="nu028" + m["stream"][5:])),
        ("prev", lambda m: m.update(prev="ab" * 32)),
        ("prev gone", lambda m: m.update(seq=2)),
        ("part", lambda m: m.update(part=2, prev="ab" * 32)),
        ("content", lambda m: m.update(content="append")),
        ("schema", lambda m: m.update(schema=0)),
        ("counts", lambda m: m.update(counts={"score": 1})),
        ("name", lambda m: m["files"][0].update(name="../../x")),
        ("size", lambda m: m["files"][0].update(plain_size=1 << 40)),
        ("recipients", lambda m: m.update(recipients=m["recipients"] * 2)),
        ("campaign", lambda m: m.update(campaign="../x")),
        ("created", lambda m: m.update(created="yesterday")),
        ("trust", lambda m: m["trust"].update(version=7)),
        ("no object", lambda m: m.update(sender=[])),
    ],
)
def test_a_manifest_that_breaks_a_rule(world, refused, what, change):
    with refused("manifest-malformed"):
        carrier.verify(world.forge(world.send(), change), world.trust)


def test_newer_programs_files_say_so(world, refused):
    with refused("manifest-newer"):
        carrier.verify(world.forge(world.send(), lambda m: m.update(format="mab-carrier-2")), world.trust)
    with refused("manifest-newer"):
        carrier.verify(world.forge(world.send(), lambda m: m.update(schema=99)), world.trust)
    with refused("kind-unknown"):
        carrier.verify(world.forge(world.send(), lambda m: m.update(kind="lottery")), world.trust)


def test_another_trust_list_put_in(world, refused):
    newer = world.issue(previous=world.trust)
    with refused("payload-digest"):
        carrier.verify(world.forge(world.send(), trust_data=newer.data), world.trust)


LINE = b'{"n":1,"type":"student"}\n'


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("record-malformed", b'{"n":1,"type":"student"}'),
        ("record-malformed", b'{"type":"student","n":1}\n'),
        ("record-malformed", b'{"n":1, "type":"student"}\n'),
        ("record-malformed", b'{"n":1,"n":1,"type":"student"}\n'),
        ("record-malformed", b'{"n":1.5,"type":"student"}\n'),
        ("record-malformed", b'{"n":NaN,"type":"student"}\n'),
        ("record-malformed", b'{"n":99999999999999999999,"type":"student"}\n'),
        ("record-malformed", b'{"n":"\xff","type":"student"}\n'),
        ("record-malformed", b'{"n":"\\ud800","type":"student"}\n'),
        ("record-malformed", b"[" * 30_000 + b"\n"),
        ("record-malformed", b'"student"\n'),
        ("record-malformed", b'{"type":["student"]}\n'),
        ("record-malformed", LINE + b"\n"),
        ("record-malformed", LINE[:-1] + b"\r\n"),
        ("record-malformed", b""),
        ("record-type", b'{"n":1,"type":"score"}\n'),
        ("record-too-long", b'{"n":"' + b"x" * 66_000 + b'","type":"student"}\n'),
        ("counts-differ", LINE + LINE),
    ],
)
def test_bad_records(world, refused, code, body):
    with refused(code):
        world.open(world.with_payload(body))


def test_names_out_of_a_strange_file_do_not_reach_the_screen(world):
    """A terminal would obey what stands in them."""
    for body in (b'{"n":1,"type":"\\u001b[2J{x}"}\n', '{"n":1,"type":"\u202eстудент"}\n'.encode()):
        with pytest.raises(CarrierRefused) as caught:
            world.open(world.with_payload(body))
        assert "hold: ?." in caught.value.message("en")
    evil = Problem("\x1b[2J", "Unknown field.")
    with pytest.raises(CarrierRefused) as caught:
        world.open(world.send().paths[0], check=lambda *_: [evil])
    assert "rule: student: Unknown" in caught.value.message("en")
    with pytest.raises(CarrierRefused) as caught:
        carrier.verify(world.forge(world.send(), lambda m: m.update({"\x1b[2J": 1})), world.trust)
    assert "wrong ($)" in caught.value.message("en")


def test_a_record_that_breaks_its_own_rules(world, refused):
    from mab_desktop.i18n import N_

    path = world.send().paths[0]
    bad = Problem("surname", N_("At most {n} characters."), (("n", 25),))
    with refused("record-fields"):
        world.open(path, check=lambda *_: [bad])
    with pytest.raises(carrier.RecordRefused, match="surname: At most 25 characters"):
        world.open(path, check=lambda *_: [bad])


def test_foreign_cipher_text_cannot_be_signed_again(world, refused):
    """A network university takes the other's students and sends them as its own."""
    theirs = world.send(sender=world.other)
    stolen = [data for name, data in _entries(theirs) if name.startswith("payload")]
    files = theirs.manifest.fields()["files"]
    path = world.forge(world.send(), lambda m: m.update(files=files), contents=lambda _: stolen)
    with refused("payload-header"):
        world.open(path)


def _entries(built):
    import zipfile

    with zipfile.ZipFile(io.BytesIO(built.paths[0].read_bytes())) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def test_inner_headers_that_lie(world, refused):
    good = payload.inner_header(world.send().manifest, 1, "records", None)
    named = {"name": "a", "size": 1, "sha256": "ab" * 32, "offset": 0}
    for lie in (
        {"seq": 2}, {"index": 2}, {"kind": "statistics"}, {"holds": "other"}, {"attachment": named}, {"part": 2},
        {"holds": "attachment"}, {"holds": "attachment", "attachment": {**named, "name": "../x"}},
        {"recipients": ["ntc"]},
        {"holds": "attachment", "attachment": {**named, "size": True}},
    ):  # fmt: skip
        with refused("payload-header"):
            world.open(world.with_payload(LINE, header={**good, **lie}))
    with refused("payload-header"):
        world.open(world.with_payload(LINE, plain_size=5))
    with refused("payload-header"):
        world.open(world.with_payload(b"", header={**good, "holds": "x" * payload.HEADER_LIMIT}))


def test_payload_for_other_keys(world, refused):
    built = world.send()
    other = pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()])
    digest = hashlib.sha256(other).hexdigest()
    fields = {"name": "payload/0001.age", "size": len(other), "sha256": digest, "plain_size": 1}
    with refused("payload-locked"):
        world.open(world.forge(built, lambda m: m.update(files=[fields]), contents=lambda _: [other]))


def test_payload_that_is_not_the_one_signed(world, refused):
    built = world.send()
    with refused("payload-digest"):
        carrier.verify(world.forge(built, contents=lambda data: [bytes(len(data[0]))]), world.trust)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a", "size": 3, "sha256": hashlib.sha256(b"xx").hexdigest(), "offset": 0},
        {"name": "a", "size": 2, "sha256": hashlib.sha256(b"xy").hexdigest(), "offset": 0},
        {"name": "a", "size": 2, "sha256": hashlib.sha256(b"xx").hexdigest(), "offset": 1},
        {"name": "a", "size": 1, "sha256": hashlib.sha256(b"xx").hexdigest(), "offset": 0},
    ],
)
def test_enclosed_files_that_are_not_whole(world, refused, fields):
    built = world.send_images({}, records=[])
    header = payload.inner_header(built.manifest, 1, "attachment", fields)
    with refused("attachment-damaged"):
        world.open(world.with_payload(b"xx", built=built, header=header, counts={}), world.ntc)


def test_enclosed_files_where_none_belong_or_too_large(world, refused):
    fields = {"name": "a", "size": 2, "sha256": hashlib.sha256(b"xx").hexdigest(), "offset": 0}
    built = world.send(kind=kinds.STATISTICS, records=[])
    header = payload.inner_header(built.manifest, 1, "attachment", fields)
    with refused("attachment-unasked"):
        world.open(world.with_payload(b"xx", built=built, header=header, counts={}))
    built = world.send_images({}, records=[])
    header = payload.inner_header(built.manifest, 1, "attachment", {**fields, "size": payload.ATTACHMENT_LIMIT + 1})
    with refused("container-too-large"):
        world.open(world.with_payload(b"xx", built=built, header=header, counts={}), world.ntc)


def test_the_private_copy_is_what_is_used(world, refused):
    """The drive may change after the check; what was checked is what is read, or nothing."""
    built = world.send()
    opened = world.open(built.paths[0])
    built.paths[0].write_bytes(b"something else")
    assert len(list(opened.records())) == 2
    copy = opened.paths[0]
    data = bytearray(copy.read_bytes())
    data[opened.verdicts[0].entries[0].data + 300] ^= 1
    copy.write_bytes(data)
    with refused("payload-digest"):
        list(opened.records())

"""The centre's authority: who is let in, who is put out, who signs, and how the root changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import CarrierRefused, UserError, WrongPassword
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.exchange.device import DeviceKeys, PersonPublic, SigningKey
from mab_desktop.exchange.root_key import RootFile
from mab_desktop.services import (
    centre_roots,
    centre_trust,
    documents_centre,
    documents_keys,
    own_keys,
    persons,
    transfer,
    trusting,
)
from mab_desktop.services.centre_trust import LastCount
from mab_desktop.services.context import Context
from mab_desktop.services.documents import Document
from mab_desktop.storage.tables.core import Base, DeviceKey
from tests.conftest import MakeContext
from tests.services.authority import CHEAP, PEOPLE, issue, make_authority, signing
from tests.services.land import OPERATOR, Land, events, portion, refused, statistics


@pytest.fixture
def files() -> list[RootFile]:
    """What the holders of root keys took home."""
    return []


@pytest.fixture
def centre(make_context: MakeContext, files: list[RootFile]) -> Context:
    ctx = make_context(Role.NTC)
    make_authority(ctx, files.extend)
    return ctx


@pytest.fixture
def roots(centre: Context, files: list[RootFile]) -> Callable[..., list[SigningKey]]:
    """Root keys by their holders' numbers, opened from the files."""

    def opened(*numbers: int) -> list[SigningKey]:
        mine = {file.header.holder: file for file in files}
        return [centre_roots.open_root(centre, mine[n].data, mine[n].password) for n in numbers]

    return opened


def keys(org: str, role: Role, device: str = "") -> DeviceKeys:
    return DeviceKeys.generate(org, device or org, role.value)


def listed(ctx: Context) -> trust.TrustStore:
    return trust.verify_list(centre_trust.trust_bytes(ctx))


# -- the authority


def test_an_authority_is_made_once_and_its_fingerprint_stays(centre: Context) -> None:
    groups = centre_trust.fingerprint(centre)
    assert len(groups.split()) == 8
    with pytest.raises(UserError, match="root keys already"):
        centre_roots.create_authority(centre, signing(centre), _nothing, params=CHEAP)
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    issue(centre)
    assert centre_trust.fingerprint(centre) == groups
    assert trust.bootstrap(centre_trust.trust_bytes(centre), groups).version == 2


def test_only_the_centre_may(make_context: MakeContext) -> None:
    ctx = make_context(Role.BASE_UNI, "013")
    with pytest.raises(UserError, match="another program"):
        make_authority(ctx)


def test_the_centres_database_holds_no_root_key(centre: Context, files: list[RootFile]) -> None:
    roots = [centre_roots.open_root(centre, file.data, file.password) for file in files]
    assert sorted(key.keyid for key in roots) == sorted(centre_roots.root_state(centre).holders.values())
    with centre.store.read() as session:
        kept = session.scalars(select(DeviceKey)).all()
        assert {row.kind for row in kept} == {trusting.DEVICE, trusting.PERSON}
        tables = Base.metadata.sorted_tables
        everything = "\n".join(repr(tuple(row)) for table in tables for row in session.execute(select(table)))
    for secret in [key.dump() for key in roots] + [file.password for file in files]:
        assert secret not in everything
    for key in signing(centre):
        assert key.dump() not in everything


def test_where_the_root_keys_cannot_be_kept_nothing_is_made(make_context: MakeContext, tmp_path: Path) -> None:
    ctx = make_context(Role.NTC)
    drives = [tmp_path / name for name in ("a", "b", "c")]
    for drive in drives:
        drive.mkdir()
    (drives[1] / "root-2.key").write_bytes(b"somebody else's")
    with pytest.raises(UserError, match="is there already"):
        make_authority(ctx, lambda files: _discard(centre_roots.write_files(files, drives)))
    with ctx.store.read() as session:
        assert trusting.newest_trust(session) is None
    assert not list(drives[0].iterdir())
    (drives[1] / "root-2.key").unlink()
    persons_here = {line.login for line in persons.persons(ctx)}
    assert persons_here == set(PEOPLE)
    make_authority(ctx, lambda files: _discard(centre_roots.write_files(files, drives)))
    assert [path.name for drive in drives for path in drive.iterdir()] == ["root-1.key", "root-2.key", "root-3.key"]


def _discard(_paths: list[Path]) -> None:
    """A keeper gives nothing back."""


# -- letting in


def test_a_workplace_gets_in_by_its_fingerprint_only(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI)
    with pytest.raises(UserError, match="check groups"):
        centre_trust.enrol(centre, device.public, "AAAA " * 8)
    issue(centre)
    assert listed(centre).org("nu027") is None
    centre_trust.enrol(centre, device.public, device.public.fingerprint.lower())
    assert listed(centre).device(device.keyid) is None
    issue(centre)
    assert listed(centre).device(device.keyid) is not None


def test_a_request_waits_until_it_is_confirmed_and_signed_by_two(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI, "nu027-op1")

    def state() -> list[str]:
        return [line.state for line in centre_trust.devices(centre) if line.device == "nu027-op1"]

    with centre.store.write(centre.actor) as tx:
        centre_trust.register_device(centre, tx, device.public, active=False)
    assert state() == [centre_trust.WAITING]
    assert not centre_trust.is_due(centre)
    for name, groups, words in (("nu027-op1", "wrong", "check groups"), ("nu041", "wrong", "knows no workplace")):
        with pytest.raises(UserError, match=words):
            centre_trust.confirm(centre, name, groups)
    centre_trust.confirm(centre, "nu027-op1", device.public.fingerprint)
    assert state() == [centre_trust.COMPARED]
    assert [line.params["name"] for line in centre_trust.changes(centre)] == ["nu027-op1"]
    for signers in (signing(centre)[:1], [signing(centre)[0], SigningKey.generate(centre.entropy)], []):
        with pytest.raises(UserError, match="signed by 2 people"):
            centre_trust.issue_trust(centre, signers)
    issue(centre)
    assert state() == [centre_trust.IN_FORCE]
    assert centre_trust.changes(centre) == []


def test_who_sends_a_request_first_does_not_keep_the_rightful_one_out(centre: Context) -> None:
    stranger, rightful = keys("nu027", Role.NETWORK_UNI), keys("nu027", Role.NETWORK_UNI)
    for device in (stranger, rightful):
        with centre.store.write(centre.actor) as tx:
            centre_trust.register_device(centre, tx, device.public, active=False)
            tx.note("carrier-accepted", "test")
    with pytest.raises(UserError, match="check groups"):
        centre_trust.confirm(centre, "nu027", stranger.public.fingerprint)
    centre_trust.confirm(centre, "nu027", rightful.public.fingerprint)
    with centre.store.write(centre.actor) as tx, pytest.raises(UserError, match="other keys already"):
        centre_trust.register_device(centre, tx, stranger.public, active=False)


def test_names_and_keys_that_do_not_fit_are_refused(centre: Context) -> None:
    with pytest.raises(UserError, match="does not fit"):
        centre_trust.enrol(centre, keys("nu027", Role.BASE_UNI).public)
    with pytest.raises(UserError, match="not the name of an organisation"):
        centre_trust.enrol(centre, keys("zz", Role.BASE_UNI).public)
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    with pytest.raises(UserError, match="other keys already"):
        centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    key = SigningKey.generate(centre.entropy).keyid
    for public in (
        PersonPublic.of("nu027", "nu027", key, "Network universities send nothing that two sign"),
        PersonPublic("mp013", "mp013-zzzz", key, "Not the id of this key"),
        PersonPublic.of("mp013", "bu013", key, "Another organisation's"),
    ):
        with centre.store.write(centre.actor) as tx, pytest.raises(UserError, match="does not fit"):
            centre_trust.register_person(centre, tx, public, active=False)


def test_rights_follow_the_ties(centre: Context) -> None:
    for org, role in (("nu041", Role.NETWORK_UNI), ("bu013", Role.BASE_UNI), ("mp013", Role.MINISTRY_PROGRAMMER)):
        centre_trust.enrol(centre, keys(org, role).public)
    issue(centre)
    entries = {entry.org: entry for entry in listed(centre).list.organisations}
    assert set(entries["nu041"].may_send_to) == {"bu007", "bu013", "nu041", "ntc"}
    assert "university-students" in entries["nu041"].may_send
    assert "answer-key" not in entries["bu013"].may_send
    assert entries["ntc"].may_send_to == ("*",)
    assert len(entries["ntc"].persons) == 2
    assert "final-data" in entries["mp013"].may_send


def test_nothing_new_is_signed_when_nothing_changed(centre: Context) -> None:
    data = issue(centre)
    assert issue(centre) == data
    last = trust.verify_list(data).expires
    centre.clock.set(centre.clock.now().replace(year=last.year, month=last.month, day=1))  # type: ignore[attr-defined]
    assert trust.verify_list(issue(centre)).version == trust.verify_list(data).version + 1


# -- putting out


def test_a_workplace_taken_out_stays_listed_with_the_numbers_that_count(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI)
    centre_trust.enrol(centre, device.public)
    issue(centre)
    before = listed(centre).version
    last = [centre_trust.last_count(centre, "nu027", "statistics", "bu013", 3)]
    centre_trust.revoke(centre, "nu027", ground="stolen", last=last)
    issue(centre)
    found = listed(centre).device(device.keyid)
    assert found is not None
    assert found[1].last_valid == (trust.LastValid("nu027>bu013/statistics/2011/test", 1, 3),)
    assert listed(centre).openers("nu027", ["network_uni"]) == ()
    assert listed(centre).version == before + 1
    for again in (lambda: centre_trust.revoke(centre, "nu027"),
                  lambda: centre_trust.confirm(centre, "nu027", device.public.fingerprint),
                  lambda: centre_trust.revoke(centre, "ntc-1"), lambda: centre_trust.revoke(centre, "nobody"),
                  lambda: centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public),
                  lambda: centre_trust.last_count(centre, "nu027", "letters", "bu013", 1)):  # fmt: skip
        with pytest.raises(UserError):
            again()
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI, "nu027-pc2").public)
    assert [line.params["name"] for line in centre_trust.changes(centre)] == ["nu027-pc2"]


def test_earlier_files_of_a_lost_pc_still_count_and_later_ones_never(land: Land) -> None:
    """The centre knows the operator's first portion by the network university's telling, not by its own drive."""
    first, second = portion(land), portion(land)
    count = centre_trust.last_count(land.ctx("ntc"), OPERATOR, "operator-portion", "nu027", 1)
    centre_trust.revoke(land.ctx("ntc"), OPERATOR, ground="лост", last=[count])
    land.trust_file.write_bytes(issue(land.ctx("ntc")))
    assert trusting.adopt_from(land.ctx("nu027"), land.trust_file)
    assert not transfer.load(land.ctx("nu027"), first.paths[0]).known
    with refused("sender-revoked"):
        transfer.load(land.ctx("nu027"), second.paths[0])
    pdf = documents_keys.print_revocation(land.ctx("ntc"), OPERATOR).pdf
    assert pdf.startswith(b"%PDF")


def words_of(pdf: bytes) -> str:
    """The text of the first page."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return str(page.get_textpage().get_text_range())


def test_the_act_names_the_list_by_which_the_key_counts_no_more(land: Land) -> None:
    """Printed when it is withdrawn, and again a year later: the list that first says so, not the one of the day."""
    centre = land.ctx("ntc")
    before = listed(centre).version
    centre_trust.revoke(centre, OPERATOR, ground="лост")
    number = f"Trust list number: {before + 1}"
    assert number in words_of(documents_keys.print_revocation(centre, OPERATOR).pdf)
    issue(centre)
    assert number in words_of(documents_keys.print_revocation(centre, OPERATOR).pdf)
    centre_trust.revoke(centre, "nu041")
    issue(centre)
    assert listed(centre).version == before + 2
    assert number in words_of(documents_keys.print_revocation(centre, OPERATOR).pdf)


def test_what_the_centre_has_loaded_counts_by_itself(land: Land) -> None:
    enrolment = transfer.export(land.ctx("nu027"), "enrolment", "ntc", land.drive)
    transfer.load(land.ctx("ntc"), enrolment.paths[0])
    stream = "nu027>ntc/enrolment/2011/test"
    assert centre_trust.received(land.ctx("ntc"), "nu027") == [LastCount(stream, 1)]
    statistics(land)
    centre_trust.revoke(land.ctx("ntc"), "nu027", last=[LastCount(stream, 0)])
    issue(land.ctx("ntc"))
    with land.ctx("ntc").store.read() as session:
        (entry,) = [d for d in trusting.trust_store(session).org("nu027").devices if d.device == "nu027"]  # type: ignore[union-attr]
    assert entry.last_valid == (trust.LastValid(stream, 1, 0),)


# -- persons and stand-ins


def sign_up(land: Land, login: str, name: str) -> persons.PersonLine:
    """Somebody makes a signing key at the ministry programmer's PC, and the file reaches the centre."""
    ctx = land.ctx("mp013")
    line = persons.make_person_key(ctx, login, f"{login}: құпия сөз", name, params=CHEAP)
    exported = transfer.export(ctx, "enrolment", "ntc", land.drive)
    accepted = transfer.load(land.ctx("ntc"), exported.paths[0])
    assert any(shown.params.get("name") == name for shown in accepted.summary)
    return line


def test_a_person_signs_after_the_centre_has_compared_his_groups(land: Land) -> None:
    line = sign_up(land, "programmer", "Асан Үсенұлы")
    ctx = land.ctx("mp013")
    assert line.state is persons.PersonState.WAITING
    with pytest.raises(UserError, match="has not let in"):
        persons.signing_keys(ctx, {"programmer": "programmer: құпия сөз"})
    with pytest.raises(UserError, match="check groups"):
        centre_trust.confirm(land.ctx("ntc"), line.person, "AAAA " * 8)
    centre_trust.confirm(land.ctx("ntc"), line.person, line.fingerprint)
    land.trust_file.write_bytes(issue(land.ctx("ntc")))
    trusting.adopt_from(ctx, land.trust_file)
    assert [found.state for found in persons.persons(ctx)] == [persons.PersonState.IN_FORCE]
    (key,) = persons.signing_keys(ctx, {"programmer": "programmer: құпия сөз"})
    assert key.keyid == line.keyid


def test_who_signs_anyway_stands_in_only_where_two_are_left(land: Land) -> None:
    first, second = sign_up(land, "programmer", "Асан Үсенұлы"), sign_up(land, "chair", "Төраға Гүл")
    centre = land.ctx("ntc")
    for line in (first, second):
        centre_trust.confirm(centre, line.person, line.fingerprint)
    with pytest.raises(UserError, match="check groups"):
        centre_trust.replace_person(centre, first.person, second.person, "AAAA " * 8)
    with pytest.raises(UserError, match="would be left with one person"):
        centre_trust.replace_person(centre, first.person, second.person, second.fingerprint)
    third = sign_up(land, "deputy", "Орынбасар Ли")
    centre_trust.confirm(centre, third.person, third.fingerprint)
    centre_trust.replace_person(centre, first.person, third.person, third.fingerprint)
    land.trust_file.write_bytes(issue(centre))
    trusting.adopt_from(land.ctx("mp013"), land.trust_file)
    assert own_keys.notices(land.ctx("mp013")) == [], "two sign: who went is nobody's trouble any more"
    centre_trust.revoke(centre, third.person)
    land.trust_file.write_bytes(issue(centre))
    trusting.adopt_from(land.ctx("mp013"), land.trust_file)
    said = [line.params["name"] for line in own_keys.notices(land.ctx("mp013"))]
    assert said == ["Орынбасар Ли", "Асан Үсенұлы"]


def test_nobody_is_asked_once_more_for_groups_that_were_compared(land: Land) -> None:
    first = sign_up(land, "programmer", "Асан Үсенұлы")
    centre_trust.confirm(land.ctx("ntc"), first.person, first.fingerprint)
    persons.make_person_key(land.ctx("mp013"), "chair", "chair: құпия сөз", "Төраға Гүл", params=CHEAP)
    exported = transfer.export(land.ctx("mp013"), "enrolment", "ntc", land.drive)
    said = {line.params.get("name", line.params.get("device")): line.text
            for line in transfer.load(land.ctx("ntc"), exported.paths[0]).summary}  # fmt: skip
    assert {name: "by telephone" in text for name, text in said.items()} == {
        "mp013": False, "Асан Үсенұлы": False, "Төраға Гүл": True}  # fmt: skip


def test_a_stand_in_comes_and_the_other_goes_in_one_list(land: Land) -> None:
    ill, stand_in = sign_up(land, "programmer", "Асан Үсенұлы"), sign_up(land, "chair", "Төраға Гүл")
    centre = land.ctx("ntc")
    centre_trust.confirm(centre, ill.person, ill.fingerprint)
    issue(centre)
    with pytest.raises(UserError, match="check groups"):
        centre_trust.replace_person(centre, ill.person, stand_in.person, "AAAA " * 8)
    with pytest.raises(UserError, match="two people of one organisation"):
        centre_trust.replace_person(centre, ill.person, "nu027", stand_in.fingerprint)
    centre_trust.replace_person(centre, ill.person, stand_in.person, stand_in.fingerprint, ground="ауырып қалды")
    assert [line.params["name"] for line in centre_trust.changes(centre)] == sorted([ill.person, stand_in.person])
    land.trust_file.write_bytes(issue(centre))
    store = listed(centre)
    assert store.person(stand_in.keyid).last_valid is None  # type: ignore[union-attr]
    assert store.person(ill.keyid).last_valid == ()  # type: ignore[union-attr]
    ctx = land.ctx("mp013")
    trusting.adopt_from(ctx, land.trust_file)
    assert persons.signing_keys(ctx, {"chair": "chair: құпия сөз"})[0].keyid == stand_in.keyid
    with pytest.raises(UserError, match="was withdrawn by the testing centre"):
        persons.signing_keys(ctx, {"programmer": "programmer: құпия сөз"})
    assert documents_keys.print_stand_in(centre, ill.person, stand_in.person).pdf.startswith(b"%PDF")
    states = {line.person: line.state for line in centre_trust.signers(centre)}
    assert (states[ill.person], states[stand_in.person]) == (centre_trust.WITHDRAWN, centre_trust.IN_FORCE)


# -- the root changes


def text_of(paper: Document) -> str:
    with pypdfium2.PdfDocument(paper.pdf) as pages:
        return " ".join("".join(page.get_textpage().get_text_range() for page in pages).split())


def facts_of(act: str) -> str:
    """From the root's number to the signatures: what stands over and under it tells of the printing."""
    return act[act.index("Root number"):act.index("Full name")]


def test_the_root_changes_with_two_old_keys_and_workplaces_follow(
    centre: Context, roots: Callable[..., list[SigningKey]], files: list[RootFile]
) -> None:
    before, old_groups, lost = listed(centre), centre_trust.fingerprint(centre), files[2]
    assert [documents_centre.print_fingerprint(centre).number for _ in range(2)] == [1, 2]
    fresh: list[RootFile] = []
    groups = centre_roots.change_root(centre, roots(1, 2), signing(centre), fresh.extend, replace=[3], ground="lost",
                                      params=CHEAP)  # fmt: skip
    assert [file.file_name for file in fresh] == ["root-3.key"]
    assert (groups == old_groups, groups == centre_trust.fingerprint(centre)) == (False, True)
    newer = trust.adopt(before, centre_trust.trust_bytes(centre))
    assert newer.fingerprint == groups
    with refused("trust-fingerprint-old"):
        trust.bootstrap(newer.data, old_groups)
    with pytest.raises(UserError, match="not in force"):
        centre_roots.open_root(centre, lost.data, lost.password)
    assert centre_roots.open_root(centre, fresh[0].data, fresh[0].password).keyid == fresh[0].header.keyid
    state = centre_roots.root_state(centre)
    assert (state.version, state.holders[3]) == (2, fresh[0].header.keyid)
    assert events(centre)[-1] == "root-changed"
    first = text_of(documents_keys.print_root_change(centre))
    centre_trust.enrol(centre, keys("nu099", Role.NETWORK_UNI).public)
    issue(centre)
    again = text_of(documents_keys.print_root_change(centre))
    assert "lost" in first
    assert facts_of(first) == facts_of(again), "printed once more under a newer list it says the same"
    assert f"Trust list number: {newer.version}" in first
    assert "Holders with new keys: 3" in first
    assert documents_centre.print_fingerprint(centre).number == 1, "the sheet of another root is no second copy"


def test_one_holder_alone_changes_nothing(
    centre: Context, roots: Callable[..., list[SigningKey]], files: list[RootFile]
) -> None:
    data = centre_trust.trust_bytes(centre)
    for given in (roots(1), [*roots(1), *roots(1)], [*roots(1), SigningKey.generate(centre.entropy)]):
        with pytest.raises(UserError, match="2 different root keys"):
            centre_roots.change_root(centre, given, signing(centre), files.extend, replace=[2, 3], params=CHEAP)
    with pytest.raises(UserError, match="no holder 4"):
        centre_roots.change_root(centre, roots(1, 2), signing(centre), files.extend, replace=[4], params=CHEAP)
    with pytest.raises(UserError, match="signed by 2 people"):
        centre_roots.change_root(centre, roots(1, 2), signing(centre)[:1], files.extend, params=CHEAP)
    with pytest.raises(WrongPassword):
        centre_roots.open_root(centre, files[0].data, files[1].password)
    assert centre_trust.trust_bytes(centre) == data


def test_who_signs_lists_changes_by_the_root_only(centre: Context, roots: Callable[..., list[SigningKey]]) -> None:
    deputy = signing(centre)[1]
    word = "үшінші құпия сөз"
    persons.make_person_key(centre, "stand-in", word, "Орынбасар", params=CHEAP)
    new = persons.signing_keys(centre, {"registrar": PEOPLE["registrar"], "stand-in": word}, listed=False)
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    with pytest.raises(UserError, match="signed by 2 people"):
        centre_trust.issue_trust(centre, new)
    for lists in (["registrar"], ["registrar", "nobody"]):
        with pytest.raises(UserError, match="Two people of the centre"):
            centre_roots.change_root(centre, roots(2, 3), new, _nothing, lists=lists, params=CHEAP)
    centre_roots.change_root(centre, roots(2, 3), new, _nothing, lists=["registrar", "stand-in"], params=CHEAP)
    assert listed(centre).person(deputy.keyid).last_valid == ()  # type: ignore[union-attr]
    centre_trust.enrol(centre, keys("nu041", Role.NETWORK_UNI).public)
    with pytest.raises(UserError, match="signed by 2 people"):
        centre_trust.issue_trust(centre, [new[0], deputy])
    centre_trust.issue_trust(centre, new)
    with pytest.raises(UserError, match="withdrawn"):
        persons.signing_keys(centre, {"deputy": PEOPLE["deputy"]})


def _nothing(files: object) -> None:
    assert not files


def test_a_forged_list_of_two_persons_alone_is_no_change_of_root(centre: Context) -> None:
    """Both persons of the centre together cannot change the root: that is what the three drives are for."""
    store, people = listed(centre), signing(centre)
    chain = trust.make_root([key.keyid for key in people], 2, centre.clock.now().date(), people)
    forged = trust.issue_list(chain, store.list.organisations, signers=people, issued=centre.clock.now().date(),
                              expires=centre.clock.now().date())  # fmt: skip
    with pytest.raises(CarrierRefused) as caught:
        trust.adopt(store, forged.data)
    assert caught.value.code == "trust-centre"

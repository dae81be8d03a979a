"""Whom a workplace believes: the first list only with the paper's groups, later only newer ones of the same root."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from mab_desktop.domain.errors import CarrierRefused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.services import centre_trust, trusting
from mab_desktop.services.context import Context
from mab_desktop.storage.tables.core import TrustState
from tests.conftest import MakeContext
from tests.services.authority import issue, make_authority, official_list
from tests.services.land import Land, events, portion, refused


def version(ctx: Context) -> int:
    with ctx.store.read() as session:
        return trusting.trust_store(session).version


def renewed(land: Land) -> int:
    """The centre issues another list; its number."""
    centre = land.ctx("ntc")
    centre_trust.revoke(centre, "nu041")
    land.trust_file.write_bytes(issue(centre))
    return version(centre)


def test_the_first_list_is_believed_only_with_the_groups_from_paper(land: Land) -> None:
    groups = trusting.fingerprint_on(land.trust_file)
    assert groups == land.fingerprint
    assert len(groups.split()) == 8
    for typed in (groups, groups.lower(), groups.replace(" ", "-"), groups.replace(" ", "")):
        assert trusting.first_trust(land.trust_file, typed).fingerprint == groups
    wrong = ("0" if groups[0] != "0" else "1") + groups[1:]
    for typed in ("", wrong, groups[:-1], f"{groups} AAAA"):
        with refused("trust-fingerprint"):
            trusting.first_trust(land.trust_file, typed)


def test_any_carrier_brings_the_list(land: Land) -> None:
    path = portion(land).paths[0]
    assert trusting.trust_list_in(path) == land.trust_file.read_bytes()
    assert trusting.fingerprint_on(path) == land.fingerprint


def test_a_newer_list_is_taken_once_and_an_older_one_refused(land: Land, tmp_path: Path) -> None:
    ctx = land.ctx("nu027")
    older = tmp_path / "older.json"
    older.write_bytes(land.trust_file.read_bytes())
    number, before = renewed(land), ctx.store.log_head()[0]
    assert trusting.adopt_from(ctx, land.trust_file)
    assert version(ctx) == number
    assert not trusting.adopt_from(ctx, land.trust_file)
    assert events(ctx, before) == ["trust-adopted", "trust-adopted"]
    with refused("trust-older"):
        trusting.adopt_from(ctx, older)
    assert version(ctx) == number


def test_lists_of_another_root_and_damaged_ones_are_refused(
    land: Land, tmp_path: Path, make_context: MakeContext
) -> None:
    ctx = land.ctx("nu027")
    number = version(ctx)
    other = make_context(Role.NTC)
    make_authority(other)
    foreign = tmp_path / "foreign.json"
    foreign.write_bytes(centre_trust.trust_bytes(other))
    with refused("trust-centre"):
        trusting.adopt_from(ctx, foreign)
    data = bytearray(land.trust_file.read_bytes())
    for at in range(0, len(data), 397):
        data[at] ^= 1
        foreign.write_bytes(data)
        with pytest.raises(CarrierRefused):
            trusting.adopt_from(ctx, foreign)
        data[at] ^= 1
    for content in (b"", b"{}", "Өтініш".encode(), data[:-1]):
        foreign.write_bytes(content)
        with pytest.raises(CarrierRefused):
            trusting.adopt_from(ctx, foreign)
    assert version(ctx) == number


def test_files_that_are_not_there(land: Land, tmp_path: Path) -> None:
    for path in (tmp_path / "no.json", tmp_path / "no.mab", tmp_path):
        with pytest.raises(UserError, match="There is no file"):
            trusting.fingerprint_on(path)


def test_what_a_workplace_without_keys_or_list_says(make_context: MakeContext) -> None:
    ctx = make_context(Role.NETWORK_UNI, "027")
    with ctx.store.read() as session:
        for ask in (trusting.device_keys, trusting.trust_store, trusting.my_fingerprint):
            with pytest.raises(UserError):
                ask(session)
        assert trusting.newest_trust(session) is None


def test_the_fingerprint_read_by_telephone_is_that_of_the_list(land: Land) -> None:
    with land.ctx("nu027").store.read() as session:
        mine, public = trusting.my_fingerprint(session), trusting.device_keys(session).public.fields()
    lines = {line.device: line.fingerprint for line in centre_trust.devices(land.ctx("ntc"))}
    assert lines["nu027"] == mine
    assert public["device"] == "nu027"
    assert "signing" not in public


def test_private_keys_never_leave_the_encrypted_database(land: Land) -> None:
    ctx = land.ctx("nu027")
    with ctx.store.read() as session:
        keys = trusting.device_keys(session)
    portion(land)
    land.close()
    secrets = [keys.signing.dump().encode(), keys.age_identity.encode(), bytes.fromhex(keys.signing.dump())]
    found = [path for path in land.folder.rglob("*") if path.is_file()
             if any(secret in path.read_bytes() for secret in secrets)]  # fmt: skip
    assert found == []


def test_a_list_that_is_in_force_already_is_not_noted_twice(land: Land) -> None:
    ctx = land.ctx("nu027")
    with ctx.store.read() as session:
        current = trusting.trust_store(session)
    before = ctx.store.log_head()[0]
    with ctx.store.write(ctx.actor) as tx:
        assert not trusting.adopt_in(ctx, tx, current)
        tx.note("trust-adopted", "again")
    assert events(ctx, before) == ["trust-adopted"]
    with ctx.store.read() as session:
        assert session.scalars(select(TrustState.version)).all() == [1, 2]


def test_a_training_s_list_is_told_from_a_real_one_that_is_good_for_long(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = land.ctx("ntc")
    assert trusting.is_of_training(trust.verify_list(centre_trust.trust_bytes(centre)))
    assert not trusting.is_of_training(trust.verify_list(official_list(centre)))
    monkeypatch.setattr(trusting, "LIST_DAYS", 3 * 366)
    assert not trusting.is_of_training(trust.verify_list(official_list(centre)))

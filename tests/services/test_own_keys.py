"""What a workplace knows and says of its own keys, and how it goes on when they were withdrawn."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mab_desktop.domain.errors import Refused, UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.services import (
    centre_trust,
    documents_keys,
    own_keys,
    persons,
    transfer,
    transfer_view,
    trusting,
    workplace,
)
from mab_desktop.services.context import Context
from mab_desktop.services.persons import PersonState
from tests.conftest import MakeContext
from tests.services.authority import issue
from tests.services.land import OPERATOR, PASSWORD, Land, refused, statistics


def told(ctx: Context) -> list[str]:
    return [line.text.format(**line.params) for line in own_keys.notices(ctx)]


def news(land: Land, *names: str) -> None:
    """The centre signs its next list; it comes to these workplaces."""
    land.trust_file.write_bytes(issue(land.ctx("ntc")))
    for name in names:
        trusting.adopt_from(land.ctx(name), land.trust_file)


def test_all_is_well_and_nothing_is_said(land: Land) -> None:
    assert told(land.ctx("nu027")) == told(land.ctx("ntc")) == []
    keys = own_keys.own_keys(land.ctx("nu027"))
    assert (keys.device, keys.state, keys.list_number) == ("nu027", PersonState.IN_FORCE, 2)


def test_before_the_first_list_nothing_is_said(make_context: MakeContext) -> None:
    assert own_keys.notices(make_context(Role.BASE_UNI, "013")) == []


def test_a_withdrawn_workplace_learns_it_from_any_drive_of_the_centre(land: Land) -> None:
    """No file is for it any more: it looks at one for another, and knows."""
    centre, mine = land.ctx("ntc"), land.ctx("nu027")
    transfer.export(centre, "reference", ["bu013"], land.drive)
    transfer_view.carrier_files(mine, land.drive)
    centre_trust.revoke(centre, "nu041")
    issue(centre)
    transfer.export(centre, "reference", ["bu013"], land.drive)
    transfer_view.carrier_files(mine, land.drive)
    assert own_keys.own_keys(mine).list_number == 2  # the key of somebody else: the next file for us brings it
    centre_trust.revoke(centre, "nu027")
    issue(centre)
    transfer.export(centre, "reference", ["bu013"], land.drive)
    assert told(mine) == []
    transfer_view.carrier_files(mine, land.drive)
    assert own_keys.own_keys(mine).state is PersonState.WITHDRAWN
    assert "withdrawn the key of this computer" in told(mine)[0]
    with refused("own-key-withdrawn"):  # whom the file is for would only send him looking for another one
        transfer_view.look(mine, next(land.drive.glob("*reference*")))


def test_a_withdrawn_workplace_says_so_and_makes_no_file(land: Land) -> None:
    centre_trust.revoke(land.ctx("ntc"), "nu027")
    news(land, "nu027")
    ctx = land.ctx("nu027")
    (words,) = told(ctx)
    assert "has withdrawn the key of this computer (nu027)" in words
    with refused("own-key-withdrawn"):
        statistics(land)
    assert documents_keys.print_enrolment(ctx).pdf.startswith(b"%PDF")


def test_new_keys_under_a_new_name_bring_the_workplace_back(land: Land) -> None:
    """The database stays; only the name and the keys are others, and the centre lets them in like a new PC."""
    centre_trust.revoke(land.ctx("ntc"), "nu027")
    news(land, "nu027")
    ctx = land.ctx("nu027")
    for name in ("", "PC 2", "компьютер"):
        with pytest.raises(Refused):
            own_keys.renew_keys(ctx, name)
    keys = own_keys.renew_keys(ctx, "pc2")
    assert (keys.device, keys.state) == ("nu027-pc2", PersonState.WAITING)
    assert workplace.what_it_is(ctx.store.path) == "nu027-pc2"
    with pytest.raises(UserError, match="was called nu027-pc2 before"):
        own_keys.renew_keys(ctx, "pc2")
    land.close()
    ctx = land.ctx("nu027")
    assert ctx.actor.device == "nu027-pc2"
    waits, anew = told(ctx)
    assert "has not let in this computer (nu027-pc2)" in waits
    assert re.search(r"made anew here on \d\d\.\d\d\.2011: a sheet .* printed before that counts no more", anew)
    made = own_keys.hand_out(ctx, land.drive)
    assert made.sheet.read_bytes().startswith(b"%PDF")
    transfer.load(land.ctx("ntc"), made.files[0])
    centre_trust.confirm(land.ctx("ntc"), "nu027-pc2", keys.fingerprint)
    news(land, "nu027", "bu013")
    assert told(ctx) == []
    assert not transfer.load(land.ctx("bu013"), statistics(land).paths[0]).known


def test_an_operator_alone_at_a_pc_makes_its_new_keys_himself_beside_a_manager_he_may_not(land: Land) -> None:
    for where in (OPERATOR, "nu027"):
        centre_trust.revoke(land.ctx("ntc"), where)
    news(land, OPERATOR, "nu027")
    assert own_keys.renew_keys(land.ctx(OPERATOR), "op9").device == "nu027-op9"
    ctx = land.ctx("nu027")
    with pytest.raises(UserError, match="no right"):
        own_keys.renew_keys(replace(ctx, actor=replace(ctx.actor, role="operator")), "pc2")


def test_the_end_of_the_list_is_told_sixty_days_before_and_then_stops_everything(land: Land) -> None:
    ctx, base = land.ctx("nu027"), land.ctx("bu013")
    exported = statistics(land)
    with ctx.store.read() as session:
        last = trusting.trust_store(session).expires
    day = land.clock.now()
    land.clock.set(day + (last - day.date()) - timedelta(days=60))
    assert told(ctx) == []
    land.clock.set(day + (last - day.date()) - timedelta(days=59))
    words = f"The trust list expires on {last:%d.%m.%Y}. Load a newer file of the testing centre before that day."
    assert told(ctx) == [words]
    assert "mab ntc trust issue" in told(land.ctx("ntc"))[0]
    land.clock.set(day + (last - day.date()) + timedelta(days=1))
    assert "no file is taken or made" in told(ctx)[0]
    with refused("trust-expired"):
        transfer.load(base, exported.paths[0])
    with refused("trust-expired"):
        statistics(land)
    with refused("trust-expired"):
        trusting.first_trust(land.trust_file, land.fingerprint, land.clock.now().date())
    # The centre signs the next one, and all goes on: an expired list still tells which newer one is ours.
    news(land, "nu027", "bu013")
    assert told(ctx) == []
    assert not transfer.load(base, statistics(land).paths[0]).known


def test_a_new_workplace_asks_to_be_let_in(land: Land, tmp_path: Path) -> None:
    late = land.start("nu027", database=tmp_path / "late" / "mab.db", device="late")
    assert own_keys.own_keys(late).state is PersonState.WAITING
    made = own_keys.hand_out(late, land.drive)
    assert [path.suffix for path in (*made.files, made.sheet)] == [".mab", ".pdf"]
    late.store.close()


def test_groups_are_compared_one_by_one_however_they_are_typed(land: Land) -> None:
    groups = land.fingerprint.split()
    pasted = land.fingerprint.lower().replace(" ", "-").replace("0", "O").replace("1", "l")
    assert trusting.groups_of(pasted) == groups
    assert trusting.groups_of("  ab12 c") == ["AB12", "C"]
    assert trusting.compare_groups(groups, land.fingerprint) == [True] * 8
    wrong = [*groups[:2], groups[2][::-1] + "?", groups[3][:3], "", *groups[5:]]
    assert trusting.compare_groups(wrong, land.fingerprint) == [True, True, False, None, None, True, True, True]


def test_the_centre_s_newest_file_is_found_among_all_that_lies_on_the_drives(land: Land, tmp_path: Path) -> None:
    from mab_desktop.exchange.drive import FolderDrive

    drive = FolderDrive(tmp_path / "usb", "usb")
    drive.folder.mkdir()
    assert trusting.find_centre_file([drive]) is None
    (drive.folder / "letters.mab").write_bytes(b"not ours")
    (drive.folder / "my-trust.json").write_bytes(b"{}")
    assert trusting.find_centre_file([drive]) is None
    (drive.folder / "mab-centre-trust.json").write_bytes(land.trust_file.read_bytes())
    assert trusting.find_centre_file([drive]) == drive.folder / "mab-centre-trust.json"
    centre_trust.revoke(land.ctx("ntc"), "nu041")
    issue(land.ctx("ntc"))
    newer = transfer.export(land.ctx("ntc"), "reference", ["nu027"], drive.folder).paths[0]
    assert trusting.find_centre_file([drive]) == newer


def test_the_password_of_the_log_in_does_not_sign(land: Land) -> None:
    """Who resets a forgotten log-in password has no signature by that."""
    ctx = land.ctx("mp013")
    persons.make_person_key(ctx, "programmer", "мүлдем басқа құпия сөз")
    with pytest.raises(UserError, match="for signing"):
        persons.signing_keys(ctx, {"programmer": PASSWORD}, listed=False)

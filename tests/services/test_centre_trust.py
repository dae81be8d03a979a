"""The centre's authority: made once, lets in only what was compared by telephone."""

from __future__ import annotations

import pytest

from mab_desktop.domain.errors import UserError
from mab_desktop.domain.organisation import Role
from mab_desktop.exchange import trust
from mab_desktop.exchange.device import DeviceKeys
from mab_desktop.services import centre_trust
from mab_desktop.services.context import Context
from tests.conftest import MakeContext


@pytest.fixture
def centre(make_context: MakeContext) -> Context:
    ctx = make_context(Role.NTC)
    centre_trust.create_authority(ctx)
    return ctx


def keys(org: str, role: Role, device: str = "") -> DeviceKeys:
    return DeviceKeys.generate(org, device or org, role.value)


def listed(ctx: Context) -> trust.TrustStore:
    return trust.verify_list(centre_trust.trust_bytes(ctx))


def test_an_authority_is_made_once_and_its_fingerprint_stays(centre: Context) -> None:
    groups = centre_trust.fingerprint(centre)
    assert len(groups.split()) == 8
    with pytest.raises(UserError, match="root keys already"):
        centre_trust.create_authority(centre)
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    assert centre_trust.fingerprint(centre) == groups
    assert trust.bootstrap(centre_trust.trust_bytes(centre), groups).version == 2


def test_only_the_centre_may(make_context: MakeContext) -> None:
    with pytest.raises(UserError, match="another program"):
        centre_trust.create_authority(make_context(Role.BASE_UNI, "013"))


def test_a_workplace_gets_in_by_its_fingerprint_only(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI)
    with pytest.raises(UserError, match="check groups"):
        centre_trust.enrol(centre, device.public, "AAAA " * 8)
    assert listed(centre).org("nu027") is None
    centre_trust.enrol(centre, device.public, device.public.fingerprint.lower())
    assert listed(centre).device(device.keyid) is not None


def test_a_request_waits_until_it_is_confirmed(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI, "nu027-op1")
    with centre.store.write(centre.actor) as tx:
        centre_trust.register_device(centre, tx, device.public, active=False)
    assert listed(centre).org("nu027") is None
    with pytest.raises(UserError, match="check groups"):
        centre_trust.confirm(centre, "nu027-op1", "wrong")
    with pytest.raises(UserError, match="knows no workplace"):
        centre_trust.confirm(centre, "nu041", "wrong")
    centre_trust.confirm(centre, "nu027-op1", device.public.fingerprint)
    assert [line.active for line in centre_trust.devices(centre) if line.device == "nu027-op1"] == [True]
    assert listed(centre).device(device.keyid) is not None


def test_a_workplace_taken_out_is_no_longer_listed(centre: Context) -> None:
    device = keys("nu027", Role.NETWORK_UNI)
    centre_trust.enrol(centre, device.public)
    before = listed(centre).version
    centre_trust.revoke(centre, "nu027")
    assert listed(centre).device(device.keyid) is None
    assert listed(centre).version == before + 1


def test_names_and_keys_that_do_not_fit_are_refused(centre: Context) -> None:
    with pytest.raises(UserError, match="does not fit"):
        centre_trust.enrol(centre, keys("nu027", Role.BASE_UNI).public)
    with pytest.raises(UserError, match="not the name of an organisation"):
        centre_trust.enrol(centre, keys("zz", Role.BASE_UNI).public)
    centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)
    with pytest.raises(UserError, match="other keys already"):
        centre_trust.enrol(centre, keys("nu027", Role.NETWORK_UNI).public)


def test_rights_follow_the_ties(centre: Context) -> None:
    for org, role in (("nu041", Role.NETWORK_UNI), ("bu013", Role.BASE_UNI), ("mp013", Role.MINISTRY_PROGRAMMER)):
        centre_trust.enrol(centre, keys(org, role).public)
    entries = {entry.org: entry for entry in listed(centre).list.organisations}
    assert set(entries["nu041"].may_send_to) == {"bu007", "bu013", "nu041", "ntc"}
    assert "university-students" in entries["nu041"].may_send
    assert "answer-key" not in entries["bu013"].may_send
    assert entries["ntc"].may_send_to == ("*",)
    assert len(entries["ntc"].persons) == 2
    assert "final-data" in entries["mp013"].may_send


def test_nothing_new_is_signed_when_nothing_changed(centre: Context) -> None:
    data = centre_trust.issue_trust(centre)
    assert centre_trust.issue_trust(centre) == data

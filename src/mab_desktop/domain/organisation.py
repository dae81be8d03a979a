"""Who takes part (p.2): roles of programs and organisations, and their codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mab_desktop.i18n import N_


class Role(StrEnum):
    """The role of a workplace: one per program complex, and the centre."""

    NTC = "ntc"
    NETWORK_UNI = "network_uni"
    AUDIT_FUND = "audit_fund"
    BASE_UNI = "base_uni"
    MINISTRY_PROGRAMMER = "ministry_programmer"


ROLE_LABELS = {
    Role.NTC: N_("National Testing Centre"),
    Role.NETWORK_UNI: N_("Network university"),
    Role.AUDIT_FUND: N_("Auditorium fund"),
    Role.BASE_UNI: N_("Base university"),
    Role.MINISTRY_PROGRAMMER: N_("Ministry programmer"),
}


class PersonRole(StrEnum):
    """What a person who logs in may do."""

    PROGRAMMER = "programmer"
    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    REPRESENTATIVE = "representative"


PERSON_LABELS = {
    PersonRole.PROGRAMMER: N_("Programmer"),
    PersonRole.OPERATOR: N_("Operator"),
    PersonRole.COORDINATOR: N_("Coordinator"),
    PersonRole.REPRESENTATIVE: N_("Ministry representative"),
}

# Which persons a program knows; the first of them begins its season.
PERSONS_OF = {
    Role.NTC: (PersonRole.PROGRAMMER, PersonRole.COORDINATOR),
    Role.NETWORK_UNI: (PersonRole.PROGRAMMER, PersonRole.OPERATOR, PersonRole.COORDINATOR),
    Role.AUDIT_FUND: (PersonRole.PROGRAMMER, PersonRole.COORDINATOR),
    Role.BASE_UNI: (PersonRole.PROGRAMMER, PersonRole.COORDINATOR),
    Role.MINISTRY_PROGRAMMER: (PersonRole.PROGRAMMER, PersonRole.REPRESENTATIVE, PersonRole.COORDINATOR),
}
# Who lets people in and closes accounts; who may answer for another person together with one of these.
MANAGERS = (PersonRole.PROGRAMMER, PersonRole.COORDINATOR)
ANSWERABLE = (PersonRole.PROGRAMMER, PersonRole.COORDINATOR, PersonRole.REPRESENTATIVE)

NTC_CODE = "ntc"


def organisation_id(role: Role, code: str) -> str:
    """The name that carriers know an organisation by: `nu027`, `bu013`, `af013`, `mp013`, `ntc`."""
    return NTC_CODE if role is Role.NTC else PREFIX[role] + code


PREFIX = {Role.NETWORK_UNI: "nu", Role.AUDIT_FUND: "af", Role.BASE_UNI: "bu", Role.MINISTRY_PROGRAMMER: "mp"}


def parse_organisation(organisation: str) -> tuple[Role, str]:
    """Role and university code of an organisation's name; ValueError for a name of no known form."""
    if organisation == NTC_CODE:
        return Role.NTC, ""
    for role, prefix in PREFIX.items():
        if organisation.startswith(prefix) and len(organisation) > len(prefix):
            return role, organisation[len(prefix) :]
    raise ValueError(organisation)


TRAINING = N_("Training")
"""What is not the official exam: one word on papers, in windows and in the centre's tool."""


@dataclass(frozen=True, slots=True)
class Season:
    """The season that a workplace works in: year of the МАБ, campaign name on carriers, test or official mode."""

    year: int
    campaign: str
    official: bool

    @classmethod
    def of(cls, year: int, *, official: bool) -> Season:
        """The season of a year; its campaign has one name at the centre and at every workplace, or no file is taken."""
        return cls(year, str(year), official)

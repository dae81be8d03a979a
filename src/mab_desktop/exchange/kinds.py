"""The closed list of carrier kinds: what travels, from which role to which, and how many must sign."""

from __future__ import annotations

from dataclasses import dataclass

from mab_desktop.domain.carrier_records import RECORDS

NTC, BASE_UNI, NETWORK_UNI, AUDIT_FUND, MINISTRY_PROGRAMMER = ROLES = (
    "ntc",
    "base_uni",
    "network_uni",
    "audit_fund",
    "ministry_programmer",
)

SNAPSHOT, APPEND = "snapshot", "append"

Route = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CarrierKind:
    """One kind of carrier.

    `number` is the file of the regulation (F1-F16; "" for our own). `routes` are the allowed pairs of sender's and
    recipient's role. A `snapshot` replaces what the same stream brought before, an `append` adds to it. `broadcast`
    means one file for every organisation. `two_persons` asks for the signatures of two people of the sender.
    `unlisted` lets in a sender who is not in the trust list yet. `encloses` lets files travel along: images of sheets,
    photographs, pictures under plans.
    """

    name: str
    number: str
    routes: tuple[Route, ...]
    mode: str = SNAPSHOT
    two_persons: bool = False
    broadcast: bool = False
    unlisted: bool = False
    encloses: bool = False
    schema: int = 1

    @property
    def record_types(self) -> tuple[str, ...]:
        """Types of the records that it may hold."""
        return tuple(RECORDS[self.name])

    @property
    def sender_roles(self) -> tuple[str, ...]:
        """Roles that may send it."""
        return tuple(dict.fromkeys(sender for sender, _ in self.routes))

    @property
    def recipient_roles(self) -> tuple[str, ...]:
        """Roles that may open it."""
        return tuple(dict.fromkeys(recipient for _, recipient in self.routes))

    def recipients_of(self, sender_role: str) -> tuple[str, ...]:
        """Roles that may open it when it comes from `sender_role`."""
        return tuple(recipient for sender, recipient in self.routes if sender == sender_role)


def _from(sender: str, *recipients: str) -> tuple[Route, ...]:
    return tuple((sender, recipient) for recipient in recipients)


_EVERYBODY_ELSE = tuple(role for role in ROLES if role != NTC)
_ALL_PAIRS = tuple((sender, recipient) for sender in ROLES for recipient in ROLES)

REFERENCE = CarrierKind("reference", "F1", _from(NTC, *_EVERYBODY_ELSE), broadcast=True)
CONTINGENT = CarrierKind("contingent", "F2", _from(NTC, AUDIT_FUND, BASE_UNI))
HALL_FUND = CarrierKind(
    "hall-fund", "F3", (*_from(AUDIT_FUND, NTC, BASE_UNI), *_from(BASE_UNI, NTC)), encloses=True, schema=4
)
OPERATOR_PORTION = CarrierKind("operator-portion", "F4", _from(NETWORK_UNI, NETWORK_UNI), mode=APPEND, schema=2)
OPERATOR_CORRECTIONS = CarrierKind(
    "operator-corrections", "F4", _from(NETWORK_UNI, NETWORK_UNI), mode=APPEND, schema=2
)
STATISTICS = CarrierKind("statistics", "F5", (*_from(NETWORK_UNI, BASE_UNI), *_from(BASE_UNI, NTC)))
UNIVERSITY_STUDENTS = CarrierKind("university-students", "F6", _from(NETWORK_UNI, BASE_UNI), encloses=True, schema=3)
BASE_STUDENTS = CarrierKind("base-students", "F7", _from(BASE_UNI, NTC), schema=2)
FINAL_STUDENTS = CarrierKind("final-students", "F8", _from(NTC, BASE_UNI, MINISTRY_PROGRAMMER), schema=2)
PASSES = CarrierKind("passes", "F9", _from(BASE_UNI, NETWORK_UNI), schema=2)
WRONG_DATA = CarrierKind(
    "wrong-data", "F10", (*_from(NETWORK_UNI, BASE_UNI), *_from(BASE_UNI, NTC, MINISTRY_PROGRAMMER))
)
HAND_OVER = CarrierKind("hand-over", "F11", _from(BASE_UNI, MINISTRY_PROGRAMMER))
VARIANTS = CarrierKind("variants", "F12", _from(NTC, MINISTRY_PROGRAMMER))
ANSWER_KEY = CarrierKind("answer-key", "F14", _from(NTC, MINISTRY_PROGRAMMER), mode=APPEND, two_persons=True)
DAILY_STATISTICS = CarrierKind("daily-statistics", "F15", _from(MINISTRY_PROGRAMMER, NTC), mode=APPEND)
FINAL_DATA = CarrierKind("final-data", "F16", _from(MINISTRY_PROGRAMMER, NTC), encloses=True, schema=2)
RESULTS = CarrierKind(
    "results", "F16", (*_from(MINISTRY_PROGRAMMER, NTC, BASE_UNI), *_from(BASE_UNI, NETWORK_UNI)),
    mode=APPEND, two_persons=True,
)  # fmt: skip
# Each receipt lists everything that was taken from its recipient, so a later one stands for those that were lost.
RECEIPT = CarrierKind("receipt", "", _ALL_PAIRS)
STREAM_DECISION = CarrierKind("stream-decision", "", _from(NTC, *_EVERYBODY_ELSE), two_persons=True)
TRUST = CarrierKind("trust", "", _from(NTC, *ROLES), two_persons=True, broadcast=True)
ENROLMENT = CarrierKind("enrolment", "", tuple((role, NTC) for role in ROLES), mode=APPEND, unlisted=True)

KINDS: dict[str, CarrierKind] = {
    kind.name: kind
    for kind in (
        REFERENCE, CONTINGENT, HALL_FUND, OPERATOR_PORTION, OPERATOR_CORRECTIONS, STATISTICS, UNIVERSITY_STUDENTS,
        BASE_STUDENTS, FINAL_STUDENTS, PASSES, WRONG_DATA, HAND_OVER, VARIANTS, ANSWER_KEY, DAILY_STATISTICS,
        FINAL_DATA, RESULTS, RECEIPT, STREAM_DECISION, TRUST, ENROLMENT,
    )
}  # fmt: skip

"""Records about files and workplaces themselves: who asks to be let in, what came, what went incomplete and why."""

from __future__ import annotations

from collections.abc import Mapping

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

# Why a hall fund or the databases went although something lacked (p.17, p.23): who said so, when, and what lacked.
SENT_INCOMPLETE = RecordSpec(
    "sent-incomplete",
    N_("Sent although incomplete"),
    (
        Field("reason", N_("Reason"), required=True, max_length=500),
        Field("by", N_("Written down by"), required=True, max_length=200),
        Field("at", N_("When"), required=True, max_length=40),
        Field("missing", N_("Without the database of"), max_length=4000),
        Field("unconfirmed", N_("Without signed statistics of"), max_length=4000),
        Field("without_seat", N_("Students without a seat"), Kind.INTEGER, required=True, low=0, high=1_000_000),
    ),
)

# -- a new workplace to the centre

DEVICE = RecordSpec(
    "device",
    N_("Workplace"),
    (
        Field("org", N_("Organisation"), required=True, max_length=50),
        Field("device", N_("Workplace"), required=True, max_length=50),
        Field("role", N_("Role"), required=True, max_length=32),
        Field("keyid", N_("Signing key"), required=True, max_length=64, exact=True),
        Field("age", N_("Encryption key"), required=True, max_length=62, exact=True),
    ),
)

PERSON = RecordSpec(
    "person",
    N_("Person who signs"),
    (
        Field("org", N_("Organisation"), required=True, max_length=50),
        Field("person", N_("Person"), required=True, max_length=50),
        Field("keyid", N_("Signing key"), required=True, max_length=64, exact=True),
        Field("name", N_("Full name"), required=True, max_length=200),
    ),
)

ENROLMENT_RECORDS: Mapping[str, RecordSpec] = {"device": DEVICE, "person": PERSON}

# -- back to the sender

RECEIPT = RecordSpec(
    "receipt",
    N_("Receipt"),
    (
        Field("digest", N_("Digest"), required=True, max_length=64, exact=True),
        Field("stream", N_("Stream"), required=True, max_length=200),
        Field("seq", N_("Number"), Kind.INTEGER, required=True, low=1),
        Field("accepted_at", N_("Loaded at"), required=True, max_length=40),
    ),
)

# -- the centre on two files with one number

STREAM_DECISION = RecordSpec(
    "stream-decision",
    N_("Decision on two files with one number"),
    (
        Field("stream", N_("Stream"), required=True, max_length=200),
        Field("file", N_("Check groups of the second file"), required=True, max_length=16, exact=True),
        Field("counts", N_("The second file counts"), Kind.FLAG, required=True),
        Field("decided_at", N_("Decided at"), required=True, max_length=40),
    ),
)

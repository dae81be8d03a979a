"""The hand-over register between a base university and its network universities, and trainings (p.19-22)."""

from __future__ import annotations

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

PROGRAM, PAPER, CONFIRMED = ITEMS = ("program", "paper", "confirmed")
ITEM_LABELS = {
    PROGRAM: N_("Program given"),
    PAPER: N_("Signed print of the database"),
    CONFIRMED: N_("Final statistics signed and sealed"),
}
COORDINATOR, PROGRAMMER = OFFICES = ("coordinator", "programmer")
OFFICE_LABELS = {
    COORDINATOR: N_("Network-university coordinator"),
    PROGRAMMER: N_("Network-university programmer"),
}

# Who got the program (p.19, p.20).
PROGRAM_RECORD = RecordSpec(
    "program-hand-over",
    N_("Hand-over of the network program"),
    (
        Field("university", N_("Network university"), Kind.CODE, required=True, max_length=3, exact=True,
              choices="university"),
        Field("day", N_("Date"), Kind.DATE, required=True, carry=True),
        Field("person", N_("Who received it"), required=True, max_length=120, hint=N_("Full name.")),
        Field("post", N_("Post"), max_length=120),
        Field("phone", N_("Telephone"), max_length=40),
        Field("version", N_("Version of the program"), required=True, max_length=40, carry=True),
        Field("carrier", N_("Carrier"), max_length=60, carry=True, hint=N_("The drive or disk that it was given on.")),
        Field("signed", N_("Signed for it in the register"), Kind.FLAG),
        Field("note", N_("Remark"), max_length=200),
    ),
)  # fmt: skip
_TYPED = (
    Field("total", N_("Number of students"), required=True, max_length=12),
    Field("checksum", N_("Control sum"), required=True, max_length=40,
          hint=N_("With or without dashes, in any layout of the keyboard.")),
)  # fmt: skip
_SIGNED = (
    Field("day", N_("Date of the signature"), Kind.DATE, required=True),
    Field("person", N_("Who signed it"), required=True, max_length=120, hint=N_("Full name.")),
    Field("post", N_("Post"), max_length=120),
)
_REMARK = Field("note", N_("Remark"), max_length=200)
# A paper that a university brought: its numbers typed from it, who signed it and when (p.21, p.22).
PAPER_RECORD = RecordSpec(
    "university-paper", N_("Signed print of the database"), (*_TYPED, *_SIGNED, _REMARK)
)  # fmt: skip
STATISTICS_RECORD = RecordSpec(
    "university-statistics",
    N_("Final statistics signed and sealed"),
    (*_TYPED, *_SIGNED, Field("sealed", N_("The seal of the university is on it"), Kind.FLAG), _REMARK),
)
TRAINING_RECORD = RecordSpec(
    "training",
    N_("Training of coordinators and programmers"),
    (
        Field("day", N_("Date"), Kind.DATE, required=True),
        Field("place", N_("Place"), required=True, max_length=120),
        Field("topic", N_("Topic"), required=True, max_length=200),
        Field("held_by", N_("Who held it"), required=True, max_length=120),
    ),
)

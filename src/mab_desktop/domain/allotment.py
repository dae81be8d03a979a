"""What the centre allots (p.23, p.24): code, subjects, shift, date, building and hall of each student."""

from __future__ import annotations

from mab_desktop.domain.fields import Field, Kind, RecordSpec
from mab_desktop.i18n import N_

SHIFT = RecordSpec(
    "shift",
    N_("Shift"),
    (
        Field("number", N_("Shift"), Kind.INTEGER, required=True, low=1, high=99),
        Field("exam_date", N_("Exam date"), Kind.DATE, required=True),
        Field("start_time", N_("Start time"), required=True, max_length=5, exact=True),
    ),
)

ALLOTMENT = RecordSpec(
    "allotment",
    N_("Allotment"),
    (
        Field("student", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("code", N_("Personal code"), Kind.DIGITS, required=True, max_length=10),
        Field("shift", N_("Shift"), Kind.INTEGER, required=True, low=1, high=99),
        Field("building", N_("Building number"), Kind.DIGITS, required=True, max_length=2),
        Field("hall", N_("Hall number"), Kind.DIGITS, required=True, max_length=3),
        Field("test_language", N_("Language of the test"), Kind.CODE, required=True, max_length=1),
        *(
            Field(f"subject{i}", N_("Subject"), Kind.CODE, required=True, max_length=8, choices="subject")
            for i in range(1, 6)
        ),
    ),
)
SUBJECT_FIELDS = tuple(f"subject{i}" for i in range(1, 6))

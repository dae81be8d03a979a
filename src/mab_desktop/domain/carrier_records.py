"""The records of every carrier kind, flat and checked by their specs on both sides of a border."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from mab_desktop.domain.allotment import ALLOTMENT, SHIFT
from mab_desktop.domain.errors import Problem
from mab_desktop.domain.fields import Field, Kind, RecordSpec, Values
from mab_desktop.domain.hall import BUILDING_PICTURE, BUILDING_RECORD, HALL_RECORD
from mab_desktop.domain.json_text import object_of
from mab_desktop.domain.second_entry import SECOND_DIFFERENCE, SECOND_ENTRY, SECOND_WANTED
from mab_desktop.domain.statistics import STATISTICS_ROW
from mab_desktop.domain.student import STUDENT, STUDENT_META, STUDENT_RECORD, WRONG_DATA
from mab_desktop.domain.workplace_records import ENROLMENT_RECORDS, RECEIPT, SENT_INCOMPLETE, STREAM_DECISION
from mab_desktop.i18n import N_

Specs = Mapping[str, RecordSpec]
Check = Callable[[Values], Iterable[Problem]]

_JSON_LIMIT = 60_000  # bytes, as they are spelled in a line of a carrier, which takes 65,536


def _id(name: str, label: str, *, required: bool = True) -> Field:
    return Field(name, label, required=required, max_length=32)


def _university(name: str = "university", label: str = N_("Network university")) -> Field:
    return Field(name, label, Kind.DIGITS, required=True, max_length=3, exact=True)


def _shift() -> Field:
    return Field("shift", N_("Shift"), Kind.INTEGER, required=True, low=1, high=99)


def _hall() -> Field:
    return Field("hall", N_("Hall number"), Kind.DIGITS, required=True, max_length=3)


def _code(*, required: bool = True) -> Field:
    return Field("code", N_("Personal code"), Kind.DIGITS, required=required, max_length=10)


def _fits(name: str) -> Check:
    """Letters of two bytes, and quotes with their mark before them, count as what they are."""

    def problems(values: Values) -> Iterator[Problem]:
        if len(json.dumps(values[name], ensure_ascii=False).encode()) > _JSON_LIMIT:
            yield Problem(name, N_("At most {n} bytes."), (("n", _JSON_LIMIT),))

    return problems


_DECIDED: Mapping[str, type] = {"values": list, "code": str, "seat": int, "variant": str}


def _is_decision(values: Values) -> Iterator[Problem]:
    """What the centre counts from must be of the kind that it counts with."""
    try:
        found = object_of(values["value_json"])
    except ValueError:
        found = {"code": None}
    right = all(name not in found or type(found[name]) is of for name, of in _DECIDED.items())
    if not right or not all(type(value) is str for value in found.get("values", ())):
        yield Problem("value_json", N_("Holds a value that cannot be read."))


# -- reference package, contingent, hall fund (F1-F3)

SETTING = RecordSpec(
    "setting",
    N_("Setting"),
    (
        Field("key", N_("Name of the setting"), required=True, max_length=64),
        Field("json", N_("Value"), required=True, max_length=_JSON_LIMIT),
    ),
    checks=(_fits("json"),),
)
REFERENCE_LINE = RecordSpec(
    "reference",
    N_("Reference list"),
    (
        Field("list", N_("List"), required=True, max_length=32),
        Field("code", N_("Code in the list"), required=True, max_length=16),
        Field("position", N_("Position"), Kind.INTEGER, required=True, low=1),
        Field("name_kk", N_("Name in Kazakh"), required=True, max_length=300),
        Field("name_ru", N_("Name in Russian"), required=True, max_length=300),
        Field("name_en", N_("Name in English"), max_length=300),
        Field("extra_json", N_("Further values"), max_length=4000),
    ),
)
CONTINGENT = RecordSpec(
    "contingent",
    N_("Contingent"),
    (
        Field("direction", N_("Direction of training"), required=True, max_length=2),
        Field("language", N_("Language of instruction"), required=True, max_length=1),
        Field("students", N_("Students"), Kind.INTEGER, required=True, low=0, high=100_000),
    ),
)
# Which state of the fund this is: a number, and why it changed after 16 March.
FUND_VERSION = RecordSpec(
    "fund-version",
    N_("Version of the fund"),
    (
        Field("number", N_("Version"), Kind.INTEGER, required=True, low=1, high=9999),
        Field("reason", N_("Reason"), max_length=500),
        Field("digest", N_("Digest"), required=True, max_length=64, exact=True),
    ),
)
REFERENCE_RECORDS: Specs = {"setting": SETTING, "reference": REFERENCE_LINE}
CONTINGENT_RECORDS: Specs = {"contingent": CONTINGENT}
HALL_FUND_RECORDS: Specs = {
    "fund-version": FUND_VERSION, "building": BUILDING_RECORD, "hall": HALL_RECORD,
    "building-picture": BUILDING_PICTURE, "sent-incomplete": SENT_INCOMPLETE,
}  # fmt: skip

# -- students on their way to the centre and back (F5-F10)

SPECIALTY_TAUGHT = RecordSpec(
    "specialty-taught",
    N_("Specialty whose students take part"),
    (_university(), Field("specialty", N_("Specialty cipher"), required=True, max_length=6, exact=True)),
)
PASS = RecordSpec(
    "pass",
    N_("Admission slip"),
    (
        _id("student", N_("Record identifier")),
        Field("number", N_("Pass number"), Kind.DIGITS, required=True, max_length=10),
    ),
)
# A photograph for the pass; its JPEG is enclosed as photos/<student>.jpg.
PHOTO = RecordSpec(
    "photo",
    N_("Photograph"),
    (
        Field("student", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("sha256", N_("Digest of the image"), required=True, max_length=64, exact=True),
        Field("size", N_("Bytes of the image"), Kind.INTEGER, required=True, low=1, high=65_536),
    ),
)
# How many students of the university sit the test at another base university: so nobody is missed at both.
STUDENTS_ELSEWHERE = RecordSpec(
    "students-elsewhere",
    N_("Students of another base university"),
    (
        _university("base_university", N_("Base university")),
        Field("students", N_("Students"), Kind.INTEGER, required=True, low=1, high=100_000),
    ),
)
STATISTICS_RECORDS: Specs = {"statistics-row": STATISTICS_ROW}
UNIVERSITY_STUDENTS_RECORDS: Specs = {
    "student": STUDENT_RECORD, "specialty-taught": SPECIALTY_TAUGHT, "photo": PHOTO,
    "students-elsewhere": STUDENTS_ELSEWHERE,
}  # fmt: skip
BASE_STUDENTS_RECORDS: Specs = {"student": STUDENT_RECORD, "sent-incomplete": SENT_INCOMPLETE}
FINAL_STUDENTS_RECORDS: Specs = {
    "shift": SHIFT, "building": BUILDING_RECORD, "hall": HALL_RECORD, "student": STUDENT_RECORD, "allotment": ALLOTMENT,
}  # fmt: skip
PASSES_RECORDS: Specs = {**FINAL_STUDENTS_RECORDS, "pass": PASS}
WRONG_DATA_RECORDS: Specs = {"wrong-data": WRONG_DATA}

# -- between the PCs of one network university (F4)

# A partly typed record travels too (`complete` is false), so no field of the form is required. `base_version` is the
# version at the last border; `marks` say who changed which field, `grounds` why (domain.merge), both as JSON.
PORTION_STUDENT = RecordSpec(
    "student",
    N_("Student"),
    (
        *STUDENT_META,
        Field("base_version", N_("Version at the last border"), Kind.INTEGER, required=True, low=0),
        Field("complete", N_("Complete"), Kind.FLAG, required=True),
        Field("deleted", N_("Deleted"), Kind.FLAG, required=True),
        Field("created_at", N_("Entered at"), required=True, max_length=40),
        Field("created_by", N_("Entered by"), required=True, max_length=64),
        Field("marks", N_("Who changed which field"), required=True, max_length=8000),
        Field("grounds", N_("Why fields were changed"), max_length=16000),
        *(replace(field, required=False) for field in STUDENT.fields),
    ),
)
OPERATOR_DAY = RecordSpec(
    "operator-day",
    N_("Operator's working day"),
    (
        Field("day", N_("Date"), Kind.DATE, required=True),
        Field("operator", N_("Login"), required=True, max_length=64),
        Field("name", N_("Full name"), required=True, max_length=200),
        Field("device", N_("Workplace"), required=True, max_length=64),
        Field("started", N_("First entry"), required=True, max_length=5, exact=True),
        Field("finished", N_("Last entry"), required=True, max_length=5, exact=True),
        Field("new", N_("New records"), Kind.INTEGER, required=True, low=0),
        Field("changed", N_("Changed records"), Kind.INTEGER, required=True, low=0),
        Field("deleted", N_("Deleted records"), Kind.INTEGER, required=True, low=0),
        Field("total", N_("Records in all"), Kind.INTEGER, required=True, low=0),
        Field("verified", N_("Records typed again"), Kind.INTEGER, low=0),
        Field("keys", N_("Keys pressed"), Kind.INTEGER, low=0),
    ),
)

OPERATOR_PORTION_RECORDS: Specs = {
    "student": PORTION_STUDENT, "operator-day": OPERATOR_DAY, "second-entry": SECOND_ENTRY,
    "second-difference": SECOND_DIFFERENCE,
}  # fmt: skip
# What the programmer found of two records that looked like one person; `keep` as in the table.
DUPLICATE = RecordSpec(
    "duplicate",
    N_("Duplicate"),
    (
        Field("first", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("second", N_("Record identifier"), required=True, max_length=32, exact=True),
        Field("keep", N_("Record that stays"), max_length=32),
        Field("reason", N_("Reason"), required=True, max_length=200),
        Field("by", N_("Decided by"), required=True, max_length=64),
        Field("at", N_("Decided at"), required=True, max_length=40),
    ),
)
OPERATOR_CORRECTIONS_RECORDS: Specs = {
    "student": PORTION_STUDENT, "specialty-taught": SPECIALTY_TAUGHT, "duplicate": DUPLICATE,
    "second-wanted": SECOND_WANTED,
}  # fmt: skip

# -- the base university's hand-over to the ministry representative (F11)

DUTY_OFFICER = RecordSpec(
    "duty-officer",
    N_("Hall duty officer"),
    (
        _id("id", N_("Record identifier")),
        Field("full_name", N_("Full name"), required=True, max_length=120),
        Field("post", N_("Post, department"), max_length=120),
        Field("phone", N_("Telephone"), max_length=40),
        Field("place", N_("Hall or corridor"), max_length=40),
        Field("shift", N_("Shift"), Kind.INTEGER, low=1, high=99),
        Field("file_received", N_("Personal file received"), Kind.FLAG),
        Field("trained", N_("Trained"), Kind.FLAG),
    ),
)
COMMISSION_MEMBER = RecordSpec(
    "commission-member",
    N_("Member of the state commission"),
    (
        _id("id", N_("Record identifier")),
        Field("full_name", N_("Full name"), required=True, max_length=120),
        Field("post", N_("Post, department"), max_length=120),
        Field("organisation", N_("Organisation"), max_length=120),
        Field("role", N_("Role in the commission"), Kind.CODE, required=True, max_length=16,
              choices="commission_role"),
        Field("phone", N_("Telephone"), max_length=40),
    ),
)  # fmt: skip
REGISTER_LINE = RecordSpec(
    "register-line",
    N_("Register of slip issue"),
    (*PASS.fields, Field("issued", N_("Issued"), Kind.FLAG)),
)

HAND_OVER_RECORDS: Specs = {
    "duty-officer": DUTY_OFFICER, "commission-member": COMMISSION_MEMBER, "register-line": REGISTER_LINE,
}  # fmt: skip

# -- the centre's secrets for the exam (F12, F14)

SHIFT_SEAL = RecordSpec(
    "shift-seal",
    N_("Sealed seating seed"),
    (
        _shift(),
        Field("commitment", N_("Commitment"), required=True, max_length=64, exact=True),
        Field("sealed_seed", N_("Sealed seating seed"), required=True, max_length=4000),
    ),
)
VARIANT_SEAT = RecordSpec(
    "variant-seat",
    N_("Variant of a seat"),
    (
        _shift(), _hall(),
        Field("seat", N_("Seat"), Kind.INTEGER, required=True, low=1, high=999),
        Field("variant", N_("Variant"), Kind.DIGITS, required=True, max_length=8),
    ),
)  # fmt: skip
SHEET_STACK = RecordSpec(
    "sheet-stack",
    N_("Stack of answer sheets"),
    (
        _shift(), _hall(),
        Field("first_serial", N_("First serial number"), Kind.DIGITS, required=True, max_length=12, exact=True),
        Field("count", N_("Answer sheets"), Kind.INTEGER, required=True, low=1, high=9999),
    ),
)  # fmt: skip
SEALED_KEY = RecordSpec(
    "sealed-key",
    N_("Sealed answer key"),
    (
        _shift(),
        Field("commitment", N_("Commitment"), required=True, max_length=64, exact=True),
        Field("envelope", N_("Sealed answer key"), required=True, max_length=_JSON_LIMIT),
    ),
    checks=(_fits("envelope"),),
)

VARIANTS_RECORDS: Specs = {"shift-seal": SHIFT_SEAL, "variant-seat": VARIANT_SEAT, "sheet-stack": SHEET_STACK}
ANSWER_KEY_RECORDS: Specs = {"sealed-key": SEALED_KEY}

# -- what the ministry programmer sends back (F15, F16)

DAILY = RecordSpec(
    "daily",
    N_("Daily statistics"),
    (
        _shift(),
        Field("direction", N_("Direction of training"), max_length=2),
        Field("language", N_("Language of the test"), max_length=1),
        Field("planned", N_("Planned"), Kind.INTEGER, required=True, low=0),
        Field("present", N_("Present"), Kind.INTEGER, required=True, low=0),
        Field("absent", N_("Absent"), Kind.INTEGER, required=True, low=0),
        Field("removed", N_("Removed"), Kind.INTEGER, required=True, low=0),
        Field("sheets", N_("Sheets scanned"), Kind.INTEGER, low=0),
        Field("automatic", N_("Identified automatically"), Kind.INTEGER, low=0),
        Field("visual", N_("Identified visually"), Kind.INTEGER, low=0),
        Field("points", N_("Points in all"), Kind.INTEGER, low=0),
        Field("highest", N_("Highest total"), Kind.INTEGER, low=0),
        Field("lowest", N_("Lowest total"), Kind.INTEGER, low=0),
        Field("appeals", N_("Appeal applications"), Kind.INTEGER, low=0),
        Field("appeal_items", N_("Items appealed"), Kind.INTEGER, low=0),
        Field("appeal_satisfied", N_("Items satisfied"), Kind.INTEGER, low=0),
    ),
)
FINAL_STUDENT_CHANGE = RecordSpec(
    "student-change",
    N_("Correction of a student's data"),
    (
        _id("student", N_("Record identifier")),
        Field("field", N_("Field"), required=True, max_length=32),
        Field("old", N_("Old value"), max_length=200),
        Field("new", N_("New value"), max_length=200),
        Field("ground", N_("Ground (document)"), max_length=200),
        Field("by", N_("Changed by"), required=True, max_length=64),
        Field("at", N_("Changed at"), required=True, max_length=40),
    ),
)
FINAL_SEAT = RecordSpec(
    "seat",
    N_("Seat"),
    (
        _id("student", N_("Record identifier")), _shift(), _hall(),
        Field("seat", N_("Seat"), Kind.INTEGER, required=True, low=1, high=999),
    ),
)  # fmt: skip
FINAL_SHEET = RecordSpec(
    "sheet",
    N_("Answer sheet"),
    (
        Field("serial", N_("Serial number"), required=True, max_length=40),
        _shift(), _hall(),
        Field("passes", N_("Scan passes"), Kind.INTEGER, required=True, low=0, high=99),
        # Effective values: empty on a blank or unused sheet, and where the commission named none.
        _code(required=False),
        Field("seat", N_("Seat"), Kind.INTEGER, low=1, high=999),
        Field("variant", N_("Variant"), Kind.DIGITS, max_length=8),
        # One character an item, subject after subject: a letter, "-" for none, "*" for more than one or doubtful.
        Field("answers", N_("Answers read"), max_length=600),
    ),
)  # fmt: skip
FINAL_IDENTIFICATION = RecordSpec(
    "identification",
    N_("Identification of answer sheets"),
    (
        Field("serial", N_("Serial number"), required=True, max_length=40),
        _shift(), _hall(),
        Field("state", N_("State"), required=True, max_length=24),
        _code(required=False),
        Field("protocol_version", N_("Protocol version"), Kind.INTEGER, low=0),
        Field("by", N_("Decided by"), max_length=64),
        Field("at", N_("Decided at"), max_length=40),
    ),
)  # fmt: skip
FINAL_SCORE = RecordSpec(
    "score",
    N_("Points"),
    (
        _shift(), _code(),
        Field("subject", N_("Subject"), required=True, max_length=8),
        Field("before", N_("Points before appeal"), Kind.INTEGER, required=True, low=0, high=600),
        Field("after", N_("Points after appeal"), Kind.INTEGER, required=True, low=0, high=600),
    ),
)  # fmt: skip
FINAL_APPEAL = RecordSpec(
    "appeal",
    N_("Appeal application"),
    (
        _id("id", N_("Record identifier")), _shift(), _code(),
        Field("number", N_("Number"), Kind.INTEGER, low=1),
        Field("received_at", N_("Received at"), required=True, max_length=40),
        Field("state", N_("State of the appeal"), required=True, max_length=24),
    ),
)  # fmt: skip
FINAL_APPEAL_ITEM = RecordSpec(
    "appeal-item",
    N_("Appealed item"),
    (
        _id("appeal", N_("Appeal application")),
        Field("subject", N_("Subject"), required=True, max_length=8),
        Field("item", N_("Item"), Kind.INTEGER, required=True, low=1, high=60),
        Field("satisfied", N_("Satisfied"), Kind.FLAG, required=True),
        Field("ground", N_("Ground for giving a point"), Kind.INTEGER, low=1, high=5),
        Field("member", N_("Member of the commission"), max_length=120),
        Field("reasons", N_("Reasons in full"), max_length=4000),
        Field("literature", N_("Literature"), max_length=1000),
    ),
)
FINAL_PRESENCE = RecordSpec(
    "presence",
    N_("Presence"),
    (_id("student", N_("Record identifier")), _shift(), Field("state", N_("State"), required=True, max_length=24)),
)

# What the centre counts again from: pages as each scan saw them, what the reader settled from both, every decision.
FINAL_READING = RecordSpec(
    "reading",
    N_("Page as it was read"),
    (
        Field("page", N_("Page"), Kind.INTEGER, required=True, low=1),
        _shift(), _hall(),
        Field("scan_pass", N_("Scan pass"), Kind.INTEGER, required=True, low=1, high=2),
        Field("position", N_("Place in the envelope"), Kind.INTEGER, required=True, low=0),
        Field("attempt", N_("Attempt"), Kind.INTEGER, required=True, low=1),
        Field("ok", N_("Readable"), Kind.FLAG, required=True),
        Field("serial", N_("Serial number"), max_length=40),
        Field("sha256", N_("Digest of the image"), required=True, max_length=64, exact=True),
        # `field:marks` for each field; one character a column, longer marks in brackets (domain.recount_marks).
        Field("marks", N_("Marks"), max_length=8000),
    ),
)  # fmt: skip
FINAL_SETTLED = RecordSpec(
    "settled-mark",
    N_("Mark settled from both scans"),
    (
        Field("serial", N_("Serial number"), required=True, max_length=40),
        _shift(), _hall(),
        Field("field", N_("Field"), required=True, max_length=32),
        Field("column", N_("Column"), Kind.INTEGER, required=True, low=0, high=999),
        Field("mark", N_("Mark"), required=True, max_length=20),
    ),
)  # fmt: skip
FINAL_DECISION = RecordSpec(
    "decision",
    N_("Decision"),
    (
        Field("id", N_("Number"), Kind.INTEGER, required=True, low=1),
        _shift(), _hall(),
        Field("kind", N_("Kind"), required=True, max_length=16),
        Field("serial", N_("Serial number"), max_length=40),
        Field("page", N_("Page"), Kind.INTEGER, low=1),
        _id("student", N_("Record identifier"), required=False),
        Field("field", N_("Field"), max_length=32),
        Field("column", N_("Column"), Kind.INTEGER, low=0, high=999),
        Field("value_json", N_("Value"), required=True, max_length=2000),
        Field("ground", N_("Ground (document)"), max_length=500),
        Field("protocol_version", N_("Protocol version"), Kind.INTEGER, low=0),
        Field("by", N_("Decided by"), required=True, max_length=64),
        Field("at", N_("Decided at"), required=True, max_length=40),
        Field("undone_by", N_("Taken back by"), max_length=64),
        Field("undone_at", N_("Taken back at"), max_length=40),
    ),
    checks=(_is_decision,),
)  # fmt: skip
FINAL_SEATING = RecordSpec(
    "seating",
    N_("Draw of the seats"),
    (
        _shift(),
        Field("commitment", N_("Commitment"), required=True, max_length=64, exact=True),
        Field("roster", N_("Digest of the list"), required=True, max_length=64, exact=True),
        Field("halls", N_("Digest of the halls"), required=True, max_length=64, exact=True),
        Field("local", N_("This computer's half of the seed"), required=True, max_length=64, exact=True),
        Field("code", N_("Code"), required=True, max_length=12, exact=True),
        Field("result", N_("Digest of the seats"), required=True, max_length=64, exact=True),
        Field("drawn_at", N_("Drawn at"), required=True, max_length=40),
        Field("drawn_by", N_("Drawn by"), required=True, max_length=120),
    ),
)
FINAL_MARKS_CLOSED = RecordSpec(
    "marks-closed",
    N_("Closing of the marks"),
    (
        _shift(),
        Field("digest", N_("Digest"), required=True, max_length=64, exact=True),
        Field("sheets", N_("Answer sheets"), Kind.INTEGER, required=True, low=0),
        Field("at", N_("Closed at"), required=True, max_length=40),
        Field("by", N_("Closed by"), required=True, max_length=64),
        Field("statement", N_("Signed statement"), required=True, max_length=4000),
    ),
)
FINAL_OPENED_KEY = RecordSpec(
    "opened-key",
    N_("Opening of the key"),
    (
        _shift(),
        Field("commitment", N_("Commitment"), required=True, max_length=64, exact=True),
        Field("salt", N_("Salt of the commitment"), required=True, max_length=64, exact=True),
        Field("holders", N_("Holders of the passwords"), required=True, max_length=200),
        Field("chair", N_("Chair of the state commission"), required=True, max_length=120),
        Field("at", N_("Opened at"), required=True, max_length=40),
        Field("by", N_("Opened by"), required=True, max_length=120),
    ),
)
FINAL_KEY_LETTERS = RecordSpec(
    "key-letters",
    N_("Key of a variant"),
    (
        _shift(),
        Field("variant", N_("Variant"), Kind.DIGITS, required=True, max_length=8),
        Field("subject", N_("Subject"), required=True, max_length=8),
        Field("letters", N_("Right answers, item 1 first"), required=True, max_length=60),
    ),
)

# A scanned page and the enclosed file that shows it: `name` is empty when the image is lost, `pieces` counts the files
# that a very large one is cut into (`name`.1, `name`.2 …). Pages of runs set aside and covers are among them.
FINAL_IMAGE = RecordSpec(
    "image",
    N_("Image of a page"),
    (
        Field("page", N_("Page"), Kind.INTEGER, required=True, low=1),
        _shift(), _hall(),
        Field("scan_pass", N_("Scan pass"), Kind.INTEGER, required=True, low=1, high=2),
        Field("position", N_("Place in the envelope"), Kind.INTEGER, required=True, low=0),
        Field("attempt", N_("Attempt"), Kind.INTEGER, required=True, low=1),
        Field("counts", N_("Counts"), Kind.FLAG, required=True),
        Field("serial", N_("Serial number"), max_length=40),
        Field("name", N_("Image file"), max_length=200),
        Field("pieces", N_("Pieces"), Kind.INTEGER, required=True, low=1),
        Field("image_page", N_("Page of the image file"), Kind.INTEGER, required=True, low=1),
        Field("sha256", N_("Digest of the image"), required=True, max_length=64, exact=True),
    ),
)  # fmt: skip

FINAL_REPORT = RecordSpec("representative-report", N_("Paragraph of the representative's report"), (
    Field("task", N_("Task"), Kind.INTEGER, required=True, low=1, high=9),  # of p.7
    Field("paragraph", N_("Paragraph"), Kind.INTEGER, required=True, low=1),
    Field("text", N_("Text"), required=True, max_length=4000),
    Field("by", N_("By"), required=True, max_length=120), Field("at", N_("When"), required=True, max_length=40),
))  # fmt: skip
DAILY_STATISTICS_RECORDS: Specs = {"daily": DAILY}
FINAL_DATA_RECORDS: Specs = {
    spec.name: spec
    for spec in (FINAL_STUDENT_CHANGE, FINAL_SEAT, FINAL_SHEET, FINAL_IDENTIFICATION, FINAL_SCORE, FINAL_APPEAL,
                 FINAL_APPEAL_ITEM, FINAL_PRESENCE, FINAL_READING, FINAL_SETTLED, FINAL_DECISION, FINAL_SEATING,
                 FINAL_MARKS_CLOSED, FINAL_OPENED_KEY, FINAL_KEY_LETTERS, FINAL_IMAGE, FINAL_REPORT)
}  # fmt: skip

RECORDS: Mapping[str, Specs] = {
    "reference": REFERENCE_RECORDS,
    "contingent": CONTINGENT_RECORDS,
    "hall-fund": HALL_FUND_RECORDS,
    "operator-portion": OPERATOR_PORTION_RECORDS,
    "operator-corrections": OPERATOR_CORRECTIONS_RECORDS,
    "statistics": STATISTICS_RECORDS,
    "university-students": UNIVERSITY_STUDENTS_RECORDS,
    "base-students": BASE_STUDENTS_RECORDS,
    "final-students": FINAL_STUDENTS_RECORDS,
    "passes": PASSES_RECORDS,
    "wrong-data": WRONG_DATA_RECORDS,
    "hand-over": HAND_OVER_RECORDS,
    "variants": VARIANTS_RECORDS,
    "answer-key": ANSWER_KEY_RECORDS,
    "daily-statistics": DAILY_STATISTICS_RECORDS,
    "final-data": FINAL_DATA_RECORDS,
    "results": {"score": FINAL_SCORE},
    "receipt": {"receipt": RECEIPT},
    "stream-decision": {"stream-decision": STREAM_DECISION},
    "trust": {},
    "enrolment": ENROLMENT_RECORDS,
}

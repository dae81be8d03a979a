"""The log as people read it: what happened here, the newest first; when something was last saved and backed up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mab_desktop.i18n import N_, translate
from mab_desktop.services import backups
from mab_desktop.services.context import Context
from mab_desktop.services.event_words import EVENT_WORDS
from mab_desktop.storage.tables.core import AuditEntry

SHOWN = 2000
EVENT_TITLES = {
    "workplace-created": N_("Workplace made"),
    "account-added": N_("Person let in"),
    "account-changed": N_("Account changed"),
    "logged-in": N_("Logged in"),
    "login-refused": N_("Log-in refused"),
    "window-unlocked": N_("Window unlocked"),
    "password-reset": N_("Forgotten password given anew"),
    "reset-answered": N_("Request for a new password answered"),
    "recovery-renewed": N_("Recovery keys renewed"),
    "setting-changed": N_("Setting changed"),
    "backup-made": N_("Backup made"),
    "backup-checked": N_("Backups checked"),
    "backup-restored": N_("Backup restored"),
    "restore-tried": N_("Trial restore"),
    "reserve-copied": N_("Copy for the reserve PC made"),
    "workplace-handed-over": N_("Work handed over to the reserve PC"),
    "hand-over-taken-back": N_("Hand-over taken back"),
    "migration-run": N_("Database brought up to date"),
    "database-moved": N_("Database moved"),
    "trust-adopted": N_("Trust list taken"),
    "device-rekeyed": N_("New keys for this computer"),
    "person-key-made": N_("Signing key made"),
    "person-key-changed": N_("Password of a signing key changed"),
    "person-key-opened": N_("Signing key used"),
    "step-confirmed": N_("Step confirmed"),
    "carrier-built": N_("File made"),
    "carrier-written": N_("File written to a drive"),
    "carrier-receipted": N_("File confirmed by its recipient"),
    "carrier-accepted": N_("File taken"),
    "carrier-came-again": N_("The same file brought again"),
    "carrier-refused": N_("File refused"),
    "carrier-receipt-withdrawn": N_("File no longer with its recipient"),
    "carrier-waits": N_("File waits for earlier ones"),
    "drive-started": N_("Work on a drive begun"),
    "drive-finished": N_("Work on a drive ended"),
    "drive-ejected": N_("Drive to be taken out"),
    "stream-frozen": N_("Sender stopped: two files with one number"),
    "stream-released": N_("Sender set free by the centre"),
    "stream-decision-made": N_("Two files with one number decided"),
    "reference-loaded": N_("Reference package taken"),
    "list-exported": N_("List saved as a file"),
    "document-printed": N_("Paper made"),
    "print-started": N_("Printing begun"),
    "print-stopped": N_("Printing broke off"),
    "scanner-remembered": N_("Scanner and its settings kept"),
    "scanner-forgotten": N_("Scanner taken off the list"),
    "equipment-checked": N_("Printer and scanner checked"),
    "student-entered": N_("Record typed"),
    "student-changed": N_("Record corrected"),
    "student-deleted": N_("Record deleted"),
    "student-restored": N_("Record brought back"),
    "students-brought-in": N_("Table of students brought in"),
    "bringing-in-undone": N_("Bringing-in of a table taken back"),
    "photos-received": N_("Photographs marked"),
    "photo-kept": N_("Photograph kept"),
    "photos-kept": N_("Photographs of a folder kept"),
    "photo-removed": N_("Photographs taken away"),
    "photo-taken-back": N_("Act on photographs taken back"),
    "photos-taken": N_("Photographs taken with a database"),
    "operator-listed": N_("List of operators changed"),
    "specialties-chosen": N_("Specialties chosen"),
    "portion-merged": N_("Operator's records merged"),
    "corrections-merged": N_("Corrections merged"),
    "conflict-decided": N_("Conflict decided"),
    "conflict-reopened": N_("Decision on a conflict taken back"),
    "duplicate-settled": N_("Duplicate settled"),
    "duplicate-reopened": N_("Duplicate opened again"),
    "passes-taken": N_("Passes taken"),
    "pass-issued": N_("Passes issued"),
    "pass-issue-undone": N_("Mark of issue taken back"),
    "pass-spoilt": N_("Passes set aside as spoilt"),
    "pass-spoilt-undone": N_("Passes no longer spoilt"),
    "stub-collected": N_("Stubs marked"),
    "wrong-data-entered": N_("Wrong data entered"),
    "wrong-data-withdrawn": N_("Wrong data taken off the list"),
    "authority-created": N_("Centre's root keys made"),
    "organisation-registered": N_("Organisation registered"),
    "device-enrolled": N_("Workplace taken into the trust list"),
    "device-revoked": N_("Key of a workplace withdrawn"),
    "person-enrolled": N_("Signer taken into the trust list"),
    "person-revoked": N_("Key of a signer withdrawn"),
    "root-changed": N_("Centre's root keys changed"),
    "trust-issued": N_("Trust list issued"),
    "season-planned": N_("Shifts planned"),
    "contingent-set": N_("Contingent entered"),
    "allotment-made": N_("Students allotted"),
    "variants-drawn": N_("Variants drawn"),
    "variants-laid": N_("Variants laid on the seats"),
    "seating-sealed": N_("Seed of the seating sealed"),
    "seating-secret-told": N_("Secret of the seating told"),
    "answer-key-made": N_("Answer key entered"),
    "answer-key-sealed": N_("Answer key sealed"),
    "answer-key-released": N_("Answer key released"),
    "password-given": N_("Password handed over"),
    "final-data-recounted": N_("Points counted again"),
    "database-paper-compared": N_("Signed print compared with the database"),
    "register-written": N_("Register of the program written"),
    "register-withdrawn": N_("Line of the register withdrawn"),
    "duty-planned": N_("Duty planned"),
    "duty-reopened": N_("Duty opened again"),
    "passes-given": N_("Passes given out"),
    "passes-taken-back": N_("Passes taken back"),
    "pass-stock-counted": N_("Passes counted"),
    "pass-layout-chosen": N_("Layout of passes chosen"),
    "application-received": N_("Applications noted"),
    "duty-officers-marked": N_("Duty officers marked"),
    "duty-officer-assigned": N_("Duty officer given a place"),
    "duty-officer-released": N_("Duty officer's place taken back"),
    "duty-officers-filled": N_("Halls filled with duty officers"),
    "duty-officers-brought-in": N_("Table of duty officers brought in"),
    "commission-member-left": N_("Commission member left"),
    "commission-member-stays": N_("Commission member stays"),
    "papers-given": N_("Papers given to the representative"),
    "papers-given-back": N_("Handing-over of papers taken back"),
    "approval-noted": N_("Approval noted"),
    "plan-item-saved": N_("Line of the plan saved"),
    "plan-item-removed": N_("Line of the plan struck out"),
    "plan-item-done": N_("Line of the plan done"),
    "plan-item-reopened": N_("Line of the plan opened again"),
    "plan-proposed": N_("Usual lines put into the plan"),
    "sitting-saved": N_("Sitting saved"),
    "sitting-removed": N_("Sitting taken back"),
    "sitting-attended": N_("Attendance of a sitting noted"),
    "sitting-question-saved": N_("Question of the agenda saved"),
    "sitting-question-removed": N_("Question taken off the agenda"),
    "sitting-question-moved": N_("Question moved on the agenda"),
    "sitting-voted": N_("Votes entered"),
    "sitting-vote-withdrawn": N_("Votes taken back"),
    "sitting-closed": N_("Sitting closed"),
    "sitting-corrected": N_("Closed sitting corrected"),
    "second-entry-share-set": N_("Share of second entries set"),
    "second-entry-typed": N_("Record typed again"),
    "second-entry-settled": N_("Difference of two entries settled"),
    "second-entry-set-aside": N_("Second entry set aside"),
    "building-plan-saved": N_("Plans of a building saved"),
    "representative-report-saved": N_("Representative's report saved"),
    "readiness-saved": N_("Signature of readiness written to a file"),
    "images-written": N_("Images written to a folder"),
    "images-sealed": N_("Older images sealed"),
}


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the log; `at` is DD.MM.YYYY HH:MM:SS, `what` in words of the language of the moment."""

    n: int
    at: str
    person: str
    what: str
    subject: str
    details: str
    refused: bool


def log_rows(ctx: Context, limit: int = SHOWN) -> list[LogRow]:
    """The newest `limit` entries of the log."""
    query = select(AuditEntry).order_by(AuditEntry.n.desc()).limit(limit)
    with ctx.store.read() as session:
        return [
            LogRow(
                entry.n, f"{_day(entry.at)} {entry.at[11:19]}", entry.user, event_title(entry.event, ctx.lang),
                entry.object, ", ".join(f"{key}: {_short(value)}" for key, value in sorted(entry.details.items())),
                entry.disposition == "refused",
            )
            for entry in session.scalars(query)
        ]  # fmt: skip


def event_title(event: str, lang: str) -> str:
    """A kind of event in a few words."""
    return translate(lang, EVENT_TITLES.get(event) or EVENT_WORDS.get(event, event))


def last_saved(ctx: Context) -> str:
    """When something was last saved here: the hour, with the day when it was not today; "" for an empty log."""
    with ctx.store.read() as session:
        at = session.scalar(select(AuditEntry.at).order_by(AuditEntry.n.desc()).limit(1))
    if not at:
        return ""
    today = ctx.clock.now().date().isoformat()
    return at[11:16] if at[:10] == today else f"{_day(at)} {at[11:16]}"


def last_backup(ctx: Context) -> str:
    """When the newest backup was made, DD.MM.YYYY HH:MM; "" when there is none."""
    found = backups.newest_copy(ctx)
    return found.at.strftime("%d.%m.%Y %H:%M") if found else ""


def _day(at: str) -> str:
    return f"{at[8:10]}.{at[5:7]}.{at[:4]}"


def _short(value: object) -> str:
    words = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    return words if len(words) <= 60 else f"{words[:59]}…"

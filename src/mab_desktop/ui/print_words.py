"""What printers, jobs and the print log say, in words of the language of now."""

from __future__ import annotations

from collections.abc import Sequence

from mab_desktop.domain.printing import OUTCOME_LABELS, Outcome
from mab_desktop.i18n import N_, _
from mab_desktop.services.print_jobs import UNKNOWN, PrintRow, Run, RunState
from mab_desktop.services.printers import JobStage, Printer, PrinterState

# What IPP calls the reasons of a printer or job, without "-error", "-warning", "-report" (RFC 8011, PWG 5100.9).
REASONS = {
    "media-jam": N_("the paper is jammed"),
    "media-empty": N_("there is no paper"),
    "media-needed": N_("it waits for paper"),
    "media-low": N_("the paper is running low"),
    "input-tray-missing": N_("the paper tray is out"),
    "cover-open": N_("a cover is open"),
    "door-open": N_("a door is open"),
    "interlock-open": N_("a door is open"),
    "toner-empty": N_("the toner is empty"),
    "marker-supply-empty": N_("the toner is empty"),
    "toner-low": N_("the toner is running low"),
    "marker-supply-low": N_("the toner is running low"),
    "output-area-full": N_("the output tray is full"),
    "offline": N_("it is switched off or not connected"),
    "connecting-to-device": N_("no connection to it yet"),
    "timed-out": N_("it does not answer"),
    "output-tray-missing": N_("the output tray is out"),
    "marker-waste-full": N_("the container for waste toner is full"),
    "fuser-over-temp": N_("it is too hot"),
    "shutdown": N_("it is switched off or not connected"),
    "spool-area-full": N_("its memory is full"),
    "hold-new-jobs": N_("it is set to hold every document until it is released at the printer's queue"),
    "job-hold-until-specified": N_("it is held until it is released at the printer's queue"),
    "job-held-for-review": N_("it is held until it is released at the printer's queue"),
    "job-held-for-release": N_("it waits for you at the printer's panel"),
    "job-password-wait": N_("it waits for you at the printer's panel"),
    "job-held-for-authentication": N_("the printer wants to know who prints"),
    "cups-held-for-authentication": N_("the printer wants to know who prints"),
    "account-authorization-failed": N_("the printer wants to know who prints"),
    "moving-to-paused": N_("it is paused"),
    "paused": N_("it is paused"),
    "stopped": N_("it is stopped"),
    "printer-stopped": N_("it is stopped"),
    "job-stopped": N_("it is stopped"),
    "cancelled": N_("the person cancelled it"),
    "job-canceled-by-user": N_("the person cancelled it"),
    "job-canceled-by-operator": N_("it was cancelled at the printer"),
    "job-canceled-at-device": N_("it was cancelled at the printer"),
    "aborted-by-system": N_("the printer could not print it"),
    "document-format-error": N_("the printer could not print it"),
    "unsupported-document-format": N_("the printer could not print it"),
    "job-completed-with-errors": N_("it came out with faults"),
    "unknown": N_("the printer knows nothing of it"),
}
# What needs a hand at the printer; the rest only warns.
TROUBLE = frozenset({
    "media-jam", "media-empty", "media-needed", "input-tray-missing", "cover-open", "door-open", "interlock-open",
    "toner-empty", "marker-supply-empty", "output-area-full", "offline", "timed-out", "paused", "stopped",
    "printer-stopped", "output-tray-missing", "marker-waste-full", "fuser-over-temp", "shutdown", "spool-area-full",
    "hold-new-jobs", "job-hold-until-specified", "job-held-for-review", "job-held-for-release", "job-password-wait",
    "job-held-for-authentication", "cups-held-for-authentication", "account-authorization-failed", "moving-to-paused",
})  # fmt: skip
_STATES = {
    PrinterState.IDLE: N_("Ready"),
    PrinterState.BUSY: N_("Printing something else"),
    PrinterState.STOPPED: N_("Stopped"),
    PrinterState.CLOSED: N_("Takes no jobs"),
    PrinterState.UNKNOWN: "",
}
_STAGES = {
    JobStage.WAITING: N_("Waits at the printer {printer}"),
    JobStage.PRINTING: N_("Printing on {printer}"),
    JobStage.DONE: N_("Printed on {printer}"),
    JobStage.CANCELLED: N_("The printing on {printer} was cancelled"),
    JobStage.FAILED: N_("The printing on {printer} broke off"),
    JobStage.UNKNOWN: N_("The printer {printer} knows nothing of this printing any more"),
}


def reason_words(reasons: Sequence[str]) -> str:
    """Reasons in words, each once; a printer's own that nobody has words for as it says them."""
    return ", ".join(dict.fromkeys(_(REASONS[reason]) if reason in REASONS else reason for reason in reasons if reason))


def in_trouble(reasons: Sequence[str]) -> bool:
    """True when somebody must go to the printer."""
    return any(reason in TROUBLE for reason in reasons)


def printer_words(printer: Printer) -> str:
    """How a printer stands: "Ready", "Stopped: the paper is jammed", "Ready · waiting before: 2"."""
    state, why = _(_STATES[printer.state]), reason_words(printer.reasons)
    if printer.state is PrinterState.IDLE and in_trouble(printer.reasons):
        state, why = "", why[:1].upper() + why[1:]  # it calls itself idle while somebody must come and help it
    head = ": ".join(part for part in (state, why) if part)
    queue = _("waiting before: {n}").format(n=printer.waiting) if printer.waiting else ""
    return " · ".join(part for part in (head, queue) if part)


def run_words(printer: str, state: RunState) -> str:
    """How a printing stands: "Printing on Office: the paper is jammed"."""
    head = _(_STAGES[state.stage]).format(printer=printer)
    return ": ".join(part for part in (head, reason_words(state.reasons)) if part)


def cancelled_words(run: Run, state: RunState, *, nothing: bool) -> tuple[str, str]:
    """What is known to have come out of a printing that somebody took back outside the program, and what to do."""
    if nothing and run.start == 0:
        return _("Nothing had come out."), _("If it is still wanted, print it again: it will be no copy.")
    known = progress_words(state.sure, run.order.total)
    came = _("Out so far: {done}.").format(done=known) if state.sure > run.start else _(
        "The printer does not tell how many pages had come out."
    )  # fmt: skip
    return came, _("Look at the last good sheet and go on from it in the print log, or give the rest up there.")


FORGOTTEN = N_("Not known whether it came out")
LOOK_THERE = N_(
    "Look whether the sheets lie at the printer. When all lie there, press “Everything came out” in the print log, "
    "else go on there after the last good one."
)


def is_forgotten(row: PrintRow) -> bool:
    """True when the printer, or its spooler, was asked too late: the paper may have come out whole."""
    return row.outcome is Outcome.STOPPED and row.reason == UNKNOWN


def outcome_words(row: PrintRow) -> str:
    """How a printing of the log ended, with what is known of the reason."""
    if is_forgotten(row):
        return f"{_(FORGOTTEN)}: {reason_words((UNKNOWN,))}"
    head = _(OUTCOME_LABELS[row.outcome])
    why = "" if row.outcome in (Outcome.PRINTED, Outcome.SAVED) else reason_words(row.reason.split(", "))
    return f"{head}: {why}" if why else head


def progress_words(done: int, total: int) -> str:
    """How much has come out: "12 of 40"."""
    return _("{n} of {total}").format(n=done, total=total)

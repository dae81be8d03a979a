"""Every kind of event that the log can hold, with one line of documentation each."""

from __future__ import annotations

EVENTS: dict[str, str] = {
    # workplace
    "workplace-created": "A database was made for a role and an organisation.",
    "account-added": "A person may log in from now on.",
    "account-changed": "A person's role, name or right to log in was changed.",
    "logged-in": "A person opened the database.",
    "login-refused": "A login failed.",
    "setting-changed": "A setting of the workplace was changed.",
    "backup-made": "A verified copy of the database was written.",
    "migration-run": "The database was brought to a newer schema.",
    "trust-adopted": "A newer trust list came into force.",
    "step-confirmed": "A person confirmed a step of the calendar or of a check list.",
    # carriers
    "carrier-built": "An export was built and its number in the stream reserved.",
    "carrier-written": "An export was written to a drive and read back.",
    "carrier-receipted": "The recipient confirmed an export.",
    "carrier-accepted": "A carrier was loaded.",
    "carrier-refused": "A carrier was refused; nothing changed.",
    "stream-frozen": "A sender's stream forked; nothing more is taken from it.",
    "reference-loaded": "The reference package of the season was loaded.",
    # paper
    "document-printed": "A document was made for printing.",
}

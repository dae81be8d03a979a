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
    # testing centre
    "authority-created": "The testing centre made its root keys and its first trust list.",
    "organisation-registered": "An organisation of the season was registered at the centre.",
    "device-enrolled": "A device was taken into the trust list.",
    "device-revoked": "A device was taken out of the trust list.",
    "trust-issued": "A new trust list was signed by the root keys.",
    "season-planned": "Shifts with their dates and start times were fixed.",
    "contingent-set": "The students expected at a base university were entered.",
    "allotment-made": "Codes, subjects, shifts and halls were allotted at a base university.",
    "variants-drawn": "The variants of a shift were drawn.",
    "variants-laid": "Variants were laid on the seats of every hall of a base university.",
    "seating-sealed": "The seating seed of a shift was drawn, committed to and sealed.",
    "answer-key-made": "The answer key of a shift was entered at the centre.",
    "answer-key-sealed": "The answer key of a shift was sealed for a base university.",
    "password-given": "A password was told or handed to a person.",
    "final-data-recounted": "The points of a base university were counted again from raw answers and key.",
    # base university
    "board-noted": "A network university handed in, was given or confirmed something.",
    "students-accepted": "The student database of a network university was taken in.",
    "statistics-confirmed": "The final statistics were signed and sealed by a network university.",
    "sent-incomplete": "Data went to the centre before every network university had handed in, with a reason.",
    "passes-numbered": "Admission slips were given their numbers.",
    "stubs-received": "Stubs of admission slips came back from a network university.",
    "duty-officer-saved": "A duty officer was entered or changed.",
    "duty-officer-removed": "A duty officer was taken off the list.",
    "commission-member-saved": "A member of the state commission was entered or changed.",
    "commission-member-removed": "A member of the state commission was taken off the list.",
}

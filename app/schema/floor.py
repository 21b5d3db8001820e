"""The scan engine's tables: who is signed in where, at which screen they stand, and every scan with how it ended."""

from sqlalchemy import Index

from app.schema import given, key, raw, table, whole, words

device = table(
    "device",
    key("code"),  # HH-07
    words("token"),  # sha-256 of the enrolment cookie
    words("name"),
    words("kind", "handheld"),
    whole("first_seen"),
    whole("last_seen"),
    words("last_error"),
    whole("skew"),  # µs the device's clock is ahead of ours
    Index("device_token", "token"),
)

# One row per cookie; thrown away at sign-out and take-over.
login = table(
    "login",
    key("token"),  # sha-256 of the cookie
    words("door"),  # floor, desk
    words("worker"),
    words("device"),
    words("csrf"),
    whole("created"),
    whole("seen"),
    whole("ends"),
    Index("login_worker", "worker", "door"),
    clustered=True,
)

# One row per worker: where they stand. Survives everything; screens themselves are disposable.
session = table(
    "session",
    key("worker"),
    words("login"),
    words("device"),
    words("station"),
    words("screen"),
    raw("state"),
    words("step"),  # what the next scan must follow
    words("warned"),  # the code that, scanned once more, confirms
    whole("undo_seq"),
    words("undo_screen"),
    raw("undo_state"),
    raw("trail"),  # screens to come back to after a detour
    whole("at"),
    whole("came"),  # when the station's label was scanned; 0: signed in where they stood before
    words("label"),  # the print job they asked for last, until it is known to be there
    given("session_station", "station"),
    clustered=True,
)

scan = table(
    "scan",
    key("id"),
    words("worker"),
    words("device"),
    words("kind"),  # scan, tap, type
    words("raw"),
    words("symbology"),
    words("body"),  # digest of the request, to tell a retry from a reuse
    words("after"),
    whole("at"),  # by the device's clock
    whole("received"),
    words("screen"),
    words("understood"),
    words("outcome"),  # ok, step, warning, or the refusal's code
    whole("seq"),  # the event it made, 0 if none
    raw("answer"),
    Index("scan_worker", "worker", "received"),
)

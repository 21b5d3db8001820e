"""Print jobs, with the exact bytes sent. A job's state only ever says what is known of the paper."""

from sqlalchemy import Index, UniqueConstraint

from app.schema import key, number_key, raw, table, whole, words

print_job = table(
    "print_job",
    key("id"),
    words("once"),  # document kind + business id + copy: the same label is never queued twice
    words("printer"),
    words("kind"),  # lpn, shipping, slip, …
    words("subject"),  # the code a scan-back proves
    words("document"),
    words("state", "queued"),  # queued, sending, printed, sent, unknown, failed, cancelled, moved
    raw("payload"),
    raw("label"),  # the struct it was made from, as JSON
    whole("copy"),
    words("reason"),  # of a reprint, a move, a cancel
    words("sentence"),  # what the printer said last
    whole("attempts"),
    whole("next_at"),
    whole("created"),
    whole("ended"),
    words("worker"),
    words("station"),
    words("node"),  # which server claimed it
    words("template"),  # what it was drawn by, and which version; 0 is the built-in one
    whole("template_version"),
    UniqueConstraint("once", name="print_job_once"),
    Index("print_job_queue", "printer", "state", "next_at"),
    Index("print_job_subject", "subject"),
    Index("print_job_created", "created"),
)

# How a label looks, where the house changed it: each change a version of its own, the highest one counts.
label_template = table(
    "label_template",
    key("name"),
    number_key("version"),
    raw("layout"),
    words("note"),
    words("worker"),
    whole("created"),
)

# A picture of the house, such as its logo, in black and white.
label_picture = table("label_picture", key("name"), raw("picture"), words("worker"), whole("created"))

# Printers an admin found on the network and took in at the desk; the others stand in the settings file.
added_printer = table(
    "added_printer",
    key("name"),
    words("kind", "zpl"),  # zpl, escpos
    words("address"),  # host:port
    whole("dpi", 203),
    whole("width_mm"),
    whole("height_mm"),
    whole("two_way"),
    words("worker"),
    whole("created"),
    clustered=True,
)

# Which printer a kind of label comes out of. What is empty means any; the fullest row that fits counts first.
print_route = table(
    "print_route",
    key("kind"),  # lpn, shipping, hold, packing_slip, …
    key("station"),
    key("zone"),
    number_key("position"),  # 1 is asked first, the next where it is in trouble
    words("printer"),
    clustered=True,
)

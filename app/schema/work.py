"""What should be done next: waves, tasks with their lease, the picks of a walk, cartons, discrepancies, exceptions."""

from sqlalchemy import Index

from app.schema import check, given, key, number_key, table, whole, words

wave = table(
    "wave",
    key("code"),
    words("state", "planned"),  # planned, releasing, released, picking, done, pulled_back
    whole("cutoff"),
    words("carrier"),
    whole("created"),
    whole("released"),
    words("created_by"),
)

task = table(
    "task",
    key("id"),
    words("kind"),  # receive, putaway, pick, pack, load, count, put_back
    words("state", "open"),  # open, started, done, cancelled
    words("document"),
    words("wave"),
    words("cart"),
    words("place"),
    words("item"),
    whole("priority", 5),
    whole("due"),
    words("reason"),
    whole("created"),
    words("worker"),  # who holds it
    words("device"),
    whole("until"),  # the lease's end, µs
    whole("length_mm"),  # of a planned walk
    words("assigned"),  # meant for this worker; nobody else is offered it
    whole("by_hand"),  # its priority was set at the desk: no rule changes it any more
    words("given"),  # why its worker was given it, a reason a line; empty: they chose it themselves
    Index("task_queue", "kind", "state", "priority", "due"),
    Index("task_wave", "wave"),
    Index("task_worker", "worker", "state"),
    clustered=True,
)

# A task somebody took out of the queue at the desk, with the reason.
task_cancelled = table(
    "task_cancelled",
    key("task"),
    whole("at"),
    words("worker"),
    words("reason"),
    clustered=True,
)

pick = table(
    "pick",
    key("id"),
    words("task"),
    whole("sequence"),
    words("order_code"),
    words("line"),  # order_line.id
    words("item"),
    words("lot"),
    words("location"),
    words("lpn"),
    whole("quantity"),
    whole("picked"),
    whole("short"),
    words("state", "open"),  # open, done, cancelled
    check("quantity > 0", "pick_of_something"),
    check("picked + short <= quantity", "pick_never_over"),
    Index("pick_task", "task", "sequence"),
    Index("pick_line", "line"),
    Index("pick_location", "location", "state"),
    clustered=True,
)

# Which tote collects which order, and where it stands on the cart. A full one stays, and the next gets a row of its own.
task_tote = table(
    "task_tote",
    key("task"),
    key("order_code"),
    key("tote"),  # empty until the worker scans one
    whole("position"),
    whole("full"),
    Index("task_tote_tote", "tote"),
    clustered=True,
)

carton = table(
    "carton",
    key("lpn"),
    words("order_code"),
    words("type"),
    # open, weighed, printed, labelled (scanned back), staged, loaded, shipped, void
    words("state", "open"),
    whole("weight_g"),
    whole("expected_g"),
    words("why"),
    words("carrier"),
    words("service"),
    words("lane"),
    words("truck"),
    words("load_code"),  # the load it left with
    words("print_job"),
    whole("opened"),
    whole("shipped"),
    words("tracking"),  # the carrier's number of it; empty where its own number is all there is
    whole("length_mm"),  # as it was measured when it was closed; 0: it was not
    whole("width_mm"),
    whole("height_mm"),
    Index("carton_order", "order_code"),
    Index("carton_lane", "lane", "state"),
    Index("carton_truck", "truck", "state"),
    given("carton_tracking", "tracking"),
    clustered=True,
)

carton_type = table(
    "carton_type",
    key("code"),
    words("name"),
    whole("length_mm"),
    whole("width_mm"),
    whole("height_mm"),
    whole("weight_g"),  # empty
    whole("max_weight_g"),
)

# What a unit of an item, or a carton with its padding, weighs by the cartons that were verified; milligrams.
learned_weight = table(
    "learned_weight",
    key("kind"),  # item, box
    key("code"),
    whole("told_g"),  # by the item master when learning began
    whole("mean_mg"),
    whole("doubt_mg"),
    whole("spread_mg"),
    whole("cartons"),
    clustered=True,
)

load = table(
    "load",
    key("code"),
    words("truck"),
    words("carrier"),
    words("state", "open"),  # open, shipped
    words("seal"),
    whole("opened"),
    whole("closed"),
    words("worker"),
    Index("load_truck", "truck", "state"),
)

discrepancy = table(
    "discrepancy",
    key("id"),
    words("document"),
    words("line"),
    words("item"),
    words("kind"),  # short, over, unplanned, damaged, no_lot, short_shelf_life, unlabelled, wrong_item
    whole("expected"),
    whole("found"),
    words("reason"),
    words("owner"),  # the role or worker who decides
    whole("due"),
    words("state", "open"),
    whole("created"),
    words("taken_by"),
    words("decided"),  # what was decided, in words
    words("decided_by"),
    whole("closed"),
    whole("escalated"),  # µs; when it went to the next higher role
    words("worker"),  # who received the goods or closed the receipt: not who decides
    words("lot"),
    words("lpn"),  # the goods that wait on hold, where they were set down
    words("location"),
    whole("quantity"),  # on hold for this
    Index("discrepancy_state", "state", "due"),
    Index("discrepancy_document", "document"),
    check("decided_by = '' OR decided_by <> worker", "discrepancy_judged_by_another"),
)

# What can go wrong, as rows: who decides, by when, and what follows by itself.
exception_code = table(
    "exception_code",
    key("code"),
    words("title"),
    words("owner", "supervisor"),  # the role that decides
    whole("due_min", 240),
    whole("escalate_min", 240),  # after it is due; 0: never
    words("escalate_to", "admin"),
    words("follow_ups"),  # space-separated: reallocate count replenish hold tell_erp
    whole("approval"),  # closing it takes somebody else than who raised it
    whole("photo"),  # a photo is asked for
    whole("active", 1),
    check("due_min > 0 AND escalate_min >= 0", "exception_code_in_time"),
    clustered=True,
)

exception = table(
    "exception",
    key("id"),
    words("code"),
    words("sentence"),
    words("document"),
    words("item"),
    words("location"),
    words("owner"),
    whole("due"),
    words("state", "open"),
    words("worker"),
    whole("created"),
    whole("quantity"),  # units concerned, for its value
    words("lot"),
    words("followed"),  # what followed by itself, in words
    words("taken_by"),
    words("decided"),
    words("decided_by"),
    whole("closed"),
    whole("escalated"),
    whole("approval"),  # its code wanted somebody else than who raised it
    check("approval = 0 OR decided_by = '' OR decided_by <> worker", "exception_approved_by_another"),
    Index("exception_state", "state", "due"),
    Index("exception_document", "document"),
)

# Why, as rows: the answers a worker or supervisor may choose from for one kind of decision.
reason_code = table(
    "reason_code",
    key("kind"),  # adjust, write_off, unplanned, disposition, short, putaway, override, …
    key("code"),
    words("words"),
    whole("position"),
    whole("photo"),  # this reason wants a photo
    words("limit_kind"),  # the limit this reason is held to instead of its kind's own
    whole("active", 1),
    whole("low"),  # a question answered with a number: good is low to high
    whole("high"),
    words("unit"),
    clustered=True,
)

# The picture itself is a file named by its hash beside the database.
photo = table(
    "photo",
    key("hash"),  # sha-256 of the file
    whole("bytes"),
    whole("width"),
    whole("height"),
    words("worker"),
    words("device"),
    whole("at"),
    clustered=True,
)

photo_of = table(
    "photo_of",
    key("subject"),  # the case: "exception 0190…", "return R-17"
    key("hash"),
    words("worker"),
    whole("at"),
    Index("photo_of_hash", "hash"),
    clustered=True,
)

putaway_strategy = table(
    "putaway_strategy",
    number_key("position"),
    words("rule"),  # fixed, same_item, empty_in_zone, empty, any_room
    words("zone"),
    whole("active", 1),
    words("kind"),  # only such places: bin, reserve; empty: both
    words("hazard_class"),  # only for such goods; empty: for all. Likewise:
    words("temperature"),
    words("velocity"),
)

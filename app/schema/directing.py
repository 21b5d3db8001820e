"""Which pick faces are kept filled, what a replenishment brings, what a kind of work needs, and what was put off."""

from sqlalchemy import Index

from app.schema import check, key, table, whole, words

# A pick face is filled up to `max_quantity` when less than `min_quantity` of the item lies free in it.
pick_face = table(
    "pick_face",
    key("location"),
    key("item"),
    whole("min_quantity"),
    whole("max_quantity"),
    whole("active", 1),
    check("min_quantity >= 0 AND max_quantity >= min_quantity AND max_quantity > 0", "pick_face_sound"),
    Index("pick_face_item", "item"),
    clustered=True,
)

# What a task of the kind `replenish` brings where. The source is chosen when somebody takes it.
replenishment = table(
    "replenishment",
    key("task"),
    words("item"),
    words("face"),
    whole("quantity"),  # base units
    whole("moved"),
    words("trigger"),  # min, wave, short, requested
    check("quantity > 0 AND moved >= 0", "replenishment_of_something"),
    Index("replenishment_face", "face", "item"),
    clustered=True,
)

# Which skills or equipment a kind of task needs in a zone. Empty: every kind, every zone.
task_need = table(
    "task_need",
    key("kind"),
    key("zone"),
    words("needs"),  # space-separated: reach_truck hazmat
    clustered=True,
)

# A worker said "not now": the task is not offered to them until then.
postponed = table(
    "postponed",
    key("worker"),
    key("subject"),  # kind and id of the task
    whole("until"),
    words("reason"),
    whole("at"),
    clustered=True,
)

# Who lets the house choose: when a task ends, the next is named at once.
directed = table("directed", key("worker"), whole("since"), clustered=True)

# What each thing that speaks for a task, or against it, is worth, in metres of walking (app/work/directing_weights.py).
task_weight = table(
    "task_weight",
    key("name"),
    whole("metres"),
    check("metres >= 0", "task_weight_sound"),
    clustered=True,
)

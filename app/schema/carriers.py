"""Carriers: what each service takes and costs, as rows, and every label bought from one, with what is known of it."""

from sqlalchemy import Index, text

from app.schema import check, key, number_key, raw, table, whole, words

# One service of one carrier, and which parcels it takes. A limit of 0 is none.
carrier_service = table(
    "carrier_service",
    key("carrier"),
    key("service"),
    words("countries"),  # space-separated, two letters each, `home` for an address without one; empty: everywhere
    words("prefixes"),  # postcodes begin with one of these; empty: all
    whole("most_g"),
    whole("longest_mm"),
    whole("girth_mm"),  # longest side and once around the other two
    words("hazards"),  # space-separated classes it carries; empty: no hazardous goods
    whole("days", 1),  # working days on the way
    whole("cutoff_min", 1440),  # minute of the site's day after which a parcel leaves the next working day
    whole("active", 1),
    check("most_g >= 0 AND longest_mm >= 0 AND girth_mm >= 0", "carrier_service_limits"),
    check("days >= 0 AND cutoff_min BETWEEN 0 AND 1440", "carrier_service_in_time"),
    clustered=True,
)

# What a parcel up to this weight costs with it, in cents.
carrier_price = table(
    "carrier_price",
    key("carrier"),
    key("service"),
    number_key("up_to_g"),
    whole("cents"),
    check("up_to_g > 0 AND cents >= 0", "carrier_price_of_something"),
    clustered=True,
)

_LIVE = text("state NOT IN ('refused', 'cancelled', 'voided')")

# A label asked of a carrier. Its id is the idempotency key: asked again under it, a carrier answers with the same label.
label_purchase = table(
    "label_purchase",
    key("id"),
    words("carton"),
    words("order_code"),
    words("carrier"),
    words("service"),
    # queued, buying, unknown, bought, refused, cancelled, voiding, voided, manifested
    words("state", "queued"),
    raw("request"),  # the parcel exactly as it is sent, each time
    raw("own"),  # our own label, for a carrier that leaves the paper to us
    raw("label"),  # the carrier's; empty until it is bought
    words("form"),  # of the carrier's label: zpl, png, own
    words("tracking"),
    whole("cents"),
    words("why"),  # this service was chosen
    words("printer"),
    words("worker"),
    words("station"),
    words("sentence"),  # what the carrier said last, or a person decided
    words("manifest"),
    whole("attempts"),
    whole("next_at"),
    whole("created"),
    whole("ended"),
    words("node"),  # which server claimed it
    words("shipment"),  # what the carrier voids and manifests it by; empty: the tracking number
    Index("label_purchase_state", "carrier", "state", "next_at"),
    Index("label_purchase_carton", "carton"),
    # However often somebody presses: one label a carton.
    Index("label_purchase_live", "carton", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)

"""Locations with their geometry, so that walks are planned on the real floor, and the stations people stand at."""

from sqlalchemy import Index

from app.schema import key, table, whole, words

location = table(
    "location",
    key("code"),
    words("site"),
    words("zone"),
    words("kind", "bin"),  # bin, reserve, staging, lane, dock, truck, cart, hand, station, virtual
    words("barcode"),  # when the label on the beam is not the code
    words("check_digits"),
    whole("sequence"),  # walking order where no geometry is known
    whole("block"),
    whole("aisle"),
    words("side"),
    whole("position_mm"),  # along the aisle from its front
    whole("level"),
    whole("capacity_quantity"),  # 0: unlimited
    whole("capacity_volume_ml"),
    whole("capacity_weight_g"),
    whole("capacity_lpns"),
    words("mix", "any"),  # any, one_item, one_lot, one_owner
    words("fixed_item"),  # the item this pick face belongs to
    words("blocked"),  # reason; empty when usable
    words("carrier"),  # lanes and trucks: which carrier's cartons belong here
    words("hazards"),  # space-separated classes it may hold; empty: none
    words("temperature"),  # ambient, chilled, frozen; empty: as the house
    Index("location_kind", "kind", "zone", "sequence", "code"),
    Index("location_walk", "kind", "sequence", "code"),  # the first bin with room, without sorting the house
    Index("location_barcode", "barcode"),
    Index("location_fixed_item", "fixed_item"),
    clustered=True,
)

station = table(
    "station",
    key("code"),
    words("name"),
    words("location"),  # where goods stand while they are worked on here
    words("zone"),
    words("label_printer"),
    words("slip_printer"),
    words("scale"),
    words("scanner"),
    clustered=True,
)

# A station's own scanner as an admin set it up from a scan; goes before the settings file.
scanner_setup = table(
    "scanner_setup",
    key("device"),
    words("framing", "line"),
    words("gs"),  # what it sends in place of 0x1D
    words("prefix"),
    words("suffix"),
    words("worker"),
    whole("at"),
    whole("confirmed"),  # when a second scan arrived as it should
    clustered=True,
)

site = table(
    "site",
    key("code"),
    words("name"),
    words("timezone", "UTC"),
    words("gs1_company_prefix"),
    whole("sscc_serial"),  # the last serial reference given out; never goes back
    whole("lpn_number"),
    whole("wave_number"),
    whole("task_number"),
    whole("epoch", 1),  # a restore opens a new one
    whole("aisles"),
    whole("blocks"),
    whole("aisle_pitch_mm"),
    whole("block_length_mm"),
    whole("cross_aisle_mm"),
    whole("return_number"),
    whole("sscc_from"),  # of the company prefix's serials, the ones this site gives out; 0 and 0: all
    whole("sscc_to"),
)

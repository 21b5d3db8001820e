"""The virtual carrier's window: the labels it made, and buttons for what goes wrong with carriers. No script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.carriers.virtual import VirtualCarrier

SHOWN = 60  # newest labels
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
BUTTONS = {
    "dies": ("Die after the next label", "Do not die"),
    "half": ("Answer half", "Answer whole"),
    "slow": ("Be slow", "Be quick"),
    "busy": ("Be busy (503)", "Have time"),
    "address": ("Refuse addresses", "Take addresses"),
}
STYLE = """
body{font:18px/1.4 system-ui,sans-serif;margin:0;background:#e9edf0;color:#16202a}
header{background:#16202a;color:#fff;padding:16px 24px}h1{margin:0 0 4px;font-size:24px}header p{margin:0 0 12px}
form{display:flex;flex-wrap:wrap;gap:8px}button{font:inherit;min-height:48px;padding:0 16px;border:2px solid #fff;
border-radius:6px;background:#16202a;color:#fff}button.on{background:#ffc400;color:#000;border-color:#ffc400}
main{padding:24px;overflow-x:auto}table{border-collapse:collapse;background:#fff}
th,td{text-align:left;padding:6px 12px;border-bottom:1px solid #d5d9de;white-space:nowrap}
"""


def page(carrier: VirtualCarrier) -> str:
    made = list(reversed(carrier.books.made.values()))[:SHOWN]
    rows = "".join(
        f"<tr><th>{escape(one.tracking)}<td>{escape(one.parcel.carton)}<td>{escape(one.parcel.order)}"
        f"<td>{escape(one.parcel.to.name)}, {escape(one.parcel.to.city)}<td>{one.parcel.weight_g} g"
        f"<td>{escape(one.state)} {escape(one.manifest)}<td>{one.asked}"
        for one in made
    )
    on = {name: bool(getattr(carrier.faults, name)) for name in BUTTONS}
    buttons = "".join(
        f'<button name="fault" value="{name}"{" class=on" if on[name] else ""}>{words[on[name]]}</button>'
        for name, words in BUTTONS.items()
    )
    table = (
        f"<table><thead><tr><th>Number<th>Carton<th>Order<th>To<th>Weight<th>State<th>Asked</thead>{rows}</table>"
        if made
        else "<p>No label was bought yet.</p>"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">'
        '<meta name="viewport" content="width=device-width"><title>Virtual carrier</title>'
        '<link rel="stylesheet" href="/style.css"></head><body>'
        f"<header><h1>Virtual carrier {carrier.address}</h1><p>{len(carrier.books.made)} labels made</p>"
        f'<form method="post" action="/fault">{buttons}</form></header><main>{table}</main></body></html>'
    )

"""One AsyncAPI 3.0 document of all that goes out, comes in and is fed to shops, with the schemas in it."""

from typing import Any

from app.work import master
from sync import messages, signing
from sync.availability.said import CHANGED, FEEDS
from sync.connectors.http import TALK
from sync.contract import VERSION, schemas, words

AT = "#/components/schemas/"
ANSWERS = "inbox.answers"
TOLD, KEYS, KNOWN, AS_OF, STOCK = TALK  # at the ERP's three doors
ABOUT = (
    "What Pickface tells an ERP, and what an ERP may tell Pickface, as CloudEvents 1.0. A message's id (site, epoch and seq) is "
    "never made again, so whoever keeps it with the effect has each event once. "
    "Events of one `correlationid` come in order. Quantities are whole base units, weights grams, lengths millimetres, times UTC."
)


def document() -> dict[str, Any]:
    outgoing, incoming = sorted(messages.TYPES.values()), sorted(master.TYPES)
    seal = {"$ref": "#/components/securitySchemes/seal"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Pickface", "version": VERSION, "description": ABOUT, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "journal": _channel("/events", "Where an ERP takes our events, in batches.", [*outgoing, TOLD]),
            "lookup": _channel("/lookup", "Where an ERP says which events it has.", [KEYS, KNOWN]),
            "snapshot": _channel("/snapshot", "Where an ERP says what it has on hand.", [AS_OF, STOCK]),
            "inbox": _channel("/api/inbox", "Where an ERP tells us what it wants known or done.", [*incoming, ANSWERS]),
            "availability": _channel("/api/availability", "What a shop may sell.", sorted(FEEDS)),
        },
        "operations": {
            "tell": _answered("send", "journal", outgoing, TOLD) | {"security": [seal]},
            "askWhatIsThere": _answered("send", "lookup", [KEYS], KNOWN) | {"security": [seal]},
            "reconcile": _answered("send", "snapshot", [AS_OF], STOCK) | {"security": [seal]},
            "hear": _answered("receive", "inbox", incoming, ANSWERS) | {"security": [seal]},
            "offer": _operation("send", "availability", [one for one in sorted(FEEDS) if one != CHANGED], "GET"),
            "offerChanges": _operation("send", "availability", [CHANGED], "GET"),
        },
        "components": {
            "messages": {name: _message(name) for name in [*outgoing, *incoming, *sorted(FEEDS), *TALK, ANSWERS]},
            "schemas": schemas.as_parts(AT),
            "securitySchemes": {
                "seal": {
                    "type": "httpApiKey",
                    "in": "header",
                    "name": signing.SIGNATURE,
                    "description": f"`v1=` and the hex HMAC-SHA256 of `{signing.TIMESTAMP}`, a dot and the body.",
                },
            },
        },
    }


def _channel(address: str, told: str, names: list[str]) -> dict[str, Any]:
    held = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": address, "description": told, "messages": held}


def _operation(action: str, channel: str, names: list[str], method: str) -> dict[str, Any]:
    return {
        "action": action,
        **_names(channel, names),
        "bindings": {"http": {"method": method, "bindingVersion": "0.3.0"}},
    }


def _answered(action: str, channel: str, names: list[str], answer: str) -> dict[str, Any]:
    return _operation(action, channel, names, "POST") | {"reply": _names(channel, [answer])}


def _names(channel: str, names: list[str]) -> dict[str, Any]:
    at = f"#/channels/{channel}"
    return {"channel": {"$ref": at}, "messages": [{"$ref": f"{at}/messages/{name}"} for name in names]}


def _message(name: str) -> dict[str, Any]:
    struct = _STRUCTS.get(name)
    told = {"summary": words.of_struct(struct)} if struct else {}
    plain = {"contentType": "application/json"} if name in TALK or name == ANSWERS else {}
    return {"name": name, **told, **plain, "payload": {"$ref": f"{AT}{name}"}}


_STRUCTS: dict[str, type[Any]] = {
    **{type_: messages.EVENTS[kind] for kind, type_ in messages.TYPES.items()},
    **master.TYPES,
    **FEEDS,
    **TALK,
}

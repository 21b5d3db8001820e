"""A JSON Schema for every message, outwards and inwards, made from its struct.

A schema stands by itself: its parts are under `$defs`, and `$id` is the very `dataschema` an outgoing message names. What
we send may grow by optional fields, so those are allowed there; what is sent to us may not hold a field nobody knows.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect
from msgspec.structs import fields

from app.work import master
from sync import messages
from sync.availability.said import FEEDS
from sync.connectors.http import TALK
from sync.contract import words
from sync.envelopes import Envelope
from sync.inbound import Answer

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
HERE = "#/$defs/"
# The envelope without its content, whose default is bytes and no schema's business.
_ENVELOPE = msgspec.defstruct(
    "Envelope",
    [(one.name, one.type, *(() if one.required else (one.default,))) for one in fields(Envelope) if one.name != "data"],
    kw_only=True,
)
_STRUCTS: tuple[type[msgspec.Struct], ...] = (
    messages.CloudEvent,
    *messages.EVENTS.values(),
    *FEEDS.values(),
    _ENVELOPE,
    Answer,
    *TALK.values(),
    *master.TYPES.values(),
)


def outgoing() -> dict[str, Schema]:
    """By type: the whole CloudEvent as it leaves, its event typed."""
    return {type_: _alone(type_, _outgoing(kind, HERE)) for kind, type_ in messages.TYPES.items()}


def feeds() -> dict[str, Schema]:
    """By type: what the availability door answers with."""
    return {type_: _alone(type_, _feed(type_, HERE)) for type_ in FEEDS}


def incoming() -> dict[str, Schema]:
    """By type: the whole CloudEvent as it must come."""
    return {type_: _alone(type_, _incoming(type_, HERE)) for type_ in master.TYPES}


def as_parts(at: str) -> dict[str, Schema]:
    """All of it with shared parts, each found at `at` + its name: for a document that holds them all."""
    whole = {type_: _outgoing(kind, at) for kind, type_ in messages.TYPES.items()}
    whole |= {type_: _feed(type_, at) for type_ in FEEDS}
    whole |= {type_: _incoming(type_, at) for type_ in master.TYPES}
    needed = {name: part for one in whole.values() for name, part in _reached(one, at)}
    talk: dict[str, Schema] = {name: {"$ref": f"{at}{struct.__name__}"} for name, struct in TALK.items()}
    talk["inbox.answers"] = {"type": "array", "items": {"$ref": f"{at}Answer"}}
    needed |= dict(_reached(talk, at))
    return dict(sorted(needed.items())) | dict(sorted((whole | talk).items()))


def _outgoing(kind: str, at: str) -> Schema:
    parts, event = _parts(at), messages.EVENTS[kind]
    schema = _envelope(parts["CloudEvent"], messages.TYPES[kind], words.of_struct(event))
    told = {"properties": {"event": {"$ref": f"{at}{event.__name__}"}}}
    schema["properties"]["data"] = {"allOf": [{"$ref": f"{at}Told"}, told]}
    return schema


def _feed(type_: str, at: str) -> Schema:
    struct = FEEDS[type_]
    schema = _envelope(_parts(at)["CloudEvent"], type_, words.of_struct(struct))
    schema["properties"]["data"] = {"$ref": f"{at}{struct.__name__}"}
    return schema


def _envelope(of: Schema, type_: str, told: str) -> Schema:
    first = {"specversion": {"const": "1.0"}, "datacontenttype": {"const": "application/json"}}
    fixed = {"type": {"const": type_}, "dataschema": {"const": messages.schema_of(type_)}}
    properties = first | of["properties"] | fixed
    properties["time"] = {"type": "string", "format": "date-time"}
    return {
        "title": type_,
        "description": told,
        "type": "object",
        "properties": properties,
        "required": ["specversion", *of["required"]],
    }


def _incoming(type_: str, at: str) -> Schema:
    """The content may leave its `code` and `version` to the envelope's `subject` and `version`; not both may lack."""
    struct, parts = master.TYPES[type_], _parts(at)
    envelope, content = parts["Envelope"], parts[struct.__name__]
    data = {name: part for name, part in content["properties"].items() if name != "type"}
    needed = [name for name in content["required"] if name not in ("type", "code")]
    told = {"type": "object", "properties": data, "additionalProperties": False}
    schema: Schema = {
        "title": type_,
        "description": words.of_struct(struct),
        "type": "object",
        "properties": envelope["properties"] | {"type": {"const": type_}, "data": told | _required(needed)},
        "required": [*envelope["required"], "data"],
        "additionalProperties": False,
    }
    schema["properties"]["subject"] = {"anyOf": [{"const": ""}, content["properties"]["code"]]}
    if "code" in content["required"]:
        named = {"properties": {"subject": {"minLength": 1}}, "required": ["subject"]}
        schema["anyOf"] = [named, {"properties": {"data": _required(["code"])}}]
    return schema


def _required(names: list[str]) -> Schema:
    return {"required": names} if names else {}


def _alone(type_: str, schema: Schema) -> Schema:
    """With its own dialect, name and parts."""
    parts = dict(sorted(_reached(schema, HERE)))
    return {"$schema": DIALECT, "$id": messages.schema_of(type_), **schema, **({"$defs": parts} if parts else {})}


@cache
def _parts(at: str) -> Mapping[str, Schema]:
    """Every struct's own schema, with the words behind its fields."""
    _, found = msgspec.json.schema_components(_STRUCTS, ref_template=at + "{name}")
    structs = {one.__name__: one for told in inspect.multi_type_info(_STRUCTS) for one in _named(told)}
    structs["Envelope"] = Envelope
    for name, part in found.items():
        part.pop("description", None)
        if struct := structs.get(name):
            told = words.of_fields(struct)
            for field, schema in part.get("properties", {}).items():
                if field in told:
                    schema["description"] = told[field]
            if own := words.of_struct(struct):
                part["description"] = own
    # Python ends a text with \Z, everybody else with $.
    return json.loads(json.dumps(found).replace("\\\\Z", "$"))  # type: ignore[no-any-return]


def _named(told: Any) -> Iterator[type[msgspec.Struct]]:
    """Every struct that stands in a type, however deep."""
    if isinstance(told, inspect.StructType):
        yield told.cls
        for field in told.fields:
            yield from _named(field.type)
    elif isinstance(told, inspect.UnionType):
        for one in told.types:
            yield from _named(one)
    elif isinstance(told, inspect.CollectionType):
        yield from _named(told.item_type)


def _reached(schema: Any, at: str, seen: set[str] | None = None) -> Iterator[tuple[str, Schema]]:
    """The parts a schema needs, and those they need, each once."""
    seen = set() if seen is None else seen
    for one in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        if isinstance(one, str) and one.startswith(at) and one not in seen:
            seen.add(one)
            name = one.removeprefix(at)
            yield name, _parts(at)[name]
            yield from _reached(_parts(at)[name], at, seen)
        elif isinstance(one, dict | list):
            yield from _reached(one, at, seen)

"""A screen is one question to one worker, and at the same time the stored state of that worker.

Declare a frozen struct: its fields are what is known so far; `prompt()` asks the question; each `on_<kind>` method is a
label it takes, each `tap_<name>` a button it has; `on_photo` takes a photo's hash, `on_unknown` a code nobody knows, and
`tap_undo` takes back a step that is no event yet. A method returns the next screen, or raises a refusal. A half-filled
screen cannot be built, so resume, accepted scans, refusal texts and buttons all follow from this one declaration.
Screens are disposable: a stored screen that no longer exists becomes the menu. A second screen of one tag is refused
where it is declared: a worker's stored screen must not come back as another.

    class AtLocation(Screen, frozen=True, kw_only=True, tag="picking.at_location"):
        pick: str
        def prompt(self, floor: Floor) -> Prompt: ...
        def on_item(self, floor: Floor, read: ItemReading) -> Screen: ...
        def tap_short(self, floor: Floor) -> Screen: ...
"""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from app.floor.prompt import Prompt

if TYPE_CHECKING:
    from app.floor.floor import Floor

# What a label can be, and how a worker calls it.
KINDS = {
    "location": "a location",
    "lpn": "an LPN",
    "item": "an item",
    "document": "a document",
    "lot": "a lot",
    "serial": "a serial",
    "worker": "a badge",
    "station": "a station",
}
TYPED = ("quantity", "measure", "date", "text")

_BY_TAG: dict[str, type["Screen"]] = {}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {}


class _Declared(msgspec.StructMeta):
    """Writes each screen down by its tag, when it is declared; the same one declared anew, by a reload, takes its place."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **how: Any) -> "_Declared":
        declared = super().__new__(mcls, name, bases, namespace, **how)
        tag = declared.__struct_config__.tag
        if tag is not None:
            known = _BY_TAG.get(str(tag), declared)
            if (known.__module__, known.__qualname__) != (declared.__module__, declared.__qualname__):
                raise TypeError(
                    f"two screens are called {tag}: {known.__module__}.{known.__qualname__} and "
                    f"{declared.__module__}.{declared.__qualname__}"
                )
            _BY_TAG[str(tag)] = declared  # type: ignore[assignment]  # Screen has no tag, all others are Screens
            _DECODERS.pop(str(tag), None)
        return declared


class Screen(msgspec.Struct, metaclass=_Declared, frozen=True, kw_only=True):
    repeats: ClassVar[bool] = False  # the same code again at once is one more piece, not a bouncing trigger

    def prompt(self, floor: "Floor") -> Prompt:
        raise TypeError(f"{type(self).__name__} asks nothing")


@cache
def takes(screen: type[Screen]) -> frozenset[str]:
    """The kinds of label (and of typing) a screen takes: its on_… methods."""
    return frozenset(kind for kind in (*KINDS, *TYPED) if hasattr(screen, f"on_{kind}"))


@cache
def tag_of(screen: type[Screen]) -> str:
    """The name a screen is stored and started by."""
    return str(screen.__struct_config__.tag)


def screen_class(tag: str) -> type[Screen] | None:
    return _BY_TAG.get(tag)


def all_screens() -> dict[str, type[Screen]]:
    """Every declared screen by tag: the transition diagram and the tests walk them."""
    return dict(_BY_TAG)


def encode(screen: Screen) -> bytes:
    return msgspec.json.encode(screen)


def decode(tag: str, state: bytes) -> Screen | None:
    """The stored screen, or None where it no longer exists or no longer fits its state."""
    decoder = _DECODERS.get(tag)
    if decoder is None:
        found = screen_class(tag)
        if found is None:
            return None
        decoder = _DECODERS[tag] = msgspec.json.Decoder(found)
    try:
        screen: Screen = decoder.decode(state)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    return screen


def build(tag: str, **fields: Any) -> Screen:
    """A screen of another workflow by its tag: workflows never import one another."""
    found = screen_class(tag)
    if found is None:
        raise LookupError(f"no screen is called {tag}")
    return found(**fields)

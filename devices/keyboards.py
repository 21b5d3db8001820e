"""What a keyboard-wedge scanner's letters become on a computer with another keyboard layout.

A wedge presses the keys of an American keyboard; the computer says what they mean. On a German computer Y and Z change
places, on a French one the digits become `&é"'(-è_çà`, and with Caps Lock on every letter turns over. Nothing of that can
be put right afterwards for sure, as two keys may type the same sign; it is seen at set-up and told. Each table is the
American sign and what comes instead, for the keys that labels use.
"""

_SWAPPED = "yzYZ"
_QWERTZ = {
    **dict(zip(_SWAPPED, "zyZY", strict=True)),
    **dict(zip("-_/?;:'\"[]{}\\|&*()@#^", "ß?-_öÖäÄü+Ü*#'/()=\"§&", strict=True)),
}
_AZERTY = {
    **dict(zip("aqzwAQZW", "qawzQAWZ", strict=True)),
    **dict(zip("1234567890", "&é\"'(-è_çà", strict=True)),
    **dict(zip("!@#$%^&*()", "1234567890", strict=True)),
    **dict(zip("mM,<.>/?;:-_]'\"\\|", ",?;.:/!§mM)°$ù%*µ", strict=True)),
}
_CAPS_ON_AZERTY = {sign: digit for digit, sign in zip("1234567890", "&é\"'(-è_çà", strict=True)}

Layout = tuple[str, bool]  # Its name, and whether Caps Lock is on.
LAYOUTS: tuple[Layout, ...] = tuple((name, caps) for caps in (False, True) for name in ("QWERTY", "QWERTZ", "AZERTY"))


def typed(text: str, layout: Layout) -> str:
    """What arrives when a scanner set to an American keyboard sends `text` to a computer with this layout."""
    name, caps = layout
    table = {"QWERTZ": _QWERTZ, "AZERTY": _AZERTY}.get(name, {})
    found = "".join(table.get(char, char) for char in text)
    if not caps:
        return found
    if name == "AZERTY":  # There Caps Lock turns the digits over as well.
        found = "".join(_CAPS_ON_AZERTY.get(char, char) for char in found)
    return "".join(char if char in "ßµ" else char.swapcase() for char in found)

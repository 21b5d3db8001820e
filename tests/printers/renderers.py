"""Two independent renderers of ZPL, so that a label is believed only when both print the same thing.

`zplkit` comes with the tests. The other is Zebrash inside npm's `zpl-renderer-js`, which is fetched by npm once into
`var/npm`, checked by its hash, and run by node; it carries a font that nobody may pass on, so it is never shipped.
Where npm or node is missing its tests skip and say so.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import playwright
import pytest
import zplkit
import zxingcpp
from PIL import Image
from zplkit import Options
from zplkit._native import RenderLimits

from printers.canvas import DOTS_PER_MM
from tests import npm

VERSION = "3.4.0"
SHA256 = "7624e496f9b54d574318ffef300fa2dea0f83911899a74f7180ada3c9c957b8b"
LIMITS = RenderLimits(graphic_bytes=2**20, field_bytes=2**21)  # a drawn symbol at 600 dpi is larger than zplkit expects

Draw = Callable[..., list[Image.Image]]


def zplkit_draws(payload: bytes, *, dpi: int = 203, width_mm: int = 100, height_mm: int = 150) -> list[Image.Image]:
    dots = DOTS_PER_MM[dpi]
    options = Options(profile="zd621", width=width_mm * dots, height=height_mm * dots, dpi=dpi)
    return [Image.open(io.BytesIO(label.png())) for label in zplkit.render(payload, options, limits=LIMITS).labels]


def zebrash_draws(payload: bytes, *, dpi: int = 203, width_mm: int = 100, height_mm: int = 150) -> list[Image.Image]:
    node = _node()
    assert node.stdin is not None
    assert node.stdout is not None
    asked = {"zpl": payload.decode(), "width": width_mm, "height": height_mm, "dots": DOTS_PER_MM[dpi]}
    node.stdin.write(json.dumps(asked) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    assert not answer["error"], answer["error"]
    return [Image.open(io.BytesIO(base64.b64decode(label))) for label in answer["labels"]]


BOTH: dict[str, Draw] = {"zplkit": zplkit_draws, "zebrash": zebrash_draws}


def scanned(image: Image.Image) -> list[str]:
    """What a scanner reads, sorted. Without looking at a shrunk copy: single bars are lost there."""
    return sorted(str(found.text) for found in zxingcpp.read_barcodes(image, try_downscale=False))


@lru_cache(maxsize=1)
def _node() -> subprocess.Popen[str]:
    shipped = Path(playwright.__file__).parent / "driver" / "node"
    node = shutil.which("node") or (str(shipped) if shipped.is_file() else "")
    module = npm.fetched(
        "zpl-renderer-js", VERSION, SHA256, "package/dist/index.esm.js", f"zpl-renderer-js-{VERSION}.mjs"
    )
    if not node or module is None:
        pytest.skip(f"zpl-renderer-js {VERSION} or node is not here: the second renderer was not asked")
    script = str(Path(__file__).with_name("draw.mjs"))
    return subprocess.Popen(
        [node, script, str(module)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )

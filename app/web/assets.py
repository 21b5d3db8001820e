"""The static door: styles, scripts, fonts and icons, all our own, read once at start and kept in memory.

Every URL carries the hash of the whole folder (`/static/3f9c…/kit.css`), so a browser may keep a file for ever and still
never shows yesterday's. One hash for all, because modules and styles name each other by relative paths. Bytes are
compressed once, at start; a page still open across an upgrade asks for the old hash and gets today's file, uncached.
`/sw.js` stands apart: a service worker's reach is the folder it is served from, and its list of files is made here.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.connection import Request
from litestar.params import FromPath

FOLDER = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
WORTH_COMPRESSING = 256  # bytes; below it gzip's own header eats the gain

_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
}
# A worker has a policy of its own: here alone WebAssembly runs, so no page need allow it.
_POLICIES = {"camera_worker.js": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"}
_PACKED_ALREADY = (".woff2", ".png")
# What a handheld must have at hand to start without the network.
SHELL = (
    "tokens.css", "kit.css", "station.css", "fonts/atkinson-400.woff2", "fonts/atkinson-700.woff2", "vendor/htmx.js",
    "floor.js", "scan.js", "queue.js", "store.js", "sounds.js", "pad.js", "say.js", "signin.js", "sheets.js",
    "ids.js", "live.js", "device.js", "photo.js",
    "icon.svg", "icon-192.png", "floor.webmanifest",
)  # fmt: skip


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    etag: str
    plain: bytes
    packed: bytes | None  # gzip
    policy: str  # Content-Security-Policy; empty: that of the pages


def _asset(name: str, plain: bytes) -> Asset:
    suffix = Path(name).suffix
    packed = None
    if suffix not in _PACKED_ALREADY and len(plain) >= WORTH_COMPRESSING:
        packed = gzip.compress(plain, 9, mtime=0)
    return Asset(
        type=_TYPES.get(suffix, "application/octet-stream"),
        etag=hashlib.sha256(plain).hexdigest()[:20],
        plain=plain,
        packed=packed,
        policy=_POLICIES.get(name, ""),
    )


def _read_folder() -> dict[str, Asset]:
    files = (path for path in sorted(FOLDER.rglob("*")) if path.is_file() and path.suffix in _TYPES)
    return {path.relative_to(FOLDER).as_posix(): _asset(path.name, path.read_bytes()) for path in files}


ASSETS: Mapping[str, Asset] = _read_folder()
VERSION = hashlib.sha256("".join(name + one.etag for name, one in ASSETS.items()).encode()).hexdigest()[:12]


def asset(name: str) -> str:
    """The URL of a static file. Raises KeyError for a file that is not there."""
    if name not in ASSETS:
        raise KeyError(f"no static file {name}")
    return f"/static/{VERSION}/{name}"


def _service_worker() -> Asset:
    head = f"const VERSION = {json.dumps(VERSION)};\nconst SHELL = {json.dumps([asset(name) for name in SHELL])};\n"
    return _asset("sw.js", head.encode() + ASSETS["sw.js"].plain)


SERVICE_WORKER = _service_worker()


def answer(found: Asset, request: Request[Any, Any, Any], cache: str) -> Response[bytes]:
    """The file's bytes, or 304 when the browser has them already."""
    packed = found.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{found.etag}{"-gz" if packed else ""}"'
    headers = {"etag": etag, "cache-control": cache, "vary": "accept-encoding"}
    if found.policy:
        headers["content-security-policy"] = found.policy
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(b"", status_code=304, headers=headers, media_type=found.type)
    if packed and found.packed is not None:
        return Response(found.packed, headers={**headers, "content-encoding": "gzip"}, media_type=found.type)
    return Response(found.plain, headers=headers, media_type=found.type)


@get("/static/{version:str}/{file:path}", sync_to_thread=False, include_in_schema=False)
def static_file(version: FromPath[str], file: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    found = ASSETS.get(file.lstrip("/"))
    if found is None:
        return Response(b"No such file.", status_code=404, media_type="text/plain")
    return answer(found, request, FOR_EVER if version == VERSION else ASK_AGAIN)


@get("/sw.js", sync_to_thread=False, include_in_schema=False)
def service_worker(request: Request[Any, Any, Any]) -> Response[bytes]:
    return answer(SERVICE_WORKER, request, ASK_AGAIN)


@get("/favicon.ico", sync_to_thread=False, include_in_schema=False)
def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Browsers ask for it whatever the page says."""
    return answer(ASSETS["icon.svg"], request, ASK_AGAIN)


def router(**opt: Any) -> Router:
    """The static routes, open to everyone; `opt` is the policy the doors are guarded by."""
    return Router(path="/", route_handlers=[static_file, service_worker, favicon], opt=opt)

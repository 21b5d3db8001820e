"""Photos of what went wrong: taken at the handheld, kept as files named by their hash, shown to who may see the case.

What arrives is never kept as it came. It is decoded as a picture (JPEG, PNG or WebP, nothing else), turned upright, made
small and written anew as JPEG: what is not a picture is refused, and whatever else a file carried (a place, a script, a
second file behind the first) is gone. The file lies beside the database under the SHA-256 of its bytes, so the same
photo is kept once and nobody can choose its name. Rows say who took it and to which cases it belongs.
"""

import hashlib
import io
import os
import tempfile
from pathlib import Path

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app import clock
from app.db import Tx
from app.errors import Malformed, State, StorageFailed
from app.schema.work import photo, photo_of

LIMIT = 4 * 1_048_576  # bytes of an upload; the device shrinks to 2 MB
MOST_PIXELS = 40_000_000  # before decoding: a small file may unpack to a house full
LONGEST_SIDE = 1600
QUALITY = 82
MOST_A_DAY = 500  # of one worker
MOST_SHOWN = 20  # of one case
KINDS = ("JPEG", "PNG", "WEBP")


class NoPhoto(Malformed):
    code, title, http = "no_photo", "Not a photo", 400
    says = "That is no photo: {reason}"
    todo = "Take it again."


class PhotoTooBig(Malformed):
    code, title, http = "photo_too_big", "Too big", 413
    says = "A photo has at most {limit} MB."
    todo = "Take it with the app's own button, it makes it smaller."


class PhotoWanted(State):
    code, title = "photo_wanted", "Photo first"
    says = "This needs a photo."
    todo = "Take a photo of it."


class TooManyPhotos(State):
    code, title = "too_many_photos", "Too many photos"
    says = "You took {most} photos today; no more are kept."
    todo = "Tell a supervisor."


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    hash: str
    bytes: int
    width: int
    height: int
    worker: str = ""
    device: str = ""
    at: int = 0


class PhotoFiles:
    """The folder beside the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, raw: bytes) -> Photo:
        """Decode, shrink, write anew and keep; on a thread, it takes tens of milliseconds. Raises NoPhoto, PhotoTooBig."""
        picture = _decode(raw)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=QUALITY, optimize=True)
        made = out.getvalue()
        name = hashlib.sha256(made).hexdigest()
        self._write(name, made)
        return Photo(hash=name, bytes=len(made), width=picture.width, height=picture.height)

    def read(self, name: str) -> bytes | None:
        """A JPEG by its hash, or None."""
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / f"{name}.jpg"

    def _write(self, name: str, made: bytes) -> None:
        target = self._path(name)
        if target.exists():
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, half = tempfile.mkstemp(dir=target.parent, suffix=".half")
            with os.fdopen(handle, "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, target)
        except OSError:
            raise StorageFailed() from None


def _decode(raw: bytes) -> Image.Image:
    if len(raw) > LIMIT:
        raise PhotoTooBig(limit=LIMIT // 1_048_576)
    try:
        with Image.open(io.BytesIO(raw), formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPhoto(reason=f"it is {opened.width} × {opened.height} pixels.")
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except UnidentifiedImageError:
        raise NoPhoto(reason="it is neither JPEG nor PNG nor WebP.") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
        raise NoPhoto(reason="it is damaged.") from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return picture


_FACTS = ("hash", "bytes", "width", "height", "worker", "device", "at")
ADD = upsert(photo).values(**{name: bindparam(name) for name in _FACTS}).on_conflict_do_nothing()
LINK = (
    upsert(photo_of)
    .values(**{name: bindparam(name) for name in ("subject", "hash", "worker", "at")})
    .on_conflict_do_nothing()
)
TAKEN = (
    select(func.count()).select_from(photo).where(photo.c.worker == bindparam("who"), photo.c.at > bindparam("since"))
)
FIND = select(photo).where(photo.c.hash == bindparam("which"))
OF = (
    select(photo)
    .join(photo_of, photo_of.c.hash == photo.c.hash)
    .where(photo_of.c.subject == bindparam("of_subject"))
    .order_by(photo_of.c.at, photo.c.hash)
    .limit(MOST_SHOWN)
)
SUBJECTS = select(photo_of.c.subject).where(photo_of.c.hash == bindparam("which")).limit(1)


def add(tx: Tx, taken: Photo, worker: str, device: str) -> None:
    """Note who took it; the same photo again is the same photo. Raises TooManyPhotos."""
    now = clock.now()
    if int(tx.value(TAKEN, who=worker, since=now - clock.DAY) or 0) >= MOST_A_DAY:
        raise TooManyPhotos(most=MOST_A_DAY)
    tx.run(ADD, **{**msgspec.structs.asdict(taken), "worker": worker, "device": device, "at": now})


def check(tx: Tx, name: str) -> str:
    """A photo that was really taken. Raises NoPhoto."""
    if tx.row(FIND, which=name) is None:
        raise NoPhoto(reason="it did not reach the server.", scanned=name[:12])
    return name


def link(tx: Tx, name: str, subject: str, worker: str) -> None:
    """It belongs to a case: `exception 0190…`, `return R-17`, `count 0190…`. Twice is once. Raises NoPhoto."""
    tx.run(LINK, subject=subject, hash=check(tx, name), worker=worker, at=clock.now())


def of(tx: Tx, subject: str) -> list[Photo]:
    """The photos of a case, the first taken first."""
    return tx.all(OF, Photo, of_subject=subject)


def belongs_to_a_case(tx: Tx, name: str) -> bool:
    """One that belongs to none is shown to nobody."""
    return tx.row(SUBJECTS, which=name) is not None

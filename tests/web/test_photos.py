"""Photos: only what really is a picture is kept, small and without anything it carried, and shown with its case only."""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from app import clock
from app.db import Database
from app.floor import screens
from app.floor.floor import Floor
from app.floor.prompt import Prompt
from app.floor.screens import Screen
from app.work import photos
from tests import engines
from tests.desk import house
from tests.desk.house import Desk

JSON = {"accept": "application/json"}
Client = TestClient[Litestar]


class WantsPhoto(Screen, frozen=True, kw_only=True, tag="test.photo"):
    """A screen that wants a photo of a case."""

    def prompt(self, floor: Floor) -> Prompt:
        return Prompt(job="Case", headline="Take a photo", ask="photo", photo=True)

    def on_photo(self, floor: Floor, name: str) -> Screen:
        photos.link(floor.tx, name, "exception e-1", floor.worker)
        floor.ok("Photo kept.")
        return self


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("photos")
    url = engines.fresh_sqlite(folder)
    database = Database(url)
    house.lay_out(database)
    database.close()
    with TestClient(house.open_house(url, folder), base_url="http://127.0.0.1:8080") as client:
        yield client


class Handheld:
    def __init__(self, client: Client) -> None:
        self.client = client
        client.cookies.clear()
        body = {"badge": "B-mara", "pin": house.PIN, "takeover": True}
        told = client.post("/floor/pin", json=body, headers=JSON).json()
        self.headers = {**JSON, "x-csrf": told["csrf"]}
        self.step = told["answer"]["step"]

    def send(self, raw: bytes, kind: str = "image/jpeg") -> Any:
        return self.client.post("/floor/photo", content=raw, headers={**self.headers, "content-type": kind})

    def turn(self, raw: str, kind: str = "photo") -> Any:
        body = {"id": clock.new_id(), "after": self.step, "raw": raw, "kind": kind}
        answer = self.client.post("/floor/scan", json=body, headers=self.headers).json()
        self.step = answer["step"]
        return answer

    def stand_at(self, screen: Screen) -> None:
        def place(tx: Any) -> None:
            tag, state = screens.tag_of(type(screen)), screens.encode(screen)
            tx.connection.execute("UPDATE session SET screen = ?, state = ? WHERE worker = 'mara'", (tag, state))

        self.client.app.state.house.db.do(place)


@pytest.fixture
def hand(client: Client) -> Handheld:
    return Handheld(client)


def picture(width: int = 640, height: int = 480, form: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(out, form, **more)
    return out.getvalue()


def files(client: Client) -> list[Path]:
    folder = client.app.state.house.photos.folder
    return sorted(folder.rglob("*.jpg"))


def test_a_photo_belongs_to_its_case_and_is_seen_at_the_desk(client: Client, hand: Handheld) -> None:
    sent = hand.send(picture(3200, 2400, quality=40))
    assert sent.status_code == 200, sent.text
    name = sent.json()["hash"]
    assert (sent.json()["width"], sent.json()["height"]) == (1600, 1200)
    hand.stand_at(WantsPhoto())
    assert "data-photo" in client.get("/floor", headers={"accept": "text/html"}).text
    assert hand.turn(name)["verdict"]["sentence"] == "Photo kept."
    desk = Desk(client, "vera")
    shown = client.get(f"/desk/photos/{name}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(shown.content)).size == (1600, 1200)
    assert len(shown.content) < 2_000_000
    with client.app.state.house.db.reading() as tx:
        assert [one.hash for one in photos.of(tx, "exception e-1")] == [name]
    assert desk.csrf
    client.cookies.clear()
    assert client.get(f"/desk/photos/{name}").status_code == 401


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_pictures_become_jpeg(hand: Handheld, form: str) -> None:
    assert hand.send(picture(form=form)).status_code == 200


def test_a_photo_of_no_case_is_shown_to_nobody(client: Client, hand: Handheld) -> None:
    name = hand.send(picture()).json()["hash"]
    Desk(client, "ada")
    assert client.get(f"/desk/photos/{name}").status_code == 404
    for odd in ("nonsense", "..%2f..%2fetc%2fpasswd", "0" * 64, "%00"):
        assert client.get(f"/desk/photos/{odd}").status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
NOT_PHOTOS = {
    "nothing": b"",
    "words": b"hello",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": SVG,
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    "a jpeg's head only": picture()[:40],
    "a cut jpeg": picture()[:2000],
    "pdf": b"%PDF-1.7 <script>",
    "zip": b"PK\x03\x04" + b"\0" * 100,
}


@pytest.mark.parametrize("raw", NOT_PHOTOS.values(), ids=NOT_PHOTOS)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(client: Client, hand: Handheld, raw: bytes) -> None:
    before = files(client)
    answer = hand.send(raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "no_photo"), answer.text
    assert "That is no photo" in answer.json()["sentence"]
    assert files(client) == before


def test_fifty_megabytes_are_refused_clearly(client: Client, hand: Handheld) -> None:
    before = files(client)
    answer = hand.send(b"\xff\xd8\xff" + b"\0" * 50_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_big")
    assert answer.json()["sentence"] == "A photo has at most 4 MB."
    assert files(client) == before


def test_what_a_picture_carries_along_is_gone(client: Client, hand: Handheld) -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>alert('exif')</script>"
    raw = picture(exif=exif.tobytes()) + b"<script>alert('tail')</script>" + SVG
    assert b"alert" in raw
    answer = hand.send(raw)
    assert answer.status_code == 200
    kept = client.app.state.house.photos.read(answer.json()["hash"])
    assert b"alert" not in kept
    assert b"script" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(b"\0" * (side // 8 + 1)) for _ in range(min(side, 2000))) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [7_000, 60_000])
def test_a_picture_that_unpacks_to_a_house_full_is_refused_unseen(hand: Handheld, side: int) -> None:
    answer = hand.send(bomb(side))
    assert (answer.status_code, answer.json()["code"]) == (400, "no_photo")


def test_a_screen_that_wants_none_and_a_hash_nobody_sent_are_refused(client: Client, hand: Handheld) -> None:
    name = hand.send(picture()).json()["hash"]
    hand.turn("menu", "tap")
    assert hand.turn(name)["verdict"]["code"] == "unknown"
    hand.stand_at(WantsPhoto())
    assert hand.turn("0" * 64)["verdict"]["code"] == "no_photo"
    assert hand.turn("../../etc/passwd")["verdict"]["code"] == "no_photo"
    assert client.post("/floor/photo", content=picture(), headers=JSON).status_code == 403  # no token


def test_the_same_photo_twice_at_once_is_one_file(client: Client) -> None:
    raw, kept = picture(), client.app.state.house.photos
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(kept.keep(raw).hash)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 4
    assert len(set(names)) == 1
    assert not list(kept.folder.rglob("*.half"))

"""The device wall's pages hear at once that a device is otherwise; while nobody looks, nobody is asked."""

import asyncio

import pytest

from app.web import wall_news
from app.web.live import Hub
from app.web.wall_news import TOPIC, WallNews


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_news, "LOOK_EVERY_S", 0.01)


def test_a_page_hears_of_a_change_and_of_nothing_else() -> None:
    asked: list[str] = []
    says = ["well"]

    def look() -> str:
        asked.append(says[0])
        return says[0]

    async def watch() -> list[bytes]:
        hub = Hub()
        hub.start(asyncio.get_running_loop())
        news = WallNews(hub, look)
        news.start()
        await asyncio.sleep(0.1)
        assert asked == [], "nobody looks at the wall"
        page = hub.stream([TOPIC])
        heard = [await anext(page)]
        heard.append(await asyncio.wait_for(anext(page), 5))  # the first look
        seen = len(asked)
        await asyncio.sleep(0.1)
        assert len(asked) > seen
        says[0] = "out of labels"
        heard.append(await asyncio.wait_for(anext(page), 5))
        hub.stop()
        await asyncio.to_thread(news.stop)
        return heard

    heard = asyncio.run(watch())
    assert [piece.split(b"\n")[0] for piece in heard[1:]] == [b"event: devices"] * 2

"""A screen is stored by its tag, so a tag belongs to one screen."""

from typing import Any

import pytest

from app.floor import screens
from app.floor.screens import Screen


class Waiting(Screen, frozen=True, kw_only=True, tag="test.waiting"):
    place: str


def test_a_second_screen_of_one_tag_is_refused_where_it_is_declared() -> None:
    with pytest.raises(TypeError, match=r"two screens are called test\.waiting: .*\.Waiting and .*\.Sleeping"):

        class Sleeping(Screen, frozen=True, kw_only=True, tag="test.waiting"):
            bed: int

    declare: Any = type(Screen)
    with pytest.raises(TypeError, match=r"two screens are called test\.waiting"):  # of the same name, in another file
        declare("Waiting", (Screen,), {"__module__": "app.workflows.elsewhere"}, frozen=True, tag="test.waiting")
    back = screens.decode("test.waiting", screens.encode(Waiting(place="A-01")))
    assert back == Waiting(place="A-01")

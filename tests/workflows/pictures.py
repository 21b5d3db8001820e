"""A photo as a handheld takes it, kept where the house keeps them: for stories in which somebody must show something."""

import io
from pathlib import Path

from PIL import Image

from app.work import photos
from tests.world import Hand, World


def picture(world: World, hand: Hand, folder: Path) -> str:
    """Its hash, which the handheld sends in place of a scan."""
    jpeg = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(jpeg, "JPEG")
    taken = photos.PhotoFiles(folder).keep(jpeg.getvalue())
    world.db.do(lambda tx: photos.add(tx, taken, hand.worker, hand.device))
    return taken.hash

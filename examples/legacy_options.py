"""Use more of remove.bg than its sample does: regions, placing, shadows, backgrounds, WebP, zip.

python legacy_options.py badge|layers|product FOLDER PHOTO
python legacy_options.py postcard FOLDER PHOTO SCENE
"""

import os
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import requests

URL = "https://api.remove.bg/v1.0/removebg"
API_KEY = os.environ.get("REMOVE_BG_API_KEY", "INSERT_YOUR_API_KEY_HERE")

session = requests.Session()
session.headers["X-Api-Key"] = API_KEY


def ask(photo, files=None, **options):
    files = {"image_file": (photo.name, photo.read_bytes())} | (files or {})
    response = session.post(URL, files=files, data=options, timeout=(5, 120))
    response.raise_for_status()
    return response.content


def product(folder, photo):
    """The shop's look: the subject at the same size on every picture, on grey, with a shadow."""
    shadow = {"shadow_type": "drop", "shadow_opacity": "60"}
    content = ask(photo, size="hd", type="product", scale="80%", bg_color="ececf0", format="jpg", **shadow)
    (folder / "product.jpg").write_bytes(content)


def badge(folder, photo):
    """The head only, cropped with a little air."""
    content = ask(photo, size="hd", roi="20% 0% 80% 60%", crop="true", crop_margin="8%", format="webp")
    (folder / "badge.webp").write_bytes(content)


def postcard(folder, photo, scene):
    """Somebody, elsewhere."""
    with scene.open("rb") as background:
        content = ask(photo, {"bg_image_file": background}, size="full", scale="85%", position="0% 100%")
    (folder / "postcard.jpg").write_bytes(content)


def layers(folder, photo):
    """Colours and matte apart, for the next program."""
    with ZipFile(BytesIO(ask(photo, size="full", format="zip"))) as archive:
        (folder / "layers-color.jpg").write_bytes(archive.read("color.jpg"))
        (folder / "layers-alpha.png").write_bytes(archive.read("alpha.png"))


TASKS = {task.__name__: task for task in (product, badge, postcard, layers)}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*map(Path, sys.argv[2:]))

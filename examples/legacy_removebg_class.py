"""Make ID pictures with the package removebg, as scripts have done for years. The import is the one line that changed.

python legacy_removebg_class.py PHOTO COLOUR
"""

import os
import sys

from PIL import Image

from pixian_adapters.removebg import RemoveBg  # was: from removebg import RemoveBg

API_KEY = os.environ.get("REMOVE_BG_API_KEY", "INSERT_YOUR_API_KEY_HERE")


def id_pictures(path, colour):
    cutter = RemoveBg(API_KEY, "error.log")

    # on a background that the service fills in
    cutter.remove_background_from_img_file(path, bg_color=colour)
    with Image.open(path + "_no_bg.png") as picture:
        picture.convert("RGB").save(path + "_filled.jpg")

    # on one of our own: the cut-out is pasted
    cutter.remove_background_from_img_file(path)
    with Image.open(path + "_no_bg.png") as cutout:
        page = Image.new("RGB", cutout.size, "white")
        page.paste(cutout, mask=cutout.getchannel("A"))
    page.save(path + "_pasted.jpg")


if __name__ == "__main__":
    id_pictures(sys.argv[1], sys.argv[2])

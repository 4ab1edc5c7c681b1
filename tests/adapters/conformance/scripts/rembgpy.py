"""As users of the package rembgpy 1.0.1 write."""

import base64
import logging
import os
from pathlib import Path

import rembgpy
import rembgpy.bg
from rembgpy import RemBg

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def photo64():
    return base64.b64encode(Path("photo.jpg").read_bytes())


def by_address():
    return RemBg(KEY, "error.log").remove_img(SERVER + "/photo.png")


def by_address_with_a_name():
    return RemBg(KEY, "error.log").remove_img(img_url=SERVER + "/photo.png", size="hd", nfn="mine.png")


def everything_positional():
    return RemBg(KEY, "error.log").remove_img(
        SERVER + "/photo.png",
        "full",
        "person",
        "1",
        "png",
        "0% 0% 100% 100%",
        "5%",
        "80%",
        "center",
        "rgba",
        True,
        False,
        "ff0000",
        "color",
        "all.png",
    )


def base64_text():
    return RemBg(KEY, "error.log").remove_b64(photo64().decode(), nfn="from64.png")


def base64_as_jpeg():
    return RemBg(KEY, "error.log").remove_b64(photo64(), format="jpg", nfn="out.jpg")


def base64_as_zip():
    return RemBg(KEY, "error.log").remove_b64(photo64(), format="zip", nfn="out.zip")


def the_alpha_channel():
    return RemBg(KEY, "error.log").remove_b64(photo64(), channels="alpha", format="png")


def cropped():
    return RemBg(KEY, "error.log").remove_b64(photo64(), crop="10px")


def on_a_colour():
    return RemBg(KEY, "error.log").remove_b64(photo64(), bg="white", bg_type="color")


def on_a_picture_by_address():
    return RemBg(KEY, "error.log").remove_b64(photo64(), bg=SERVER + "/photo.png", bg_type="url")


def a_background_that_is_missing():
    return RemBg(KEY, "error.log").remove_b64(photo64(), bg="nowhere.png", bg_type="path")


def arguments_that_are_wrong():
    rb = RemBg(KEY, "error.log")
    for wrong in ({"size": "50MP"}, {"type": "graphic"}, {"type_level": "3"}, {"format": "webp"}, {"channels": "rgb"}):
        for ask, source in ((rb.remove_img, SERVER + "/photo.png"), (rb.remove_b64, photo64())):
            try:
                ask(source, **wrong)
            except ValueError as error:
                print(type(error).__name__, error)
    rb.remove_img("x", size="a", channels="b")


def a_type_that_only_this_package_knows():
    return RemBg(KEY, "error.log").remove_b64(photo64(), type="graphics")


def no_base64():
    RemBg(KEY, "error.log").remove_b64("§§§")


def by_an_address_without_a_picture():
    RemBg(KEY, "error.log").remove_img(SERVER + "/missing.png")


def an_output_folder_that_does_not_exist():
    RemBg(KEY, "error.log").remove_b64(photo64(), nfn="no/where.png")


def the_process_is_mute():
    RemBg(KEY, "error.log")
    logging.critical("not heard")  # noqa: LOG015 (the root logger is what it is about)
    rembgpy.set_logging(True)
    logging.error("heard")  # noqa: LOG015 (the root logger is what it is about)
    rembgpy.set_logging()
    logging.error("not heard again")  # noqa: LOG015 (the root logger is what it is about)


def the_output_method_says_why():
    class Moved:
        status_code = 302

        def json(self):
            return {"errors": [{"title": "Insufficient Credits"}]}

    return RemBg(KEY, "error.log")._out_file(Moved(), "mine.png")


def the_key_is_where_it_was():
    return RemBg("some-key", "error.log")._RemBg__api_key


def the_address_is_patched():
    before = rembgpy.bg.base_url
    rembgpy.bg.base_url = "https://api.remove.bg:443/v1.0/removebg"
    try:
        RemBg(KEY, "error.log").remove_b64("AAAA")
    finally:
        rembgpy.bg.base_url = before
        print(before)


def a_local_path():
    return RemBg(KEY, "error.log").remove_img("photo.jpg")


def on_a_picture_by_path():
    return RemBg(KEY, "error.log").remove_b64(photo64(), bg="photo.jpg", bg_type="path")

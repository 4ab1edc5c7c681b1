"""As users of the package removebgplus 0.1.2 write."""

import base64
import os
from pathlib import Path

from removebgplus import RemoveBg
from removebgplus.removebg import APIError, Error, NoApiKey

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def a_file():
    return RemoveBg(KEY).remove_from_file("photo.jpg", "out.png")


def keywords():
    return RemoveBg(api_key=KEY).remove_from_file(input_path="photos/a.png", output_path="photos/out.png")


def by_address():
    return RemoveBg(KEY).remove_from_url(SERVER + "/photo.png", "out.png")


def by_an_address_that_moved():
    return RemoveBg(KEY).remove_from_url(SERVER + "/moved.png", "out.png", False)


def by_the_address_of_a_page():
    RemoveBg(KEY).remove_from_url(SERVER + "/page.html", "out.png")


def by_an_address_without_a_picture():
    RemoveBg(KEY).remove_from_url(SERVER + "/missing.png", "out.png")


def by_no_address():
    RemoveBg(KEY).remove_from_url("photo.jpg", "out.png")


def no_key():
    RemoveBg()


def an_empty_key():
    RemoveBg("")


def a_missing_photo():
    RemoveBg(KEY).remove_from_file("nowhere.jpg", "out.png")


def a_folder_as_photo():
    RemoveBg(KEY).remove_from_file("photos", "out.png")


def a_text_file():
    RemoveBg(KEY).remove_from_file("notes.txt", "out.png")


def base64_that_is_wrong():
    rb = RemoveBg(KEY)
    for wrong in (b"AAAA", "AAA", "", base64.b64encode(b"no picture at all").decode(), "data:image/png;base64,AAAA"):
        try:
            rb.remove_from_base64(wrong, "out.png")
        except Error as error:
            print(type(error).__name__, error, error.args)


def an_error_that_is_handled():
    try:
        RemoveBg(KEY).remove_from_file("notes.txt", "out.png")
    except APIError as error:
        print(str(error)[:5])
    except NoApiKey:
        print("no key")


def a_request_of_ones_own():
    return RemoveBg(KEY)._send_request(
        data={"size": "enormous", "image_url": SERVER + "/photo.png"}, output_path="out.png"
    )


def the_key_is_where_it_was():
    return RemoveBg("some-key").api_key


def an_output_folder_that_does_not_exist():
    RemoveBg(KEY).remove_from_file("photo.jpg", "no/where.png")


def base64_text():
    return RemoveBg(KEY).remove_from_base64(base64.b64encode(Path("photo.jpg").read_bytes()).decode(), "out.png")

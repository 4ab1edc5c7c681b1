"""As users of the package removebg 0.04 write: positional, one path, then the file is opened again."""

import base64
import io
import logging
import os
from pathlib import Path

import removebg.removebg
import requests
from PIL import Image
from removebg import RemoveBg

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def one_photo():
    rmbg = RemoveBg(KEY, "error.log")
    result = rmbg.remove_background_from_img_file("photo.jpg")
    print(result, Image.open("photo.jpg_no_bg.png").size)


def id_photo_on_a_coloured_canvas():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg")
    person = Image.open("photo.jpg_no_bg.png")
    canvas = Image.new("RGB", person.size, (67, 142, 219))
    canvas.paste(person, mask=person.split()[-1])
    canvas.save("id.png")


def white_background_is_jpeg_in_a_png_file():
    return RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", bg_color="white")


def everything_positional():
    return RemoveBg(KEY, "error.log").remove_background_from_img_file("photos/a.png", "hd", "00ff00")


def every_photo_of_a_folder():
    rmbg = RemoveBg(KEY, "error.log")
    for name in sorted(os.listdir("photos")):
        if name.endswith((".jpg", ".png")):
            rmbg.remove_background_from_img_file(os.path.join("photos", name), size="regular")


def a_path_object():
    RemoveBg(KEY, "error.log").remove_background_from_img_file(Path("photos") / "b.jpg", size="4k")


def a_path_with_a_dot_in_front():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("./photo.jpg")


def by_address():
    return RemoveBg(KEY, "error.log").remove_background_from_img_url(SERVER + "/photo.png")


def by_address_with_a_name():
    RemoveBg(KEY, "error.log").remove_background_from_img_url(SERVER + "/photo.png", "full", "mine.png", "ff0000")


def by_an_address_without_a_picture():
    RemoveBg(KEY, "error.log").remove_background_from_img_url(SERVER + "/missing.png")


def by_no_address():
    RemoveBg(KEY, "error.log").remove_background_from_img_url("photo.jpg")


def base64_text():
    with open("photo.jpg", "rb") as photo:
        text = base64.b64encode(photo.read()).decode()
    return RemoveBg(KEY, "error.log").remove_background_from_base64_img(text, new_file_name="from64.png")


def base64_bytes():
    encoded = base64.b64encode(Path("photo.jpg").read_bytes())
    RemoveBg(KEY, "error.log").remove_background_from_base64_img(encoded, "medium")


def base64_with_a_prefix():
    text = "data:image/jpeg;base64," + base64.b64encode(Path("photo.jpg").read_bytes()).decode()
    RemoveBg(KEY, "error.log").remove_background_from_base64_img(text)


def no_base64():
    RemoveBg(KEY, "error.log").remove_background_from_base64_img("§§§")


def a_missing_photo():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("nowhere.jpg")


def a_folder_as_photo():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photos")


def a_text_file():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("notes.txt")


def an_empty_file():
    Path("empty.png").touch()
    RemoveBg(KEY, "error.log").remove_background_from_img_file("empty.png")


def a_size_that_does_not_exist():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", size="enormous")


def a_colour_that_does_not_exist():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", bg_color="blurple")


def a_size_of_none():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", size=None)


def an_error_that_is_handled():
    rmbg = RemoveBg(KEY, "error.log")
    try:
        rmbg.remove_background_from_img_file("photo.jpg", size="enormous")
    except requests.exceptions.HTTPError as error:
        print(error)
        print(error.response.status_code, error.response.reason, error.response.ok, error.response.url)
        print(error.request.method, error.request.url)
    except requests.exceptions.RequestException as error:
        print(type(error).__name__)


def an_output_that_is_there_already():
    Path("photo.jpg_no_bg.png").write_text("yesterday's")
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg")


def a_refusal_leaves_yesterdays_output():
    Path("no-bg.png").write_text("yesterday's")
    RemoveBg(KEY, "error.log").remove_background_from_base64_img("AAAA")


def an_output_folder_that_does_not_exist():
    RemoveBg(KEY, "error.log").remove_background_from_img_url(SERVER + "/photo.png", new_file_name="no/where.png")


def own_output():
    class Mine(RemoveBg):
        def __output_file__(self, response, new_file_name):
            print(response.status_code, response.headers["Content-Type"], response.ok, new_file_name)
            print(sorted(name.lower() for name in response.headers if name.lower().startswith("x-")))
            Image.open(io.BytesIO(response.content)).verify()

    return Mine(KEY, "error.log").remove_background_from_img_file("photo.jpg", "preview")


def the_output_method_logs_the_reason():
    class Moved:
        status_code = 302

        def json(self):
            return {"errors": [{"title": "Insufficient Credits"}]}

    return RemoveBg(KEY, "error.log").__output_file__(Moved(), "mine.png")


def the_log_file_is_the_programs():
    RemoveBg(KEY, "error.log")
    logging.warning("said by the program")  # noqa: LOG015 (the root logger is what it is about)
    logging.getLogger("other").error("said by a module")


def the_first_log_file_counts():
    RemoveBg(KEY, "first.log")
    RemoveBg(KEY, "second.log")
    logging.error("where?")  # noqa: LOG015 (the root logger is what it is about)


def the_key_is_where_it_was():
    return RemoveBg("some-key", "error.log")._RemoveBg__api_key


def the_endpoint_is_patched():
    before = removebg.removebg.API_ENDPOINT
    removebg.removebg.API_ENDPOINT = "https://api.remove.bg:443/v1.0/removebg"
    try:
        RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", size="enormous")
    finally:
        removebg.removebg.API_ENDPOINT = before
        print(before)


def too_many_arguments():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", "hd", None, "person")


def no_log_file():
    RemoveBg(KEY)


def the_keyword_of_the_readme():
    RemoveBg(KEY, "error.log").remove_background_from_img_file("photo.jpg", new_file_name="mine.png")

"""As users of the package pyclipdrop 1.0.1 write: a client, one path, then the file is opened again."""

import os
from pathlib import Path

import requests
from PIL import Image
from pyclipdrop import ClipdropClient
from pyclipdrop.exceptions import (
    APIRequestError,
    FileExtensionError,
    FileOpenError,
    FileOrURLError,
    FilePathError,
    URLReadError,
    ValueNotSupportedError,
)

KEY = os.environ["CLIPDROP_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def one_photo():
    client = ClipdropClient(api_key=KEY)
    result = client.remove_background("photo.jpg")
    print(result, Image.open("output.png").size)


def the_key_of_the_environment():
    client = ClipdropClient()
    print(client.api_key == KEY, client.base_url, client.version)
    return client.remove_background(input_file="photo.jpg", output_file="mine.png")


def everything_positional():
    return ClipdropClient(KEY, "https://clipdrop-api.co", "v1").remove_background(
        "photos/a.png", "discard_alpha_layer", "photos/result.png"
    )


def every_photo_of_a_folder():
    client = ClipdropClient(KEY)
    for name in sorted(os.listdir("photos")):
        client.remove_background(f"photos/{name}", output_file=f"out-{Path(name).stem}.png")


def the_content_is_a_png_whatever_the_name():
    client = ClipdropClient(KEY)
    for name in ("a.jpg", "a.jpeg", "a.webp"):
        client.remove_background("photo.jpg", output_file=name)


def a_jpeg_called_jpeg():
    Path("photo.jpeg").write_bytes(Path("photo.jpg").read_bytes())
    ClipdropClient(KEY).remove_background("photo.jpeg")


def a_webp():
    Image.open("photo.jpg").save("photo.webp")
    ClipdropClient(KEY).remove_background("photo.webp")


def an_output_that_is_there_already():
    Path("output.png").write_text("yesterday's")
    ClipdropClient(KEY).remove_background("photo.jpg")


def a_refusal_leaves_yesterdays_output():
    Path("output.png").write_text("yesterday's")
    Path("broken.png").write_text("no picture")
    ClipdropClient(KEY).remove_background("broken.png")


def an_output_path_object():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file=Path("photos") / "c.png")


def a_transparent_picture_is_its_own_result():
    Image.new("RGBA", (40, 30), (1, 2, 3, 128)).save("clear.png")
    ClipdropClient(KEY).remove_background("clear.png", output_file="kept.png")
    return Image.open("kept.png").getpixel((7, 7)), Image.open("kept.png").size


def asked_for_by_name():
    Image.new("RGBA", (40, 30), (1, 2, 3, 128)).save("clear.png")
    ClipdropClient(KEY).remove_background("clear.png", "return_input_if_non_opaque", "kept.png")


def a_transparent_picture_without_its_alpha():
    Image.open("photo.jpg").convert("RGBA").save("clear.png")
    ClipdropClient(KEY).remove_background("clear.png", transparency_handling="discard_alpha_layer")
    return Image.open("output.png").size


def by_address():
    return ClipdropClient(KEY).remove_background(SERVER + "/photo.png")


def by_an_address_with_a_query():
    return ClipdropClient(KEY).remove_background(SERVER + "/photo.png?size=large", output_file="mine.png")


def by_an_address_that_moved():
    return ClipdropClient(KEY).remove_background(SERVER + "/moved.png")


def by_an_address_without_a_picture():
    ClipdropClient(KEY).remove_background(SERVER + "/missing.png")


def by_an_address_without_an_extension():
    ClipdropClient(KEY).remove_background(SERVER + "/photo")


def by_an_address_with_capitals():
    ClipdropClient(KEY).remove_background(SERVER + "/photo.PNG")


def by_an_address_of_nobody():
    ClipdropClient(KEY).remove_background("http://127.0.0.1:9/photo.png")


def by_half_an_address():
    ClipdropClient(KEY).remove_background("http:///photo.png")


def an_address_counts_before_the_output():
    ClipdropClient(KEY).remove_background(SERVER + "/missing.png", output_file="no/where.gif")


def a_missing_photo():
    ClipdropClient(KEY).remove_background("nowhere.png")


def a_missing_photo_without_an_extension():
    ClipdropClient(KEY).remove_background("nowhere")


def no_name_at_all():
    ClipdropClient(KEY).remove_background("")


def nothing_at_all():
    ClipdropClient(KEY).remove_background(None)


def a_folder_as_photo():
    ClipdropClient(KEY).remove_background("photos")


def a_folder_called_like_a_photo():
    Path("folder.png").mkdir()
    ClipdropClient(KEY).remove_background("folder.png")


def a_text_file():
    ClipdropClient(KEY).remove_background("notes.txt")


def a_text_file_called_png():
    Path("notes.png").write_text("remember the milk")
    ClipdropClient(KEY).remove_background("notes.png")


def an_empty_file():
    Path("empty.png").touch()
    ClipdropClient(KEY).remove_background("empty.png")


def an_extension_in_capitals():
    Path("photo.JPG").write_bytes(Path("photo.jpg").read_bytes())
    ClipdropClient(KEY).remove_background("photo.JPG")


def an_open_file():
    with open("photo.jpg", "rb") as photo:
        ClipdropClient(KEY).remove_background(photo)


def bytes_as_a_path():
    ClipdropClient(KEY).remove_background(b"photo.jpg")


def another_handling():
    ClipdropClient(KEY).remove_background("photo.jpg", "keep")


def an_empty_handling():
    ClipdropClient(KEY).remove_background("photo.jpg", "")


def the_handling_is_looked_at_first():
    ClipdropClient(KEY).remove_background("nowhere.gif", "keep", "no/where.gif")


def the_input_is_looked_at_before_the_output():
    ClipdropClient(KEY).remove_background("notes.txt", output_file="no/where.gif")


def an_output_with_another_extension():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="out.gif")


def an_output_without_an_extension():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="out")


def an_output_with_capitals():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="out.PNG")


def an_output_folder_that_does_not_exist():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="no/where.png")


def the_folder_is_looked_at_before_the_extension():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="no/where.gif")


def an_output_that_is_a_folder():
    Path("folder.png").mkdir()
    ClipdropClient(KEY).remove_background("photo.jpg", output_file="folder.png")


def an_output_of_none():
    ClipdropClient(KEY).remove_background("photo.jpg", output_file=None)


def the_keyword_of_the_readme():
    ClipdropClient(KEY).remove_background(image_file="photo.jpg")


def no_key():
    del os.environ["CLIPDROP_API_KEY"]
    try:
        ClipdropClient()
    finally:
        os.environ["CLIPDROP_API_KEY"] = KEY


def another_version():
    ClipdropClient(KEY, version="v9").remove_background("photo.jpg")


def an_address_that_requests_refuses():
    ClipdropClient(KEY, base_url="clipdrop-api.co").remove_background("photo.jpg")


def errors_that_are_handled():
    client = ClipdropClient(KEY)
    for given in (
        {"input_file": "nowhere.png"},
        {"input_file": "notes.txt"},
        {"input_file": SERVER + "/missing.png"},
        {"input_file": "photo.jpg", "transparency_handling": "keep"},
        {"input_file": "photo.jpg", "output_file": "no/where.png"},
    ):
        try:
            client.remove_background(**given)
        except (FileOrURLError, FileExtensionError, FilePathError, FileOpenError, ValueNotSupportedError) as error:
            print(type(error).__name__, error)
        except URLReadError as error:
            print(type(error).__name__, type(error.__cause__).__name__)


def a_refusal_that_is_handled():
    try:
        ClipdropClient(KEY).remove_background("photo.jpg")
    except APIRequestError as error:
        cause = error.__cause__
        print(isinstance(cause, requests.exceptions.HTTPError), cause.response.status_code, cause)
        print(cause.request.method, cause.request.url)
    except requests.exceptions.ConnectionError:
        print("nobody there")


def subclassed():
    class Mine(ClipdropClient):
        def _submit_request(self, url, files, data=None):
            print(url, sorted(files), data)
            return super()._submit_request(url, files, data)

    Mine(KEY).remove_background("photo.jpg", "discard_alpha_layer")

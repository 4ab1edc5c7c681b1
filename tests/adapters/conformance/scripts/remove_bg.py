"""As users of the package remove-bg 0.2.1 write: options pass through, bytes come back."""

import base64
import os
from pathlib import Path

import removebg
from removebg import APIException, RemoveBg, constants, exceptions

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]


def a_file():
    content = RemoveBg(KEY).remove_background_from_file("photo.jpg")
    Path("out.png").write_bytes(content)
    return content


def a_file_with_options():
    return RemoveBg(api_token=KEY).remove_background_from_file(
        "photos/a.png", size="full", format="jpg", bg_color="fff"
    )


def switches_in_python():
    return RemoveBg(KEY).remove_background_from_file("photo.jpg", semitransparency=True, add_shadow=False, type=None)


def by_address():
    return RemoveBg(KEY).remove_background_from_url(SERVER + "/photo.png", format="zip")


def by_an_address_without_a_picture():
    return RemoveBg(KEY).remove_background_from_url(SERVER + "/missing.png")


def base64_text():
    return RemoveBg(KEY).remove_background_from_base64(
        base64.b64encode(Path("photo.jpg").read_bytes()), channels="alpha"
    )


def an_open_file():
    with open("photo.jpg", "rb") as photo:
        content = RemoveBg(KEY).remove_background(image_file=photo, size="auto")
        print(photo.closed)
    return content


def bytes_and_a_background():
    content = Path("photo.jpg").read_bytes()
    return RemoveBg(KEY).remove_background(image_file=content, bg_image_file=content)


def a_tuple():
    return RemoveBg(KEY).remove_background(image_file=("name.jpg", Path("photo.jpg").read_bytes(), "image/jpeg"))


def the_callers_options():
    options = {"size": "full", "image_file": Path("photo.jpg").read_bytes()}
    RemoveBg(KEY).remove_background(**options)
    print(sorted(options))


def no_token():
    RemoveBg().remove_background_from_file("nowhere.jpg")


def no_token_for_an_address():
    RemoveBg(session_token="s").remove_background_from_url("x")


def the_tokens_are_attributes():
    rb = RemoveBg("a", "b", "c")
    return rb.api_token, rb.session_token, rb.anticaptcha_token


def a_size_that_does_not_exist():
    RemoveBg(KEY).remove_background_from_file("photo.jpg", size="enormous")


def no_source():
    RemoveBg(KEY).remove_background(size="full")


def two_sources():
    RemoveBg(KEY).remove_background(image_file=b"x", image_url=SERVER + "/photo.png")


def a_text_file():
    RemoveBg(KEY).remove_background_from_file("notes.txt")


def a_missing_photo():
    RemoveBg(KEY).remove_background_from_file("nowhere.jpg")


def an_error_that_is_handled():
    try:
        RemoveBg(KEY).remove_background_from_file("photo.jpg", size="enormous")
    except APIException as error:
        print(type(error).__name__, error, error.status_code, error.args)


def the_exceptions():
    print(
        exceptions.TokenRequired("api"),
        exceptions.LoginFailed("me@x"),
        exceptions.AccountCreationFailed("me@x"),
        exceptions.SessionExpired(),
    )
    for name in ("InvalidParameters", "InsufficientCredits", "AuthenticationFailed", "RateLimitExceeded"):
        kind = getattr(exceptions, name)
        print(
            name,
            kind.status_code,
            issubclass(kind, removebg.APIException),
            issubclass(kind, exceptions.RemoveBgException),
        )


def the_address_is_patched():
    before = constants.API_ENDPOINT
    constants.API_ENDPOINT = "https://api.remove.bg:443/v1.0/"
    try:
        RemoveBg(KEY).remove_background_from_file("photo.jpg", size="enormous")
    finally:
        constants.API_ENDPOINT = before
        print(before, constants.WWW_ENDPOINT, [kind.__name__ for kind in constants.API_EXCEPTIONS])

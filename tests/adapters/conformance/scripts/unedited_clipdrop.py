"""As people call Clipdrop with requests, without any package: the patterns seen most."""

# ruff: noqa: SIM115 (as people write it)

import io
import os
from pathlib import Path

import requests
from PIL import Image

KEY = os.environ["CLIPDROP_API_KEY"]
URL = "https://clipdrop-api.co/remove-background/v1"


def the_vendors_sample():
    with open("photo.jpg", "rb") as photo:
        r = requests.post(
            URL, files={"image_file": ("photo.jpg", photo.read(), "image/jpeg")}, headers={"x-api-key": KEY}
        )
    if r.ok:
        Path("result.png").write_bytes(r.content)
    else:
        r.raise_for_status()
    return r


def bare_bytes():
    r = requests.post(URL, files={"image_file": Path("photo.jpg").read_bytes()}, headers={"x-api-key": KEY}, timeout=30)
    return r.status_code, r.ok and Image.open(io.BytesIO(r.content)).mode


def an_open_file_and_an_accepted_type():
    headers = {"x-api-key": KEY, "accept": "image/png"}
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers=headers)


def a_webp():
    headers = {"x-api-key": KEY, "Accept": "image/webp"}
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers=headers)


def a_jpeg_in_both_spellings():
    return [
        requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers={"x-api-key": KEY, "Accept": accept})
        for accept in ("image/jpeg", "image/jpg")
    ]


def as_axios_sends():
    headers = {"X-API-KEY": KEY, "Accept": "application/json, text/plain, */*"}
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers=headers)


def a_type_that_is_not_offered():
    headers = {"x-api-key": KEY, "Accept": "application/json"}
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers=headers)


def what_is_consumed():
    r = requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers={"x-api-key": KEY})
    return r.headers.get("x-credits-consumed")


def the_error_is_read():
    r = requests.post(URL, files={"image_file": b"no picture"}, headers={"x-api-key": KEY})
    if r.status_code < 500:
        print(r.status_code, list(r.json()), type(r.json()["error"]).__name__)


def alpha_is_dropped():
    return requests.post(
        URL,
        files={"image_file": ("a.png", Path("photos/a.png").read_bytes(), "image/png")},
        data={"transparency_handling": "discard_alpha_layer"},
        headers={"x-api-key": KEY},
    )


def a_transparent_picture():
    out = io.BytesIO()
    Image.new("RGBA", (40, 30), (1, 2, 3, 128)).save(out, "PNG")
    r = requests.post(URL, files={"image_file": ("a.png", out.getvalue(), "image/png")}, headers={"x-api-key": KEY})
    return r.ok and Image.open(io.BytesIO(r.content)).getpixel((5, 5))


def no_key():
    r = requests.post(URL, files={"image_file": open("photo.jpg", "rb")})
    return r, r.text


def no_picture():
    return requests.post(URL, files={"other": b"x"}, headers={"x-api-key": KEY})


def the_file_is_a_string():
    return requests.post(URL, data={"image_file": "photo.jpg"}, headers={"x-api-key": KEY})


def raise_for_status():
    requests.post(URL, files={"image_file": b"no picture"}, headers={"x-api-key": KEY}).raise_for_status()


def one_session_for_many():
    with requests.Session() as session:
        session.headers["x-api-key"] = KEY
        return [session.post(URL, files={"image_file": open(f"photos/{name}", "rb")}) for name in ("a.png", "b.jpg")]


def another_path():
    return requests.post(
        "https://clipdrop-api.co/nothing/v1", files={"image_file": b"x"}, headers={"x-api-key": KEY}
    ).status_code

"""As people call the API with requests, without any package: the patterns seen most, in that order."""

# ruff: noqa: SIM115, FURB122 (as people write it)

import base64
import io
import os
import shutil
from pathlib import Path

import requests
from PIL import Image

KEY = os.environ["REMOVE_BG_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]
URL = "https://api.remove.bg/v1.0/removebg"


def the_vendors_sample():
    with open("photo.jpg", "rb") as photo:
        response = requests.post(URL, files={"image_file": photo}, data={"size": "auto"}, headers={"X-Api-Key": KEY})
    if response.status_code == requests.codes.ok:
        Path("no-bg.png").write_bytes(response.content)
    else:
        print("Error:", response.status_code)
    return response


def straight_into_pillow():
    response = requests.post(
        URL, files={"image_file": open("photo.jpg", "rb")}, data={"size": "auto"}, headers={"X-Api-Key": KEY}
    )
    if response.status_code == 200:
        Image.open(io.BytesIO(response.content)).convert("RGBA").save("out.png")


def bytes_from_memory():
    content = Path("photo.jpg").read_bytes()
    response = requests.post(
        URL,
        files={"image_file": ("image.png", content, "image/png")},
        data={"size": "preview", "format": "png"},
        headers={"X-Api-Key": KEY},
        timeout=30,
    )
    return response, response.elapsed.total_seconds() >= 0


def the_old_bot_template():
    response = requests.post(
        URL, headers={"X-API-Key": KEY}, files={"image_file": Path("photo.jpg").read_bytes()}, stream=True
    )
    if "image" in response.headers.get("Content-Type", ""):
        with open("bot.png", "wb") as out:
            for chunk in response.iter_content(1024):
                out.write(chunk)
        return "saved"
    errors = response.json()["errors"] if response.status_code < 500 else [{}]
    return errors[0].get("title")


def the_raw_stream_into_a_file():
    response = requests.post(
        URL, headers={"X-API-Key": KEY}, files={"image_file": Path("photo.jpg").read_bytes()}, stream=True
    )
    if not response.ok:
        return response
    with open("raw.png", "wb") as out:
        shutil.copyfileobj(response.raw, out)
    return Path("raw.png").stat().st_size == int(response.headers["Content-Length"])


def by_address():
    return requests.post(
        URL, data={"image_url": SERVER + "/photo.png", "size": "auto"}, headers={"X-Api-Key": KEY}, allow_redirects=True
    )


def raise_for_status():
    requests.post(URL, files={"image_file": b"no picture"}, headers={"X-Api-Key": KEY}).raise_for_status()


def nothing_is_checked():
    response = requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, headers={"X-Api-Key": KEY})
    Path("out.dat").write_bytes(response.content if response.ok else b"error")


def base64_and_an_envelope():
    content = base64.b64encode(Path("photo.jpg").read_bytes())
    headers = {"X-Api-Key": KEY, "Accept": "application/json"}
    response = requests.post(URL, data={"image_file_b64": content}, headers=headers)
    if response.ok:
        data = response.json()["data"]
        print(sorted(data), {key: type(value).__name__ for key, value in data.items()})
        return base64.b64decode(data["result_b64"])
    return response


def json_in():
    body = {"image_url": SERVER + "/photo.png", "size": "full", "crop": False, "bg_color": "81d4faff"}
    return requests.post(URL, json=body, headers={"X-Api-Key": KEY})


def a_zip():
    return requests.post(
        URL, files={"image_file": open("photo.jpg", "rb")}, data={"format": "zip"}, headers={"X-Api-Key": KEY}
    )


def webp():
    return requests.post(
        URL, files={"image_file": open("photo.jpg", "rb")}, data={"format": "webp"}, headers={"X-Api-Key": KEY}
    )


def alpha_without_a_type():
    data = {"channels": "alpha", "type_level": "none", "format": ""}
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")}, data=data, headers={"X-Api-Key": KEY})


def the_next_key_when_credits_are_out():
    for key in (KEY, KEY):
        response = requests.post(
            URL, files={"image_file": open("photo.jpg", "rb")}, headers={"X-Api-Key": key}, timeout=(5, 60)
        )
        print(response.status_code)
        if response.status_code != 402:
            break
    return response


def is_the_key_valid():
    response = requests.get("https://api.remove.bg/v1.0/account", headers={"X-Api-Key": KEY})
    if response.status_code == 200:
        attributes = response.json()["data"]["attributes"]
        print(attributes["credits"]["total"], attributes["api"]["free_calls"], attributes)
    return response.status_code in (401, 403), response


def one_session_for_many():
    with requests.Session() as session:
        session.headers.update({"X-Api-Key": KEY})
        return [session.post(URL, files={"image_file": open(f"photos/{name}", "rb")}) for name in ("a.png", "b.jpg")]


def no_key():
    return requests.post(URL, files={"image_file": open("photo.jpg", "rb")})


def no_source():
    return requests.post(URL, data={"size": "auto"}, headers={"X-Api-Key": KEY})


def a_size_that_does_not_exist():
    response = requests.post(
        URL, files={"image_file": open("photo.jpg", "rb")}, data={"size": "big"}, headers={"X-Api-Key": KEY}
    )
    return response, bool(response), response.history, response.is_redirect, response.apparent_encoding is not None


def the_file_is_a_string():
    return requests.post(URL, data={"image_file": "photo.jpg"}, headers={"X-Api-Key": KEY})


def training_material():
    response = requests.post(
        "https://api.remove.bg/v1.0/improve", files={"image_file": open("photo.jpg", "rb")}, headers={"X-Api-Key": KEY}
    )
    print(sorted(response.json()) if response.ok else "refused")


def an_unknown_path():
    return requests.get("https://api.remove.bg/v1.0/accounts", headers={"X-Api-Key": KEY})

"""As people call Picsart with requests, without any package: the patterns seen most, in that order."""

# ruff: noqa: SIM115, RET504, UP012 (as people write it)

import io
import os
import urllib.request
from pathlib import Path

import httpx
import requests
from PIL import Image

KEY = os.environ["PICSART_API_KEY"]
SERVER = os.environ["PHOTO_SERVER"]
URL = "https://api.picsart.io/tools/1.0/removebg"
HEADERS = {"accept": "application/json", "X-Picsart-API-Key": KEY}


def the_documented_call():
    payload = {"format": "PNG", "output_type": "cutout", "image_url": SERVER + "/photo.png"}
    response = requests.post(URL, headers=HEADERS, data=payload)
    if response.status_code == 200:
        picture = requests.get(response.json()["data"]["url"])
        Path("no-bg.png").write_bytes(picture.content)
        return picture
    return response


def a_file():
    files = {"image": ("photo.jpg", open("photo.jpg", "rb"), "image/jpeg")}
    response = requests.post(URL, files=files, data={"output_type": "cutout", "format": "PNG"}, headers=HEADERS)
    return response


def a_file_and_the_picture():
    response = requests.post(URL, files={"image": open("photo.jpg", "rb")}, headers={"x-picsart-api-key": KEY})
    url = response.json()["data"]["url"]
    return Image.open(io.BytesIO(requests.get(url, stream=True).raw.read())).mode


def urlretrieve():
    response = requests.post(URL, files={"image": open("photo.jpg", "rb")}, headers=HEADERS)
    urllib.request.urlretrieve(response.json()["data"]["url"], "out.png")


def the_code_generators_multipart():
    head = (
        '-----011000010111000001101001\r\nContent-Disposition: form-data; name="output_type"\r\n\r\ncutout\r\n'
        '-----011000010111000001101001\r\nContent-Disposition: form-data; name="bg_blur"\r\n\r\n0\r\n'
        '-----011000010111000001101001\r\nContent-Disposition: form-data; name="scale"\r\n\r\nfit\r\n'
        '-----011000010111000001101001\r\nContent-Disposition: form-data; name="format"\r\n\r\nPNG\r\n'
        '-----011000010111000001101001\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode()
    body = head + Path("photo.jpg").read_bytes() + b"\r\n-----011000010111000001101001--\r\n"
    headers = {**HEADERS, "content-type": "multipart/form-data; boundary=---011000010111000001101001"}
    return requests.post(URL, data=body, headers=headers)


def urlencoded_by_hand():
    headers = {**HEADERS, "content-type": "application/x-www-form-urlencoded"}
    return requests.post(URL, data=f"image_url={SERVER}/photo.png&format=JPG", headers=headers)


def a_mask():
    response = requests.post(
        URL, files={"image": open("photo.jpg", "rb")}, data={"output_type": "mask"}, headers=HEADERS
    )
    return requests.get(response.json()["data"]["url"]).content if response.ok else response


def a_product_on_white():
    data = {"bg_color": "#FFFFFF", "bg_width": "300", "bg_height": "300", "format": "jpg", "scale": "fit"}
    response = requests.post(URL, files={"image": open("photo.jpg", "rb")}, data=data, headers=HEADERS)
    if not response.ok:
        return response
    return Image.open(io.BytesIO(requests.get(response.json()["data"]["url"]).content)).size


def another_background():
    files = {"image": open("photo.jpg", "rb"), "bg_image": open("photos/a.png", "rb")}
    response = requests.post(URL, files=files, data={"format": "WEBP"}, headers=HEADERS)
    return requests.get(response.json()["data"]["url"]).content if response.ok else response


def with_httpx():
    with httpx.Client(timeout=60, trust_env=False) as client:
        response = client.post(URL, headers=HEADERS, files={"image": Path("photo.jpg").read_bytes()})
        data = response.json()
        return response.status_code, sorted(data), response.headers["content-type"]


def the_message_of_an_error():
    response = requests.post(URL, files={"image": b"no picture"}, headers=HEADERS)
    if response.status_code != 200:
        told = response.json()
        print(sorted(told), type(told.get("code")).__name__, type(told["detail"]).__name__)
        return told["message"], told["code"]
    return None


def raise_for_status():
    requests.post(URL, data={"format": "GIF", "image_url": SERVER + "/photo.png"}, headers=HEADERS).raise_for_status()


def custom_shadow_without_an_offset():
    return requests.post(URL, files={"image": open("photo.jpg", "rb")}, data={"shadow": "custom"}, headers=HEADERS)


def no_picture():
    return requests.post(URL, data={"format": "PNG"}, headers=HEADERS)


def two_pictures():
    data = {"image_url": SERVER + "/photo.png"}
    return requests.post(URL, files={"image": open("photo.jpg", "rb")}, data=data, headers=HEADERS)


def two_backgrounds():
    files = {"image": open("photo.jpg", "rb"), "bg_image": open("photos/a.png", "rb")}
    return requests.post(URL, files=files, data={"bg_color": "red"}, headers=HEADERS)


def no_key():
    return requests.post(URL, files={"image": open("photo.jpg", "rb")})


def an_address_without_a_picture():
    return requests.post(URL, data={"image_url": SERVER + "/missing.png"}, headers=HEADERS)


def the_balance():
    response = requests.get("https://api.picsart.io/tools/1.0/balance", headers=HEADERS)
    return (type(response.json()["credits"]).__name__, response) if response.ok else response


def another_method():
    return requests.put(URL, headers=HEADERS)


def the_key_does_not_matter_for_the_link():
    response = requests.post(URL, files={"image": open("photo.jpg", "rb")}, headers=HEADERS)
    if not response.ok:
        return response.status_code
    url = response.json()["data"]["url"]
    head = requests.head(url)
    return head.status_code, head.headers["Content-Type"], requests.get(url).content == requests.get(url).content

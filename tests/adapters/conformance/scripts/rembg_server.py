"""What clients ask rembg's server: bots, Node services, curl; and what goes wrong."""

import json

from pictures import encoded, picture

PHOTO = encoded(picture((64, 48), (12, 8, 40, 36)))
FILE = {"file": ("photo.png", PHOTO, "image/png")}
PATH = "/api/remove"


def extras(value):
    return {"extras": json.dumps(value)}


REQUESTS = {
    "a file": ("POST", PATH, {"files": FILE}),
    "of another page": ("POST", PATH, {"files": FILE, "headers": {"Origin": "http://127.0.0.1:3000"}}),
    "mask": ("POST", PATH, {"files": FILE, "data": {"om": "true"}}),
    "mask by yes": ("POST", PATH, {"files": FILE, "data": {"om": "YES"}}),
    "hard": ("POST", PATH, {"files": FILE, "data": {"ppm": "1"}}),
    "hard mask": ("POST", PATH, {"files": FILE, "data": {"ppm": "on", "om": "t"}}),
    "colour": ("POST", PATH, {"files": FILE, "params": {"bgc": "255,0,0,255"}, "data": {"ppm": "1"}}),
    "colour of three parts": ("POST", PATH, {"files": FILE, "params": {"bgc": "1,2,3"}, "data": {"ppm": "1"}}),
    "translucent colour": ("POST", PATH, {"files": FILE, "params": {"bgc": "1, 2, 3, 90"}, "data": {"ppm": "1"}}),
    "colour in the form": ("POST", PATH, {"files": FILE, "data": {"bgc": "255,0,0,255"}}),
    "mask in the address": ("POST", PATH, {"files": FILE, "params": {"om": "true"}}),
    "nonsense in the address": ("POST", PATH, {"files": FILE, "params": {"a": "maybe", "model": "nope"}}),
    "known model": ("POST", PATH, {"files": FILE, "data": {"model": "u2net"}}),
    "empty options": ("POST", PATH, {"files": FILE, "data": {"a": "", "model": ""}}),
    "unknown option": ("POST", PATH, {"files": FILE, "data": {"zoom": "3"}}),
    "thresholds": ("POST", PATH, {"files": FILE, "data": {"af": " 5", "ab": "5.0", "ae": "1_0", "om": "true"}}),
    "extras": ("POST", PATH, {"files": FILE, "params": extras({"putalpha": True})}),
    "bad extras": ("POST", PATH, {"files": FILE, "params": {"extras": "{putalpha"}}),
    "extras that are a list": ("POST", PATH, {"files": FILE, "params": extras([1, 2])}),
    "extras nobody knows": ("POST", PATH, {"files": FILE, "params": extras({"bg_threshold": 10, "nothing": None})}),
    "extras that are options": ("POST", PATH, {"files": FILE, "params": extras({"bgcolor": [1, 2, 3, 4]})}),
    "extras in the form": ("POST", PATH, {"files": FILE, "data": extras({"putalpha": True})}),
    "no file": ("POST", PATH, {}),
    "no file and more": ("POST", PATH, {"data": {"a": "maybe", "ae": "-1"}}),
    "file as text": ("POST", PATH, {"data": {"file": "photo.png"}}),
    "empty file": ("POST", PATH, {"files": {"file": ("photo.png", b"")}}),
    "no picture": ("POST", PATH, {"files": {"file": ("photo.png", b"this is no picture")}}),
    "everything wrong": (
        "POST",
        PATH,
        {"files": FILE, "data": {"vm": "2", "dc": " true", "af": "300", "ab": "x", "ae": "-1", "model": "nope"}},
    ),
    "number of letters": ("POST", PATH, {"files": FILE, "data": {"af": "1e2", "ab": "٣"}}),
    "model with a name in it": ("POST", PATH, {"files": FILE, "data": {"model": "xu2netx"}}),
    "colour of two parts": ("POST", PATH, {"files": FILE, "params": {"bgc": "1,2"}}),
    "colour of letters": ("POST", PATH, {"files": FILE, "params": {"bgc": "white"}}),
    "no address": ("GET", PATH, {}),
    "no address and more": ("GET", PATH, {"params": {"a": "zz", "af": "5.5"}}),
    "address of nothing": ("GET", PATH, {"params": {"url": ""}}),
    "other scheme": ("GET", PATH, {"params": {"url": "ftp://example.com/photo.png"}}),
    "file on the server": ("GET", PATH, {"params": {"url": "file:///etc/passwd"}}),
    "no host": ("GET", PATH, {"params": {"url": "http:///photo.png"}}),
    "loopback": ("GET", PATH, {"params": {"url": "http://127.0.0.1/photo.png"}}),
    "private network": ("GET", PATH, {"params": {"url": "http://10.0.0.7/photo.png"}}),
    "cloud's own": ("GET", PATH, {"params": {"url": "http://169.254.169.254/latest"}}),
    "loopback of IPv6": ("GET", PATH, {"params": {"url": "http://[::1]/photo.png"}}),
    "other method": ("PUT", PATH, {}),
    "other path": ("GET", "/api/removes", {}),
}

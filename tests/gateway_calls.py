"""Calls to a gateway, whole and as raw bytes."""

import socket
import time
from urllib.parse import urlsplit

from pictures import photo

KEY = {"X-Api-Key": "legacy"}
PATH = "/v1.0/removebg"


def code(reply):
    return reply.json()["errors"][0].get("code")


def upload(**more):
    return {"image_file": ("photo.png", photo())} | more


HEAD = b"POST /v1.0/removebg HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: k\r\n"


def talk(gateway, *pieces, pause=0.0, seconds=10.0, until=None):
    """Send raw bytes and read until the end, or until something has come."""
    address = urlsplit(gateway.url)
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while chunk := connection.recv(1 << 16):
                received += chunk
                if until is not None and until in received:
                    break
                if b"\r\n\r\n" in received and b"connection: close" not in received.lower() and b"}" in received:
                    break
        except ConnectionError:
            pass
        return received

"""The OpenAPI description that the sandbox serves, from the same table that reads requests."""

from __future__ import annotations

from typing import Any

from pixian_shim.pixian import MAX_BASE64_CHARACTERS, MAX_PROCESSED_PIXELS, V1_NAMES

_BOOLEAN = {"type": "string", "enum": ["true", "false"], "default": "false"}
_LENGTH = r"(([0-9]{1,6}(\.[0-9]{1,4})?(px|%))|0)"

SCHEMAS: dict[str, dict[str, Any]] = {
    "test": _BOOLEAN | {"description": "Free, full processing, watermarked result."},
    "max_pixels": {
        "type": "integer",
        "minimum": 100,
        "maximum": MAX_PROCESSED_PIXELS,
        "default": MAX_PROCESSED_PIXELS,
        "description": "Cap on the input's width x height; larger input is shrunk to it before processing.",
    },
    "background.color": {
        "type": "string",
        "pattern": "^#[0-9a-fA-F]{6}$",
        "description": "Fills the background; transparent without it.",
    },
    "result.crop_to_foreground": _BOOLEAN | {"description": "Crop the result to the foreground."},
    "result.margin": {
        "type": "string",
        "pattern": f"^{_LENGTH}( {_LENGTH}){{0,3}}$",
        "default": "0px",
        "description": "One to four lengths in CSS order; inset if there is a target size.",
    },
    "result.target_size": {
        "type": "string",
        "pattern": "^[1-9][0-9]{0,3} [1-9][0-9]{0,3}$",
        "description": "Exact width and height of the result.",
    },
    "result.vertical_alignment": {"type": "string", "enum": ["top", "middle", "bottom"], "default": "middle"},
    "output.format": {"type": "string", "enum": ["auto", "png", "jpeg", "delta_png"], "default": "auto"},
    "output.jpeg_quality": {"type": "integer", "minimum": 1, "maximum": 100, "default": 75},
}
"""Each v2 parameter as a JSON schema."""

_SOURCES: dict[str, dict[str, Any]] = {
    "image": {"type": "string", "format": "binary", "description": "The picture as a file: BMP, GIF, JPEG, PNG, TIFF."},
    "image.base64": {"type": "string", "maxLength": MAX_BASE64_CHARACTERS},
    "image.url": {"type": "string", "format": "uri"},
}

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "code", "message"],
            "properties": {
                "status": {"type": "integer"},
                "code": {"type": "integer"},
                "message": {"type": "string"},
            },
        }
    },
}

_ACCOUNT = {
    "type": "object",
    "required": ["creditPack", "state", "useBefore", "credits"],
    "properties": {
        "creditPack": {"type": "string"},
        "state": {"type": "string", "enum": ["active", "dormant"]},
        "useBefore": {"type": "string", "format": "date-time"},
        "credits": {"type": "number"},
    },
}

_RESULT_HEADERS = {
    "X-Credits-Charged": "Credits charged, six decimals.",
    "X-Credits-Calculated": "What a production call would have cost; of tests only.",
    "X-Input-Orientation": "EXIF orientation that was applied, 1 to 8.",
    "X-Input-Size": "Width and height before any shrink.",
    "X-Result-Size": "Width and height of the result.",
    "X-Input-Foreground": "Top, left, width and height in input coordinates.",
    "X-Result-Foreground": "Top, left, width and height in result coordinates.",
}

_FAILURES = {
    "400": "Something about the request; see the message.",
    "401": "Missing or wrong credentials.",
    "402": "No credits.",
    "413": "Too many bytes or pixels.",
    "429": "Too many requests: wait n x 5 s after the n-th in a row.",
    "500": "Internal error.",
    "503": "All workers are busy.",
}


def description() -> dict[str, Any]:
    """Give the OpenAPI 3.1 document."""
    v1 = {v1: SCHEMAS[v2] for v1, v2 in V1_NAMES.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pixian v2 sandbox",
            "version": "2",
            "description": "The background-removal API of Pixian.AI on loopback, as documented; assumptions marked in "
            "the sources of pixian-shim.",
        },
        "security": [{"basic": []}],
        "paths": {
            "/api/v2/remove-background": {"post": _removal("removeBackground", SCHEMAS)},
            "/api/v1/remove-background": {"post": _removal("removeBackgroundV1", v1) | {"deprecated": True}},
            "/api/v2/account": {"get": _account()},
        },
        "components": {
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
            "schemas": {"Error": _ERROR, "Account": _ACCOUNT},
        },
    }


def _removal(name: str, parameters: dict[str, dict[str, Any]]) -> dict[str, Any]:
    fields = _SOURCES | parameters
    form = {"type": "object", "properties": fields}
    text = {"type": "object", "properties": {key: one for key, one in fields.items() if key != "image"}}
    headers = {name: {"schema": {"type": "string"}, "description": says} for name, says in _RESULT_HEADERS.items()}
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "operationId": name,
        "requestBody": {
            "content": {
                "multipart/form-data": {"schema": form},
                "application/x-www-form-urlencoded": {"schema": text},
            }
        },
        "responses": {
            "200": {
                "description": "The result as raw bytes.",
                "headers": headers,
                "content": {"image/png": binary, "image/jpeg": binary},
            }
        }
        | _failures(),
    }


def _account() -> dict[str, Any]:
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}
    success = {"200": {"description": "The account's state.", "content": answer}}
    return {"operationId": "account", "responses": success | _failures()}


def _failures() -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {status: {"description": says, "content": error} for status, says in _FAILURES.items()}

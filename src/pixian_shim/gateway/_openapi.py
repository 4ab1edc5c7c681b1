"""What the gateway answers, as an OpenAPI description: written from the adapters' tables."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from pixian_shim.shim import LINK_PATH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pixian_shim.translation import Adapter, Endpoint, Rule, RuleTable

_ERROR = {"description": "In the provider's own shape."}
_PICTURE = {
    "description": "The finished picture, or JSON where the provider writes that.",
    "content": {
        kind: {}
        for kind in ("image/png", "image/jpeg", "image/webp", "image/avif", "application/zip", "application/json")
    },
    "headers": {
        "X-Shim-Notes": {
            "description": "What became of each parameter: a list of structured fields.",
            "schema": {"type": "string"},
        }
    },
}


_RESULT: dict[str, Any] = {
    "summary": "A result that was answered with its address.",
    "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
    "responses": {"200": {"description": "The picture."}, "404": {"description": "Not there, or not any more."}},
    "security": [],
}


def description(adapters: Sequence[Adapter]) -> dict[str, Any]:
    """Describe every endpoint of these adapters by its path; each is there with ``/<provider>`` in front as well."""
    paths: dict[str, dict[str, Any]] = {}
    for adapter in adapters:
        for endpoint in adapter.endpoints:
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(adapter, endpoint)
    if any(adapter.answers_with_links for adapter in adapters):
        paths[f"{LINK_PATH}{{name}}"] = {"get": _RESULT}
    for path in ("/healthz", "/readyz", "/metrics"):
        answers = {"200": {"description": "As the name says.", "content": {"text/plain": {}}}}
        if path == "/readyz":
            answers["503"] = {"description": "Stopping, or busy.", "content": {"text/plain": {}}}
        paths[path] = {"get": {"summary": path[1:], "responses": answers, "security": []}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "pixian-shim gateway", "version": _version()},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "basic": {"type": "http", "scheme": "basic"},
            }
        },
        "security": [{"key": []}, {"basic": []}],
    }


def _operation(adapter: Adapter, endpoint: Endpoint) -> dict[str, Any]:
    beside = endpoint.method == "GET" and endpoint.operation in adapter.tables
    described: dict[str, Any] = {
        "summary": f"{adapter.title}: {endpoint.operation}",
        "operationId": f"{adapter.name}-{endpoint.operation}{'-get' * beside}",
        "tags": [adapter.name],
        "responses": {"200": _PICTURE, "4XX": _ERROR, "500": _ERROR, "502": _ERROR, "503": _ERROR, "504": _ERROR},
    }
    if endpoint.method != "GET":
        described["requestBody"] = {"content": _bodies(list(adapter.table(endpoint.operation)))}
    elif beside:
        described["parameters"] = _query(adapter.table(endpoint.operation))
    return described


def _query(rules: RuleTable) -> list[dict[str, Any]]:
    """Describe what can stand in an address; a rule for a whole family of names, ``shadow.*``, has none to show."""
    texts = [rule for rule in rules if not rule.upload and not rule.name.endswith("*")]
    return [{"name": rule.name, "in": "query", "schema": _text(rule)} for rule in texts]


def _bodies(rules: list[Rule]) -> dict[str, Any]:
    texts = {rule.name: _text(rule) for rule in rules if not rule.upload}
    files = {rule.name: _file(rule) for rule in rules if rule.upload}
    form = {"schema": {"type": "object", "properties": texts}}
    return {
        "multipart/form-data": {"schema": {"type": "object", "properties": files | texts}},
        "application/x-www-form-urlencoded": form,
        "application/json": form,
    }


def _text(rule: Rule) -> dict[str, Any]:
    described = {"type": "string", "description": f"{rule.values}. {rule.verdict}: {rule.says}"}
    return described | ({} if rule.default is None else {"default": rule.default})


def _file(rule: Rule) -> dict[str, Any]:
    return {"type": "string", "format": "binary", "description": f"{rule.values}. {rule.says}"}


def _version() -> str:
    try:
        return version("pixian-shim")
    except PackageNotFoundError:
        return "0"

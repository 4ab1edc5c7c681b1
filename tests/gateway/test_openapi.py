"""What the gateway describes of itself holds: no request that fits the description, or nearly does, brings it down."""

import json
import os

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings

from free_provider import ADAPTER
from pictures import encoded, picture
from pixian_shim.gateway import Config, Gateway
from pixian_shim.gateway._openapi import description
from pixian_shim.sandbox import Sandbox
from pixian_shim.translation import load, served_unasked

SMALL = encoded(picture((40, 30), (10, 10, 20, 20)))
ADAPTERS = [load(name) for name in served_unasked()]
CALM = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "10")), deadline=None, suppress_health_check=list(HealthCheck)
)

schema = schemathesis.openapi.from_dict(description(ADAPTERS))


KEY_HEADERS = {adapter.incumbent.key_header for adapter in ADAPTERS if adapter.incumbent} - {""}


@pytest.fixture(scope="module")
def url():
    with pytest.MonkeyPatch.context() as patch, Sandbox(engine="fast", http=True) as sandbox:
        for name, value in (("BASE_URL", sandbox.url), ("API_ID", "sandbox"), ("API_SECRET", "sandbox")):
            patch.setenv(f"PIXIAN_{name}", value)
        with Gateway(Config(port=0)) as gateway:
            yield gateway.url


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        session.auth = ("sandbox", "sandbox")
        session.headers.update(dict.fromkeys(KEY_HEADERS, "legacy"))
        yield session


def test_it_is_served(url, session):
    assert session.get(f"{url}/openapi.json").json() == json.loads(json.dumps(description(ADAPTERS)))


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_every_parameter_of_every_adapter_is_described(adapter):
    posts = [endpoint for endpoint in adapter.endpoints if endpoint.method == "POST"]
    for endpoint in posts:
        body = description([adapter])["paths"][endpoint.path]["post"]["requestBody"]["content"]
        described = body["multipart/form-data"]["schema"]["properties"]
        assert described.keys() == {rule.name for rule in adapter.table(endpoint.operation)}
        assert body["application/json"]["schema"]["properties"].keys() < described.keys()
    assert posts


def test_each_operation_is_described_by_its_own_rules():
    paths = description([ADAPTER])["paths"]
    cut, draw = (
        paths[path]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
        for path in ("/free/cut", "/free/draw")
    )
    assert ({"format"} < cut.keys(), {"line"} < draw.keys()) == (True, True)
    asked = paths["/free/draw"]["get"]
    assert [(told["name"], told["in"]) for told in asked["parameters"]] == [("line", "query")]
    assert asked["operationId"] != paths["/free/draw"]["post"]["operationId"]


@schema.parametrize()
@CALM
def test_no_request_brings_it_down(case, url, session):
    sent = requests.Request(**_sendable(case.as_transport_kwargs(base_url=url)))
    answer = session.send(session.prepare_request(sent), timeout=20)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and "json" in answer.headers["content-type"]:
        assert answer.json().keys() & {"errors", "error", "detail"}


@schema.include(method="POST").parametrize()
@CALM
def test_no_parameter_of_a_real_picture_brings_it_down(case, url, session):
    fields = case.body if isinstance(case.body, dict) else {}
    adapter = load(case.operation.tags[0])
    operation = case.operation.definition.raw["summary"].rpartition(": ")[2]
    uploads = [rule.name for rule in adapter.table(operation) if rule.upload]
    texts = {name: str(value) for name, value in fields.items() if name not in uploads and not name.endswith("_url")}
    files = {uploads[0]: ("photo.png", SMALL)}
    answer = session.post(url + case.operation.path, data=texts, files=files, timeout=20)
    assert answer.status_code < 500, answer.text


def _sendable(options):
    """Keep what a request is made of; the session brings credentials that are taken."""
    kept = {name: options.get(name) for name in ("method", "url", "params", "data", "files", "json", "cookies")}
    brought = {"authorization", *(name.lower() for name in KEY_HEADERS)}
    return kept | {"headers": {n: v for n, v in (options.get("headers") or {}).items() if n.lower() not in brought}}

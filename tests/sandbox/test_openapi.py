"""The description that the sandbox serves: true, complete, and unable to bring it down."""

from typing import get_args

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings

from pictures import encoded, picture
from pixian_shim.pixian import MAX_PROCESSED_PIXELS, V1_NAMES, WIRE_NAMES, OutputFormat, Parameters, VerticalAlignment
from pixian_shim.sandbox import Sandbox
from pixian_shim.sandbox._openapi import SCHEMAS, description

SMALL = encoded(picture((40, 30), (10, 10, 20, 20)))


def test_it_is_served_without_credentials(sandbox):
    with sandbox.http_client(auth=None) as http:
        answer = http.get("/openapi.json")
    assert (answer.status_code, answer.json()) == (200, description())


def test_every_parameter_is_described_with_its_values():
    assert SCHEMAS.keys() == set(WIRE_NAMES.values())
    assert SCHEMAS["output.format"]["enum"] == list(get_args(OutputFormat))
    assert SCHEMAS["result.vertical_alignment"]["enum"] == list(get_args(VerticalAlignment))
    assert SCHEMAS["max_pixels"]["maximum"] == MAX_PROCESSED_PIXELS


def test_described_defaults_are_the_real_ones():
    defaults = {name: str(schema["default"]) for name, schema in SCHEMAS.items() if "default" in schema}
    assert Parameters.from_form(defaults) == Parameters()
    assert len(defaults) == len(SCHEMAS) - 2, "only background.color and result.target_size have none"


@pytest.mark.parametrize(("version", "names"), [("v1", set(V1_NAMES)), ("v2", set(WIRE_NAMES.values()))])
def test_each_version_describes_its_own_names(version, names):
    operation = description()["paths"][f"/api/{version}/remove-background"]["post"]
    properties = operation["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert properties.keys() == names | {"image", "image.base64", "image.url"}


def _without_addresses():
    """Leave out what would ask other machines."""
    document = description()
    for path in document["paths"].values():
        for operation in path.values():
            for kind in operation.get("requestBody", {}).get("content", {}).values():
                kind["schema"]["properties"] = {
                    name: one for name, one in kind["schema"]["properties"].items() if name != "image.url"
                }
    return document


schema = schemathesis.openapi.from_dict(_without_addresses())


@pytest.fixture(scope="module")
def client():
    with Sandbox(engine="fast") as sandbox, sandbox.http_client() as http:
        yield http


CALM = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@schema.parametrize()
@CALM
def test_no_request_brings_it_down(case, client):
    sent = requests.Request(**_sendable(case.as_transport_kwargs(base_url="http://sandbox.localhost"))).prepare()
    answer = client.request(sent.method, sent.url, content=sent.body, headers=dict(sent.headers))
    assert answer.status_code in (200, 400, 404, 405, 413)
    if answer.status_code >= 400:
        assert answer.json()["error"]["status"] == answer.status_code


@schema.parametrize()
@CALM
def test_no_parameter_of_a_real_picture_brings_it_down(case, client):
    fields = case.body if isinstance(case.body, dict) else {}
    texts = {name: str(value) for name, value in fields.items() if not name.startswith("image")}
    path = case.formatted_path.replace("account", "remove-background")
    assert client.post(path, data=texts, files={"image": SMALL}).status_code in (200, 400)


def _sendable(options):
    """Keep what a request is made of; the client brings its own credentials."""
    kept = {name: options.get(name) for name in ("method", "url", "params", "data", "files", "json", "cookies")}
    headers = {name: value for name, value in (options.get("headers") or {}).items() if name.lower() != "authorization"}
    return kept | {"headers": headers}

"""One sandbox for each mode; every test meets it as new."""

import pytest

from pictures import photo
from pixian_shim.sandbox import Sandbox


@pytest.fixture(scope="module", params=["in-process", "http"])
def running(request):
    with Sandbox(engine="fast", http=request.param == "http") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


@pytest.fixture
def http(sandbox):
    with sandbox.http_client() as client:
        yield client


@pytest.fixture
def ask(http):
    """Ask for the standard picture without its background, with form fields; give the bare answer."""

    def ask(content=None, *, version="v2", headers=None, auth=None, **fields):
        named = {name.replace("__", "."): value for name, value in fields.items()}
        files = {"image": ("photo.png", photo() if content is None else content)}
        options = {} if auth is None else {"auth": auth}
        return http.post(f"/api/{version}/remove-background", data=named, files=files, headers=headers, **options)

    return ask

"""The tree of errors: drawn in its docstring, and able to travel between processes."""

import copy
import pickle
import re

import pytest

from error_tree import tree
from pixian_shim import errors

EXAMPLES = (
    errors.ShimError("text"),
    errors.ConfigurationError("text"),
    errors.MissingExtra("images", "cropping"),
    errors.CannotWrite("AVIF", "upgrade Pillow"),
    errors.NotIntercepted("api.remove.bg", "pycurl", "it does so with requests"),
    errors.LinkFailed("text"),
    errors.Busy(500),
    errors.InvalidParameter("size", "big", "hd is expected"),
    errors.TranslationError("text", code="invalid_roi", parameter="roi", detail="why"),
    errors.Refused("text", parameter="type"),
    errors.ImageError("text"),
    errors.TooLarge(51_000_000, 50_000_000, "pixels"),
    errors.NoForeground(0.25),
    errors.RebuildFailed("text", {"content": b"paid for"}),
    errors.FetchError("text", parameter="image_url", invalid=True),
    errors.TransportError("text"),
    errors.ConnectFailed("text"),
    errors.LegacyGone("remove.bg", "api.remove.bg"),
    errors.ConnectionLost("text"),
    errors.TimedOut("text"),
    errors.DeadlineExceeded("text"),
    errors.ResponseError("text", status=200, content_type="text/html", content=b"<html>", headers={"a": "b"}),
    errors.IncompleteBody("text", status=200),
    errors.NotAnImage("text", status=200),
    *(
        kind("text", status=400, code=1006, request="POST /", attempts=2, headers={"a": "b"}, body="{}")
        for kind in (errors.ApiError, errors.BadRequest, errors.AuthenticationFailed, errors.InsufficientCredits)
    ),
    errors.PayloadTooLarge("text", status=413),
    errors.RateLimited("text", status=429),
    errors.ServerError("text", status=500),
)


def test_the_tree_is_drawn_whole():
    drawn = set(re.findall(r"^ {4}[│ ]*(?:[├└]── )?(\w+)", errors.__doc__, re.MULTILINE))
    assert drawn == {kind.__name__ for kind in tree()}


def test_every_error_has_an_example():
    assert {type(error) for error in EXAMPLES} == tree()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
def test_errors_can_be_copied_to_another_process(error, copied):
    again = copied(error)
    assert (type(again), str(again), again.args, vars(again)) == (type(error), str(error), error.args, vars(error))

"""Every class of our own errors, and one error of each, for tests that none is forgotten."""

from types import SimpleNamespace

from pixian_shim import errors


def tree(kind=errors.ShimError):
    """Give a class and all of ours that inherit from it."""
    return {kind}.union(*(tree(child) for child in kind.__subclasses__() if child.__module__ == errors.__name__))


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
    errors.RebuildFailed("text", SimpleNamespace(content=b"paid for", credits_charged=0.25)),
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

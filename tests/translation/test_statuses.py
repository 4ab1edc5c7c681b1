"""Statuses and words where a provider documents none."""

import pytest

from pixian_shim import errors
from pixian_shim.translation import STATUSES, explained, said, usual_errors


def api(kind, status, message="words"):
    return kind(message, status=status, code=1, headers={})


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.TranslationError("no such path", code="404"), (404, "no such path")),
        (errors.TranslationError("no picture", code="missing", detail="send one"), (400, "no picture. send one")),
        (errors.TranslationError("No.", detail="the policy is strict"), (400, "No. the policy is strict")),
        (errors.TooLarge(2, 1, "pixels"), (413, "the picture has 2 pixels; at most 1 are accepted")),
        (errors.ImageError("broken"), (400, "broken")),
        (errors.FetchError("HTTP Status 404"), (400, "the address cannot be fetched: HTTP Status 404")),
        (api(errors.InsufficientCredits, 402), (402, "words")),
        (api(errors.RateLimited, 429), (429, "words")),
        (api(errors.ServerError, 500), (503, "words")),
        (api(errors.ServerError, 503), (503, "words")),
        (api(errors.ApiError, 418, " "), (400, "Unknown error")),
        (errors.ShimError("what"), (500, "what")),
    ],
)
def test_errors_have_the_status_that_http_has_for_them(error, told):
    assert explained(error) == told


def test_a_fetch_names_its_parameter():
    error = errors.FetchError("HTTP Status 404")
    error.parameter = "photo_url"
    assert explained(error) == (400, "photo_url cannot be fetched: HTTP Status 404")


def test_what_was_paid_for_is_a_500_whatever_the_error():
    error = errors.ImageError("broken")
    error.result = type("Paid", (), {"credits_charged": 0.25})()
    status, words = explained(error)
    assert status == 500
    assert words.startswith("The result could not be finished: broken. Pixian charged 0.25 credits")


def test_that_nothing_was_found_is_an_answer_paid_for_or_not():
    error = errors.NoForeground(0.25)
    error.result = type("Paid", (), {"credits_charged": 0.25})()
    assert explained(error) == (400, "no foreground was found in the picture")


def test_a_providers_own_statuses_go_over_these():
    table = STATUSES | {errors.ImageError: said(422)}
    assert explained(errors.ImageError("broken"), table) == (422, "broken")
    assert explained(errors.TooLarge(2, 1, "pixels"), table)[0] == 413


@pytest.mark.parametrize("status", [402, 405, 429, 500, 502, 503, 504])
def test_the_usual_ones_are_described_with_the_providers_code(status):
    (row,) = (row for row in usual_errors(lambda status: f"E{status}") if row.status == status)
    assert row.code == f"E{status}"
    assert row.when


def test_statuses_that_a_provider_has_instead_are_described_as_well():
    rows = usual_errors(str, {402: 403, 503: 500})
    assert [row.status for row in rows] == [403, 405, 429, 500, 502, 500, 504]
    assert {row.code for row in rows} == {"403", "405", "429", "500", "502", "504"}

"""What every provider finds out about an error in the same way."""

import pytest

from pixian_shim.errors import ApiError, Busy, ImageError, RateLimited, ShimError, TooLarge
from pixian_shim.translation import by_class, credits_text, kept, own_words, pixians_words, seconds_to_wait

TABLE = {ImageError: "picture", ShimError: "anything"}


def limited(**headers):
    return RateLimited("Slow down ", status=429, request="POST /", headers=headers)


class Paid:
    credits_charged = 0.25


def unfinished(**attributes):
    error = ShimError("the disk is full")
    error.__dict__.update(attributes)
    return error


@pytest.mark.parametrize(
    ("error", "told"), [(ImageError(), "picture"), (TooLarge(2, 1, "pixels"), "picture"), (Busy(1), "anything")]
)
def test_nearest_class_counts(error, told):
    assert by_class(TABLE, error) == told


def test_pixians_words_come_without_status_and_request():
    assert own_words(limited()) == "Slow down "
    assert own_words(ImageError("broken")) == "broken"


@pytest.mark.parametrize(("message", "words"), [(" Slow down ", "Slow down"), (" ", "Unknown error")])
def test_pixians_words_are_never_empty(message, words):
    assert pixians_words(ApiError(message, status=400)) == words


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Busy(3, seconds=17), "17"),
        (limited(**{"retry-after": "12"}), "12"),
        (limited(**{"retry-after": "Fri, 27 Nov 2026 10:00:00 GMT"}), "5"),
        (limited(**{"retry-after": "1234567"}), "5"),
        (limited(), "5"),
        (ShimError("no answer at all"), "5"),
    ],
)
def test_time_to_wait_is_the_servers_own_where_it_can_be_used(error, seconds):
    assert seconds_to_wait(error) == seconds


def test_nothing_is_kept_of_what_was_not_paid_for():
    assert kept(ShimError("no")) is None
    assert kept(unfinished(result=None)) is None


@pytest.mark.parametrize(
    ("place", "told"), [({"kept_at": "kept/1.png"}, "kept/1.png"), ({}, "error.result, in Python only")]
)
def test_what_was_paid_for_is_told_with_cost_and_place(place, told):
    assert (
        kept(unfinished(result=Paid(), **place))
        == f"the disk is full. Pixian charged 0.25 credits; its picture is kept at {told}"
    )


@pytest.mark.parametrize(
    ("amount", "text"), [(0.0, "0"), (1.0, "1"), (10.0, "10"), (0.25, "0.25"), (1 / 3, "0.333333")]
)
def test_credits_are_written_without_idle_digits(amount, text):
    assert credits_text(amount) == text

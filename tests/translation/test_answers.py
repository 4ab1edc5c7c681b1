"""What several providers write into their answers alike."""

import pytest

from pixian_shim.translation import json_answer, unix_time


def test_json_is_compact():
    answer = json_answer(400, {"errors": [1, 2]}, {"Retry-After": "5"})
    assert (answer.status, answer.body) == (400, b'{"errors":[1,2]}')
    assert answer.headers == {"Content-Type": "application/json", "Retry-After": "5"}


def test_a_content_type_of_its_own_stands_first():
    answer = json_answer(200, {}, {"X-Type": "car", "Content-Type": "application/problem+json"})
    assert list(answer.headers.items()) == [("Content-Type", "application/problem+json"), ("X-Type", "car")]


@pytest.mark.parametrize(
    ("date", "seconds"), [("Fri, 27 Nov 2026 10:00:00 GMT", 1795773600), ("", 0), ("yesterday", 0)]
)
def test_date_header_is_read(date, seconds):
    assert unix_time(date) == seconds

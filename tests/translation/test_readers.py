"""Values, and what is said of those that a provider does not take."""

import base64

import pytest

from pixian_shim.errors import TranslationError
from pixian_shim.pixian import Upload
from pixian_shim.translation import Refusal, as_address, as_base64, as_colour, as_file, as_word, words

REFUSAL = Refusal("{parameter} must be {expected}", "bad_{parameter}", "given: {value:.10}")
PICTURE = b"\x89PNG and so on"
KNOWN = words("sRGB", "original", rgb="sRGB")


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (as_file, "text", "image must be a file"),
        (as_base64, "§", "image must be base64"),
        (as_address, "ftp://example.com/1.png", "image must be an http or https address"),
        (as_address, "https:///1.png", "image must be an http or https address"),
        (as_address, "https://[", "image must be an http or https address"),
        (as_address, "https://example.com/\x07", "image must be an http or https address"),
        (as_colour, "reddish", "image must be a colour"),
    ],
)
def test_refused_in_the_providers_words(read, value, message):
    with pytest.raises(TranslationError) as caught:
        read(REFUSAL, "image", value)
    assert (str(caught.value), caught.value.code, caught.value.parameter) == (message, "bad_image", "image")


def test_words_that_are_expected_may_be_the_providers_own():
    refusal = REFUSAL.expecting("a file ({parameter}_url for an address)")
    with pytest.raises(TranslationError, match=r"^image must be a file \(image_url for an address\)$"):
        as_file(refusal, "image", "text")


def test_beginning_of_the_value_is_told():
    with pytest.raises(TranslationError) as caught:
        as_colour(REFUSAL, "bg", "{parameter} is no colour")
    assert caught.value.detail == "given: {parameter"


@pytest.mark.parametrize("value", ["srgb", " SRGB ", "rgb"])
def test_word_in_any_case_and_spelling(value):
    assert as_word(REFUSAL, "space", KNOWN, value) == "sRGB"


def test_other_words_are_refused_with_those_that_there_are():
    with pytest.raises(TranslationError, match=r"^space must be one of sRGB, original$"):
        as_word(REFUSAL, "space", KNOWN, "cmyk")


@pytest.mark.parametrize("value", ["text", Upload(b"text")])
def test_files_and_base64_are_read(value):
    encoded = base64.b64encode(PICTURE).decode()
    assert (
        as_base64(REFUSAL, "image", encoded if isinstance(value, str) else Upload(encoded.encode())).read() == PICTURE
    )


def test_what_can_be_used_is_given_typed():
    upload = Upload(PICTURE)
    assert as_file(REFUSAL, "image", upload) is upload
    assert as_address(REFUSAL, "image", " HTTPS://example.com/1.png ").url == "HTTPS://example.com/1.png"
    assert as_colour(REFUSAL, "bg", "red").hexadecimal == "#FF0000"


def test_a_file_where_text_belongs_is_told_by_its_name():
    assert REFUSAL.of("bg", "text", Upload(PICTURE, "1.png")).detail == "given: 1.png"

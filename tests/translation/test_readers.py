"""Values, and what is said of those that a provider does not take."""

import base64

import pytest

from pixian_shim.errors import TranslationError
from pixian_shim.pixian import Upload
from pixian_shim.translation import (
    Call,
    Form,
    Refusal,
    Rule,
    RuleTable,
    Unreadable,
    Verdict,
    as_address,
    as_base64,
    as_colour,
    as_file,
    as_text,
    one_of,
    saying,
)

REFUSAL = Refusal("{parameter} must be {expected}", "bad_{parameter}", "given: {value:.10}")
OTHER = Refusal("{parameter} is wrong", "wrong")
PICTURE = b"\x89PNG and so on"
SPACE = one_of("sRGB", "original", rgb="sRGB")


def refused(read, value, name="image"):
    """Give the error that a table makes of what a reader cannot read."""
    rule = Rule(name=name, values="", verdict=Verdict.EXACT, says="", read=read)
    with pytest.raises(TranslationError) as caught:
        RuleTable("Provider", (rule,), REFUSAL).plan(Call("provider", "cut", Form.of({name: value})))
    return caught.value


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (as_text, Upload(PICTURE, "1.png"), "image must be text"),
        (as_file, "text", "image must be a file"),
        (as_base64, "§", "image must be base64"),
        (as_address, "ftp://example.com/1.png", "image must be an http or https address"),
        (as_address, "https:///1.png", "image must be an http or https address"),
        (as_address, "https://[", "image must be an http or https address"),
        (as_address, "https://example.com/\x07", "image must be an http or https address"),
        (as_colour, "reddish", "image must be a colour"),
        (SPACE, "cmyk", "image must be one of sRGB, original"),
    ],
)
def test_refused_in_the_providers_words(read, value, message):
    error = refused(read, value)
    assert (str(error), error.code, error.parameter) == (message, "bad_image", "image")


def test_what_is_expected_may_be_said_otherwise_and_name_the_parameter():
    error = refused(saying(as_file, "a file ({parameter}_url for an address)"), "text")
    assert str(error) == "image must be a file (image_url for an address)"


def test_all_of_it_may_be_said_otherwise():
    error = refused(saying(as_base64, refusal=OTHER), "§")
    assert (str(error), error.code, error.parameter) == ("image is wrong", "wrong", "image")
    assert error.__cause__ is not None


def test_the_nearest_words_are_the_last_ones():
    nested = saying(saying(as_file, "a file", refusal=REFUSAL), refusal=OTHER)
    assert str(refused(nested, "text")) == "image is wrong"
    assert str(refused(saying(saying(as_file, refusal=OTHER), "a picture"), "text")) == "image is wrong"


def test_beginning_of_the_value_is_told():
    assert refused(as_colour, "{parameter} is no colour").detail == "given: {parameter"


def test_a_reader_that_says_otherwise_reads_the_same():
    assert saying(SPACE, "a space")("rgb") == "sRGB"


@pytest.mark.parametrize("value", ["srgb", " SRGB ", "rgb"])
def test_word_in_any_case_and_spelling(value):
    assert SPACE(value) == "sRGB"


@pytest.mark.parametrize("value", ["text", Upload(b"text")])
def test_files_and_base64_are_read(value):
    encoded = base64.b64encode(PICTURE).decode()
    assert as_base64(encoded if isinstance(value, str) else Upload(encoded.encode())).read() == PICTURE


def test_what_can_be_used_is_given_typed():
    upload = Upload(PICTURE)
    assert as_file(upload) is upload
    assert as_address(" HTTPS://example.com/1.png ").url == "HTTPS://example.com/1.png"
    assert as_colour("red").hexadecimal == "#FF0000"


def test_a_file_where_text_belongs_is_told_by_its_name():
    assert refused(as_text, Upload(PICTURE, "1.png"), "bg").detail == "given: 1.png"


def test_a_reader_alone_raises_what_it_expects():
    with pytest.raises(Unreadable, match=r"^a file$"):
        as_file("text")

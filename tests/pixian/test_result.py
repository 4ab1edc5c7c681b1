"""Reading answers, and saving results without ever showing half a file."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pixian_shim import errors
from pixian_shim.pixian import Account, Box, Result, Size
from pixian_shim.pixian._request import Request
from pixian_shim.pixian._result import api_error
from pixian_shim.pixian._retry import Outcome
from pixian_shim.pixian._transport import Answer

POST = Request("POST", "/api/v2/remove-background")
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"


def outcome(content, headers=None, status=200, attempts=1, doubtful=False):
    return Outcome(Answer(POST, status, headers or {}, content), attempts, doubtful)


def test_every_documented_header_becomes_a_typed_value(png):
    result = Result.read(
        outcome(
            png,
            {
                "x-credits-charged": "0.000000",
                "x-credits-calculated": "2.250000",
                "x-input-orientation": "6",
                "x-input-size": "1500 1000",
                "x-result-size": "600 400",
                "x-input-foreground": "10 20 300 400",
                "x-result-foreground": "1 2 3 4",
                "x-anything": "kept",
            },
            attempts=3,
            doubtful=True,
        )
    )
    assert (result.credits_charged, result.credits_calculated, result.input_orientation) == (0.0, 2.25, 6)
    assert (result.input_size, result.result_size) == (Size(1500, 1000), Size(600, 400))
    assert result.input_foreground == Box(top=10, left=20, width=300, height=400)
    assert result.result_foreground == Box(1, 2, 3, 4)
    assert (result.attempts, result.possible_double_charge) == (3, True)
    assert result.headers["x-anything"] == "kept"
    assert png[:4] not in repr(result).encode()


@pytest.mark.parametrize(
    "value", ["", "abc", "1", "1 2 3 4 5", "-1 2", "0 5", "1.5 2", "\u0661 \u0662", "9" * 40 + " 1"]
)
def test_a_malformed_header_costs_its_value_and_never_the_picture(png, value):
    names = ("x-input-size", "x-result-size", "x-credits-calculated", "x-input-foreground")
    result = Result.read(
        outcome(png, {**dict.fromkeys(names, value), "x-input-orientation": "9", "x-credits-charged": "x"})
    )
    assert (result.input_size, result.result_size, result.input_foreground) == (None, None, None)
    assert (result.input_orientation, result.credits_charged, result.content) == (None, 0.0, png)


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e999"])
def test_credits_are_finite_and_not_negative(png, value):
    assert Result.read(outcome(png, {"x-credits-calculated": value})).credits_calculated is None


@pytest.mark.parametrize("status", [200, 201, 206, 299])
def test_the_magic_decides_what_a_picture_is(status):
    result = Result.read(outcome(JPEG, {"content-type": "text/plain"}, status=status))
    assert (result.content_type, result.extension) == ("image/jpeg", ".jpg")


@pytest.mark.parametrize("content", [b"BMW is a car, sorry", b"II*\0 garbage", b"RIFF....WEBPVP8 ", b"....ftypavif"])
def test_what_pixian_never_answers_with_is_no_result(content):
    with pytest.raises(errors.NotAnImage) as caught:
        Result.read(outcome(content))
    assert caught.value.content == content


def test_an_error_object_with_a_status_of_success_tells_its_code_and_message():
    with pytest.raises(errors.NotAnImage) as caught:
        Result.read(outcome(b'{"error": {"status": 402, "code": "1011", "message": "No credits."}}'))
    assert (caught.value.code, caught.value.message) == (1011, "No credits.")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error": {"code": "\xc2\xb2", "message": "odd"}}', None, "odd"),
        (b'{"error": {"code": "--5", "message": "odd"}}', None, "odd"),
        (b'{"error": {"code": 1011}}', 1011, '{"error": {"code": 1011}}'),
        (b'{"error": {"code": 1011, "message": null}}', 1011, '{"error": {"code": 1011, "message": null}}'),
        (b'\xef\xbb\xbf{"error": {"code": 1011, "message": "BOM"}}', 1011, "BOM"),
    ],
)
def test_an_odd_error_object_still_gives_what_can_be_read_of_it(body, code, message):
    error = api_error(outcome(body, status=400).answer)
    assert (error.code, error.message) == (code, message)


@pytest.mark.parametrize("credits", ["NaN", "1e999", "true", "1" + 400 * "0"])
def test_an_account_without_a_number_of_credits_is_no_account(credits):
    body = f'{{"creditPack":"a","state":"active","useBefore":"2030-01-01T00:00:00Z","credits":{credits}}}'
    with pytest.raises(errors.ResponseError):
        Account.read(outcome(body.encode()))


def test_an_unknown_type_has_no_suffix():
    assert Result(content=b"", content_type="application/octet-stream").extension == ""


def test_whatever_fails_while_rebuilding_keeps_what_was_paid_for(png, monkeypatch):
    def fail(*_args):
        raise MemoryError

    monkeypatch.setattr("pixian_shim.images.rebuild_delta", fail)
    with pytest.raises(errors.RebuildFailed) as caught:
        Result(content=png, content_type="image/png").rebuilt(png)
    assert caught.value.result.content == png


def test_a_file_keeps_its_mode_when_it_is_replaced(png, tmp_path):
    path = tmp_path / "private.png"
    path.write_bytes(b"old")
    path.chmod(0o600)
    Result(content=png, content_type="image/png").save(path)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (png, 0o600)


@pytest.mark.parametrize("cut", [1, 8, 20])
def test_a_picture_without_its_end_is_incomplete_and_handed_over_all_the_same(png, cut):
    for whole in (png, JPEG):
        with pytest.raises(errors.IncompleteBody) as caught:
            Result.read(outcome(whole[:-cut], attempts=2, doubtful=True))
        assert caught.value.content == whole[:-cut]
        assert (caught.value.attempts, caught.value.possible_double_charge) == (2, True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.AuthenticationFailed),
        (402, errors.InsufficientCredits),
        (403, errors.AuthenticationFailed),
        (404, errors.BadRequest),
        (413, errors.PayloadTooLarge),
        (429, errors.RateLimited),
        (499, errors.BadRequest),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_each_status_has_its_class(status, kind):
    error = api_error(Answer(POST, status, {"a": "b"}, b'{"error": {"code": 7, "message": "m"}}'))
    assert type(error) is kind
    assert (error.status, error.code, error.message, error.headers) == (status, 7, "m", {"a": "b"})


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error": {"status": 400, "code": "1006", "message": "m"}}', 1006, "m"),
        (b'{"error": {"message": "m"}}', None, "m"),
        (b'{"error": {"code": true, "message": "m"}}', None, "m"),
        (b'{"error": {"code": -3, "message": 5}}', -3, "5"),
        (b'{"error": "text"}', None, '{"error": "text"}'),
        (b'{"error": {}}', None, '{"error": {}}'),
        (b'{"other": 1}', None, '{"other": 1}'),
        (b'{"error": ', None, '{"error":'),
        (b"[" * 100_000, None, "[" * 200),
        (b'{"error":' * 50_000, None, ('{"error":' * 50)[:200]),
        (b"<p>\n  No\x00 \xff</p>", None, "<p> No\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}</p>"),
        (b"", None, ""),
    ],
)
def test_an_error_body_of_any_shape_is_told(body, code, message):
    error = api_error(Answer(POST, 400, {}, body))
    assert (error.code, error.message) == (code, message)
    assert "POST /api/v2/remove-background" in str(error)


def test_the_account_is_read_as_documented():
    body = b'{"creditPack":"P100","state":"active","useBefore":"2027-03-01T12:00:00Z","credits":12.5}'
    account = Account.read(outcome(body))
    assert (account.credit_pack, account.state, account.active, account.credits) == ("P100", "active", True, 12.5)
    assert account.use_before == datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"creditPack":"x","state":"active","useBefore":"soon","credits":1}']
)
def test_anything_else_is_no_account(body):
    with pytest.raises(errors.ResponseError, match="not the account"):
        Account.read(outcome(body))


@pytest.fixture
def result(png):
    return Result(content=png, content_type="image/png")


def test_save_writes_the_file_and_nothing_else(result, tmp_path, png):
    assert result.save(tmp_path / "a.png") == tmp_path / "a.png"
    result.save(str(tmp_path / "a.png"))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == png


def test_save_keeps_an_existing_file_if_told_to(result, tmp_path):
    (tmp_path / "a.png").write_text("mine")
    with pytest.raises(FileExistsError):
        result.save(tmp_path / "a.png", overwrite=False)
    assert (tmp_path / "a.png").read_text() == "mine"
    assert result.save(tmp_path / "b.png", overwrite=False).exists()


def test_save_names_the_directory_that_is_missing(result, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        result.save(tmp_path / "nowhere" / "a.png")


def test_a_full_disk_leaves_the_old_file_no_litter_and_the_result(result, tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("old")

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        result.save(tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]
    assert (tmp_path / "a.png").read_text() == "old"
    monkeypatch.undo()
    assert result.save(tmp_path / "a.png").read_bytes() == result.content


def test_nobody_sees_half_a_file(result, tmp_path, monkeypatch):
    seen = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda a, b: (seen.append((b.exists(), a.read_bytes())), replace(a, b))[1])
    result.save(tmp_path / "a.png")
    assert seen == [(False, result.content)]


@pytest.mark.skipif(os.name != "posix", reason="links and devices")
def test_save_follows_links_and_writes_to_devices(result, tmp_path):
    (tmp_path / "real.png").write_text("old")
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    result.save(tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == result.content
    result.save("/dev/null")
    assert Path("/dev/null").is_char_device()


def test_a_directory_is_no_file_to_save_in(result, tmp_path):
    with pytest.raises(IsADirectoryError):
        result.save(tmp_path)

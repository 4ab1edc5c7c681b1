"""Where credentials and settings come from, and what is refused."""

from __future__ import annotations

import os

import pytest

from pixian_shim.errors import ConfigurationError
from pixian_shim.pixian import Credentials, Settings

SECRET = "canary-7f3a9c51d2e8"
PAIR = {"PIXIAN_API_ID": "env-id", "PIXIAN_API_SECRET": "env-secret"}


@pytest.fixture
def project(tmp_path):
    path = tmp_path / "work" / "pixian.toml"
    path.write_text('api_id = "project-id"\napi_secret = "project-secret"\n')
    return path


@pytest.fixture
def user(tmp_path):
    path = tmp_path / "config" / "pixian" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('api_id = "user-id"\napi_secret = "user-secret"\n')
    path.chmod(0o600)
    return path


def resolved(environ=None, *args, xdg=None, **kwargs):
    environ = {"XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"], "APPDATA": os.environ["APPDATA"], **(environ or {})}
    return Settings.resolve(*args, environ=environ, **kwargs)


def test_arguments_go_before_the_environment_before_the_project_before_the_user(project, user):
    assert resolved(PAIR, "arg-id", "arg-secret").credentials == Credentials("arg-id", "arg-secret")
    assert resolved(PAIR).credentials == Credentials("env-id", "env-secret")
    assert resolved().credentials == Credentials("project-id", "project-secret")
    project.unlink()
    assert resolved().credentials == Credentials("user-id", "user-secret")


def test_the_project_file_is_looked_for_upwards_to_the_root_of_the_repository(project, tmp_path, monkeypatch):
    deep = tmp_path / "work" / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert resolved().credentials.api_id == "project-id"
    (deep / ".git").mkdir()
    with pytest.raises(ConfigurationError, match="no Pixian credentials"):
        resolved()


def test_pyproject_counts_with_its_own_table_only(tmp_path):
    pyproject = tmp_path / "work" / "pyproject.toml"
    pyproject.write_text('[project]\nname = "x"\n')
    with pytest.raises(ConfigurationError, match="no Pixian credentials"):
        resolved()
    pyproject.write_text('[tool.pixian-shim]\napi_id = "toml-id"\napi_secret = "s"\ntest = true\n')
    assert (resolved().credentials.api_id, resolved().test) == ("toml-id", True)


def test_nothing_anywhere_lists_every_place_that_was_looked_at():
    with pytest.raises(ConfigurationError) as caught:
        resolved()
    for place in ("arguments", "environment", "pixian.toml", "config.toml", "PIXIAN_API_ID"):
        assert place in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "arguments", "words"),
    [
        ({"PIXIAN_API_ID": "x"}, {}, ["environment", "PIXIAN_API_ID without PIXIAN_API_SECRET"]),
        ({"PIXIAN_API_SECRET": SECRET}, {}, ["PIXIAN_API_SECRET without PIXIAN_API_ID"]),
        (PAIR, {"api_id": "x"}, ["arguments", "api_id without api_secret"]),
        (PAIR, {"api_secret": SECRET}, ["api_secret without api_id"]),
        (PAIR, {"api_id": "", "api_secret": ""}, ["api_id is an empty text"]),
    ],
)
def test_half_a_pair_says_which_half_is_missing_and_where(environ, arguments, words):
    with pytest.raises(ConfigurationError) as caught:
        resolved(environ, **arguments)
    assert all(word in str(caught.value) for word in words)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api_id = x", ["pixian.toml is not valid TOML", "line 1"]),
        (f'api_secret = "{SECRET}\n', ["pixian.toml is not valid TOML"]),
        ("api_id = 5", ["api_id must be a text"]),
        ('api_id = "x"\ntest = "maybe"', ["test must be true or false"]),
        (f'api_secrt = "{SECRET}"', ["unknown key 'api_secrt'", "did you mean api_secret?"]),
        (f'colour = "{SECRET}"', ["unknown key 'colour'", "known are api_id"]),
    ],
)
def test_a_bad_file_is_named_with_its_key_but_never_with_a_value(project, text, words):
    project.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        resolved()
    assert all(word in str(caught.value) for word in words)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_file_that_is_named_must_exist_and_be_utf8(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        resolved(project_file=tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        resolved(user_file=tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'api_id = "\xe9"')
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        resolved(project_file=tmp_path / "latin.toml")


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_secret_that_others_can_read_is_a_warning(user):
    user.chmod(0o644)
    with pytest.warns(UserWarning, match="chmod 600") as caught:
        assert resolved().credentials.api_id == "user-id"
    assert "user-secret" not in str(caught[0].message)


@pytest.mark.parametrize(
    ("written", "meant"), [("1", True), ("true", True), ("YES", True), ("0", False), ("no", False), ("", False)]
)
def test_test_mode_is_read_from_the_environment(written, meant):
    assert resolved({**PAIR, "PIXIAN_TEST": written}).test is meant


def test_a_test_mode_that_is_neither_is_refused():
    with pytest.raises(ConfigurationError, match="PIXIAN_TEST must be true or false"):
        resolved({**PAIR, "PIXIAN_TEST": "maybe"})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.pixian.ai",
        "https://proxy.example:8443/pixian",
        "http://127.0.0.1:9",
        "http://[::1]:9",
        "http://localhost:9",
    ],
)
def test_a_base_url_is_https_or_on_loopback(url):
    assert resolved(PAIR, base_url=f"{url}/").base_url == url


@pytest.mark.parametrize(
    ("url", "test", "free"),
    [
        ("https://api.pixian.ai", False, False),
        ("https://api.pixian.ai", True, True),
        ("http://127.0.0.1:9", False, True),
        ("https://proxy.example", False, False),
    ],
)
def test_only_test_mode_and_a_sandbox_on_this_machine_cost_nothing(url, test, free):
    assert resolved(PAIR, base_url=url, test=test).costs_nothing is free


@pytest.mark.parametrize(
    "url",
    [
        "http://api.pixian.ai",
        "http://127.0.0.1.example.com",
        "ftp://x",
        "api.pixian.ai",
        "https://",
        "https://user:pass@host",
        "https://host?x=1",
        "https://host:99999",
    ],
)
def test_any_other_base_url_is_refused(url):
    with pytest.raises(ConfigurationError, match="base_url"):
        resolved(PAIR, base_url=url)


def test_a_checkout_cannot_send_the_users_credentials_to_an_address_of_its_choice(project):
    project.write_text('base_url = "https://evil.example"\n')
    with pytest.raises(ConfigurationError, match="may not redirect"):
        resolved(PAIR)
    with pytest.raises(ConfigurationError, match="may not redirect"):
        resolved({}, credentials=Credentials("a", "b"))
    assert resolved({**PAIR, "PIXIAN_BASE_URL": "https://mine.example"}).base_url == "https://mine.example"
    project.write_text('base_url = "http://127.0.0.1:8765"\n')
    assert resolved(PAIR).base_url == "http://127.0.0.1:8765"
    project.write_text('base_url = "https://own.example"\napi_id = "a"\napi_secret = "b"\n')
    assert resolved().base_url == "https://own.example"


@pytest.mark.parametrize(
    ("key", "pair"),
    [
        ("px123:secret", ("px123", "secret")),
        ("sandbox:sandbox", ("sandbox", "sandbox")),
        ("id:with:colons", ("id", "with:colons")),
        ("0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e", None),
        ("cHgxMjM6c2VjcmV0", None),
        ("https://example.com/key", None),
        ("8f14e45f-ceea-467f-a83a-1c5b2b3a4d5e:0123456789abcdef", None),
        (":secret", None),
        ("id:", None),
        ("id :secret", None),
        ("id:sec ret", None),
        ("", None),
    ],
)
def test_only_an_id_and_a_secret_with_a_colon_between_is_taken_for_a_key_of_pixian(key, pair):
    assert Credentials.parse_key(key) == (pair and Credentials(*pair))


@pytest.mark.parametrize(("api_id", "api_secret"), [("", "x"), ("x", ""), ("a:b", "c"), ("a", f"{SECRET}\n")])
def test_credentials_that_cannot_be_sent_are_refused_without_being_shown(api_id, api_secret):
    with pytest.raises(ConfigurationError) as caught:
        Credentials(api_id, api_secret)
    assert SECRET not in str(caught.value)


def test_credentials_and_a_pair_exclude_each_other():
    with pytest.raises(ConfigurationError, match="either"):
        Settings.resolve("a", "b", credentials=Credentials("c", "d"))


def test_files_are_not_read_where_everything_is_given(project, monkeypatch, tmp_path):
    project.write_text("this is no TOML")
    given = {"api_id": "a", "api_secret": "b", "base_url": "https://api.pixian.ai", "test": False}
    assert Settings.resolve(**given, environ={}).credentials == Credentials("a", "b")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        Settings.resolve(**given | {"test": None}, environ={})
    assert not Settings.resolve(**given | {"test": None}, environ={}, files=False).test


def test_a_deleted_working_directory_holds_no_project(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert Settings.resolve("a", "b", environ={}).base_url == "https://api.pixian.ai"


def test_a_user_without_a_home_has_no_file(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", nobody)
    assert Settings.resolve("a", "b", environ={}).base_url == "https://api.pixian.ai"
    with pytest.raises(ConfigurationError, match="no Pixian credentials"):
        Settings.resolve(environ={})

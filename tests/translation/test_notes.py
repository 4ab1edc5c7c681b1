import warnings

import pytest

from pixian_shim.errors import ConfigurationError, Refused
from pixian_shim.translation import Note, Policy, TranslationWarning, Verdict, enforce, forget_warnings

IGNORED = Note("type", "car", Verdict.IGNORED, "No class is needed.")
EXACT = Note("size", "hd", Verdict.EXACT, "Same.")
HINT = Note("alpha_matting", "true", Verdict.IGNORED, "Edges are fine without.", hint=True)
DEFAULT = Note("shadow", "on", Verdict.APPROXIMATED, "A default.", given=False)


@pytest.fixture(autouse=True)
def _fresh():
    forget_warnings()
    yield
    forget_warnings()


def test_warn_speaks_once_per_provider_and_parameter():
    with pytest.warns(TranslationWarning, match=r"type=car: ignored\. No class") as seen:
        enforce(Policy.WARN, "removebg", [IGNORED])
        enforce(Policy.WARN, "removebg", [IGNORED])
        enforce(Policy.WARN, "other", [IGNORED])
    assert len(seen) == 2


def test_warning_points_at_the_caller():
    with pytest.warns(TranslationWarning) as seen:
        enforce(Policy.WARN, "removebg", [IGNORED])
    assert seen[0].filename == __file__


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("notes", [[], [EXACT], [DEFAULT], [HINT]])
def test_nothing_happens_where_nothing_is_lost(policy, notes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enforce(policy, "removebg", notes)


def test_silent_stays_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enforce(Policy.SILENT, "removebg", [IGNORED])


def test_strict_refuses_and_names_the_parameter():
    with pytest.raises(Refused, match="type=car") as caught:
        enforce(Policy.STRICT, "removebg", [EXACT, IGNORED])
    assert caught.value.parameter == "type"


def test_policy_is_read_by_name():
    assert Policy.parse("STRICT") is Policy.STRICT
    with pytest.raises(ConfigurationError, match="strict, warn, silent"):
        Policy.parse("loud")

import subprocess
import sys

import pytest

from free_provider import ADAPTER, TABLES, installed
from pixian_shim.errors import ConfigurationError
from pixian_shim.translation import (
    CAPABILITIES,
    Adapter,
    RuleTable,
    Span,
    Verdict,
    capabilities,
    load,
    providers,
    served_unasked,
)


def test_adapters_are_found_by_entry_point():
    assert {"removebg", "pixian_v1"} <= set(providers())
    assert isinstance(load("removebg"), Adapter)


def test_unknown_provider_gets_a_hint():
    with pytest.raises(ConfigurationError, match="did you mean 'removebg'"):
        load("remove-bg")
    with pytest.raises(ConfigurationError, match="there are"):
        load("zzz")


def test_adapter_serves_its_own_hosts():
    adapter = load("removebg")
    assert adapter.serves("https://api.remove.bg/v1.0/removebg")
    assert not adapter.serves("https://api.remove.bg.evil.example/v1.0/removebg")


def test_library_imports_no_adapter_until_one_is_asked_for():
    code = "import pixian_shim, sys; pixian_shim.providers(); print([m for m in sys.modules if m.startswith('pixian_adapters')])"
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
    )


@pytest.fixture
def free(tmp_path):
    with pytest.MonkeyPatch.context() as patch, installed(tmp_path, patch) as adapter:
        yield adapter


def test_a_provider_that_costs_nothing_is_there_and_is_not_served_unasked(free):
    assert load("free") is free
    assert "free" in providers()
    assert "free" not in served_unasked()
    assert {"removebg", "pixian_v1"} <= set(served_unasked())


def test_each_operation_has_its_table():
    assert ADAPTER.tables == TABLES
    assert [*ADAPTER.tables] == ["cut", "draw"]
    assert ADAPTER.table() is ADAPTER.table("cut") is ADAPTER.table("account") is TABLES["cut"]
    assert ADAPTER.table("draw") is TABLES["draw"]


def test_the_matrix_spans_all_rules_about_one_thing_in_all_operations():
    found = capabilities(ADAPTER)
    assert found == {
        "outline": Span(Verdict.CONVERTED, Verdict.EMULATED),
        "ai": Span(Verdict.REFUSED, Verdict.REFUSED),
    }
    assert [str(span) for span in found.values()] == ["converted to emulated", "refused"]


def test_what_is_no_parameter_is_in_the_matrix_too():
    assert capabilities(load("removebg"))["account"] == Span(Verdict.CONVERTED, Verdict.CONVERTED)


@pytest.mark.parametrize("provider", providers())
def test_the_matrix_knows_of_nearly_every_rule(provider):
    """A rule without a capability is about nothing that users look for."""
    adapter = load(provider)
    rules = [rule for table in adapter.tables.values() for rule in table]
    without = [rule.name for rule in rules if rule.capability not in CAPABILITIES]
    assert len(without) <= 0.2 * len(rules), f"rows without a capability: {without}"
    assert {"source", "format"} <= capabilities(adapter).keys()
    assert all(isinstance(table, RuleTable) for table in adapter.tables.values())

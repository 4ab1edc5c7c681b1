"""What holds for every provider, also for one that was added a moment ago: what its own tests need not repeat."""

import copy
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from error_tree import EXAMPLES
from pixian_shim.pixian import Upload
from pixian_shim.translation import Call, Form, load, providers

ADAPTERS = [load(name) for name in providers()]
TABLES = [(adapter, operation, table) for adapter in ADAPTERS for operation, table in adapter.tables.items()]
DEFAULTS = [(*of, rule) for *of, table in TABLES for rule in table if rule.default is not None]
ASKED = [adapter for adapter in ADAPTERS if adapter.incumbent is not None]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_every_error_is_answered_and_described(adapter, error):
    documented = {row.status for row in adapter.errors}
    for call in (None, *(Call(adapter.name, operation) for operation in adapter.tables)):
        answer = adapter.refuse(call, copy.copy(error))
        assert not documented or answer.status in documented, f"{adapter.name}.ERRORS has no row for {answer.status}"
        assert answer.body


@pytest.mark.parametrize(
    ("adapter", "operation", "rule"),
    DEFAULTS,
    ids=[f"{a.name}-{operation}-{rule.name}" for a, operation, rule in DEFAULTS],
)
def test_nobody_is_warned_of_a_default_that_is_written_out(adapter, operation, rule):
    plan = adapter.table(operation).plan(Call(adapter.name, operation, Form.of({rule.name: rule.default})))
    (note,) = (note for note in plan.notes if note.name == rule.name)
    assert not note.noteworthy, f"the strict policy would refuse {note}"


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_a_result_for_nothing_can_be_asked_for(adapter):
    rule = adapter.rules.find("test")
    assert rule is not None, f"{adapter.name} has no row test: see free_test"
    plan = adapter.rules.plan(Call(adapter.name, adapter.operation, Form.of({"test": "true"})))
    assert plan.parameters.test is True


@pytest.mark.parametrize("adapter", ASKED, ids=lambda adapter: adapter.name)
def test_the_incumbent_is_the_provider_itself(adapter):
    assert urlsplit(adapter.incumbent.home).hostname in adapter.hosts
    sources = [rule.name for table in adapter.tables.values() for rule in table if rule.source]
    uploads = [rule.name for table in adapter.tables.values() for rule in table if rule.source and rule.upload]
    assert set(adapter.incumbent.sources) <= set(sources), "sources that have no row with source=True"
    assert adapter.incumbent.sources[0] in uploads, "the file comes first: recordings send it"
    assert adapter.picture is not None or not adapter.answers_with_links


VALUES = st.text(max_size=20) | st.just(Upload(b"x", "x.png"))


@pytest.mark.parametrize("adapter", ASKED, ids=lambda adapter: adapter.name)
@given(st.data())
def test_any_call_has_a_price(adapter, data):
    operation, table = data.draw(st.sampled_from(list(adapter.tables.items())))
    names = st.sampled_from([rule.name for rule in table])
    form = Form.of(data.draw(st.dictionaries(names, VALUES, max_size=6)))
    assert adapter.incumbent.price(Call(adapter.name, operation, form)) >= 0

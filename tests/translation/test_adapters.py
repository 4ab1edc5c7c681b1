import subprocess
import sys

import pytest

from pixian_shim.errors import ConfigurationError
from pixian_shim.translation import Adapter, load, providers


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

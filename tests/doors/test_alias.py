"""Programs that import a legacy package by its own name, and get the drop-in."""

import importlib
import importlib.util
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pixian_shim import errors
from pixian_shim.doors import alias, unalias

NAMES = ("removebg", "remove_bg_api", "pixian_ai")


@pytest.fixture(autouse=True)
def undone():
    yield
    unalias()
    assert not [name for name in sys.modules if name.partition(".")[0] in NAMES]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A real package removebg on the path."""
    (tmp_path / "removebg").mkdir()
    (tmp_path / "removebg" / "__init__.py").write_text("from .removebg import RemoveBg\nREAL = True\n")
    (tmp_path / "removebg" / "removebg.py").write_text("class RemoveBg: pass\n")
    (tmp_path / "removebg" / "extra.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "removebg"]:
        del sys.modules[name]


def ended(code, cwd):
    """Run a program of its own, in which nothing is imported yet."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestImports:
    def test_are_never_aliased_by_default(self):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("removebg")

    def test_give_the_very_module_of_the_drop_in(self):
        alias(*NAMES)
        import pixian_ai
        import remove_bg_api
        import removebg

        import pixian_adapters.pixian_ai
        import pixian_adapters.removebg.remove_bg_api

        assert removebg is pixian_adapters.removebg
        assert remove_bg_api is pixian_adapters.removebg.remove_bg_api
        assert pixian_ai is pixian_adapters.pixian_ai

    def test_of_submodules_give_the_very_modules_too(self):
        alias("removebg", "pixian_ai")
        import pixian_ai.client
        import removebg.removebg
        from removebg.removebg import RemoveBg

        import pixian_adapters.pixian_ai.client
        import pixian_adapters.removebg.removebg

        assert removebg.removebg is pixian_adapters.removebg.removebg
        assert sys.modules["removebg.removebg"] is pixian_adapters.removebg.removebg
        assert RemoveBg is pixian_adapters.removebg.RemoveBg
        assert pixian_ai.client is pixian_adapters.pixian_ai.client

    @pytest.mark.parametrize(
        "legacy_first",
        [True, False],
        ids=["legacy name first", "own name first"],
    )
    def test_leave_the_drop_ins_module_as_it_was(self, legacy_first, tmp_path):
        first, second = ("removebg.removebg", "pixian_adapters.removebg.removebg")[:: 1 if legacy_first else -1]
        shown = ended(
            "import sys; from pixian_shim import alias; alias('removebg')\n"
            f"import {first}, {second}\n"
            "for name in ('pixian_adapters.removebg', 'pixian_adapters.removebg.removebg'):\n"
            "    module = sys.modules[name]; spec = module.__spec__\n"
            "    assert module is sys.modules[name.replace('pixian_adapters.', '', 1)]\n"
            "    assert (module.__name__, spec.name) == (name, name), spec\n"
            "    assert type(spec.loader).__name__ == 'SourceFileLoader' and spec.loader is module.__loader__\n"
            "    assert module.__file__ == spec.origin and not spec._initializing\n"
            "    assert spec.submodule_search_locations == getattr(module, '__path__', None)\n"
            "    assert module.__package__ == 'pixian_adapters.removebg'\n"
            "import removebg.rules, pixian_adapters.removebg.rules as real\n"
            "print(removebg.rules is real)",
            tmp_path,
        )
        assert shown == "True"

    def test_of_what_the_drop_in_has_not_fail_by_the_legacy_name(self):
        alias("removebg", "remove_bg_api")
        with pytest.raises(ModuleNotFoundError, match=r"^No module named 'removebg\.nothing'$"):
            importlib.import_module("removebg.nothing")
        with pytest.raises(ModuleNotFoundError, match=r"'remove_bg_api' is not a package"):
            importlib.import_module("remove_bg_api.nothing")

    def test_of_names_that_only_begin_alike_are_not_touched(self):
        alias("removebg")
        assert importlib.util.find_spec("removebg_of_somebody_else") is None

    def test_can_be_asked_for_without_importing(self, tmp_path):
        shown = ended(
            "import sys, importlib.util; from pixian_shim import alias; alias('removebg')\n"
            "spec = importlib.util.find_spec('removebg')\n"
            "print(spec.name, bool(spec.submodule_search_locations), 'pixian_adapters.removebg' in sys.modules)",
            tmp_path,
        )
        assert shown == "removebg True False"

    def test_win_over_an_installed_package(self, installed):
        alias("removebg")
        import removebg

        assert not hasattr(removebg, "REAL")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("removebg.extra")

    def test_in_many_threads_give_one_module(self, tmp_path):
        shown = ended(
            "import sys; from concurrent.futures import ThreadPoolExecutor; from importlib import import_module\n"
            "from threading import Barrier\n"
            "from pixian_shim import alias; alias('removebg'); barrier = Barrier(8)\n"
            "def work(number):\n"
            "    barrier.wait()\n"
            "    return import_module(('removebg.removebg', 'pixian_adapters.removebg.removebg')[number % 2]).RemoveBg\n"
            "with ThreadPoolExecutor(8) as pool: print(len(set(pool.map(work, range(8)))))",
            tmp_path,
        )
        assert shown == "1"


class TestObjects:
    def test_are_instances_of_both(self):
        alias("removebg")
        import removebg

        from pixian_adapters.removebg import RemoveBg

        assert isinstance(removebg.RemoveBg("key", "log"), RemoveBg)

    def test_are_pickled_under_their_own_name_and_read_under_the_legacy_one(self):
        alias("removebg")
        from removebg import RemoveBg

        assert b"pixian_adapters.removebg" in pickle.dumps(RemoveBg)
        old = pickle.dumps(RemoveBg, protocol=0).replace(b"pixian_adapters.removebg.removebg", b"removebg.removebg")
        assert pickle.loads(old) is RemoveBg

    def test_modules_can_be_reloaded(self, tmp_path):
        shown = ended(
            "from pixian_shim import alias; alias('removebg')\n"
            "import importlib, removebg, removebg.values as legacy, pixian_adapters.removebg.values as own\n"
            "own.planted = 1\n"
            "assert importlib.reload(legacy) is own and importlib.reload(removebg) is removebg\n"
            "import removebg.values\n"
            "print(removebg.values is own, own.__spec__.name, own.planted)",
            tmp_path,
        )
        assert shown == "True pixian_adapters.removebg.values 1"


class TestAlias:
    def test_twice_is_once(self):
        before = len(sys.meta_path)
        alias("removebg")
        importlib.import_module("removebg")
        alias("removebg")
        alias("removebg", "pixian_ai")
        assert len(sys.meta_path) == before + 1
        unalias()
        assert len(sys.meta_path) == before

    def test_from_many_threads_is_once(self):
        before, barrier = len(sys.meta_path), Barrier(8)

        def work(number):
            barrier.wait()
            alias(NAMES[number % 3])

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        assert len(sys.meta_path) == before + 1
        for name in NAMES:
            importlib.import_module(name)

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            ((), "at least one package"),
            (("remove-bg-api",), "did you mean 'remove_bg_api'"),
            (("numpy",), "there are .*pixian_ai, .*remove_bg_api, removebg"),
        ],
    )
    def test_names_without_a_drop_in_are_told(self, names, message):
        with pytest.raises(errors.ConfigurationError, match=message):
            alias(*names)

    def test_after_the_real_package_was_imported_is_refused(self, installed):
        importlib.import_module("removebg")
        with pytest.raises(errors.ConfigurationError, match=r"imported already, from .*__init__.py; call alias\("):
            alias("pixian_ai", "removebg")
        with pytest.raises(ModuleNotFoundError):  # all or none
            importlib.import_module("pixian_ai")

    def test_imports_no_adapter(self, tmp_path):
        shown = ended(
            "import sys; from pixian_shim import alias; alias('removebg')\n"
            "print(*[name for name in sys.modules if name.startswith('pixian_adapters')])",
            tmp_path,
        )
        assert shown == ""


class TestUnalias:
    def test_gives_the_name_back_to_the_installed_package(self, installed):
        alias("removebg")
        importlib.import_module("removebg.removebg")
        unalias()
        import removebg

        assert removebg.REAL
        assert removebg.__file__ == os.fspath(installed / "removebg" / "__init__.py")

    def test_leaves_the_drop_in_imported(self):
        alias("removebg")
        ours = importlib.import_module("removebg")
        unalias()
        assert importlib.import_module("pixian_adapters.removebg") is ours

    def test_without_alias_is_nothing(self):
        unalias()
        unalias()

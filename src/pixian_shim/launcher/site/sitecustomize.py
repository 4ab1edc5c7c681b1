"""Run by Python itself at its start, since this folder stands first in PYTHONPATH: the child's first step.

It has to be safe in every Python process of the program, also in those that are none of our business.
"""  # noqa: INP001 (a folder of the search path, not a package)
# ruff: noqa: PTH100, PTH120, SIM105 (pathlib and contextlib would cost each of these processes their import)

import os
import sys
from importlib import import_module

VARIABLE = "PIXIAN_SHIM_RUN"
FAILED = 2


def make_way() -> None:
    """Run the ``sitecustomize`` that would have been found without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    ours = sys.modules.pop(__name__)
    try:
        import_module(__name__)  # another one now
    except ModuleNotFoundError as error:
        if error.name != __name__:
            raise
        sys.modules[__name__] = ours


def begin(settings: str) -> None:
    """Set up the interception, or end the process: a program that asks a dead host helps nobody."""
    try:
        from pixian_shim.launcher._child import begin

        begin(settings)
    except ImportError as error:
        tell(missing(error, settings))
        if is_the_program(settings):
            os._exit(FAILED)
        # Else a tool that the program calls, with a Python of its own, which has worked without us so far.
    except Exception as error:  # noqa: BLE001 (whatever it is, the program must not run)
        tell(str(error) or type(error).__name__)
        os._exit(FAILED)


def missing(error: ImportError, settings: str) -> str:
    """Say what cannot be imported, and with which Python it could."""
    import json

    if error.name is None:
        return str(error)
    return (
        f"{sys.executable or 'this Python'} cannot import {error.name}; install pixian-shim for it, or use "
        f"{json.loads(settings)['python']}, which has it"
    )


def is_the_program(settings: str) -> bool:
    """Tell whether the launcher started this very process."""
    import json

    return bool(json.loads(settings)["launcher"] == os.getppid())


def tell(text: str) -> None:
    """Write one line, also where stderr is closed or odd."""
    try:
        os.write(2, f"pixian-shim: {' '.join(text.split())}\n".encode("utf-8", "replace"))
    except OSError:
        pass


try:
    make_way()
finally:
    if os.environ.get(VARIABLE):
        begin(os.environ[VARIABLE])

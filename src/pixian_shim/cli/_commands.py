"""The commands and their arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 (cyclopts reads the annotations)
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from pixian_shim.cli._baseline import app as baseline
from pixian_shim.cli._compare import app as compare
from pixian_shim.cli._rollout import app as rollout

if TYPE_CHECKING:
    from pixian_shim.cli._explain import Explanation

app = App(
    default_parameter=Parameter(negative=(), show_default=lambda value: value or None),
    name="pixian-shim",
    help="Run code written for another background-removal provider on the Pixian.AI v2 API.",
    help_epilogue="Environment: PIXIAN_API_ID and PIXIAN_API_SECRET, PIXIAN_BASE_URL, PIXIAN_TEST, PIXIAN_SHIM_POLICY.",
)
app.command(baseline)
app.command(compare)
app.command(rollout)
AsJson = Annotated[bool, Parameter(name="--json")]


@app.command
def explain(
    provider: str = "",
    /,
    *parameters: str,
    as_json: AsJson = False,
    strict: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Tell what would become of a legacy call, without making it.

    Args:
        provider: the legacy provider, such as removebg, or one of its operations, such as photoroom:edit; without it
            all of them are listed.
        parameters: legacy parameters as name=value; none at all prints the provider's whole table.
        as_json: print for machines.
        strict: exit with 1 if anything would be approximated or ignored.
    """
    from rich.console import Console

    from pixian_shim.cli._explain import explain_call, list_providers, operation_of, print_explanation, print_rules

    if not provider:
        print(*list_providers(), sep="\n")
        return
    adapter, operation = operation_of(provider)
    if not parameters and not as_json:
        print_rules(adapter, operation, Console())
        return
    explanation = explain_call(adapter, operation, parameters)
    if as_json:
        print(json.dumps(explanation.as_json(), indent=2))
    else:
        print_explanation(explanation, Console())
    sys.exit(_exit_code(explanation, strict=strict))


def _exit_code(explanation: Explanation, *, strict: bool) -> int:
    if explanation.refusal is not None:
        return 2
    return int(strict and any(note.noteworthy for note in explanation.notes))


@app.command
def providers(*, as_json: AsJson = False) -> None:
    """Show what each provider's callers can have on Pixian: one matrix, from the rule tables.

    Args:
        as_json: print for machines.
    """
    from rich.console import Console

    from pixian_shim.cli._providers import as_rows, print_matrix

    if as_json:
        print(json.dumps(as_rows(), indent=2))
    else:
        print_matrix(Console())


@app.command
def sandbox(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    engine: str = "u2netp",
    api_id: str = "sandbox",
    api_secret: str = "sandbox",  # noqa: S107 (the sandbox's documented default)
    credits: Annotated[float, Parameter(name="--credits")] = 1000.0,  # noqa: A002
    open_control: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Serve Pixian v2 on loopback: no account, nothing sent, and backgrounds are really removed.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        engine: u2netp, quality (twice the time), fast (drawn pictures in tests), u2net:FILE.onnx or isnet:FILE.onnx.
        api_id: accepted API Id.
        api_secret: accepted API Secret.
        credits: credits at the start.
        open_control: let other machines use the control plane.
    """
    from pixian_shim.sandbox import serve

    serve(host, port, engine=engine, api_id=api_id, api_secret=api_secret, credits=credits, open_control=open_control)


@app.command
def run(
    *command: Annotated[str, Parameter(show=True)],
    provider: list[str] | None = None,
    policy: str | None = None,
    also: list[str] | None = None,
    alias: list[str] | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    summary_json: Path | None = None,
    rollout: Path | None = None,
) -> None:
    """Run a program unedited, its calls to providers answered by Pixian: pixian-shim run -- python app.py.

    It ends with the program's own exit code, and a summary of calls, notes and credits on stderr.

    Args:
        command: the program and its arguments, after --.
        provider: whose hosts are answered, such as removebg; can be given several times. Without it all of them,
            but for those that cost nothing.
        policy: strict, warn or silent: what to do with parameters that cannot be carried over.
        also: further addresses of the provider, as host[:port][/path].
        alias: a legacy package whose import gives the drop-in, such as removebg.
        quiet: write no summary.
        summary_json: a file for the summary, for machines.
        rollout: a TOML file that says which calls Pixian answers, and which the provider itself.
    """
    from pixian_shim.launcher import run as launch

    code = launch(
        command,
        providers=provider or (),
        policy=policy,
        also=also or (),
        aliases=alias or (),
        quiet=quiet,
        summary_json=summary_json,
        rollout=rollout,
    )
    sys.exit(code)


@app.command
def gateway(
    *,
    config: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    provider: list[str] | None = None,
    rollout: Path | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
) -> None:
    """Answer the providers' HTTP interfaces: code in any language changes its base URL and nothing else.

    Args:
        config: a TOML file with keys and limits; options given here go before it.
        host: address to listen on; beyond loopback only with keys in the configuration.
        port: port to listen on, 8780 without it; 0 takes a free one.
        provider: serve only this one; can be given several times. Without it all of them, but for those that cost
            nothing.
        rollout: a TOML file that says which calls Pixian answers, and which the provider itself.
        tls_cert: certificate, as PEM, for serving https.
        tls_key: its key.
    """
    from pixian_shim.gateway import Config, serve

    options = {"rollout": rollout, "tls_cert": tls_cert, "tls_key": tls_key}
    serve(Config.load(config, host=host, port=port, providers=provider, **options))


@app.command
def account(*, as_json: AsJson = False) -> None:
    """Show what credits are left; free, and a check that the credentials work.

    Args:
        as_json: print for machines.
    """
    from pixian_shim.pixian import Pixian

    with Pixian() as client:
        found = client.account()
    if as_json:
        shown = {
            "credit_pack": found.credit_pack,
            "state": found.state,
            "use_before": found.use_before.isoformat(),
            "credits": found.credits,
        }
        print(json.dumps(shown, indent=2))
    else:
        print(f"{found.credits:g} credits, pack {found.credit_pack}, {found.state}")

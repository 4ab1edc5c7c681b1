"""``pixian-shim gateway`` as people start it."""

import os
import subprocess
import sys

import pytest

GATEWAY = [sys.executable, "-m", "pixian_shim.cli", "gateway", "--port", "0"]


@pytest.fixture
def environment(tmp_path):
    """An environment without any settings of Pixian's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIXIAN_")}
    return clean | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}


def test_it_does_not_start_for_keys_that_nobody_pays_for(tmp_path, environment):
    (tmp_path / "gateway.toml").write_text('keys = [{name = "shop", legacy = "old"}]')
    command = [*GATEWAY, "--config", "gateway.toml"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "nobody pays for calls with the keys 'shop': no Pixian credentials" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_keys_it_says_who_is_served_then(tmp_path, environment):
    with subprocess.Popen(GATEWAY, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert "only callers with id:secret of a Pixian account" in process.stderr.readline()
        finally:
            process.terminate()
    assert process.returncode == 0

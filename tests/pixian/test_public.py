"""The public surface, and that importing it costs little."""

from __future__ import annotations

import subprocess
import sys

import pixian_shim.pixian


def test_the_public_names_are_these():
    assert pixian_shim.pixian.__all__ == [
        "MAX_BASE64_CHARACTERS",
        "MAX_PROCESSED_PIXELS",
        "MAX_UPLOAD_BYTES",
        "MAX_UPLOAD_PIXELS",
        "V1_NAMES",
        "WIRE_NAMES",
        "Account",
        "AsyncPixian",
        "Base64Text",
        "Box",
        "Credentials",
        "Deadline",
        "ImageLike",
        "ImageUrl",
        "Length",
        "Margin",
        "OutputFormat",
        "Parameters",
        "Pixian",
        "Result",
        "Retry",
        "Settings",
        "Size",
        "Source",
        "Upload",
        "VerticalAlignment",
        "content_type_of",
        "estimated_credits",
        "on_loopback",
        "write_file",
    ]
    assert all(hasattr(pixian_shim.pixian, name) for name in pixian_shim.pixian.__all__)


def test_importing_the_client_imports_no_http_library_and_no_pixels():
    code = (
        "import sys, pixian_shim.pixian; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'httpx', 'numpy', 'PIL', 'requests', 'starlette'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

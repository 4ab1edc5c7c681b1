"""Many pictures at once: the client's batch methods, from threads and from asyncio."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pixian_adapters.photoroom import _methods
from pixian_adapters.photoroom.batch import BatchResult
from pixian_adapters.photoroom.exceptions import BatchError
from pixian_adapters.photoroom.types import BatchItemResult, BatchProgress
from pixian_shim.doors import check_destination

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixian_adapters.photoroom.client import PhotoRoomClient
    from pixian_adapters.photoroom.types import BatchInput, ImageResponse, ProgressCallback


@attrs.define
class _Batch:
    """A batch under way."""

    client: PhotoRoomClient
    method: Callable[..., ImageResponse]
    inputs: list[BatchInput]
    options: dict[str, Any]
    on_error: str
    progress_callback: ProgressCallback | None
    output_dir: str | None
    output_pattern: str
    results: list[BatchItemResult] = attrs.field(factory=list)
    started: float = attrs.field(factory=time.monotonic)
    progress: BatchProgress = attrs.field(factory=lambda: BatchProgress(total=0))

    def __attrs_post_init__(self) -> None:
        """Count the pictures, and drop options that are not set."""
        self.progress.total = len(self.inputs)
        self.options = {name: value for name, value in self.options.items() if value is not None}

    def one(self, index: int) -> BatchItemResult:
        """Carry out one call.

        Raises:
            BatchError: it failed, and the batch is to end then.
        """
        source = self.inputs[index]
        name = str(source) if isinstance(source, str | Path) else f"bytes_input_{index}"
        try:
            written = self._path(index, source)
            result = self.method(self.client, source, **self.options)
            if written is not None:
                result.save(written)
        except Exception as error:
            if self.on_error == "fail_fast":
                raise BatchError(f"Batch processing failed at item {index}: {error}") from error
            return BatchItemResult(index, name, success=False, error=error)
        return BatchItemResult(index, name, success=True, result=result, output_file=written)

    def _path(self, index: int, source: BatchInput) -> str | None:
        """Give the file for a result; that it can be written is found out before the paid call."""
        if not self.output_dir:
            return None
        name = Path(source).name if isinstance(source, str | Path) else f"image_{index}.png"
        path = Path(self.output_dir) / self.output_pattern.format(index=index, name=name)
        Path(self.output_dir).mkdir(parents=True, exist_ok=True)
        check_destination(path)
        return str(path)

    def done(self, result: BatchItemResult) -> Any:
        """Count a result, and give what the callback gives."""
        self.results.append(result)
        progress = self.progress
        progress.completed += 1
        progress.successful += result.success
        progress.failed += not result.success
        progress.elapsed_seconds = time.monotonic() - self.started
        left = progress.total - progress.completed
        progress.estimated_remaining_seconds = progress.elapsed_seconds / progress.completed * left
        return None if self.progress_callback is None else self.progress_callback(progress)

    def result(self) -> BatchResult:
        """Give the results in order."""
        ordered = sorted(self.results, key=lambda item: item.index)
        return BatchResult(ordered, time.monotonic() - self.started, self.progress)

    def run(self, workers: int) -> BatchResult:
        """Work in threads.

        Raises:
            BatchError: one failed, and the batch was to end then.
        """
        pool = ThreadPoolExecutor(max_workers=workers)
        try:
            for future in as_completed([pool.submit(self.one, index) for index in range(len(self.inputs))]):
                self.done(future.result())
        finally:
            pool.shutdown(cancel_futures=True)
        return self.result()

    async def arun(self, workers: int) -> BatchResult:
        """Work from asyncio; otherwise as ``run``."""
        import asyncio

        self.client._check_mode()  # noqa: SLF001 (the class is this module's own)
        places = asyncio.Semaphore(workers)

        async def one(index: int) -> None:
            async with places:
                told = self.done(await asyncio.to_thread(self.one, index))
                if isawaitable(told):
                    await told

        try:
            async with asyncio.TaskGroup() as tasks:
                for index in range(len(self.inputs)):
                    tasks.create_task(one(index))
        except ExceptionGroup as group:  # the original raises the first failure itself
            first = group.exceptions[0]
            raise first from first.__cause__
        return self.result()


def batch_remove_background(  # noqa: D417, PLR0917 (the original's arguments; `self` is the client)
    self: PhotoRoomClient,
    inputs: list[BatchInput],
    bg_color: str | None = None,
    format: str = "png",  # noqa: A002 (the original's name)
    size: str | None = None,
    max_workers: int = 5,
    on_error: str = "continue",
    progress_callback: ProgressCallback | None = None,
    output_dir: str | None = None,
    output_pattern: str = "{index}_{name}",
    **kwargs: Any,
) -> BatchResult:
    """Remove the backgrounds of many pictures.

    Args:
        inputs: paths, or the pictures themselves.
        bg_color: as in ``remove_background``, like ``format``, ``size`` and further keywords.
        format: of the results.
        size: of the results.
        max_workers: calls at once.
        on_error: ``continue``, or ``fail_fast`` for a ``BatchError``.
        progress_callback: gets the counts after each picture.
        output_dir: where results are written as well.
        output_pattern: of their names.
        kwargs: see above.
    """
    options = {"bg_color": bg_color, "format": format, "size": size, **kwargs}
    return _Batch(
        self, _methods.remove_background, inputs, options, on_error, progress_callback, output_dir, output_pattern
    ).run(max_workers)


async def abatch_remove_background(  # noqa: PLR0917
    self: PhotoRoomClient,
    inputs: list[BatchInput],
    bg_color: str | None = None,
    format: str = "png",  # noqa: A002 (the original's name)
    size: str | None = None,
    max_concurrency: int = 5,
    on_error: str = "continue",
    progress_callback: ProgressCallback | None = None,
    output_dir: str | None = None,
    output_pattern: str = "{index}_{name}",
    **kwargs: Any,
) -> BatchResult:
    """Do as ``batch_remove_background``; a callback may be a coroutine function."""
    options = {"bg_color": bg_color, "format": format, "size": size, **kwargs}
    return await _Batch(
        self, _methods.remove_background, inputs, options, on_error, progress_callback, output_dir, output_pattern
    ).arun(max_concurrency)


def batch_edit_image(  # noqa: PLR0917
    self: PhotoRoomClient,
    inputs: list[BatchInput],
    background_color: str | None = None,
    background_prompt: str | None = None,
    background_seed: int | None = None,
    remove_background: bool = True,
    output_size: str | None = None,
    padding: str | None = None,
    export_format: str = "png",
    max_workers: int = 5,
    on_error: str = "continue",
    progress_callback: ProgressCallback | None = None,
    output_dir: str | None = None,
    output_pattern: str = "{index}_{name}",
    **kwargs: Any,
) -> BatchResult:
    """Edit many pictures; arguments as for ``edit_image`` and ``batch_remove_background``."""
    options = _edit_options(locals())
    return _Batch(
        self, _methods.edit_image, inputs, options, on_error, progress_callback, output_dir, output_pattern
    ).run(max_workers)


async def abatch_edit_image(  # noqa: PLR0917
    self: PhotoRoomClient,
    inputs: list[BatchInput],
    background_color: str | None = None,
    background_prompt: str | None = None,
    background_seed: int | None = None,
    remove_background: bool = True,
    output_size: str | None = None,
    padding: str | None = None,
    export_format: str = "png",
    max_concurrency: int = 5,
    on_error: str = "continue",
    progress_callback: ProgressCallback | None = None,
    output_dir: str | None = None,
    output_pattern: str = "{index}_{name}",
    **kwargs: Any,
) -> BatchResult:
    """Do as ``batch_edit_image``; a callback may be a coroutine function."""
    options = _edit_options(locals())
    return await _Batch(
        self, _methods.edit_image, inputs, options, on_error, progress_callback, output_dir, output_pattern
    ).arun(max_concurrency)


_EDIT_OPTIONS = (
    *("background_color", "background_prompt", "background_seed", "remove_background"),
    *("output_size", "padding", "export_format"),
)


def _edit_options(arguments: dict[str, Any]) -> dict[str, Any]:
    further: dict[str, Any] = arguments["kwargs"]
    return {name: arguments[name] for name in _EDIT_OPTIONS} | further

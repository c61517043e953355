"""The Client: what a notebook or a script uses."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from microdb.client import batches, uploads
from microdb.client.connection import Connection
from microdb.client.credentials import find_credentials
from microdb.client.errors import ClientError
from microdb.client.files import find_files, hashed, named_as_in
from microdb.client.resumable import Step
from microdb.client.verdicts import Verdict


class Client:
    """A site, and the dataset that is worked with.

    dataset: its slug, as in the address of its page. url, token: by default what the environment says or ``login``
    stored. parallel: requests at once. patience: seconds for which a request is tried again while the server or the
    network is away. report: called with a sentence when that happens.
    """

    def __init__(
        self,
        dataset: str = "",
        *,
        url: str | None = None,
        token: str | None = None,
        parallel: int = 4,
        patience: float = 600.0,
        report: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.dataset = dataset
        self.parallel = parallel
        self.connection = Connection(find_credentials(url, token), patience=patience, report=report)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def datasets(self) -> Iterator[dict[str, Any]]:
        """The datasets that the token sees."""
        return self.connection.pages("datasets/")

    def score(
        self,
        paths: Iterable[str | Path],
        *,
        manifest: str | Path | None = None,
        pixels_per_micrometre: float | None = None,
        add_to_dataset: bool = False,
        step: Step = lambda what, done, total: None,
    ) -> Iterator[Verdict]:
        """Send files and folders, wait, and give one verdict per file.

        Called again after a break, it sends nothing twice. ``pixels_per_micrometre`` is for files that have no scale of
        their own. ``step`` is called with what is done, how much of it, and of how much.
        """
        options = batches.Options(
            Path(manifest) if manifest else None, pixels_per_micrometre, add_to_dataset=add_to_dataset
        )
        return self.scored_batch([Path(path) for path in paths], options, step).verdicts()

    def scored_batch(self, paths: list[Path], options: batches.Options, step: Step) -> batches.Batch:
        """The batch of these files, once it has ended."""
        dataset, found = self._dataset(), find_files(paths)
        if options.manifest:
            found = named_as_in(options.manifest, found)
        version = batches.active_version(self.connection, dataset)
        options = batches.Options(
            options.manifest, options.pixels_per_micrometre, options.add_to_dataset, options.model_version or version
        )
        files, unread = [], {}
        for number, (file, error) in enumerate(hashed(found), start=1):
            step("Reading", number, len(found))
            if error:
                unread[file.name] = str(error)
            else:
                files.append(file)
        if not files:
            raise ClientError(f"No file can be read: {next(iter(unread.values()))}")
        batch = batches.open_batch(self.connection, dataset, files, options)
        batch.unsent.update(unread)
        if batch.row["state"] == "done" and batch.row["without_verdict"]:
            batch.retry()
        batch.fill(files, parallel=self.parallel, step=step)
        batch.follow(step)
        return batch

    def upload(
        self,
        path: str | Path,
        *,
        manifest: str | Path | None = None,
        add_classes: bool = False,
        step: Step = lambda what, done, total: None,
    ) -> uploads.Outcome:
        """Add the micrographs of a folder, a file or a manifest to the dataset; those that it has are not sent."""
        rows = uploads.local_rows(Path(path), Path(manifest) if manifest else None)
        return uploads.upload(
            self.connection, self._dataset(), rows, add_classes=add_classes, parallel=self.parallel, step=step
        )

    def batch(self, key: str = "") -> batches.Batch:
        """A batch by its id, by default the latest."""
        path = f"datasets/{self._dataset()}/batches/"
        row = self.connection.get(f"{path}{key}/") if key else next(iter(self.connection.pages(path)), None)
        if row is None:
            raise ClientError(f"The dataset {self.dataset} has no batch yet.")
        return batches.Batch(self.connection, self._dataset(), row, {})

    def train(self, **options: Any) -> dict[str, Any]:
        """Start a training, with ``seed``, ``config`` or ``include_unsplit``; the model version that is queued."""
        version: dict[str, Any] = self.connection.post(f"datasets/{self._dataset()}/model-versions/", json=options)
        return version

    def model_version(self, number: int) -> dict[str, Any]:
        """State, progress and metrics of a model version."""
        version: dict[str, Any] = self.connection.get(f"datasets/{self._dataset()}/model-versions/{number}/")
        return version

    def export_model(self, number: int, target: str | Path) -> None:
        """Store a trained model version as a zip, which ``python -m classifier score`` and ``import_model`` take."""
        packed = self.connection.content(f"datasets/{self._dataset()}/model-versions/{number}/export/")
        Path(target).write_bytes(packed)

    def import_model(self, path: str | Path, *, wait: float = 2.0) -> dict[str, Any]:
        """Send the zip of a model version and wait until a worker has checked it, asking every ``wait`` seconds.

        The import, whose ``model_version`` is the number of the version that it became. Raises ClientError where the
        zip is refused.
        """
        imports, file = f"datasets/{self._dataset()}/model-versions/imports/", Path(path)
        if not file.is_file():
            raise ClientError(f"There is no file {file}. Check the path.")
        job: dict[str, Any] = self.connection.post(imports, files=[("file", file.name, file)])
        while job["state"] in ("queued", "running"):
            time.sleep(wait)
            job = self.connection.get(f"{imports}{job['id']}/")
        if job["state"] != "done":
            raise ClientError(job["error"] or f"The import was {job['state']}.")
        return job

    def _dataset(self) -> str:
        if not self.dataset:
            raise ClientError('Name the dataset: Client("my-steels").')
        return self.dataset

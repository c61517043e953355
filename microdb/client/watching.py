"""Watching a microscope's folder: each new file goes up once it is written to its end, and its verdict comes beside it.

``a.tif.microdb.json`` beside ``a.tif`` is the only state. It is written as soon as the server has the file, with the
batch that scores it, and again with the verdict. A watcher that was killed therefore goes on where it was. If it was
killed between the server's answer and the first write, it sends the same request with the same Idempotency-Key, and the
server does nothing twice.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from microdb.client.batches import Options, active_version, open_batch
from microdb.client.connection import Connection, Part
from microdb.client.errors import ApiError
from microdb.client.files import LocalFile, find_sidecar, is_image, visible_files
from microdb.client.resumable import is_large
from microdb.client.verdicts import Verdict

ENDING = ".microdb.json"
WAITING = "waiting"
OF_THE_FILE = {400, 413, 422}
"""Statuses of errors that the file itself has; any other will pass, or concerns the token."""
MOST_ASKED = 20
"""Batches that are asked for in one cycle, the oldest first."""
VERSION_KNOWN_FOR = 60.0
"""Seconds."""


@dataclass(frozen=True)
class Stamp:
    """How a file looked when it was sent; if it looks otherwise now, it is sent again."""

    size: int
    modified_ns: int
    sidecar: str = ""

    @classmethod
    def of(cls, image: Path, sidecar: Path | None) -> "Stamp":
        stat = image.stat()
        return cls(stat.st_size, stat.st_mtime_ns, sidecar.name if sidecar else "")


@dataclass
class Watcher:
    """Call ``cycle`` again and again.

    settle: seconds for which a file must not have changed. since: files that were last changed before this time, in
    seconds since 1970, are left alone.
    """

    connection: Connection
    dataset: str
    folder: Path
    settle: float = 3.0
    add_to_dataset: bool = False
    since: float = 0.0
    report: Callable[[str], None] = lambda sentence: None

    def __post_init__(self) -> None:
        self._seen: dict[Path, tuple[Stamp, float]] = {}
        self._waiting: dict[Path, dict[str, Any]] = {}
        self._version = (0, float("-inf"))

    def run(self, every: float = 2.0) -> None:
        """Watch until somebody stops it."""
        while True:
            self.cycle()
            time.sleep(every)

    def cycle(self) -> None:
        """Send what is ready, and write the verdicts that are there."""
        try:
            for file, stamp in self._ready():
                self._send(file, stamp)
            self._collect()
        except ApiError as error:  # the token, the dataset or its model; somebody has to mend it
            self.report(f"Nothing is sent: {error.message}")

    def _ready(self) -> Iterator[tuple[LocalFile, Stamp]]:
        """Files without a verdict that have not changed for a while."""
        now = time.monotonic()
        files = list(visible_files(self.folder))
        folders: dict[Path, list[Path]] = {}
        for path in files:
            folders.setdefault(path.parent, []).append(path)
        for image in filter(is_image, files):
            try:
                sidecar = find_sidecar(image, folders[image.parent])
                stamp = Stamp.of(image, sidecar)
            except OSError:  # moved away at this moment
                continue
            before, since = self._seen.get(image, (None, now))
            if before != stamp:
                self._seen[image] = (stamp, now)
            elif now - since >= self.settle and stamp.size and self._is_new(image, stamp):
                yield LocalFile(image.relative_to(self.folder).as_posix(), image, sidecar), stamp

    def _is_new(self, image: Path, stamp: Stamp) -> bool:
        """Whether it must be sent; one that waits for its verdict since before the start is remembered."""
        if stamp.modified_ns < self.since * 1e9:
            return False
        record = self._waiting.get(image) or _record(image)
        if record is None or (record["size"], record["modified_ns"]) != (stamp.size, stamp.modified_ns):
            return True
        if record["state"] == WAITING:
            self._waiting.setdefault(image, record)
            return False
        return not record["predicted"] and record["sidecar"] != stamp.sidecar

    def _send(self, file: LocalFile, stamp: Stamp) -> None:
        record = {**asdict(stamp), "server": self.connection.url, "dataset": self.dataset}
        version = self._active_version()
        try:
            record["sha256"] = file.sha256
            batch = self._post(file, version)
        except OSError:  # still open in the microscope's program, or moved away: tried again in the next cycle
            return
        except ApiError as error:
            if error.status not in OF_THE_FILE:
                raise
            self._write(file.path, record | asdict(Verdict(file.name, warning=error.message)))
            self.report(f"{file.name}: {error.message}")
            return
        record |= {"batch": batch["id"], "model_version": batch["model_version"], "state": WAITING}
        self._write(file.path, record)
        self._waiting[file.path] = record
        self.report(f"{file.name}: sent")

    def _post(self, file: LocalFile, version: int) -> Any:
        return self._in_parts(file, version) if is_large(file.path) else self._at_once(file, version)

    def _in_parts(self, file: LocalFile, version: int) -> Any:
        """The batch of a large file: the same one after a break, with what has arrived."""
        options = Options(add_to_dataset=self.add_to_dataset, model_version=version)
        batch = open_batch(self.connection, self.dataset, [file], options)
        if batch.row["state"] == "open":
            if file.name not in batch.names():
                batch.send_large(file)
            batch.start()
        return batch.row

    def _at_once(self, file: LocalFile, version: int) -> Any:
        parts = file.parts
        files: list[Part] = [("files", path.name, path) for _name, path in parts]
        form = {
            "paths": [name for name, _path in parts],
            "model_version": str(version),
            "add_to_dataset": str(self.add_to_dataset).lower(),
        }
        key = hashlib.sha256(f"watch {self.dataset} {file.name} {file.sha256} {sorted(form.items())}".encode())
        path = f"datasets/{self.dataset}/batches/"
        return self.connection.post(path, data=form, files=files, key=key.hexdigest())

    def _active_version(self) -> int:
        number, asked = self._version
        if time.monotonic() - asked > VERSION_KNOWN_FOR:
            number = active_version(self.connection, self.dataset)
            self._version = (number, time.monotonic())
        return number

    def _collect(self) -> None:
        for image, record in list(self._waiting.items())[:MOST_ASKED]:
            try:
                results = self.connection.get(f"datasets/{self.dataset}/batches/{record['batch']}/results/")
            except ApiError as error:
                if error.status != 404:
                    raise
                self._forget(image)  # deleted on the server: sent again
                continue
            name = image.relative_to(self.folder).as_posix()
            verdict = next((Verdict.of(one) for one in results if one["filename"] == name), None)
            if verdict and verdict.is_final:
                self._write(image, record | asdict(verdict))
                del self._waiting[image]
                self.report(f"{name}: {verdict.predicted or verdict.warning}")

    def _forget(self, image: Path) -> None:
        del self._waiting[image]
        _beside(image).unlink(missing_ok=True)

    def _write(self, image: Path, record: dict[str, Any]) -> None:
        """Whole or not at all; a file that was moved away takes no verdict."""
        if not image.exists():
            return
        target = _beside(image)
        partial = target.with_name(f".{target.name}.part")
        partial.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(partial, target)


def _beside(image: Path) -> Path:
    return image.with_name(image.name + ENDING)


def _record(image: Path) -> dict[str, Any] | None:
    """What was written beside the image; None if there is nothing that this program wrote."""
    try:
        record = json.loads(_beside(image).read_text(encoding="utf-8"))
        complete = {"size", "modified_ns", "sidecar", "state"} <= set(record)
    except (OSError, ValueError, TypeError):
        return None
    return {"predicted": "", **record} if complete else None

"""What a site acknowledged to its users, against what it keeps."""

import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.hostile_site import AWAY, BOUNDARY, Site, multipart
from tests.hostile import archives
from tests.quizzes.reader import Reader

PATIENCE = 180.0
"""Seconds until a request must have been answered at last."""
PAUSE = 0.3


class Ledger:
    """One person uploads, another scores and others sit a quiz, one after the other, until the faults are over.

    A request is sent again until it is answered.
    """

    def __init__(self, site: Site, *, with_demo: bool = True) -> None:
        """Without the demo, which has the model and the quiz, one person uploads."""
        self._site = site
        self._dataset = site.new_dataset()
        self._stop = threading.Event()
        self._uploads: dict[str, str] = {}
        self._batches: dict[str, int] = {}
        self._readers: list[Reader] = []
        self._acts: list[Callable[[int], None]] = [self._upload]
        if with_demo:
            self._stored, self._quiz = site.some_micrographs(6), site.open_quiz()
            self._acts += [self._score, self._sit]
        self.errors: list[str] = []

    @property
    def acknowledged(self) -> int:
        return len(self._uploads) + len(self._batches) + self._answers

    @property
    def _answers(self) -> int:
        return sum(len(one.acknowledged) for one in self._readers)

    @contextmanager
    def working(self) -> Iterator["Ledger"]:
        threads = [threading.Thread(target=self._repeat, args=[one]) for one in self._acts]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def differences(self, seconds: float) -> list[str]:
        """Sentences about what is missing, there twice, altered or unfinished."""
        states = self._site.wait_until_read(self._dataset, seconds)
        found = self._site.micrographs(self._dataset)
        hashes = [one["sha256"] for one in found]
        wrong = list(self.errors)
        wrong += [f"micrograph {pk} was lost" for pk in self._uploads if pk not in states]
        wrong += [f"{digest} is there twice" for digest in set(hashes) if hashes.count(digest) > 1]
        wrong += [f"micrograph {one['id']} was altered" for one in found if self._is_altered(one)]
        wrong += [
            f"micrograph {pk} is {state}" for pk, state in states.items() if state not in ("ready", "needs_scale")
        ]
        end = time.monotonic() + seconds
        for pk, count in self._batches.items():
            results = self._site.wait_for_batch(pk, max(1.0, end - time.monotonic()))
            done = sum(bool(one.get("predicted")) for one in results)
            if (len(results), done) != (count, count):
                wrong.append(f"batch {pk}: {done} of {count} scored, {len(results)} results")
        wrong += [
            f"the answers of {one.ballot} differ from the acknowledged"
            for one in self._readers
            if one.ballot and self._site.kept_answers(one.ballot) != one.acknowledged
        ]
        print(
            f"{len(self._uploads)} uploads, {len(self._batches)} batches and {self._answers} answers were "
            f"acknowledged; {len(found)} uploads are stored"
        )
        return wrong

    def _is_altered(self, one: dict[str, Any]) -> bool:
        return one["id"] in self._uploads and self._uploads[one["id"]] != one["sha256"]

    def _repeat(self, act: Any) -> None:
        number = 0
        while not self._stop.wait(PAUSE):
            number += 1
            try:
                act(number)
            except Exception as error:  # noqa: BLE001 # told at the end
                self.errors.append(f"{act.__name__}: {type(error).__name__}: {error}")

    def _upload(self, number: int) -> None:
        content = archives.picture(uuid.uuid4().int)
        body = multipart({"file": (f"{number}.png", content)})
        path = f"datasets/{self._dataset}/micrographs/"
        answer = self._until_answered(path, body, f"multipart/form-data; boundary={BOUNDARY}", 201)
        self._uploads[answer["id"]] = hashlib.sha256(content).hexdigest()

    def _score(self, number: int) -> None:
        body = json.dumps({"micrographs": self._stored}).encode()
        answer = self._until_answered(self._site.batches, body, "application/json", 202)
        self._batches[answer["id"]] = len(self._stored)
        time.sleep(5)

    def _sit(self, number: int) -> None:
        reader = Reader(self._quiz, urlsplit(self._site.url).port or 80, number, think=0.3)
        self._readers.append(reader)
        reader.sit()

    def _until_answered(self, path: str, body: bytes, kind: str, wanted: int) -> dict[str, Any]:
        """Sent with one key again and again, as clients do."""
        key, end = uuid.uuid4().hex, time.monotonic() + PATIENCE
        while True:
            try:
                status, answer = self._site.api(path, body, kind, {"Idempotency-Key": key})
            except AWAY:
                status, answer = 0, {}
            if status in (wanted, 200):
                return dict(answer)
            if status in (0, 409, 500, 502, 503, 507) and time.monotonic() < end:
                if status == 500:
                    self.errors.append(f"{path} answered with 500: {answer}")
                time.sleep(0.5)
                continue
            raise AssertionError(f"{path} answered with {status}: {answer}")

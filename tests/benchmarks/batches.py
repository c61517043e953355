"""``python -m tests.benchmarks.batches``: the batch API of a site of its own, whose workers are stopped.

How many files a second are accepted (PNG of 645 x 481, drawn), how long 100,000 ids take by list and by filter, and
how long the results of 10,000 scores take as CSV and as JSON lines, with the memory of the web process. Prints the
processor seconds of the web processes and of Postgres too: they hold on a busy machine.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.benchmarks.own_site import own_site

FILES, PER_REQUEST, SENDERS = 1000, 50, 4
IDS, RESULTS = 100_000, 10_000
WIDTH, HEIGHT = 645, 481


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--port", type=int, default=8107)
    given = parser.parse_args()
    with own_site("127.0.0.1", OMP_NUM_THREADS="1"):
        token = prepared()
        with web(given.port) as process:
            api = httpx.Client(
                base_url=f"http://127.0.0.1:{given.port}/api/v1/datasets/seeded/",
                headers={"Authorization": f"Token {token}"},
                timeout=120,
            )
            measure(api, process, given.files)
    return 0


def prepared() -> str:
    """Migrate and seed; the token of the owner of 100,000 micrographs, whose model version is a row alone."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from microdb.accounts.services import create_api_token
    from microdb.jobs import Job
    from microdb.micrographs.models import Dataset, Micrograph
    from microdb.micrographs.services import freeze_dataset
    from microdb.training.models import ModelVersion
    from tests.benchmarks.seed import CLASSES, seed

    owner, _middle = seed(IDS)
    Micrograph.objects.update(state="ready", pixels_per_micrometre=10.0, scale_source="metadata")
    dataset = Dataset.objects.get(slug="seeded")
    about = {"state": Job.State.DONE, "is_active": True, "classes": list(CLASSES), "number": 1}
    ModelVersion.objects.create(dataset=dataset, dataset_version=freeze_dataset(dataset=dataset), **about)
    return create_api_token(user=owner, scopes=["read", "score"])[1]


@contextmanager
def web(port: int) -> Iterator[psutil.Process]:
    """The web processes as quickstart runs them."""
    from microdb.stack.site import site_services

    command = site_services(base=Path.cwd(), var=Path(os.environ["VAR"]), host="127.0.0.1", port=port, environment={})
    process = subprocess.Popen(command[0].command)
    try:
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def measure(api: httpx.Client, process: psutil.Process, files: int) -> None:
    timed = Timed(process)
    contents = drawn(files)
    batch = api.post("batches/", json={"start": False, "pixels_per_micrometre": 10}).raise_for_status().json()["id"]
    seconds = timed(f"{files} files accepted", lambda: send(api, batch, contents))
    print(f"  {files / seconds:.0f} files a second")
    from microdb.micrographs.models import Micrograph

    keys = [str(pk) for pk in Micrograph.objects.filter(scored_only=False).values_list("pk", flat=True)[:IDS]]
    made: list[str] = []

    def by(query: str = "", **body: Any) -> None:
        made.append(api.post(f"batches/{query}", json=body).raise_for_status().json()["id"])

    timed(f"{IDS:,} ids accepted", lambda: by(micrographs=keys))
    timed(f"{IDS:,} accepted by filter", lambda: by("?has_scale=true"))
    timed("progress of a batch of 100,000", lambda: api.get(f"batches/{made[0]}/").raise_for_status())
    by(micrographs=keys[:RESULTS])
    finish(made[-1])
    results = f"batches/{made[-1]}/results/"
    for kind in ("text/csv", "application/x-ndjson"):
        before = resident(process)
        timed(f"results of {RESULTS:,} scores as {kind}", lambda kind=kind: download(api, results, kind))
        print(f"  {(resident(process) - before) / 2**20:.1f} MiB more memory in the web processes")


def drawn(count: int) -> list[bytes]:
    """PNG files of noise over a gradient, no two alike, of about the size of a micrograph's."""
    import io

    import numpy as np
    from PIL import Image

    ramp = np.linspace(60, 180, WIDTH)[None].repeat(HEIGHT, 0)
    made = []
    for number in range(count):
        pixels = (ramp + np.random.default_rng(number).normal(0, 12, ramp.shape)).clip(0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        made.append(file.getvalue())
    return made


def send(api: httpx.Client, batch: str, contents: list[bytes]) -> None:
    """In several requests at once, as a client would."""
    starts = iter(range(0, len(contents), PER_REQUEST))
    lock = threading.Lock()

    def sender() -> None:
        while True:
            with lock:
                start = next(starts, None)
            if start is None:
                return
            part = contents[start : start + PER_REQUEST]
            files = [("files", (f"{start + index}.png", content)) for index, content in enumerate(part)]
            answer = api.post(f"batches/{batch}/files/", files=files).raise_for_status().json()
            assert all(one["micrograph"] for one in answer["files"]), answer

    threads = [threading.Thread(target=sender) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def finish(batch: str) -> None:
    """Give all scores of a batch a verdict, as workers would."""
    from django.utils import timezone

    from microdb.jobs import Job
    from microdb.scoring.models import BatchItem, Score
    from microdb.scoring.services import settle_items

    while settle_items(BatchItem.objects.filter(batch=batch)):
        pass
    probabilities = dict.fromkeys(("ferrite", "pearlite", "martensite", "bainite", "spheroidite"), 0.2)
    Score.objects.filter(batch_items__batch=batch).update(
        state=Job.State.DONE,
        predicted="ferrite",
        probability=0.2,
        none_of_these=0.0,
        probabilities=probabilities,
        descriptors=[[0.1234, 0.5678]] * 200,
        crops=60,
        finished_at=timezone.now(),
    )


def download(api: httpx.Client, address: str, kind: str) -> None:
    with api.stream("GET", address, headers={"Accept": kind}) as answer:
        answer.raise_for_status()
        lines = sum(part.count(b"\n") for part in answer.iter_bytes())
    assert lines >= RESULTS, lines


def resident(process: psutil.Process) -> int:
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


class Timed:
    """Prints the seconds of a call, and the processor seconds of web and Postgres."""

    def __init__(self, process: psutil.Process) -> None:
        from tests.benchmarks.ingest import postmaster, tree_seconds

        self._parts, self._used = {"web": process, "Postgres": postmaster()}, tree_seconds

    def __call__(self, name: str, do: Callable[[], object]) -> float:
        before = {part: self._used(one) for part, one in self._parts.items()}
        started = time.monotonic()
        do()
        seconds = time.monotonic() - started
        used = ", ".join(f"{part} {self._used(one) - before[part]:.1f} s" for part, one in self._parts.items())
        print(f"{name}: {seconds:.2f} s (processor: {used})", flush=True)
        return seconds


if __name__ == "__main__":
    sys.exit(main())

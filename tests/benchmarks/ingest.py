"""``python -m tests.benchmarks.ingest``: 500 real micrographs of 645 x 481 sent in and read by two workers.

Made of the shared UHCS micrographs and their mirror images, so that every file has pixels of its own; on a Postgres, a
Valkey and Celery workers of its own. Tells the seconds, how much of them was neither decoding nor resizing, and the
processor seconds of each part, which hold on a busy machine too: divided by the cores they are what an idle one takes.
"""

import glob
import io
import os
import sys
import time
from pathlib import Path

import psutil

from tests.benchmarks.own_site import own_site

FILES, WORKERS = 500, 2
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "uhcs"


def main() -> int:
    if not REAL.is_dir():
        print(f"The real micrographs are not there: {REAL}")
        return 1
    with own_site() as var:
        measure(var)
    return 0


def contents() -> list[bytes]:
    """500 PNG files, no two alike: each micrograph as it is, mirrored, upside down."""
    from PIL import Image, ImageOps

    made = []
    for change in (lambda image: image, ImageOps.mirror, ImageOps.flip):
        for path in sorted(glob.glob(str(REAL / "*" / "uhcs-*.png"))):
            file = io.BytesIO()
            change(Image.open(path).convert("L")).save(file, "PNG")
            made.append(file.getvalue())
    return made[:FILES]


def measure(var: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from microdb.accounts.models import User
    from microdb.micrographs.models import Micrograph
    from microdb.micrographs.services import add_micrograph, create_dataset
    from microdb.micrographs.tasks import enqueue_reading
    from tests.workers import celery_worker, wait_until

    call_command("migrate", verbosity=0)
    files = contents()
    dataset = create_dataset(name="Bench", by=User.objects.create_user("bench"))
    log = var / "worker.log"
    with celery_worker("ingest", log, concurrency=WORKERS) as worker:
        parts = {"sending": psutil.Process(), "workers": psutil.Process(worker.pid), "Postgres": postmaster()}
        started, before = time.monotonic(), {name: tree_seconds(part) for name, part in parts.items()}
        for number, content in enumerate(files):
            given = {"dataset": dataset, "filename": f"{number}.png", "by": None}
            enqueue_reading(add_micrograph(file=io.BytesIO(content), **given))
        sent = time.monotonic() - started
        reading = Micrograph.objects.filter(state=Micrograph.State.READING)
        wait_until(lambda: not reading.exists(), seconds=900, log=log)
        whole = time.monotonic() - started
        used = {name: tree_seconds(part) - before[name] for name, part in parts.items()}
    ready = Micrograph.objects.ready().count()
    started_cpu = time.process_time()
    pixels = pixel_work(files) / WORKERS
    cpu = time.process_time() - started_cpu
    print(f"{ready} of {len(files)} ready in {whole:.1f} s with {WORKERS} workers; all were sent after {sent:.1f} s")
    print(
        f"decoding and resizing alone, in one process: {pixels * WORKERS:.1f} s, so {pixels:.1f} s on {WORKERS} cores"
    )
    print(f"spent outside decoding and resizing: {100 * (1 - pixels / whole):.0f} %")
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in used.items())
    print(f"of processor time: {told}; outside decoding and resizing {100 * (1 - cpu / sum(used.values())):.0f} %")


def postmaster() -> psutil.Process:
    from django.db import connection

    return psutil.Process(connection.connection.info.backend_pid).parent()


def tree_seconds(root: psutil.Process) -> float:
    """Of processor time: a process, its children, and those of them that are over; for ourselves, us alone."""
    mine = root.cpu_times()
    if root.pid == os.getpid():
        return mine.user + mine.system
    below = [child.cpu_times() for child in root.children(recursive=True)]
    return sum(times.user + times.system + times.children_user + times.children_system for times in [mine, *below])


def pixel_work(files: list[bytes]) -> float:
    """Seconds that decoding, and making what is shown, take by themselves."""
    from microdb.micrographs.files.decoding import gray_pixels
    from microdb.micrographs.files.rendering import display_and_thumbnail

    started = time.monotonic()
    for content in files:
        display_and_thumbnail(gray_pixels(io.BytesIO(content)))
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())

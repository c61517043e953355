"""``python -m tests.benchmarks.scoring``: what a scoring worker does with its time, on a stack of its own.

Trains a model on the drawn micrographs of ``make bench``, or takes the real ones where they are, queues a batch of PNG
files of 645 x 481 and scores it as a worker does, in this process. Prints the wall time per micrograph and which share
of it the main thread spends in the classifier, in waiting for files, and in the rest, which is mostly Postgres.
"""

import argparse
import io
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from tests.benchmarks.own_site import own_site

MICROGRAPHS = 200
CLASSES = ("pearlite", "equiaxed-ferrite")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=MICROGRAPHS)
    given = parser.parse_args()
    with own_site():
        measure(given.count)
    return 0


def measure(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from microdb.scoring.models import Score
    from microdb.scoring.services import BatchInput, create_batch, settle_items
    from microdb.scoring.tasks import score_micrograph

    version, micrographs = prepared(count)
    batch = create_batch(model_version=version, items=[BatchInput(one.filename, one) for one in micrographs], by=None)
    while settle_items(batch.items.all()):
        pass
    keys = [str(pk) for pk in Score.objects.order_by("enqueued_at", "created_at", "pk").values_list("pk", flat=True)]
    score_micrograph(keys[0])  # loads and compiles the model
    keys = [str(pk) for pk in Score.objects.filter(state="queued").values_list("pk", flat=True)]
    clock = Clock()
    started = time.monotonic()
    with clock.watching():
        for key in keys:
            score_micrograph(key)
    wall = time.monotonic() - started
    failed = Score.objects.exclude(state="done").count()
    print(f"{len(keys)} micrographs in {wall:.1f} s, {1000 * wall / len(keys):.0f} ms each; {failed} without a verdict")
    for name, seconds in clock.seconds.items():
        print(f"  {name}: {100 * seconds / wall:.1f} %")
    print(f"  the rest: {100 * (1 - sum(clock.seconds.values()) / wall):.1f} %")


def prepared(count: int) -> tuple[Any, list[Any]]:
    """A trained version and stored micrographs that it has not seen."""
    from microdb.accounts.models import User
    from microdb.micrographs.models import Split
    from microdb.micrographs.services import add_and_read_micrograph, create_dataset
    from microdb.training.services import request_training
    from microdb.training.tasks import train_model_version

    dataset = create_dataset(name="Bench", by=User.objects.create_user("bench"), class_names=CLASSES)

    def add(number: int, **about: Any) -> Any:
        material = CLASSES[number % len(CLASSES)]
        file = io.BytesIO(picture(material, number))
        name = f"{material}-{number}.png"
        return add_and_read_micrograph(
            dataset=dataset, file=file, filename=name, by=None, pixels_per_micrometre=12.0, **about
        )

    for number in range(20):
        label = CLASSES[number % len(CLASSES)]
        add(number, label=label, specimen=f"{label}-{number // 4}", split=Split.TRAIN)
    version = request_training(dataset=dataset, by=None)
    train_model_version(version.pk)
    version.refresh_from_db()
    assert version.state == "done", version.error
    return version, [add(1000 + number) for number in range(count)]


def picture(material: str, seed: int) -> bytes:
    from PIL import Image

    from classifier import draw_micrograph

    pixels = draw_micrograph(material, pixels_per_micrometre=12.0, seed=seed, specimen=seed, width=645, height=481)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


class Clock:
    """Seconds that the main thread spends in the classifier, and in waiting for the reading threads."""

    def __init__(self) -> None:
        self.seconds = {"classifier": 0.0, "waiting for files and maps": 0.0}

    @contextmanager
    def watching(self) -> Any:
        from concurrent.futures import Future

        from classifier import Classifier

        places = [(Classifier, "score_together", "classifier")]
        places += [(Future, name, "waiting for files and maps") for name in ("exception", "result")]
        before = [(owner, name, getattr(owner, name)) for owner, name, _part in places]
        for owner, name, part in places:
            setattr(owner, name, self._timed(getattr(owner, name), part))
        try:
            yield
        finally:
            for owner, name, method in before:
                setattr(owner, name, method)

    def _timed(self, method: Callable[..., Any], part: str) -> Callable[..., Any]:
        import threading

        main = threading.main_thread()

        def timed(*given: Any, **more: Any) -> Any:
            if threading.current_thread() is not main:
                return method(*given, **more)
            started = time.monotonic()
            try:
                return method(*given, **more)
            finally:
                self.seconds[part] += time.monotonic() - started

        return timed


if __name__ == "__main__":
    sys.exit(main())

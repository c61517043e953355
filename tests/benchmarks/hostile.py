"""Send every hostile file to a running site, in every way that it takes files, and see what that does to others.

``python -m tests.benchmarks.hostile --var VAR URL``, beside a quickstart with the demo of that VAR. Images go through
the upload page and the API into datasets of their own, and in batches with files; all images in one folder, all zips
and all manifests go through ``import_dataset``, and with --model the images through ``python -m classifier score``.
Meanwhile the login page is asked over and over, and the memory of all processes is added up. Exit 1 where a process was
lost, a file that is no picture became ready, a request ended with 500, or the login page took a second.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.hostile_site import Probe, Site
from tests.hostile import archives, tables
from tests.hostile.images import ALL, NEVER_READY

LONGEST = 300.0
"""Seconds to wait until all files of a way are read."""
READY = ("ready", "needs_scale")
SLOWEST_LOGIN = 1.0
AT_ONCE = 12
"""Files in a batch."""


@dataclass
class Findings:
    """What went wrong, and what was measured."""

    wrong: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")

    def request(self, what: str, status: int, seconds: float) -> None:
        self.slowest = max(self.slowest, (seconds, what))
        if status >= 500:
            self.wrong.append(f"{what}: answered with {status}")

    def ended(self, what: str, name: str, state: str) -> None:
        self.outcomes[state] += 1
        if state in READY and name in NEVER_READY:
            self.wrong.append(f"{what}: {name} is ready")
        if state == "reading":
            self.wrong.append(f"{what}: {name} is still being read")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    site = Site(given.url.rstrip("/"), given.var.resolve())
    ways = {
        "page": lambda found: one_by_one(site, found, site.upload_by_page),
        "API": lambda found: one_by_one(site, found, site.upload_by_api),
        "batch": lambda found: by_batches(site, found),
        "command": lambda found: by_commands(site, found, given.model),
    }
    wrong: list[str] = []
    print("| way | files | ended | slowest request | login page | memory |\n| --- | --- | --- | --- | --- | --- |")
    for name, way in ways.items():
        before, found = site.processes(), Findings()
        with Probe(f"{site.url}/accounts/login/", site.var).running() as probe:
            count = way(found)
        lost = {one: pid for one, pid in before.items() if site.processes().get(one) != pid}
        wrong += [f"{name}: {one}" for one in found.wrong] + [f"{name}: {one} was lost" for one in lost]
        if probe.slowest > SLOWEST_LOGIN:
            wrong.append(f"{name}: the login page took {probe.slowest:.2f} s")
        ended = ", ".join(f"{number} {state}" for state, number in sorted(found.outcomes.items()))
        slowest = f"{found.slowest[0]:.2f} s ({found.slowest[1]})"
        print(f"| {name} | {count} | {ended} | {slowest} | {probe.told} | {probe.memory / 2**20:.0f} MiB |", flush=True)
    print("\n".join(wrong) or "Nothing went wrong.")
    return int(bool(wrong))


def one_by_one(site: Site, found: Findings, upload) -> int:
    dataset = site.new_dataset()
    stored = {}
    for name, make in ALL.items():
        content = make()
        start = time.monotonic()
        status, answer = upload(dataset, f"{len(stored)}.bin", content)
        found.request(name, status, time.monotonic() - start)
        if status == 201:
            stored[answer["id"]] = name
        else:
            found.ended(upload.__name__, name, str(answer.get("code", status)))
    for pk, state in site.wait_until_read(dataset, LONGEST).items():
        if pk in stored:
            found.ended(upload.__name__, stored[pk], state)
    return len(ALL)


def by_batches(site: Site, found: Findings) -> int:
    names = list(ALL)
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        files = {f"batch-{start + n}.bin": ALL[name]() for n, name in enumerate(some)}
        began = time.monotonic()
        status, batch = site.send_batch(files)
        found.request(f"a batch of {len(some)} files", status, time.monotonic() - began)
        if status != 202:
            found.outcomes[str(batch.get("code", status))] += len(some)
            continue
        results = site.wait_for_batch(batch["id"], LONGEST)
        for name, result in zip(some, results, strict=False):
            scored = bool(result.get("predicted"))
            found.ended("batch", name, "ready" if scored else "refused")
    return len(names)


def by_commands(site: Site, found: Findings, model: Path | None) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = folder / "pictures"
        pictures.mkdir()
        for number, make in enumerate(ALL.values()):
            (pictures / f"{number}.png").write_bytes(make())
        paths = [pictures]
        for group, ending in ((archives, ".zip"), (tables, ".csv")):
            for kind in (group.REFUSED, group.TAKEN):
                for number, make in enumerate(kind.values()):
                    paths.append(folder / f"{group.__name__.rpartition('.')[2]}-{len(paths)}-{number}{ending}")
                    paths[-1].write_bytes(make())
        for path in paths:
            code, text = site.command("manage.py", "import_dataset", str(path), "--name", path.stem, "--owner", "demo")
            found.outcomes[f"exit {code}"] += 1
            if code not in (0, 1) or "Traceback" in text:
                found.wrong.append(f"import_dataset {path.name}: exit {code}: {text[-300:]}")
        if model:
            code, text = site.command("-m", "classifier", "score", str(model), str(pictures))
            found.outcomes[f"classifier exit {code}"] += 1
            if code not in (0, 1) or "Traceback" in text:
                found.wrong.append(f"classifier score: exit {code}: {text[-300:]}")
        return len(paths)


if __name__ == "__main__":
    sys.exit(main())

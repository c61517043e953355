"""Send every hostile file to a running site, in every way that it takes files, and see what that does to others.

``python -m tests.benchmarks.hostile --var VAR URL``, beside a quickstart with the demo of that VAR. Images go through
the upload page and the API into datasets of their own, and in batches with files. All images in one folder, all zips
and all manifests go through ``import_dataset``; the folder also goes through ``manage.py score``, ``python -m
classifier score``, and the client's ``upload`` and ``score``. Meanwhile the login page is asked over and over, and the
memory of all processes is added up. Exit 1 where a process was lost, a file that is no picture became ready, a request
ended with 500, or the login page took a second.
"""

import argparse
import csv
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from tests.benchmarks.hostile_site import ROOT, Probe, Site
from tests.hostile import archives, tables
from tests.hostile.images import ALL, NEVER_READY

LONGEST = 300.0
"""Seconds to wait until all files of a way are read."""
READY = ("ready", "needs_scale")
SLOWEST_LOGIN = 1.0
WAYS = ("page", "API", "batch", "import", "command")
MODEL = ROOT / "tests/classifier/artifacts_version_1/paper"
"""For the classifier's own command."""
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
    parser.add_argument("--only", nargs="*", default=WAYS, choices=WAYS, help="these ways")
    given = parser.parse_args()
    site = Site(given.url.rstrip("/"), given.var.resolve())
    ways = {
        "page": lambda found: one_by_one(site, found, site.upload_by_page),
        "API": lambda found: one_by_one(site, found, site.upload_by_api),
        "batch": lambda found: by_batches(site, found),
        "import": lambda found: by_imports(site, found),
        "command": lambda found: by_commands(site, found),
    }
    wrong: list[str] = []
    print("| way | files | ended | slowest request | login page | memory |\n| --- | --- | --- | --- | --- | --- |")
    for name in given.only:
        way = ways[name]
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


def by_imports(site: Site, found: Findings) -> int:
    """Everything through ``manage.py import_dataset``."""
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name, "pictures"), *_archives_and_tables(Path(name))]
        _pictures(paths[0])
        for path in paths:
            given = ("manage.py", "import_dataset", str(path), "--name", path.stem, "--owner", "demo")
            _ran(site, found, f"import_dataset {path.name}", *given)
        return len(paths)


def by_commands(site: Site, found: Findings) -> int:
    """The folder of images through the commands that score, and through the client."""
    with tempfile.TemporaryDirectory() as name:
        folder, table = Path(name, "pictures"), Path(name, "out.csv")
        names = _pictures(folder)
        csv_and_scale = ("--csv", str(table), "--pixels-per-micrometre", "10")
        commands = {
            "manage.py score": ("manage.py", "score", site.demo, str(folder), "--csv", str(table)),
            "classifier score": ("-m", "classifier", "score", str(MODEL), str(folder), *csv_and_scale),
            "client upload": ("-m", "microdb.client", "upload", site.new_dataset(), str(folder)),
            "client score": ("-m", "microdb.client", "score", site.demo, str(folder), *csv_and_scale),
        }
        for what, command in commands.items():
            table.unlink(missing_ok=True)
            _ran(site, found, what, *command)
            if "score" in what:
                _look_at(table, what, names, found)
        return len(names)


def _look_at(table: Path, what: str, names: dict[str, str], found: Findings) -> None:
    """Every file has a row, and none is scored that holds no picture."""
    rows = list(csv.DictReader(table.open(newline="", encoding="utf-8"))) if table.exists() else []
    if len(rows) != len(names):
        found.wrong.append(f"{what}: {len(rows)} rows for {len(names)} files")
    for row in rows:
        found.ended(what, names[PurePath(row["filename"]).name], "ready" if row["predicted"] else "refused")


def _ran(site: Site, found: Findings, what: str, *command: str) -> None:
    began = time.monotonic()
    code, text = site.command(*command)
    found.request(what, 200, time.monotonic() - began)
    found.outcomes[f"exit {code}"] += 1
    if code not in (0, 1) or "Traceback" in text:
        found.wrong.append(f"{what}: exit {code}: {text[-300:]}")


def _pictures(folder: Path) -> dict[str, str]:
    """Write all images; what each file is, by its name."""
    folder.mkdir()
    names = {f"{number}.png": name for number, name in enumerate(ALL)}
    for filename, name in names.items():
        (folder / filename).write_bytes(ALL[name]())
    return names


def _archives_and_tables(folder: Path) -> list[Path]:
    paths = []
    for group, ending in ((archives, ".zip"), (tables, ".csv")):
        for number, make in enumerate((group.REFUSED | group.TAKEN).values()):
            paths.append(folder / f"{group.__name__.rpartition('.')[2]}-{number}{ending}")
            paths[-1].write_bytes(make())
    return paths


if __name__ == "__main__":
    sys.exit(main())

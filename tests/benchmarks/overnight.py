"""``python -m tests.benchmarks.overnight``: ten thousand micrographs, and a power cut in the middle.

Starts a site of its own with ``manage.py quickstart``, trains on the real micrographs in ../shared if they are there,
else on drawn ones, and lets the client score a folder of 10,000 files of 645 x 481. When half of them have a verdict,
SIGKILL ends every process of the site and the client at once. Then the site is started again and the client's command
repeated. Exit 1 where a file is missing, altered, stored or scored twice, or without a verdict.
"""

import argparse
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from microdb.stack.process.ports import free_port
from tests.benchmarks.__main__ import REAL, drawn
from tests.benchmarks.hostile_site import ROOT, Site
from tests.benchmarks.overnight_files import MANIFEST, make_files, sources

DATASET = "overnight"
FILES = 10_000
READY_WITHIN = 180.0
POLL = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=FILES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="microdb-overnight-") as name:
        return overnight(Path(name), given.files)


def overnight(folder: Path, count: int) -> int:
    var, port = folder / "var", free_port()
    site, sent = Site(f"http://127.0.0.1:{port}", var), folder / "files"
    manifest = REAL if REAL.exists() else drawn(folder / "drawn")
    make_files(sent, sources(manifest), count)
    with running(site, port) as stack:
        for command in (
            ("import_dataset", str(manifest.parent), "--name", DATASET, "--owner", "demo"),
            ("train", DATASET, "--wait"),
        ):
            code, text = site.command("manage.py", *command)
            assert code == 0, text
        started = time.monotonic()
        client = score(site, sent)
        until_done(site, client, count // 2, started)
        cut = time.monotonic()
        kill_all([psutil.Process(client.pid), *processes(site, stack)])
        print(f"after {cut - started:.0f} s everything was killed", flush=True)
    with running(site, port):
        print(f"ready again after {time.monotonic() - cut:.0f} s", flush=True)
        client = score(site, sent)
        until_done(site, client, count, started)
        assert client.wait() == 0, f"the client ended with {client.returncode}"
        print(f"{count} files in {time.monotonic() - started:.0f} s in all", flush=True)
        wrong = differences(site, sent, count)
    print("\n".join(wrong) or "Nothing was lost, doubled or altered.")
    return int(bool(wrong))


@contextmanager
def running(site: Site, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A quickstart that is ready; ended by Ctrl-C if it still runs."""
    command = [sys.executable, "manage.py", "quickstart", "--port", str(port)]
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with Path(site.var.parent, "quickstart.log").open("ab") as log:
        stack = subprocess.Popen(command, cwd=ROOT, env=environment | {"VAR": str(site.var)}, stdout=log, stderr=log)
    end = time.monotonic() + READY_WITHIN
    try:
        while not site.is_ready():
            if stack.poll() is not None or time.monotonic() > end:
                raise RuntimeError(Path(log.name).read_text())
            time.sleep(0.5)
        yield stack
    finally:
        with suppress(ProcessLookupError):
            stack.send_signal(signal.SIGINT)
        stack.wait()


def score(site: Site, sent: Path) -> subprocess.Popen[bytes]:
    """The client's command, as a person types it, started."""
    secret = site.token["Authorization"].removeprefix("Token ")
    command = [sys.executable, "-m", "microdb.client", "score", DATASET, str(sent)]
    command += ["--manifest", str(sent / MANIFEST), "--csv", str(sent.parent / "out.csv")]
    environment = os.environ | {"MICRODB_URL": site.url, "MICRODB_TOKEN": secret}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def until_done(site: Site, client: subprocess.Popen[bytes], count: int, started: float) -> None:
    """Return when the batch has so many verdicts; say when the last file was sent."""
    path, was_open = f"datasets/{DATASET}/batches/", False
    while True:
        batch: dict[str, Any] = next(iter(site.api(path)[1].get("results", [])), {})
        if was_open and batch.get("state") != "open":
            print(f"{batch['total']} files sent after {time.monotonic() - started:.0f} s", flush=True)
        was_open = batch.get("state") == "open"
        if batch.get("done", 0) >= count or client.poll() is not None:
            return
        time.sleep(POLL)


def processes(site: Site, stack: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Of the whole site, its servers too."""
    heads = [psutil.Process(pid) for pid in (stack.pid, *site.processes().values())]
    return list({one for head in heads for one in (head, *head.children(recursive=True))})


def kill_all(victims: list[psutil.Process]) -> None:
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    psutil.wait_procs(victims, 30)


LEDGER = """
import json
from django.db.models import Count
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import BatchItem, Score
items = BatchItem.objects.filter(batch__model_version__dataset__slug='overnight')
rows = items.values_list('filename', 'micrograph__sha256', 'micrograph__master', 'score__predicted')
twice = Score.objects.values('micrograph', 'model_version').annotate(times=Count('pk')).filter(times__gt=1).count()
stored = Micrograph.objects.filter(pk__in=items.values('micrograph')).count()
print(json.dumps({'rows': list(rows), 'twice': twice, 'stored': stored}))
"""


def differences(site: Site, sent: Path, count: int) -> list[str]:
    """Sentences about what differs between the folder, the client's CSV file and the site."""
    files = {str(path.relative_to(sent)): path for path in sent.rglob("*.png")}
    kept = json.loads(site.shell(LEDGER).splitlines()[-1])
    with (sent.parent / "out.csv").open(newline="") as file:
        verdicts = {row["filename"]: row for row in csv.DictReader(file)}
    rows = Counter(row[0] for row in kept["rows"])
    wrong = [f"{name} is {times} times in the batch" for name, times in rows.items() if times > 1]
    wrong += [f"{name} is not in the batch" for name in files.keys() - rows.keys()]
    wrong += [f"{name} has no row in the CSV file" for name in files.keys() - verdicts.keys()]
    wrong += [f"{kept['twice']} micrographs have two scores by one version"] * bool(kept["twice"])
    wrong += [f"{kept['stored']} micrographs are stored"] * (kept["stored"] != count)
    for name, sha256, master, predicted in kept["rows"]:
        content = files[name].read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256 or (site.var / "media" / master).read_bytes() != content:
            wrong.append(f"{name} was altered")
        if not predicted or verdicts[name]["predicted"] != predicted:
            wrong.append(f"{name}: the site has {predicted!r}, the CSV file {verdicts[name]['predicted']!r}")
    code, text = site.command("manage.py", "check_files")
    return wrong + ([f"check_files: {text}"] if code else [])


if __name__ == "__main__":
    sys.exit(main())

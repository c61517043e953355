"""The faults, each done to a running stack. What a fault returns says what happened meanwhile."""

import io
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psutil
from PIL import Image

from tests.benchmarks.hostile_site import BOUNDARY, Probe, Site, multipart
from tests.hostile import archives

Fault = Callable[[], str]
SLOW_CONNECTIONS, SLOW_SECONDS = 40, 8.0
LEFT_FREE = 2**16
CHILD_STARTS = 60.0
"""Seconds until a process under load has started its children."""


def faults(site: Site) -> dict[str, Fault]:
    killed = {f"SIGKILL of {name}": partial(kill, site, name) for name in site.processes()}
    return killed | {
        "SIGKILL of a process that serves pages": partial(kill_child, site, "web", "gunicorn"),
        "SIGKILL of a process that reads files": partial(kill_child, site, "worker-ingest", "reading_server"),
        "the queue forgets everything": partial(forget, site),
        "the clock jumps forwards by an hour": partial(jump, site, -3600),
        "the clock jumps backwards by an hour": partial(jump, site, 3600),
        "connections that are cut": partial(cut, site),
        "connections that are slow": partial(dawdle, site),
        "an artifact that is damaged": partial(damage, site),
    }


def full_disks(site: Site) -> dict[str, Fault]:
    return {"a full disk": partial(fill, site)}


def kill(site: Site, name: str) -> str:
    os.kill(site.processes()[name], signal.SIGKILL)
    time.sleep(0.5)
    return ""


def kill_child(site: Site, name: str, word: str) -> str:
    """The first one to be there: a process that reads files is started by the first file."""
    end = time.monotonic() + CHILD_STARTS
    while not (victims := children(site, name, word)):
        assert time.monotonic() < end, f"{name} has no child {word}"
        time.sleep(0.2)
    victims[0].kill()
    return f"1 of {len(victims)}"


def children(site: Site, name: str, word: str) -> list[psutil.Process]:
    found = []
    for one in psutil.Process(site.processes()[name]).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            if any(word in part for part in one.cmdline()):
                found.append(one)
    return found


def forget(site: Site) -> str:
    """Also what the cache holds."""
    lines = "from microdb.celery import app; c = app.connection_for_write(); c.default_channel.client.flushall()"
    return site.shell(lines)


def jump(site: Site, seconds: int) -> str:
    """To the site it is as if its clock had jumped: all times of jobs that have not ended are as far away as that."""
    return site.shell(
        "from datetime import timedelta; from django.db.models import F; "
        "from microdb.micrographs.models import Reading; from microdb.scoring.models import Score; "
        f"jump = timedelta(seconds={seconds}); "
        "moved = {name: F(name) + jump for name in ('enqueued_at', 'heartbeat_at')}; "
        "print(sum(kind.objects.active().update(**moved) for kind in (Reading, Score)), 'jobs')"
    )


def cut(site: Site) -> str:
    """Uploads whose sender goes away in the middle."""
    body, dataset = multipart({"file": ("cut.png", archives.picture(1) * 2000)}), site.new_dataset()
    for share in (0.1, 0.5, 0.9):
        for _connection in range(8):
            opened = begun(site, dataset, len(body))
            opened.sendall(body[: int(share * len(body))])
            opened.close()
    time.sleep(2)
    return f"24 connections, {len(site.micrographs(dataset))} stored"


def dawdle(site: Site) -> str:
    """Many connections that send a byte now and then, while others ask for the login page."""
    dataset = site.new_dataset()
    opened = [begun(site, dataset, 10**6) for _connection in range(SLOW_CONNECTIONS)]
    end = time.monotonic() + SLOW_SECONDS
    with Probe(f"{site.url}/accounts/login/", site.var).running() as probe:
        while time.monotonic() < end:
            for one in opened:
                try:
                    one.sendall(b"x")
                except OSError:
                    continue
            time.sleep(0.5)
    for one in opened:
        one.close()
    return f"login page at most {probe.slowest:.2f} s"


def begun(site: Site, dataset: str, length: int) -> socket.socket:
    """A connection that has sent the head of an upload."""
    where = urlsplit(site.url)
    opened = socket.create_connection((where.hostname or "", where.port or 80), timeout=30)
    head = (
        f"POST /api/v1/datasets/{dataset}/micrographs/ HTTP/1.1\r\nHost: {where.netloc}\r\n"
        f"Content-Length: {length}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Authorization: {site.token['Authorization']}\r\n\r\n"
    )
    opened.sendall(head.encode())
    return opened


def damage(site: Site) -> str:
    """One byte of the active model is another, for one batch; then it is as before, and the next is scored."""
    artifact = max((site.var / "media" / "models").rglob("*.zip"), key=lambda path: path.stat().st_mtime)
    kept = artifact.read_bytes()
    broken = bytearray(kept)
    broken[len(broken) // 2] ^= 0xFF
    try:
        artifact.write_bytes(broken)
        kill(site, "worker-score")  # it may hold the model in memory
        damaged = scored_noise(site)
    finally:
        artifact.write_bytes(kept)
    assert not damaged.get("predicted"), "a damaged artifact scored"
    assert scored_noise(site).get("predicted"), "the artifact as it was does not score"
    return str(damaged.get("warning") or damaged.get("error"))[:38]


def scored_noise(site: Site) -> dict[str, Any]:
    """The result of a picture that nobody has sent before."""
    pixels = np.random.default_rng().integers(0, 256, (480, 640), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    status, batch = site.send_batch({"noise.png": file.getvalue()})
    assert status == 202, batch
    return dict(next(iter(site.wait_for_batch(batch["id"], 120)), {}))


def fill(site: Site) -> str:
    """The disk of all folders has no space left; uploads are answered with 507, and then there is space again."""
    filler = Path(site.var, "filler")
    dataset = site.new_dataset()
    try:
        with filler.open("wb") as file:
            while shutil.disk_usage(site.var).free > LEFT_FREE:
                with suppress(OSError):  # others write too
                    file.write(bytes(2**16))
                    file.flush()
        statuses = {site.upload_by_api(dataset, "a.png", archives.picture(n) + bytes(200_000))[0] for n in range(5)}
        ready = site.ask("/readyz")[0]
        time.sleep(5)
    finally:
        filler.unlink()
    assert statuses <= {503, 507}, statuses
    return f"answers {statuses}, readyz {ready}"

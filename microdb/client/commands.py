"""What each command does; each returns its exit code."""

import sys
import time
from argparse import Namespace
from collections.abc import Callable
from getpass import getpass

from microdb.client.batches import Options
from microdb.client.connection import Connection
from microdb.client.credentials import Credentials, find_credentials, sends_in_clear, site_address, store
from microdb.client.errors import ApiError, ClientError
from microdb.client.face import Client
from microdb.client.screen import print_table, progress_bar, say, write_csv
from microdb.client.watching import Watcher

ASK_EVERY = 2.0
"""Seconds between two looks at a training."""
SILENCE = 600.0
"""Seconds after which a watcher says again that it can't reach the server."""


def login(given: Namespace) -> int:
    url = site_address(given.url)
    if sends_in_clear(url):
        say(f"Warning: {url} is not encrypted. Others in the network can read your token.")
    token = (given.token or _asked_token()).strip()
    credentials = Credentials(url, token)
    with Connection(credentials, patience=10, report=say) as connection:
        try:
            about = connection.get("tokens/current/")
        except ApiError as error:
            raise ClientError(f"{url} does not take this token: {error.message}") from error
    path = store(credentials)
    expiry = f"expires {about['expires_at'][:10]}" if about["expires_at"] else "never expires"
    say(f"Signed in at {url}; the token may {', '.join(about['scopes'])} and {expiry}. Stored in {path}.")
    return 0


def datasets(given: Namespace) -> int:
    with Client(report=say) as client:
        print_table(["Slug", "Name"], ((row["slug"], row["name"]) for row in client.datasets()))
    return 0


def upload(given: Namespace) -> int:
    with Client(given.dataset, report=say) as client, progress_bar() as step:
        outcome = client.upload(given.path, manifest=given.manifest, add_classes=given.add_classes, step=step)
    for name, reason in outcome.refused.items():
        say(f"{name}: {reason}")
    say(f"{outcome.sent} sent, {outcome.there} there already, {len(outcome.refused)} refused.")
    return 1 if outcome.refused else 0


def train(given: Namespace) -> int:
    with Client(given.dataset, report=say) as client:
        version = client.train()
        print(version["number"])
        if not given.watch:
            return 0
        with progress_bar() as step:
            while version["state"] in ("queued", "running"):
                step(version["progress_message"] or "Waiting", int(100 * version["progress"]), 100)
                time.sleep(ASK_EVERY)
                version = client.model_version(version["number"])
    say(f"Model version {version['number']}: {version['state']}. {version['error']}".strip())
    return 0 if version["state"] == "done" else 1


def export(given: Namespace) -> int:
    with Client(given.dataset, report=say) as client:
        client.export_model(given.version, given.file)
    say(f"Model version {given.version} is in {given.file}.")
    return 0


def import_model(given: Namespace) -> int:
    with Client(given.dataset, report=say) as client:
        job = client.import_model(given.file)
    print(job["model_version"])
    return 0


def score(given: Namespace) -> int:
    options = Options(given.manifest, given.pixels_per_micrometre, add_to_dataset=given.add)
    with Client(given.dataset, report=say) as client:
        with progress_bar() as step:
            batch = client.scored_batch(given.paths, options, step)
        lacking = write_csv(batch, given.csv)
    say(f"Batch {batch.id}: {batch.row['done']} scored, {lacking} without a verdict.")
    return 1 if lacking else 0


def results(given: Namespace) -> int:
    with Client(given.dataset, report=say) as client:
        batch = client.batch(given.batch)
        lacking = write_csv(batch, given.csv)
    say(f"Batch {batch.id}: {batch.row['state']}, {lacking} without a verdict.")
    return 1 if lacking else 0


def watch(given: Namespace) -> int:
    if not given.folder.is_dir():
        raise ClientError(f"There is no folder {given.folder}. Check the path.")
    report = _sparing()
    with Connection(find_credentials(), patience=float("inf"), report=report) as connection:
        connection.get(f"datasets/{given.dataset}/")  # a wrong token or name shows now, not after the first file
        say(f"Watching {given.folder}. Stop with Ctrl-C.")
        since = time.time() if given.new_only else 0.0
        watcher = Watcher(
            connection, given.dataset, given.folder.resolve(), given.settle, given.add, since, report=report
        )
        watcher.run()
    return 0


def _sparing() -> Callable[[str], None]:
    """Says at once what is new, and every ten minutes what is repeated."""
    last: dict[str, float] = {}

    def report(sentence: str) -> None:
        subject, now = sentence.split("; trying again")[0], time.monotonic()
        if now - last.get(subject, float("-inf")) >= SILENCE:
            last[subject] = now
            say(f"{time.strftime('%H:%M:%S')} {sentence}")

    return report


def _asked_token() -> str:
    return getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline()

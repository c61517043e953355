"""Break a running site in every way while people use it, and compare what it acknowledged with what it keeps.

``python -m tests.benchmarks.faults --var VAR URL``, beside a quickstart with the demo of that VAR. Meanwhile people
upload micrographs, score batches and answer the demo's quiz, each request sent again until it is answered. The faults:
SIGKILL of each process of the stack, of a process that serves pages and of one that reads files; a queue that forgets
everything; connections that are cut and connections that are slow; a clock that jumps by an hour (the times of all
active jobs are moved); an artifact that is damaged; and, with ``--fill``, a disk that is full, for which VAR lies on a
small file system of its own (``mount -t tmpfs -o size=3g tmpfs VAR``). Exit 1 where something acknowledged was lost,
doubled or altered, or where the site was not ready again within a minute.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import fault_kinds
from tests.benchmarks.fault_ledger import Ledger
from tests.benchmarks.hostile_site import Site

READY_AGAIN = 60.0
BETWEEN = 3.0
"""Seconds of undisturbed use between two faults."""
FINISHED = 420.0
"""Seconds until all that was acknowledged is read and scored."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--var", type=Path, required=True)
    parser.add_argument("--fill", action="store_true", help="fill the file system of VAR too")
    parser.add_argument("--only", nargs="*", default=[""], help="faults whose name holds one of these words")
    given = parser.parse_args()
    site = Site(given.url.rstrip("/"), given.var.resolve())
    faults = fault_kinds.faults(site)
    faults |= fault_kinds.full_disks(site) if given.fill else {}
    wrong: list[str] = []
    with Ledger(site).working() as ledger:
        for name, fault in faults.items():
            if any(word in name for word in given.only):
                wrong += broken(site, ledger, name, fault)
    wrong += ledger.differences(FINISHED)
    print("\n".join(wrong) or "Nothing was lost, doubled or altered.")
    return int(bool(wrong))


def broken(site: Site, ledger: Ledger, name: str, fault: Callable[[], str]) -> list[str]:
    """One fault; a sentence where the site was not ready again in time."""
    time.sleep(BETWEEN)
    start, before = time.monotonic(), ledger.acknowledged
    told = fault()
    while not site.is_ready() and time.monotonic() - start < READY_AGAIN:
        time.sleep(0.2)
    seconds = time.monotonic() - start
    print(f"{name:<48}{told:<40} ready after {seconds:5.1f} s, {ledger.acknowledged - before} requests", flush=True)
    return [f"{name}: not ready again after {seconds:.0f} s"] if seconds >= READY_AGAIN else []


if __name__ == "__main__":
    sys.exit(main())

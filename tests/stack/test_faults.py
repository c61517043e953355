"""A few of the faults of ``python -m tests.benchmarks.faults``, on a site of its own while somebody uploads."""

import time
from pathlib import Path

import pytest

from tests.benchmarks import fault_kinds
from tests.benchmarks.fault_ledger import Ledger
from tests.benchmarks.faults import broken
from tests.benchmarks.hostile_site import DEMO, Site
from tests.stack.test_quickstart import site as running

FAULTS = (
    "SIGKILL of a process that serves pages",
    "SIGKILL of a process that reads files",
    "SIGKILL of worker-ingest",
    "the queue forgets everything",
    "SIGKILL of postgres",
)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_while_processes_are_killed(tmp_path: Path):
    with running(tmp_path / "var") as (_process, address):
        site = Site(address.rstrip("/"), tmp_path / "var")
        site.shell(f"from microdb.accounts.models import User; User.objects.create_superuser({DEMO!r}, password='x')")
        faults = fault_kinds.faults(site)
        with Ledger(site, with_demo=False).working() as ledger:
            time.sleep(2)
            wrong = [one for name in FAULTS for one in broken(site, ledger, name, faults[name])]
        wrong += ledger.differences(120)
    assert wrong == []
    assert ledger.acknowledged > len(FAULTS)

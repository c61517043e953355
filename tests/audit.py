"""Known vulnerabilities of the locked packages: ``python -m tests.audit``, as a part of ``make lint``.

A finding fails, unless ``ACCEPTED`` says why it does not concern the site. Where the source of the advisories does not
answer, the audit is skipped with the reason, so that the other checks run without a network. pip-audit alone would end
with "No known vulnerabilities found" where it could not look up a single package.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-dev.txt"
"""Holds the versions of the images as well."""
LONGEST = 60
"""Seconds for all packages."""
ACCEPTED: dict[str, str] = {}
"""Id of an advisory -> why the site is not concerned."""


def main() -> int:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(LOCK)]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
        dependencies = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _skipped(f"the source of the advisories took longer than {LONGEST} s")
    except ValueError:
        return _skipped(f"pip-audit ended with: {(done.stderr.strip().splitlines() or ['nothing'])[-1]}")
    return judge(dependencies, ACCEPTED)


def judge(dependencies: list[dict[str, Any]], accepted: Mapping[str, str]) -> int:
    """Print what was found in pip-audit's list of packages; the exit code."""
    unknown = [one["name"] for one in dependencies if "skip_reason" in one]
    if len(unknown) == len(dependencies):
        return _skipped("the source of the advisories knows none of the packages")
    if unknown:
        print(f"pip-audit: no advisories could be had for {', '.join(unknown)}")
    found = {flaw["id"]: (one, flaw) for one in dependencies for flaw in one.get("vulns", [])}
    open_ones = sorted(found.keys() - accepted.keys())
    for name in open_ones:
        one, flaw = found[name]
        mended = f", mended in {', '.join(flaw['fix_versions'])}" if flaw.get("fix_versions") else ""
        print(f"{one['name']} {one['version']}: {name}{mended}. Run `make lock UPGRADE=--upgrade`.", file=sys.stderr)
    for name in sorted(accepted.keys() - found.keys()):
        print(f"{name} is accepted in tests/audit.py and no longer found: remove it.", file=sys.stderr)
    return 1 if open_ones else 0


def _skipped(reason: str) -> int:
    print(f"pip-audit skipped: {reason}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

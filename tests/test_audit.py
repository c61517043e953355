"""What the audit of packages says about pip-audit's findings."""

import subprocess
from types import SimpleNamespace

import pytest

from tests import audit

SAFE = {"name": "django", "version": "5.2.1", "vulns": []}
FLAWED = {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "inhouse", "skip_reason": "Dependency not found on PyPI"}


def test_a_finding_fails_with_the_version_that_mends_it(capsys: pytest.CaptureFixture[str]):
    assert audit.judge([SAFE, FLAWED], {}) == 1
    assert "pillow 1.0: PYSEC-1, mended in 1.1. Run `make lock" in capsys.readouterr().err


def test_an_accepted_finding_passes_and_is_named_once_it_is_gone(capsys: pytest.CaptureFixture[str]):
    assert audit.judge([SAFE, FLAWED], {"PYSEC-1": "not called"}) == 0
    assert audit.judge([SAFE], {"PYSEC-1": "not called"}) == 0
    assert "no longer found: remove it" in capsys.readouterr().err


def test_packages_without_advisories_are_named(capsys: pytest.CaptureFixture[str]):
    assert audit.judge([SAFE, UNKNOWN], {}) == 0
    assert "no advisories could be had for inhouse" in capsys.readouterr().out


def test_where_no_package_could_be_looked_up_the_audit_is_skipped_and_says_so(capsys: pytest.CaptureFixture[str]):
    assert audit.judge([UNKNOWN], {}) == 0
    assert capsys.readouterr().out == "pip-audit skipped: the source of the advisories knows none of the packages.\n"


def test_a_source_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def hangs(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip-audit", timeout)

    monkeypatch.setattr(subprocess, "run", hangs)
    assert audit.main() == 0
    assert "pip-audit skipped: the source of the advisories took longer than 60 s" in capsys.readouterr().out
    failed = SimpleNamespace(stdout="", stderr="Traceback\nConnectionError: no route to host\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert audit.main() == 0
    assert "pip-audit skipped: pip-audit ended with: ConnectionError: no route to host." in capsys.readouterr().out


def test_every_accepted_finding_has_its_reason():
    assert all(len(reason) > 20 for reason in audit.ACCEPTED.values())

"""What a start finds to do, against a real database; and what its processes load."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from microdb.accounts.models import User
from microdb.stack.preparation import Preparation, connected, has_demo_user

ROOT = Path(__file__).resolve().parents[2]
PAGES = "sorted(name for name in sys.modules if name.startswith('microdb.') and name.endswith(('.views', '.api')))"


@pytest.fixture
def var(tmp_path: Path, settings) -> Path:
    """A VAR whose pages were collected."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")
    return tmp_path


def loaded(script: str) -> str:
    """The pages in the memory of a fresh process after this script."""
    environment = {**os.environ, "CELERY_SKIP_CHECKS": "1", "DJANGO_SETTINGS_MODULE": "microdb.settings"}
    command = [sys.executable, "-c", f"import sys\n{script}\nprint({PAGES})"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_a_first_start_prepares_everything_and_the_next_one_nothing(db, var: Path) -> None:
    first = Preparation(var)
    assert first.steps() == ["migrate", "collectstatic"]
    first.note()
    assert Preparation(var).steps() == []


def test_a_step_that_did_not_come_to_its_end_runs_again(db, var: Path) -> None:
    assert Preparation(var).steps() == Preparation(var).steps() == ["migrate", "collectstatic"]


def test_a_database_that_lacks_a_migration_is_migrated_whatever_was_noted(db, var: Path) -> None:
    Preparation(var).note()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0001_initial'")
    assert Preparation(var).steps() == ["migrate"]


def test_a_new_static_file_is_collected(db, var: Path, tmp_path: Path, settings) -> None:
    Preparation(var).note()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "page.css").write_text("")
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path / "new"]
    assert Preparation(var).steps() == ["collectstatic"]


def test_the_demo_is_missing_until_its_user_is_there(transactional_db) -> None:
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    with connected(url):
        assert not has_demo_user()
    User.objects.create_user("demo")
    with connected(url):
        assert has_demo_user()


def test_the_web_process_loads_its_pages_before_it_forks() -> None:
    assert "'microdb.quizzes.views'" in loaded("import microdb.wsgi")


def test_a_worker_loads_no_page() -> None:
    assert loaded("from microdb.celery import app\napp.loader.import_default_modules()") == "[]"

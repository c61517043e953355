"""The settings under which no job is lost or doubled."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings

from microdb.celery import app, refuse_wrong_settings, settings_mistakes
from tests.workers import database_url


def conf(**changes) -> SimpleNamespace:
    names = ("task_acks_late", "task_reject_on_worker_lost", "worker_prefetch_multiplier", "task_time_limit")
    now = {name: getattr(app.conf, name) for name in (*names, "broker_transport_options")}
    return SimpleNamespace(**now | changes)


def test_our_own_settings_are_right():
    assert settings_mistakes(app.conf) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"task_acks_late": False}, "a killed worker loses its job"),
        ({"task_reject_on_worker_lost": False}, "a killed worker loses its job"),
        ({"worker_prefetch_multiplier": 4}, "one worker hoards jobs"),
        ({"task_time_limit": None}, "long jobs run twice"),
        ({"broker_transport_options": {"visibility_timeout": 60}}, "long jobs run twice"),
        ({"broker_transport_options": {}}, "long jobs run twice"),
    ],
)
def test_each_wrong_setting_is_named(change, sentence):
    assert any(sentence in mistake for mistake in settings_mistakes(conf(**change)))


def test_a_worker_with_wrong_settings_refuses_to_start():
    right = app.conf.worker_prefetch_multiplier
    app.conf.worker_prefetch_multiplier = 4
    try:
        with pytest.raises(SystemExit, match="refuses to run"):
            refuse_wrong_settings()
    finally:
        app.conf.worker_prefetch_multiplier = right


def test_time_limits_stand_in_the_promised_proportion():
    hard = settings.JOB_TIME_LIMIT
    assert app.conf.task_soft_time_limit == int(0.9 * hard)
    assert app.conf.broker_transport_options["visibility_timeout"] == int(1.1 * hard)


def test_every_task_has_its_queue():
    routed = {task: app.amqp.router.route({}, task)["queue"].name for task in app.conf.task_routes if "*" not in task}
    assert routed == {
        "microdb.micrographs.tasks.purge_trash": "sweep",
        "microdb.micrographs.tasks.store_upload": "sweep",
        "microdb.micrographs.tasks.read_micrograph": "ingest",
        "microdb.micrographs.tasks.read_lettering": "lettering",
        "microdb.webhooks.tasks.deliver": "webhooks",
        "microdb.webhooks.tasks.purge": "sweep",
        "microdb.micrographs.tasks.reread_records": "ingest",
        "microdb.micrographs.tasks.start_rereading": "sweep",
        "microdb.accounts.tasks.deliver": "sweep",
        "microdb.accounts.tasks.warn_of_expiring_tokens": "sweep",
        "microdb.stack.tasks.continue_demo": "sweep",
        "microdb.front.tasks.draw_sample": "score",
        "microdb.upkeep.tasks.check_files": "sweep",
        "microdb.upkeep.tasks.drop_old_keys": "sweep",
        "microdb.training.tasks.train_model_version": "train",
        "microdb.training.tasks.measure_learning_curve": "train",
        "microdb.training.tasks.import_model": "score",
        "microdb.scoring.tasks.score_micrograph": "score",
        "microdb.scoring.tasks.send_rest": "sweep",
        "microdb.similar.tasks.describe": "batch",
    }


def test_only_what_reads_files_goes_to_the_queue_of_readings():
    """Sweeps and messages for thousands of scores must not wait until hours of uploads have been read."""
    app.loader.import_default_modules()
    queues = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks if name.startswith("microdb.")}
    readings = {name.removeprefix("microdb.micrographs.tasks.") for name, queue in queues.items() if queue == "ingest"}
    assert readings == {"read_micrograph", "reread_records"}


@pytest.mark.django_db(transaction=True)
def test_the_web_process_never_imports_torch(owner, dataset):
    """Load the site as gunicorn does, sign in and visit pages; only a worker may pay for torch."""
    script = """
import sys
from microdb.wsgi import application
from django.conf import settings
from django.test import Client
from microdb.accounts.models import User
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
client = Client()
client.force_login(User.objects.get(username="owner"))
rooms = ("", "training/", "scores/", "quizzes/")
pages = ["/accounts/login/", "/datasets/", *[f"/datasets/steels/{room}" for room in rooms]]
for address in [*pages, "/api/v1/schema/", "/api/v1/datasets/steels/model-versions/", "/admin/"]:
    answer = client.get(address)
    assert answer.status_code in (200, 302), (address, answer.status_code)
import microdb.training.tasks, microdb.scoring.tasks
bridge = {"microdb.training.bridge.training", "microdb.training.bridge.scoring"}
heavy = sorted({"torch", "sklearn", "scipy", *bridge} & set(sys.modules))
assert not heavy, heavy
"""
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "microdb.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]

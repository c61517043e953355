"""The database under load: datasets of many micrographs and scores, an open quiz, and the people who ask."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Dataset
from tests.benchmarks.seed import seed, vacuum
from tests.benchmarks.seed_quiz import open_quiz_of
from tests.benchmarks.seed_scores import seed_scores

QUESTIONS = 36
SMALL = 1000
"""Micrographs and scores of a second dataset, whose pages must not read those of the large one."""


@dataclass(frozen=True)
class Seeded:
    """What those who ask need to know."""

    owner_session: str
    admin_session: str
    token: str
    quiz: str
    micrograph: str

    def environment(self) -> dict[str, str]:
        return {f"LOAD_{name.upper()}": value for name, value in vars(self).items()}


def seed_once(var: Path, micrographs: int, scores: int) -> Seeded:
    """Seed the database of ``var``, unless an earlier run has."""
    stored = var / "seeded.json"
    if stored.exists():
        return Seeded(**json.loads(stored.read_text()))
    started = time.monotonic()
    seeded = seed_all(micrographs, scores)
    stored.write_text(json.dumps(vars(seeded)))
    print(f"{micrographs:,} micrographs and {scores:,} scores seeded in {time.monotonic() - started:.0f} s", flush=True)
    return seeded


def seed_all(micrographs: int, scores: int) -> Seeded:
    owner, _middle = seed(SMALL, "small")
    owner, middle = seed(micrographs, owner=owner)
    admin = User.objects.create_superuser("load-admin")
    seed_scores(Dataset.objects.get(slug="small"), SMALL)
    seed_scores(Dataset.objects.get(slug="seeded"), scores)
    quiz = open_quiz_of(QUESTIONS, slug="load")
    vacuum()
    _token, secret = create_api_token(user=owner, scopes=["read", "upload"])
    return Seeded(_session(owner), _session(admin), secret, quiz.slug, str(middle))


def _session(user: User) -> str:
    """The key of a session in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)

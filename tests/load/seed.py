"""The database under load: a dataset of many micrographs, many scores of them, a quiz, and the people who ask."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.jobs import Job
from microdb.micrographs.models import Dataset
from microdb.micrographs.services import freeze_dataset
from microdb.scoring.models import Score
from microdb.training.models import ModelVersion
from tests.benchmarks.seed import CLASSES, seed
from tests.benchmarks.seed_quiz import open_quiz_of

QUESTIONS = 36


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


def seed_all(micrographs: int, scores: int) -> Seeded:
    owner, middle = seed(micrographs)
    admin = User.objects.create_superuser("load-admin")
    _scores(Dataset.objects.get(slug="seeded"), max(1, scores // micrographs))
    quiz = open_quiz_of(QUESTIONS, slug="load")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _token, secret = create_api_token(user=owner, scopes=["read", "upload"])
    return Seeded(_session(owner), _session(admin), secret, quiz.slug, str(middle))


def _scores(dataset: Dataset, versions: int) -> None:
    """One of each micrograph by each of so many versions, of which the last is active."""
    frozen = freeze_dataset(dataset=dataset)
    for number in range(1, versions + 1):
        version = ModelVersion.objects.create(
            dataset=dataset, dataset_version=frozen, number=number, classes=list(CLASSES), state=Job.State.DONE,
            is_active=number == versions,
        )  # fmt: skip
        _insert(version, dataset.pk)


def _insert(version: ModelVersion, dataset: UUID | int) -> None:
    """In one statement: a million rows one by one would take an hour."""
    made = {
        "id": "gen_random_uuid()",
        "micrograph_id": "m.id",
        "pixels_per_micrometre": "m.pixels_per_micrometre",
        "created_at": "now() - random() * interval '300 days'",
        "predicted": "(array[{}])[1 + floor(random() * {})::int]".format(
            ", ".join(f"'{name}'" for name in CLASSES), len(CLASSES)
        ),
        "probability": "0.3 + 0.7 * random()",
        "none_of_these": "0.1 * random()",
    }
    same = Score(model_version=version, state=Job.State.DONE, progress=1, probabilities=dict.fromkeys(CLASSES, 0.2))
    fields = Score._meta.concrete_fields
    given = [field for field in fields if field.column not in made]
    values = [field.get_db_prep_save(getattr(same, field.attname), connection) for field in given]
    columns = ", ".join(f'"{name}"' for name in [*made, *(field.column for field in given)])
    chosen = ", ".join([*made.values(), *["%s"] * len(given)])
    table = Score._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM micrographs_micrograph m WHERE m.dataset_id = %s",
            [*values, dataset],
        )


def _session(user: User) -> str:
    """The key of a session in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)

"""The OpenAPI schema is true: schemathesis sends every operation what it should take, and what it should refuse."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.micrographs.api.tus import OFFSET_TYPE
from microdb.micrographs.models import Dataset, Micrograph
from microdb.micrographs.services import start_upload
from microdb.quizzes.services import create_quiz
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion
from microdb.wsgi import application
from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures

schemathesis.serializer.alias(OFFSET_TYPE, "application/octet-stream")
EXAMPLES = 6
"""Of valid and of invalid requests each, per operation."""


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests keep the connection whose transaction holds the test's rows, as those of Django's test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def there(trained: ModelVersion, owner: User) -> dict[str, object]:  # noqa: F811 # the fixture imported above
    """Path parameters of things that exist."""
    micrograph = Micrograph.objects.first()
    batch = create_batch(model_version=trained, items=[BatchInput("a.png", micrograph)], by=owner)
    asked = Micrograph.objects.filter(split="quiz").select_related("dataset", "material_class")
    create_quiz(dataset=trained.dataset, title="Steels", micrographs=asked, competitors=[trained], by=owner)
    return {
        "slug": "steels",
        "number": 1,
        "batch": batch.pk,
        "score": Score.objects.get().pk,
        "micrograph": micrograph.pk,
        "upload": begun(owner, micrograph.dataset),
        "upload of the batch": begun(owner, micrograph.dataset, batch.pk),
    }


def begun(owner: User, dataset: Dataset, batch: UUID | None = None) -> UUID:
    return start_upload(dataset=dataset, by=owner, filename="a.tif", length=10**6, batch=batch).pk


def config(token: str) -> SchemathesisConfig:
    project = ProjectConfig(
        headers={"Authorization": f"Token {token}"},
        parameters={"slug": "steels", "number": 1},
        generation=GenerationConfig(deterministic=True, with_security_parameters=False, allow_x00=False),
    )
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


REAL = {"batches": "batch", "micrographs": "micrograph", "scores": "score"}
"""What the id of a path is one of."""


USUAL = tuple(ApiToken.USUAL_SCOPES)
SCOPES = {r"^(?!.*/webhooks/)": (*USUAL, ApiToken.Scope.CURATE), r"/webhooks/": USUAL}
"""Of the token by addresses: no schema can say which hosts exist and are public, so webhooks are asked without."""


@pytest.mark.parametrize("addresses", SCOPES)
def test_every_operation_answers_as_its_schema_says(there: dict[str, object], owner: User, addresses: str):
    token = create_api_token(user=owner, scopes=SCOPES[addresses])[1]
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application, config=config(token))
    findings = []
    for result in schema.include(path_regex=addresses).get_all_operations():
        operation = result.ok()
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            try:
                checked(operation, mode, there)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, operation.label  # it takes nothing that could be wrong
            except (AssertionError, BaseExceptionGroup) as failure:
                findings.append(f"{operation.label} {mode.value}: {failure}"[:1500])
    assert not findings, f"{len(findings)} findings:\n" + "\n".join(findings)


def checked(operation, mode: GenerationMode, there: dict[str, object]) -> None:
    """Send a few requests of one kind; what each of them changes is undone."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        real = [name for kind, name in REAL.items() if f"/{kind}/{{id}}/" in operation.path]
        if real and mode is GenerationMode.POSITIVE:
            case.path_parameters["id"] = str(there[real[0]])
        if "{upload}" in operation.path and mode is GenerationMode.POSITIVE:
            case.path_parameters["upload"] = str(there["upload of the batch" if "{id}" in operation.path else "upload"])
        with transaction.atomic():
            response = case.call_and_validate(excluded_checks=excluded(case.method))
            transaction.set_rollback(True)
        is_form = case.media_type not in (None, "application/json")  # forms can't carry every value and every text
        if mode is GenerationMode.POSITIVE and response.status_code == 400 and not is_form:
            assert response.json()["code"] not in ("invalid", "unknown_filter"), response.text

    send()


def excluded(method: str) -> list[object]:
    """The checks that a case is spared.

    Of a POST whose id was replaced, or that takes an Idempotency-Key, schemathesis takes the token of the configuration
    for one that it has made up. The table of permissions asks every address without a token.
    """
    names = ["positive_data_acceptance", *(["ignored_auth"] if method == "POST" else [])]
    return [CHECKS.get_one(name) for name in names]

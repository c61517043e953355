"""The OpenAPI schema is true: schemathesis sends every operation what it should take, and what it should refuse."""

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import Score
from microdb.scoring.services import BatchInput, create_batch
from microdb.training.models import ModelVersion
from microdb.wsgi import application
from tests.trained import add_drawn, drawn, tiny_classifier, trained  # noqa: F401 # fixtures

EXAMPLES = 6
"""Of valid and of invalid requests each, per operation."""


@pytest.fixture
def there(trained: ModelVersion, owner: User) -> dict[str, object]:  # noqa: F811 # the fixture imported above
    """Path parameters of things that exist."""
    micrograph = Micrograph.objects.first()
    batch = create_batch(model_version=trained, items=[BatchInput("a.png", micrograph)], by=owner)
    return {
        "slug": "steels",
        "number": 1,
        "batch": batch.pk,
        "score": Score.objects.get().pk,
        "micrograph": micrograph.pk,
    }


def config(token: str, there: dict[str, object]) -> SchemathesisConfig:
    project = ProjectConfig(
        headers={"Authorization": f"Token {token}"},
        parameters={"slug": "steels", "number": 1},
        generation=GenerationConfig(deterministic=True, with_security_parameters=False),
    )
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


def test_every_operation_answers_as_its_schema_says(there: dict[str, object], owner: User):
    token = create_api_token(user=owner, scopes=["read", "upload", "train", "score", "quiz"])[1]
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application, config=config(token, there))
    findings = []
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            try:
                checked(operation, mode)
            except BaseExceptionGroup as failures:
                findings += [f"{operation.label} {mode.value}: {one}" for one in failures.exceptions]
            except Exception as failure:  # noqa: BLE001 # reported with those of the other operations
                findings.append(f"{operation.label} {mode.value}: {failure!r}")
    assert not findings, f"{len(findings)} findings:\n" + "\n".join(findings)


def checked(operation, mode: GenerationMode) -> None:
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
        with transaction.atomic():
            case.call_and_validate()
            transaction.set_rollback(True)

    send()

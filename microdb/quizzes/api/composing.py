"""Composing a quiz: its candidates, a new draft, changes of it, and the power of a quiz of its size."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import Panel, User
from microdb.accounts.parameters import PAGING
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.keys import MicrographKeys
from microdb.micrographs.models import Dataset, Micrograph, MicrographQuerySet, Role
from microdb.quizzes import services
from microdb.quizzes.api.details import QuizDetailSerializer
from microdb.quizzes.api.lookups import shown_quiz
from microdb.quizzes.composition.candidates import balanced_draw, candidate_questions
from microdb.quizzes.composition.leakage import leaking_micrographs
from microdb.quizzes.composition.planning import EXPECTED_READERS, power_of
from microdb.quizzes.composition.rules import QUESTIONS_AT_MOST, TIME_LIMIT_AT_MOST
from microdb.quizzes.models import Quiz, TruthsShown
from microdb.quizzes.services.declaring import MARGIN_AT_MOST
from microdb.training.models import ModelVersion

LARGEST_NUMBER = 2**31 - 1


class Number(serializers.IntegerField):
    """Of a model version."""

    def __init__(self, **about: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_NUMBER, **about)


class DeclarationSerializer(StrictSerializer):
    model_version = Number()
    panel = serializers.ChoiceField(choices=Panel.choices, default=Panel.EXPERT)
    margin_points = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=MARGIN_AT_MOST, help_text="Of non-inferiority."
    )


class QuizChangeSerializer(StrictSerializer):
    """Only what is sent changes; questions, competitors and examples are replaced as a whole."""

    title = serializers.CharField(max_length=100, required=False)
    micrographs = MicrographKeys(required=False, help_text="The questions, in their order.")
    per_class = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=QUESTIONS_AT_MOST,
        help_text="Instead of micrographs: draw so many of each class that no competitor was trained on.",
    )
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_NUMBER, help_text="Of the draw.")
    competitors = serializers.ListField(
        child=Number(),
        required=False,
        allow_empty=False,
        help_text="Numbers of model versions; the active one by default.",
    )
    exemplars = MicrographKeys(required=False, help_text="Examples of the classes; some are chosen of the others.")
    instructions = serializers.CharField(required=False, allow_blank=True)
    consent_text = serializers.CharField(required=False, allow_blank=True)
    analysis_plan = serializers.CharField(required=False, allow_blank=True)
    offers_none_of_these = serializers.BooleanField(required=False)
    shuffled = serializers.BooleanField(required=False)
    asks_confidence = serializers.BooleanField(required=False)
    teaching = serializers.BooleanField(required=False)
    by_invitation = serializers.BooleanField(required=False)
    needs_sign_off = serializers.BooleanField(required=False)
    time_limit_minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=TIME_LIMIT_AT_MOST
    )
    opens_at = serializers.DateTimeField(required=False, allow_null=True)
    closes_at = serializers.DateTimeField(required=False, allow_null=True)
    truths_shown = serializers.ChoiceField(choices=TruthsShown.choices, required=False)
    completeness_percent = serializers.IntegerField(required=False, min_value=1, max_value=100)
    primary_endpoint = DeclarationSerializer(required=False, allow_null=True)


class NewQuizSerializer(QuizChangeSerializer):
    """The questions are `micrographs`, or drawn by `per_class`."""

    title = serializers.CharField(max_length=100)


class CandidateSerializer(serializers.Serializer[Any]):
    """A micrograph that a quiz could ask about."""

    micrograph = serializers.UUIDField(source="pk")
    filename = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a serializer's own label is not used
    specimen = serializers.CharField()
    leaks = serializers.SerializerMethodField(help_text="Whether the active version was trained on it or its like.")

    def get_leaks(self, micrograph: Micrograph) -> bool:
        return micrograph.pk in self.context["leaking"]


class PowerQuerySerializer(serializers.Serializer[Any]):
    questions = serializers.IntegerField(min_value=1, max_value=QUESTIONS_AT_MOST)
    readers = serializers.IntegerField(min_value=1, max_value=10_000, default=EXPECTED_READERS, required=False)


class PowerSerializer(serializers.Serializer[Any]):
    questions = serializers.IntegerField()
    readers = serializers.IntegerField()
    difference = serializers.FloatField(allow_null=True, help_text="The smallest that 4 of 5 quizzes show, 0 to 1.")
    wanted = serializers.FloatField(help_text="A difference that is worth knowing.")
    needed = serializers.IntegerField(allow_null=True, help_text="Questions that would show it.")
    spread = serializers.FloatField(help_text="Assumed standard deviation of the readers' accuracies.")


class QuizCreate(generics.GenericAPIView[Quiz]):
    queryset = Quiz.objects.none()
    serializer_class = QuizDetailSerializer
    write_scope = "curate"

    @extend_schema(request=NewQuizSerializer, responses={201: QuizDetailSerializer, 200: QuizDetailSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Draft a quiz."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = NewQuizSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        declared = values.pop("primary_endpoint", None)
        versions = _competitors(dataset, values.pop("competitors", None))
        asked = _questions(dataset, values, versions)
        if asked is None:
            raise MicroDBError(
                _("Give the questions, in “micrographs”, or “per_class” to have them drawn."), code="no_questions"
            )
        values["exemplars"] = _exemplars(dataset, values.pop("exemplars", []))
        by = cast(User, request.user)
        quiz = services.create_quiz(dataset=dataset, by=by, micrographs=asked, competitors=versions, **values)
        _declare(quiz, declared)
        shown = self.get_serializer(shown_quiz(request, quiz.slug)).data
        return remembered(request, Response(shown, status=status.HTTP_201_CREATED))


@transaction.atomic
def change_quiz(quiz: Quiz, values: dict[str, Any]) -> None:
    """Change what is given of a draft; a null ``primary_endpoint`` takes the declaration back."""
    dataset = quiz.dataset
    numbers = values.pop("competitors", None)
    versions = list(quiz.competitors.select_related("dataset")) if numbers is None else _competitors(dataset, numbers)
    declares, declared = "primary_endpoint" in values, values.pop("primary_endpoint", None)
    asked = _questions(dataset, values, versions)
    keys = values.pop("exemplars", None)
    shown = _kept(quiz.exemplars) if keys is None else _exemplars(dataset, keys)
    values.setdefault("title", quiz.title)
    asked = _kept(quiz.questions) if asked is None else asked
    services.change_draft(quiz=quiz, micrographs=asked, competitors=versions, exemplars=shown, **values)
    if declares:
        _declare(quiz, declared)


def _kept(rows: Any) -> list[Micrograph]:
    return [row.micrograph for row in rows.select_related("micrograph__dataset", "micrograph__material_class")]


def _declare(quiz: Quiz, declared: dict[str, Any] | None) -> None:
    if declared is None:
        services.withdraw_endpoint(quiz=quiz)
        return
    (version,) = _competitors(quiz.dataset, [declared["model_version"]])
    margin = declared.get("margin_points")
    services.declare_endpoint(quiz=quiz, model_version=version, panel=declared["panel"], margin_points=margin)


def _competitors(dataset: Dataset, numbers: list[int] | None) -> list[ModelVersion]:
    done = dataset.model_versions.filter(state=Job.State.DONE).select_related("dataset")
    if numbers is None:
        return list(done.filter(is_active=True))
    found = {version.number: version for version in done.filter(number__in=numbers)}
    if missing := sorted(set(numbers) - found.keys()):
        raise MicroDBError(
            _("%(dataset)s has no trained model version %(number)d.") % {"dataset": dataset, "number": missing[0]},
            code="no_such_version",
        )
    return list(found.values())


def _questions(dataset: Dataset, values: dict[str, Any], versions: list[ModelVersion]) -> list[Micrograph] | None:
    """The questions that ``values`` name or have drawn, without these values; None where they do neither."""
    keys, per_class, seed = values.pop("micrographs", None), values.pop("per_class", None), values.pop("seed", 0)
    candidates = candidate_questions(dataset)
    if keys is not None:
        return _in_order(candidates, keys)
    if per_class is None:
        return None
    offered = list(candidates[:QUESTIONS_AT_MOST])
    leaking = leaking_micrographs(offered, versions)
    return balanced_draw([m for m in offered if m.pk not in leaking], per_class=per_class, seed=seed)


def _exemplars(dataset: Dataset, keys: list[UUID]) -> list[Micrograph]:
    return _in_order(dataset.shown().ready().select_related("material_class", "dataset"), keys)


def _in_order(micrographs: MicrographQuerySet, keys: list[UUID]) -> list[Micrograph]:
    found = micrographs.in_bulk(keys)
    if missing := [key for key in keys if key not in found]:
        raise MicroDBError(
            _("A quiz can't use %s: it asks labelled micrographs with a scale from split quiz.") % missing[0],
            code="bad_question",
        )
    return [found[key] for key in dict.fromkeys(keys)]


class QuizCandidates(generics.GenericAPIView[Micrograph]):
    queryset = Micrograph.objects.none()
    serializer_class = CandidateSerializer
    read_scope = "quiz"
    get_parameters = PAGING

    @extend_schema(operation_id="datasets_quizzes_candidates_list", responses=CandidateSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The micrographs of split quiz that can be asked: with a label and a scale."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        found: Any = self.paginate_queryset(candidate_questions(dataset))
        leaking = leaking_micrographs(found, dataset.model_versions.filter(is_active=True))
        context = {**self.get_serializer_context(), "leaking": leaking}
        return self.get_paginated_response(CandidateSerializer(found, many=True, context=context).data)


class QuizPower(APIView):
    read_scope = "quiz"
    get_parameters = PowerQuerySerializer().fields

    @extend_schema(parameters=[PowerQuerySerializer], responses=PowerSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What difference so many questions and experts can show."""
        dataset_or_404(request, slug, Role.CURATOR)
        given = PowerQuerySerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        return Response(PowerSerializer(power_of(**given.validated_data)).data)

"""One quiz as its organisers see it: settings, questions, and what a draft still lacks."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from microdb.accounts.models import Panel
from microdb.quizzes.access import may_see_truth
from microdb.quizzes.api.serializers import QuizSerializer
from microdb.quizzes.composition import integrity, leakage, readiness
from microdb.quizzes.composition.specimens import unknown_specimens
from microdb.quizzes.models import PrimaryEndpoint, Question, Quiz


class EndpointSerializer(serializers.Serializer[PrimaryEndpoint]):
    """The comparison that the quiz is for; its p needs no correction."""

    model_version = serializers.IntegerField(source="model_version.number")
    panel = serializers.ChoiceField(choices=Panel.choices)
    margin = serializers.FloatField(allow_null=True, help_text="Of non-inferiority, 0 to 1.")


class AskedSerializer(serializers.Serializer[Question]):
    """A question with its truth."""

    number = serializers.SerializerMethodField()
    micrograph = serializers.UUIDField(source="micrograph_id")
    filename = serializers.CharField(source="micrograph.filename")
    truth = serializers.CharField(source="truth_label")

    def get_number(self, question: Question) -> int:
        return question.position + 1


class DraftSerializer(serializers.Serializer[Any]):
    """What stands between a draft and its opening. `leaks` and `warnings` name questions, so few may read them."""

    answered = serializers.IntegerField(source="readiness.answered", help_text="Answers of the models.")
    wanted = serializers.IntegerField(source="readiness.wanted")
    waiting = serializers.BooleanField(source="readiness.waiting", help_text="Whether a model is at it.")
    failures = serializers.ListField(child=serializers.CharField())
    signed_by = serializers.ListField(child=serializers.CharField())
    leaks = serializers.ListField(child=serializers.CharField(), help_text="Why it can't be opened.")
    warnings = serializers.ListField(child=serializers.CharField())
    unknown_specimens = serializers.CharField(help_text="What to accept on opening; empty where there is nothing.")


class QuizDetailSerializer(QuizSerializer):
    """``asked`` is null for members who could still take the quiz; ``draft`` once it was opened."""

    link = serializers.SerializerMethodField(help_text="What readers open.")
    competitors = serializers.SerializerMethodField(help_text="Numbers of model versions.")
    answers_needed = serializers.SerializerMethodField(help_text="Of a sitting that counts.")
    primary_endpoint = serializers.SerializerMethodField()
    asked = serializers.SerializerMethodField()
    draft = serializers.SerializerMethodField()

    class Meta(QuizSerializer.Meta):
        fields = [
            *QuizSerializer.Meta.fields,
            *("instructions", "consent_text", "needs_sign_off", "link", "competitors", "answers_needed"),
            *("primary_endpoint", "asked", "draft"),
        ]

    def get_link(self, quiz: Quiz) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("quizzes:quiz_take", args=[quiz.slug])))

    def get_competitors(self, quiz: Quiz) -> list[int]:
        return sorted(quiz.competitors.values_list("number", flat=True))

    def get_answers_needed(self, quiz: Quiz) -> int:
        return quiz.answers_needed(quiz.questions.count())

    @extend_schema_field(EndpointSerializer(allow_null=True))
    def get_primary_endpoint(self, quiz: Quiz) -> Any:
        endpoint = PrimaryEndpoint.objects.of_quiz(quiz)
        return EndpointSerializer(endpoint).data if endpoint else None

    @extend_schema_field(AskedSerializer(many=True, allow_null=True))
    def get_asked(self, quiz: Quiz) -> Any:
        if not may_see_truth(self.context["request"].user, quiz):
            return None
        questions = quiz.questions.select_related("micrograph__material_class", "truth")
        return [AskedSerializer(question).data for question in questions]

    @extend_schema_field(DraftSerializer(allow_null=True))
    def get_draft(self, quiz: Quiz) -> Any:
        if quiz.opened_at:
            return None
        there = readiness.readiness(quiz)
        known = may_see_truth(self.context["request"].user, quiz)
        asked = [question.micrograph for question in quiz.questions.select_related("micrograph")]
        unknown = unknown_specimens(asked, quiz.competitors.all())
        state = {
            "readiness": there,
            "failures": there.failures if known else [],
            "signed_by": [one.user.get_username() for one in integrity.valid_sign_offs(quiz)],
            "leaks": leakage.leaks(asked, quiz.competitors.select_related("dataset")) if known else [],
            "warnings": readiness.warnings(quiz) if known else [],
            "unknown_specimens": unknown.sentence if unknown else "",
        }
        return DraftSerializer(state).data

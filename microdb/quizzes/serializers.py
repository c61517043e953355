"""Quizzes and their reports as JSON."""

from typing import Any

from rest_framework import serializers

from microdb.quizzes.headlines import headline
from microdb.quizzes.models import ModelAnswer, Quiz
from microdb.quizzes.reports import Report


class QuizSerializer(serializers.ModelSerializer):
    dataset: Any = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    state = serializers.CharField(read_only=True)
    questions = serializers.IntegerField(source="question_count", read_only=True)
    readers = serializers.IntegerField(source="reader_count", read_only=True)
    simulated_readers = serializers.IntegerField(source="simulated_count", read_only=True)

    class Meta:
        model = Quiz
        fields = [
            "slug",
            "title",
            "dataset",
            "state",
            "questions",
            "readers",
            "simulated_readers",
            "offers_none_of_these",
            "shuffled",
            "frozen_sha256",
            "created_at",
            "opened_at",
            "closed_at",
        ]


class IntervalSerializer(serializers.Serializer):
    low = serializers.FloatField()
    high = serializers.FloatField()


class PanelSerializer(serializers.Serializer):
    panel = serializers.CharField()
    readers = serializers.IntegerField()
    answered = serializers.IntegerField()
    accuracy = serializers.FloatField()
    interval = IntervalSerializer(help_text="95 %, by bootstrap over readers and questions")


class RaterSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment] # a declared field, which the metaclass takes away
    right = serializers.IntegerField()
    answered = serializers.IntegerField()
    accuracy = serializers.FloatField()
    interval = IntervalSerializer(help_text="95 %, after Wilson")
    exact_interval = IntervalSerializer(help_text="95 %, after Clopper and Pearson")


class ModelSerializer(RaterSerializer):
    model_version = serializers.IntegerField(source="version.number")


class ComparisonSerializer(serializers.Serializer):
    model_version = serializers.IntegerField(source="model.version.number")
    panel = serializers.CharField(source="panel.panel")
    difference = serializers.FloatField(help_text="model minus panel, from -1 to 1")
    p = serializers.FloatField(help_text="two-sided, by permutation over questions")
    corrected_p = serializers.FloatField(help_text="after Holm")
    binomial_p = serializers.FloatField(help_text="exact binomial, with the panel's mean taken as known")


class VoteSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment] # the same
    experts = serializers.IntegerField()
    non_experts = serializers.IntegerField()


class ModelAnswerSerializer(serializers.ModelSerializer):
    model_version = serializers.IntegerField(source="model_version.number")

    class Meta:
        model = ModelAnswer
        fields = ["model_version", "predicted", "none_of_these", "probabilities"]


class QuestionSerializer(serializers.Serializer):
    number = serializers.SerializerMethodField()
    micrograph = serializers.UUIDField(source="question.micrograph_id")
    filename = serializers.CharField(source="question.micrograph.filename")
    truth = serializers.CharField(source="question.truth_label")
    votes = VoteSerializer(many=True)
    model_answers = ModelAnswerSerializer(many=True)

    def get_number(self, result: Any) -> int:
        return result.question.position + 1


class ReportSerializer(serializers.Serializer):
    """``questions`` is null for members who could still take the open quiz."""

    quiz = serializers.CharField(source="quiz.slug")
    state = serializers.CharField(source="quiz.state")
    frozen_sha256 = serializers.CharField(source="quiz.frozen_sha256")
    headline = serializers.SerializerMethodField()
    readers = serializers.IntegerField(source="real_readers")
    simulated_readers = serializers.IntegerField()
    includes_simulated = serializers.BooleanField()
    panels = PanelSerializer(many=True)
    best_expert = RaterSerializer(allow_null=True)
    models = ModelSerializer(many=True)
    comparisons = ComparisonSerializer(many=True)
    questions = serializers.SerializerMethodField()

    def get_headline(self, report: Report) -> list[str]:
        return headline(report)

    def get_questions(self, report: Report) -> list[dict[str, Any]] | None:
        if not self.context["sees_truth"]:
            return None
        return list(QuestionSerializer(report.questions, many=True).data)

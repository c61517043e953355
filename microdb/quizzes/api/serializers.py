"""Quizzes and their reports as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from microdb.accounts.models import Panel
from microdb.quizzes.models import Quiz
from microdb.quizzes.reports import (
    Comparison,
    Duel,
    KappaRow,
    LeftOut,
    ModelAnswerRow,
    ModelRank,
    PanelResult,
    QuestionResult,
    RaterResult,
    Report,
    VarianceRow,
    Vote,
)
from microdb.quizzes.reports.headlines import headline
from microdb.quizzes.sitting.rules import YEARS_AT_MOST
from microdb.statistics import Verdict
from microdb.training.api.intervals import IntervalSerializer


class ReadersSerializer(serializers.Serializer[Any]):
    """Which readers a report counts."""

    simulated = serializers.ChoiceField(
        choices=["true", "false", "1", "0"],
        required=False,
        help_text="Count simulated readers; by default only without real ones.",
    )
    panel = serializers.ChoiceField(choices=Panel.values, required=False, help_text="Only readers of this panel.")
    least_years = serializers.IntegerField(
        min_value=0, max_value=YEARS_AT_MOST, required=False, help_text="Only readers with so many years or more."
    )
    complete = serializers.ChoiceField(
        choices=["true", "false", "1", "0"], required=False, help_text="Only readers who answered every question."
    )


class QuizSerializer(serializers.ModelSerializer[Quiz]):
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
            "asks_confidence",
            "teaching",
            "by_invitation",
            "time_limit_minutes",
            "opens_at",
            "closes_at",
            "truths_shown",
            "completeness_percent",
            "analysis_plan",
            "frozen_sha256",
            "created_at",
            "opened_at",
            "closed_at",
        ]


class PanelSerializer(serializers.Serializer[PanelResult]):
    panel = serializers.CharField()
    readers = serializers.IntegerField()
    answered = serializers.IntegerField()
    unsure = serializers.IntegerField()
    accuracy = serializers.FloatField()
    interval = IntervalSerializer(help_text="95 %, over readers and questions")


class RaterSerializer(serializers.Serializer[RaterResult]):
    label = serializers.CharField()  # type: ignore[assignment] # a declared field, which the metaclass takes away
    right = serializers.IntegerField()
    answered = serializers.IntegerField()
    accuracy = serializers.FloatField()
    interval = IntervalSerializer(help_text="95 %, after Wilson")
    exact_interval = IntervalSerializer(help_text="95 %, after Clopper and Pearson")


class ModelSerializer(RaterSerializer):
    model_version = serializers.IntegerField()


class BestExpertSerializer(RaterSerializer):
    by_chance = serializers.FloatField(help_text="expected of the best if all experts were equally good")


class ComparisonSerializer(serializers.Serializer[Comparison]):
    model_version = serializers.IntegerField()
    panel = serializers.CharField()
    model_accuracy = serializers.FloatField(help_text="on the questions that each reader answered")
    panel_accuracy = serializers.FloatField(help_text="mean over readers and questions")
    difference = serializers.FloatField(help_text="model minus panel, from -1 to 1")
    interval = IntervalSerializer(help_text="95 % of the difference, over readers and questions")
    p = serializers.FloatField(help_text="two-sided, of the difference, with readers and questions as samples")
    corrected_p = serializers.FloatField(help_text="after Holm; p itself for the declared comparison")
    binomial_p = serializers.FloatField(help_text="exact binomial, with the panel's mean taken as known")
    primary = serializers.BooleanField(help_text="declared before the quiz opened")
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    margin = serializers.FloatField(allow_null=True, help_text="of non-inferiority, as declared")
    margin_p = serializers.FloatField(allow_null=True, help_text="one-sided, of a model worse by the margin or more")


class VarianceSerializer(serializers.Serializer[VarianceRow]):
    who = serializers.CharField()
    readers = serializers.IntegerField()
    questions = serializers.IntegerField()
    reader = serializers.FloatField(allow_null=True, help_text="component between readers, of one answer")
    question = serializers.FloatField(allow_null=True, help_text="component between questions")
    rest = serializers.FloatField(allow_null=True)
    standard_error = serializers.FloatField(help_text="of the mean")
    critical = serializers.FloatField(help_text="in standard errors, at the 5 % level")


class RankSerializer(serializers.Serializer[ModelRank]):
    model_version = serializers.IntegerField()
    place = serializers.IntegerField(source="rank.place", help_text="1 is the best")
    of = serializers.IntegerField(source="rank.of", help_text="the experts and the model")
    low = serializers.IntegerField(source="rank.low", help_text="of the 95 % interval")
    high = serializers.IntegerField(source="rank.high")


class DuelSerializer(serializers.Serializer[Duel]):
    first = serializers.CharField()
    second = serializers.CharField()
    only_first = serializers.IntegerField(help_text="questions that only the first got right")
    only_second = serializers.IntegerField()
    p = serializers.FloatField(help_text="McNemar, exact")
    corrected_p = serializers.FloatField(help_text="after Holm")


class KappaSerializer(serializers.Serializer[KappaRow]):
    raters = serializers.CharField()
    measure = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    interval = IntervalSerializer(allow_null=True, help_text="95 %, by bootstrap over questions")
    rater_count = serializers.IntegerField()
    question_count = serializers.IntegerField()


class LeftOutSerializer(serializers.Serializer[LeftOut]):
    kind = serializers.CharField(help_text="partial or repeat")
    panel = serializers.CharField()
    readers = serializers.IntegerField()
    answered = serializers.IntegerField()
    right = serializers.IntegerField()


class VoteSerializer(serializers.Serializer[Vote]):
    label = serializers.CharField()  # type: ignore[assignment] # the same
    experts = serializers.IntegerField()
    non_experts = serializers.IntegerField()
    probabilities = serializers.ListField(child=serializers.FloatField(), help_text="one for each model")


class ModelAnswerSerializer(serializers.Serializer[ModelAnswerRow]):
    model_version = serializers.IntegerField()
    predicted = serializers.CharField()
    right = serializers.BooleanField()


class QuestionSerializer(serializers.Serializer[QuestionResult]):
    number = serializers.IntegerField()
    micrograph = serializers.UUIDField()
    filename = serializers.CharField()
    truth = serializers.CharField()
    votes = VoteSerializer(many=True)
    model_answers = ModelAnswerSerializer(many=True, source="models")


class ReportSerializer(serializers.Serializer[Report]):
    """``questions`` is null for members who could still take the open quiz."""

    quiz = serializers.CharField(source="slug")
    state = serializers.SerializerMethodField()
    frozen_sha256 = serializers.CharField()
    headline = serializers.SerializerMethodField()
    readers = serializers.IntegerField(source="real_readers")
    simulated_readers = serializers.IntegerField()
    includes_simulated = serializers.BooleanField()
    withdrawn_readers = serializers.IntegerField()
    left_out = LeftOutSerializer(many=True, help_text="submitted ballots that no figure counts")
    panels = PanelSerializer(many=True)
    best_expert = BestExpertSerializer(allow_null=True)
    models = ModelSerializer(many=True)
    comparisons = ComparisonSerializer(many=True)
    variances = VarianceSerializer(many=True)
    ranks = RankSerializer(many=True)
    duels = DuelSerializer(many=True)
    agreement = KappaSerializer(many=True)
    questions = serializers.SerializerMethodField()

    def get_state(self, report: Report) -> str:
        return str(self.context["quiz"].state)

    def get_headline(self, report: Report) -> list[str]:
        return headline(report)

    @extend_schema_field(QuestionSerializer(many=True, allow_null=True))
    def get_questions(self, report: Report) -> list[dict[str, Any]] | None:
        if not self.context["sees_truth"]:
            return None
        questions = QuestionSerializer(report.questions, many=True)  # type: ignore[arg-type] # the stubs lack many=True
        return list(questions.data)

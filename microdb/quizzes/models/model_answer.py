"""The models' answers, fixed when a quiz opens."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from microdb.quizzes.models.quiz import Question, Quiz
from microdb.training.models import ModelVersion


class ModelAnswerQuerySet(models.QuerySet["ModelAnswer"]):
    def of_quiz(self, quiz: Quiz) -> Self:
        """With their versions, without the versions' large columns, in the order of the versions' numbers."""
        of_quiz = self.filter(question__quiz=quiz).select_related("model_version")
        slim = of_quiz.defer("model_version__descriptor_map", "model_version__metrics", "model_version__config")
        return slim.order_by("model_version__number", "question__position")


class ModelAnswer(models.Model):
    """What a competing model version answered, fixed when the quiz opens."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="model_answers")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="quiz_answers")
    predicted = models.CharField(max_length=60)
    none_of_these = models.FloatField()
    probabilities = models.JSONField()
    saliency = models.CharField(max_length=200, blank=True, help_text=_("Storage name of the map."))

    objects = ModelAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "model_version"], name="model_answer_once")]

    def __str__(self) -> str:
        return self.predicted

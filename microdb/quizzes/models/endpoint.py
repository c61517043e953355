"""What a quiz is meant to show, declared before it opens."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import Panel
from microdb.quizzes.models.quiz import Quiz
from microdb.training.models import ModelVersion


class PrimaryEndpointManager(models.Manager["PrimaryEndpoint"]):
    def of_quiz(self, quiz: Quiz) -> "PrimaryEndpoint | None":
        """What the quiz declares, with its version; None where nothing is declared."""
        return self.filter(quiz=quiz).select_related("model_version__dataset").first()


class PrimaryEndpoint(models.Model):
    """The one comparison whose p needs no correction, and the margin of non-inferiority where one is declared."""

    quiz = models.OneToOneField(Quiz, on_delete=models.CASCADE, related_name="primary_endpoint")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    panel = models.CharField(max_length=10, choices=Panel, default=Panel.EXPERT)
    margin = models.FloatField(
        null=True, blank=True, help_text=_("How much worse than the panel still counts as no worse, from 0 to 1.")
    )
    declared_at = models.DateTimeField(auto_now=True)

    objects = PrimaryEndpointManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(margin=None) | Q(margin__gt=0, margin__lte=0.5), name="primary_endpoint_margin"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz}: {self.model_version}, {self.panel}"

    @property
    def record(self) -> dict[str, object]:
        """As it is fixed and hashed when the quiz opens."""
        return {"version": self.model_version.number, "panel": self.panel, "margin": self.margin}

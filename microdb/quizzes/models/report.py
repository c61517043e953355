"""Stored reports."""

from django.db import models

from microdb.quizzes.models.quiz import Quiz


class StoredReport(models.Model):
    """One computed report of a quiz for one choice of readers, with the fingerprint of what it was computed from."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="stored_reports")
    readers = models.CharField(max_length=100, help_text="The choice of readers, as in the page's address.")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the ballots and of the fixed answers.")
    document = models.TextField(help_text="The report as JSON.")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quiz", "readers"], name="stored_report_once")]

    def __str__(self) -> str:
        return f"{self.quiz}: {self.readers or 'all readers'}"

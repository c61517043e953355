"""Quizzes in the admin: an opened quiz, ballots and answers are a record, which can only be read.

While a quiz is open, nobody finds its truths, ballots and answers here; its organisers have pages of their own.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from microdb.admin_lists import BoundedAdmin
from microdb.micrographs.models import withheld_from
from microdb.quizzes.models import Answer, Ballot, Invitation, Question, Quiz, QuizEvent, SignOff


class ReadOnly(BoundedAdmin):
    secret_of = ""
    """The path to the quiz, of rows that are shown only when it is closed."""

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request)
        return found.exclude(**{f"{self.secret_of}__in": Quiz.objects.running()}) if self.secret_of else found

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # withdrawing deletes a reader's answers, and keeps that somebody withdrew


class QuestionInline(admin.TabularInline):  # type: ignore[type-arg] # generic in the stubs alone
    """Read-only, because the composer makes and checks the questions."""

    model = Question
    fields = ["position", "micrograph", "truth_label", "pixels_per_micrometre"]
    readonly_fields = ["truth_label"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> Any:
        shown = super().get_queryset(request).exclude(quiz__in=Quiz.objects.running())
        shown = shown.filter(~withheld_from(request.user, "micrograph"))  # a draft may share them with an open quiz
        return shown.select_related("micrograph__material_class", "truth", "quiz")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


EDITABLE = ["title", "instructions", "consent_text", "shuffled", "asks_confidence", "time_limit_minutes"]
FIXED = [
    "slug",
    "dataset",
    "offers_none_of_these",
    "teaching",
    "by_invitation",
    "needs_sign_off",
    "opens_at",
    "closes_at",
    "truths_shown",
    "completeness_percent",
    "analysis_plan",
    "answers_known",
    "unknown_specimens",
    "dataset_version",
    "frozen_sha256",
    "created_by",
    "created_at",
    "opened_at",
    "closed_at",
]


@admin.register(Quiz)
class QuizAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    list_display = ["title", "dataset", "state", "opened_at", "closed_at"]
    list_select_related = ["dataset"]
    list_filter = ["dataset", "opened_at", "closed_at"]
    search_fields = ["title", "slug"]
    fields = (*EDITABLE, *FIXED)
    inlines = [QuestionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Quiz | None = None) -> list[str]:
        return EDITABLE + FIXED if obj and obj.opened_at else FIXED

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Quiz | None = None) -> bool:
        return obj is not None and obj.opened_at is None and super().has_delete_permission(request, obj)


@admin.register(Ballot)
class BallotAdmin(ReadOnly):
    """Does not show the key, with which anyone could answer for the reader."""

    secret_of = "quiz"
    list_display = [
        "nickname",
        "quiz",
        "panel",
        "simulated",
        "started_at",
        "consented_at",
        "submitted_at",
        "complete",
        "repeat_of",
        "counted_anyway",
        "withdrawn_at",
    ]
    list_select_related = ["quiz", "repeat_of"]
    list_filter = ["panel", "simulated", "complete", "counted_anyway", "quiz"]
    search_fields = ["nickname__icontains"]


@admin.register(Answer)
class AnswerAdmin(ReadOnly):
    secret_of = "ballot__quiz"
    list_display = ["ballot", "question", "option", "unsure", "confidence", "active_ms", "answered_at"]
    list_select_related = ["ballot", "question__quiz", "option"]
    list_filter = ["unsure", "ballot__quiz"]
    sortable_by = ()


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    """Does not show the key, with which anyone could begin a ballot."""

    list_display = ["pk", "quiz", "note", "panel", "single_use", "used_at", "created_by"]
    list_select_related = ["quiz", "created_by"]
    list_filter = ["panel", "single_use", "quiz"]
    search_fields = ["note__icontains"]


@admin.register(QuizEvent)
class QuizEventAdmin(ReadOnly):
    list_display = ["quiz", "kind", "ballot", "reason", "by_name", "at"]
    list_select_related = ["quiz", "ballot"]
    list_filter = ["kind", "quiz"]


@admin.register(SignOff)
class SignOffAdmin(ReadOnly):
    list_display = ["quiz", "user", "signed_at", "truth_sha256"]
    list_select_related = ["quiz", "user"]
    list_filter = ["quiz"]

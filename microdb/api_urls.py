"""The REST API, version 1; the rooms list their own paths."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView

from microdb.quizzes import api as quizzes

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api_schema"),
    path("docs/", SpectacularRedocView.as_view(url_name="api_schema", permission_classes=[]), name="api_docs"),
    path("quizzes/", quizzes.QuizList.as_view(), name="api_quizzes"),
    path("quizzes/<slug:slug>/results/", quizzes.QuizResults.as_view(), name="api_quiz_results"),
]

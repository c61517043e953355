from django.http import HttpResponse
from django.urls import path

app_name = "quizzes"
urlpatterns = [
    path("quizzes/", lambda request, **_: HttpResponse(status=501), name="quiz_list"),
    path("datasets/<slug:slug>/quizzes/", lambda request, **_: HttpResponse(status=501), name="dataset_quizzes"),
]

from django.http import HttpResponse
from django.urls import path

app_name = "scoring"
urlpatterns = [
    path("datasets/<slug:slug>/scores/", lambda request, **_: HttpResponse(status=501), name="score_list"),
]

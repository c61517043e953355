from django.http import HttpResponse
from django.urls import path

app_name = "training"
urlpatterns = [
    path("datasets/<slug:slug>/training/", lambda request, **_: HttpResponse(status=501), name="model_version_list"),
]

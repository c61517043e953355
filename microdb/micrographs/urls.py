from django.http import HttpResponse
from django.urls import path

app_name = "micrographs"
urlpatterns = [
    path("datasets/", lambda request, **_: HttpResponse(status=501), name="dataset_list"),
    path("datasets/<slug:slug>/", lambda request, **_: HttpResponse(status=501), name="gallery"),
    path("datasets/<slug:slug>/upload/", lambda request, **_: HttpResponse(status=501), name="upload"),
    path("datasets/<slug:slug>/label/", lambda request, **_: HttpResponse(status=501), name="labelling"),
    path("datasets/<slug:slug>/settings/", lambda request, **_: HttpResponse(status=501), name="settings"),
]

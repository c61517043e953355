"""Addresses of the front door."""

from django.urls import path

from microdb.front import documentation, views

urlpatterns = [
    path("", views.home, name="home"),
    path("guide/", views.guide, {"page": "start"}, name="guide"),
    path("guide/<slug:page>/", views.guide, name="guide_page"),
    path("docs/", documentation.page, {"name": "index.html"}, name="documentation"),
    path("docs/<path:name>", documentation.page, name="documentation_page"),
    path("sample/", views.sample_create, name="sample_create"),
]

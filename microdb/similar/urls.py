from django.urls import path

from microdb.similar import views

app_name = "similar"
urlpatterns = [
    path("datasets/<slug:slug>/similar/", views.search, name="search"),
    path("datasets/<slug:slug>/micrographs/<uuid:pk>/similar/", views.similar, name="micrograph"),
    path("scores/<uuid:pk>/similar/", views.of_score, name="of_score"),
]

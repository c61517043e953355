from django.urls import path

from microdb.overview import views

app_name = "overview"
urlpatterns = [
    path("datasets/<slug:slug>/overview/", views.overview, name="overview"),
    path("datasets/<slug:slug>/overview/now/", views.now, name="now"),
]

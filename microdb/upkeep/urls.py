from django.urls import path

from microdb.upkeep import views

app_name = "upkeep"
urlpatterns = [path("upkeep/files/", views.stored_files, name="stored_files")]

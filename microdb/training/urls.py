from django.urls import path

from microdb.training import map_views, views

app_name = "training"
urlpatterns = [
    path("datasets/<slug:slug>/training/", views.model_version_list, name="model_version_list"),
    path("datasets/<slug:slug>/training/new/", views.model_version_create, name="model_version_create"),
    path("datasets/<slug:slug>/training/compare/", views.compare, name="model_version_compare"),
    path("datasets/<slug:slug>/training/<int:number>/", views.model_version, name="model_version"),
    path("datasets/<slug:slug>/training/<int:number>/held-out/", views.held_out, name="held_out"),
    path("datasets/<slug:slug>/training/<int:number>/map/", map_views.descriptor_map, name="descriptor_map"),
    path(
        "datasets/<slug:slug>/training/<int:number>/map/micrographs/",
        map_views.map_micrographs,
        name="map_micrographs",
    ),
    path(
        "datasets/<slug:slug>/training/<int:number>/map/micrographs/<uuid:pk>/",
        map_views.map_micrograph,
        name="map_micrograph",
    ),
    path("datasets/<slug:slug>/training/<int:number>/progress/", views.progress, name="model_version_progress"),
    path("datasets/<slug:slug>/training/<int:number>/cancel/", views.cancel, name="model_version_cancel"),
    path("datasets/<slug:slug>/training/<int:number>/activate/", views.activate, name="model_version_activate"),
]

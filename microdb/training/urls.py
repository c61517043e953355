from django.urls import path

from microdb.training import card_views, curve_views, evidence_views, map_views, transfer_views, views

app_name = "training"
urlpatterns = [
    path("datasets/<slug:slug>/training/", views.model_version_list, name="model_version_list"),
    path("datasets/<slug:slug>/training/new/", views.model_version_create, name="model_version_create"),
    path("datasets/<slug:slug>/training/compare/", views.compare, name="model_version_compare"),
    path("datasets/<slug:slug>/training/import/", transfer_views.import_create, name="import_create"),
    path("datasets/<slug:slug>/training/imports/", transfer_views.import_list, name="import_list"),
    path("datasets/<slug:slug>/training/imports/<int:pk>/cancel/", transfer_views.import_cancel, name="import_cancel"),
    path("datasets/<slug:slug>/training/<int:number>/export/", transfer_views.export, name="model_version_export"),
    path("datasets/<slug:slug>/training/<int:number>/card/", card_views.card, name="model_card"),
    path("datasets/<slug:slug>/training/<int:number>/card.pdf", card_views.card_as_pdf, name="model_card_pdf"),
    path(
        "datasets/<slug:slug>/training/<int:number>/none-of-these/",
        evidence_views.none_of_these,
        name="none_of_these",
    ),
    path("datasets/<slug:slug>/training/<int:number>/changed/", evidence_views.changed, name="changed_labels"),
    path(
        "datasets/<slug:slug>/training/<int:number>/learning-curve/",
        curve_views.curve_request,
        name="curve_request",
    ),
    path(
        "datasets/<slug:slug>/training/<int:number>/learning-curve/progress/",
        curve_views.curve_progress,
        name="curve_progress",
    ),
    path(
        "datasets/<slug:slug>/training/<int:number>/learning-curve/cancel/",
        curve_views.curve_cancel,
        name="curve_cancel",
    ),
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

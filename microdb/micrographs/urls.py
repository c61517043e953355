"""Addresses of the dataset and micrograph pages."""

from django.urls import path

from microdb.micrographs.views import (
    corrections,
    datasets,
    exports,
    files,
    gallery,
    health,
    labelling,
    micrograph,
    settings,
    upload,
    versions,
)

app_name = "micrographs"
urlpatterns = [
    path("datasets/", datasets.dataset_list, name="dataset_list"),
    path("datasets/new/", datasets.dataset_create, name="dataset_create"),
    path("datasets/<slug:slug>/", gallery.gallery, name="gallery"),
    path("datasets/<slug:slug>/trash/", gallery.trash, name="trash"),
    path("datasets/<slug:slug>/bulk/", gallery.bulk_change, name="bulk_change"),
    path("datasets/<slug:slug>/bulk/undo/", gallery.bulk_undo, name="bulk_undo"),
    path("datasets/<slug:slug>/upload/", upload.upload, name="upload"),
    path("datasets/<slug:slug>/upload/status/", upload.upload_status, name="upload_status"),
    path("datasets/<slug:slug>/upload/plan/", upload.upload_plan, name="upload_plan"),
    path("datasets/<slug:slug>/upload/known/", upload.upload_known, name="upload_known"),
    path("datasets/<slug:slug>/label/", labelling.labelling, name="labelling"),
    path("datasets/<slug:slug>/label/queue/", labelling.labelling_queue, name="labelling_queue"),
    path("datasets/<slug:slug>/label/<uuid:pk>/", labelling.label_one, name="label_one"),
    path("datasets/<slug:slug>/micrographs/<uuid:pk>/", micrograph.micrograph, name="micrograph"),
    path("datasets/<slug:slug>/micrographs/<uuid:pk>/scale/", corrections.micrograph_scale, name="micrograph_scale"),
    path(
        "datasets/<slug:slug>/micrographs/<uuid:pk>/micron-bar/",
        corrections.micrograph_micron_bar,
        name="micrograph_micron_bar",
    ),
    path("datasets/<slug:slug>/micrographs/<uuid:pk>/trash/", corrections.micrograph_trash, name="micrograph_trash"),
    path(
        "datasets/<slug:slug>/micrographs/<uuid:pk>/data-bar/",
        corrections.micrograph_data_bar,
        name="micrograph_data_bar",
    ),
    path("datasets/<slug:slug>/changes/<int:pk>/revert/", corrections.change_revert, name="change_revert"),
    path("datasets/<slug:slug>/twins/<int:pk>/dismiss/", corrections.twin_dismiss, name="twin_dismiss"),
    path("datasets/<slug:slug>/health/", health.health, name="health"),
    path("datasets/<slug:slug>/split/", health.split, name="split"),
    path("datasets/<slug:slug>/versions/", versions.version_list, name="version_list"),
    path("datasets/<slug:slug>/versions/freeze/", versions.version_freeze, name="version_freeze"),
    path("datasets/<slug:slug>/versions/compare/", versions.version_compare, name="version_compare"),
    path("datasets/<slug:slug>/export/", exports.export, name="export"),
    path("datasets/<slug:slug>/settings/", settings.settings, name="settings"),
    path("datasets/<slug:slug>/settings/classes/", settings.class_add, name="class_add"),
    path("datasets/<slug:slug>/settings/classes/<int:pk>/", settings.class_change, name="class_change"),
    path("datasets/<slug:slug>/settings/members/", settings.member_set, name="member_set"),
    path("datasets/<slug:slug>/settings/members/<int:pk>/remove/", settings.member_remove, name="member_remove"),
    path("datasets/<slug:slug>/settings/trash/", settings.dataset_trash, name="dataset_trash"),
    path("micrographs/<uuid:pk>/image/", files.micrograph_image, name="micrograph_image"),
    path("micrographs/<uuid:pk>/thumbnail/", files.micrograph_thumbnail, name="micrograph_thumbnail"),
    path("micrographs/<uuid:pk>/master/", files.micrograph_master, name="micrograph_master"),
]

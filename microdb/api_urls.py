"""The REST API, version 1; the rooms list their own paths."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from microdb.accounts import token_api as tokens
from microdb.micrographs import api as micrographs
from microdb.quizzes import api as quizzes
from microdb.scoring import api as scoring
from microdb.training import api as training
from microdb.webhooks import api as webhooks

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[]), name="api_schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api_schema", permission_classes=[], template_name="api_docs.html"
        ),
        name="api_docs",
    ),
    path("datasets/", micrographs.DatasetList.as_view()),
    path("datasets/<slug:slug>/", micrographs.DatasetDetail.as_view()),
    path("datasets/<slug:slug>/classes/", micrographs.MaterialClassList.as_view()),
    path("datasets/<slug:slug>/micrographs/", micrographs.MicrographList.as_view()),
    path("datasets/<slug:slug>/micrographs/<uuid:pk>/", micrographs.MicrographDetail.as_view()),
    path("datasets/<slug:slug>/uploads/", micrographs.UploadList.as_view(), name="api_uploads"),
    path("datasets/<slug:slug>/uploads/<uuid:upload>/", micrographs.UploadDetail.as_view(), name="api_upload"),
    path("datasets/<slug:slug>/log/", micrographs.DatasetLog.as_view()),
    path("log/", micrographs.SiteLog.as_view()),
    path("datasets/<slug:slug>/specimens/", micrographs.SpecimenList.as_view()),
    path("datasets/<slug:slug>/specimens/<path:name>/", micrographs.SpecimenDetail.as_view()),
    path("micrographs/<uuid:pk>/image/", micrographs.MicrographImage.as_view(), name="api_micrograph_image"),
    path(
        "micrographs/<uuid:pk>/thumbnail/", micrographs.MicrographThumbnail.as_view(), name="api_micrograph_thumbnail"
    ),
    path("micrographs/<uuid:pk>/master/", micrographs.MicrographMaster.as_view()),
    path("quizzes/", quizzes.QuizList.as_view(), name="api_quizzes"),
    path("quizzes/<slug:slug>/results/", quizzes.QuizResults.as_view(), name="api_quiz_results"),
    path("datasets/<slug:slug>/model-versions/", training.ModelVersionList.as_view()),
    path("datasets/<slug:slug>/model-versions/<int:number>/", training.ModelVersionDetail.as_view()),
    path("datasets/<slug:slug>/model-versions/<int:number>/cancel/", training.ModelVersionCancel.as_view()),
    path("datasets/<slug:slug>/model-versions/<int:number>/activate/", training.ModelVersionActivate.as_view()),
    path("datasets/<slug:slug>/batches/", scoring.BatchList.as_view()),
    path("datasets/<slug:slug>/batches/<uuid:pk>/", scoring.BatchDetail.as_view()),
    path("datasets/<slug:slug>/batches/<uuid:pk>/results/", scoring.BatchResults.as_view(), name="api_batch_results"),
    path("datasets/<slug:slug>/batches/<uuid:pk>/files/", scoring.BatchFiles.as_view()),
    path("datasets/<slug:slug>/batches/<uuid:pk>/uploads/", scoring.BatchUploadList.as_view()),
    path(
        "datasets/<slug:slug>/batches/<uuid:pk>/uploads/<uuid:upload>/",
        scoring.BatchUploadDetail.as_view(),
        name="api_batch_upload",
    ),
    path("datasets/<slug:slug>/batches/<uuid:pk>/start/", scoring.BatchStart.as_view()),
    path("datasets/<slug:slug>/batches/<uuid:pk>/cancel/", scoring.BatchCancel.as_view()),
    path("datasets/<slug:slug>/batches/<uuid:pk>/retry/", scoring.BatchRetry.as_view()),
    path("scores/<uuid:pk>/", scoring.ScoreDetail.as_view()),
    path("scores/<uuid:pk>/saliency/", scoring.ScoreSaliency.as_view(), name="api_score_saliency"),
    path("webhooks/", webhooks.WebhookList.as_view()),
    path("webhooks/<int:pk>/", webhooks.WebhookDetail.as_view()),
    path("webhooks/<int:pk>/rotate/", webhooks.WebhookRotate.as_view()),
    path("webhooks/<int:pk>/ping/", webhooks.WebhookPing.as_view()),
    path("webhooks/<int:pk>/deliveries/", webhooks.DeliveryList.as_view()),
    path("webhooks/<int:pk>/deliveries/<uuid:delivery>/replay/", webhooks.DeliveryReplay.as_view()),
    path("tokens/", tokens.ApiTokenList.as_view()),
    path("tokens/current/", tokens.CurrentApiToken.as_view()),
    path("tokens/<int:pk>/", tokens.ApiTokenDetail.as_view()),
    path("tokens/<int:pk>/rotate/", tokens.ApiTokenRotate.as_view()),
]

from django.urls import path

from microdb.scoring.views import active_learning, batches, label_issues, labels, maps, scores, selections, uploads

app_name = "scoring"
urlpatterns = [
    path("datasets/<slug:slug>/next/", active_learning.next_page, name="next_to_label"),
    path("datasets/<slug:slug>/next/label/", active_learning.next_labelling, name="next_labelling"),
    path("datasets/<slug:slug>/next/queue/", active_learning.next_queue, name="next_queue"),
    path("datasets/<slug:slug>/next/score/", active_learning.score_unlabelled, name="score_unlabelled"),
    path("datasets/<slug:slug>/suspects/", label_issues.issue_list, name="suspect_labels"),
    path("datasets/<slug:slug>/suspects/review/", label_issues.issue_review, name="suspect_review"),
    path("datasets/<slug:slug>/suspects/queue/", label_issues.issue_queue, name="suspect_queue"),
    path("datasets/<slug:slug>/suspects/<uuid:pk>/keep/", label_issues.issue_keep, name="suspect_keep"),
    path("datasets/<slug:slug>/scores/", scores.score_list, name="score_list"),
    path("datasets/<slug:slug>/scores/label/", labels.label_scored, name="label_scored"),
    path("datasets/<slug:slug>/scores/upload/", uploads.score_upload, name="score_upload"),
    path("datasets/<slug:slug>/scores/micrographs/<uuid:pk>/", uploads.score_request, name="score_request"),
    path("datasets/<slug:slug>/scores/held-out/", batches.batch_create, name="batch_create"),
    path("datasets/<slug:slug>/scores/selected/", selections.score_selected, name="score_selected"),
    path("datasets/<slug:slug>/scores/again/<int:number>/", selections.score_again, name="score_again"),
    path("scores/<uuid:pk>/", scores.score, name="score"),
    path("scores/<uuid:pk>/card/", scores.score_card, name="score_card"),
    path("scores/<uuid:pk>/saliency/", maps.score_saliency, name="score_saliency"),
    path("scores/<uuid:pk>/planes/", maps.score_planes, name="score_planes"),
    path("scores/<uuid:pk>/area-fractions.csv", maps.area_fractions_csv, name="area_fractions_csv"),
    path("scores/<uuid:pk>/cancel/", scores.score_cancel, name="score_cancel"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/progress/", batches.batch_progress, name="batch_progress"),
    path("batches/<uuid:pk>/results.csv", batches.batch_csv, name="batch_csv"),
    path("batches/<uuid:pk>/results.pdf", batches.batch_pdf, name="batch_pdf"),
    path("batches/<uuid:pk>/again/", selections.batch_again, name="batch_again"),
    path("batches/<uuid:pk>/cancel/", batches.batch_cancel, name="batch_cancel"),
]

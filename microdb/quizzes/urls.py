"""Addresses of quizzes: ``quizzes/`` for members, ``quiz/`` for whoever has the link."""

from django.urls import path

from microdb.quizzes.views import composing, feedback, lists, organising, pictures, results, taking

app_name = "quizzes"
urlpatterns = [
    path("quizzes/", lists.quiz_list, name="quiz_list"),
    path("datasets/<slug:slug>/quizzes/", lists.dataset_quizzes, name="dataset_quizzes"),
    path("datasets/<slug:slug>/quizzes/new/", composing.quiz_create, name="quiz_create"),
    path("datasets/<slug:slug>/quizzes/power/", composing.quiz_power, name="quiz_power"),
    path("quizzes/<slug:slug>/", organising.quiz, name="quiz"),
    path("quizzes/<slug:slug>/readiness/", organising.quiz_readiness, name="quiz_readiness"),
    path("quizzes/<slug:slug>/sign/", organising.quiz_sign, name="quiz_sign"),
    path("quizzes/<slug:slug>/endpoint/", organising.quiz_endpoint, name="quiz_endpoint"),
    path("quizzes/<slug:slug>/open/", organising.quiz_open, name="quiz_open"),
    path("quizzes/<slug:slug>/close/", organising.quiz_close, name="quiz_close"),
    path("quizzes/<slug:slug>/delete/", organising.quiz_delete, name="quiz_delete"),
    path("quizzes/<slug:slug>/invitations/", organising.quiz_invitations, name="quiz_invitations"),
    path("quizzes/<slug:slug>/invitations/<int:pk>/delete/", organising.invitation_delete, name="invitation_delete"),
    path("quizzes/<slug:slug>/results/", results.quiz_results, name="quiz_results"),
    path("quizzes/<slug:slug>/results.csv", results.quiz_answers_csv, name="quiz_answers_csv"),
    path("quizzes/<slug:slug>/results.json", results.quiz_results_json, name="quiz_results_json"),
    path("quizzes/<slug:slug>/results.imrmc", results.quiz_results_imrmc, name="quiz_results_imrmc"),
    path("quizzes/<slug:slug>/results.pdf", results.quiz_results_pdf, name="quiz_results_pdf"),
    path("quizzes/<slug:slug>/results/<slug:name>.csv", results.quiz_exhibit_csv, name="quiz_exhibit_csv"),
    path("quiz/image/<uuid:key>.png", pictures.question_image, name="question_image"),
    path("quiz/exemplar/<uuid:key>.png", pictures.exemplar_image, name="exemplar_image"),
    path("quiz/saliency/<uuid:key>/<int:number>.png", pictures.question_saliency, name="question_saliency"),
    path("quiz/<slug:slug>/", taking.quiz_take, name="quiz_take"),
    path("quiz/<slug:slug>/invited/<uuid:key>/", taking.quiz_invited, name="quiz_invited"),
    path("quiz/<slug:slug>/<uuid:key>/", taking.ballot, name="ballot"),
    path("quiz/<slug:slug>/<uuid:key>/<int:number>/", taking.ballot_question, name="ballot_question"),
    path("quiz/<slug:slug>/<uuid:key>/answer/", taking.ballot_answer, name="ballot_answer"),
    path("quiz/<slug:slug>/<uuid:key>/submit/", taking.ballot_submit, name="ballot_submit"),
    path("quiz/<slug:slug>/<uuid:key>/withdraw/", taking.ballot_withdraw, name="ballot_withdraw"),
    path("quiz/<slug:slug>/<uuid:key>/compare/", feedback.ballot_compare, name="ballot_compare"),
    path("quiz/<slug:slug>/<uuid:key>/truth/<uuid:question>/", feedback.ballot_reveal, name="ballot_reveal"),
]

"""Addresses of quizzes: ``quizzes/`` for members, ``quiz/`` for whoever has the link."""

from django.urls import path

from microdb.quizzes import taking, views

app_name = "quizzes"
urlpatterns = [
    path("quizzes/", views.quiz_list, name="quiz_list"),
    path("datasets/<slug:slug>/quizzes/", views.dataset_quizzes, name="dataset_quizzes"),
    path("datasets/<slug:slug>/quizzes/new/", views.quiz_create, name="quiz_create"),
    path("quizzes/<slug:slug>/", views.quiz, name="quiz"),
    path("quizzes/<slug:slug>/readiness/", views.quiz_readiness, name="quiz_readiness"),
    path("quizzes/<slug:slug>/open/", views.quiz_open, name="quiz_open"),
    path("quizzes/<slug:slug>/close/", views.quiz_close, name="quiz_close"),
    path("quizzes/<slug:slug>/delete/", views.quiz_delete, name="quiz_delete"),
    path("quizzes/<slug:slug>/results/", views.quiz_results, name="quiz_results"),
    path("quizzes/<slug:slug>/results.csv", views.quiz_results_csv, name="quiz_results_csv"),
    path("quiz/image/<uuid:key>.png", taking.question_image, name="question_image"),
    path("quiz/exemplar/<uuid:key>.png", taking.exemplar_image, name="exemplar_image"),
    path("quiz/saliency/<uuid:key>/<int:number>.png", taking.question_saliency, name="question_saliency"),
    path("quiz/<slug:slug>/", taking.quiz_take, name="quiz_take"),
    path("quiz/<slug:slug>/<uuid:key>/", taking.ballot, name="ballot"),
    path("quiz/<slug:slug>/<uuid:key>/<int:number>/", taking.ballot_question, name="ballot_question"),
    path("quiz/<slug:slug>/<uuid:key>/answer/", taking.ballot_answer, name="ballot_answer"),
    path("quiz/<slug:slug>/<uuid:key>/submit/", taking.ballot_submit, name="ballot_submit"),
    path("quiz/<slug:slug>/<uuid:key>/compare/", taking.ballot_compare, name="ballot_compare"),
]

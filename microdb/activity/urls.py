from django.urls import path

from microdb.activity import views

app_name = "activity"
urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/now/", views.now, name="now"),
    path("jobs/indicator/", views.indicator, name="indicator"),
    path("jobs/<str:job>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<str:job>/retry/", views.job_retry, name="job_retry"),
]

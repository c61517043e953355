from django.urls import path

from microdb.audit_log import views

app_name = "audit_log"
urlpatterns = [
    path("log/", views.site_log, name="site_log"),
    path("log.csv", views.site_log_file, {"kind": "csv"}, name="site_log_csv"),
    path("log.jsonl", views.site_log_file, {"kind": "jsonl"}, name="site_log_jsonl"),
]

from django.urls import path

from microdb.monitoring import views

app_name = "monitoring"
urlpatterns = [path("metrics", views.metrics, name="metrics")]

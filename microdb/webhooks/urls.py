from django.urls import path

from microdb.webhooks import views

app_name = "webhooks"
WEBHOOK = "datasets/<slug:slug>/notifications/webhooks/<int:pk>/"
urlpatterns = [
    path("datasets/<slug:slug>/notifications/", views.notifications, name="notifications"),
    path("datasets/<slug:slug>/notifications/mail/", views.mailing_set, name="mailing_set"),
    path("datasets/<slug:slug>/notifications/webhooks/", views.webhook_create, name="webhook_create"),
    path(WEBHOOK, views.webhook_detail, name="webhook_detail"),
    path(f"{WEBHOOK}rotate/", views.webhook_rotate, name="webhook_rotate"),
    path(f"{WEBHOOK}delete/", views.webhook_delete, name="webhook_delete"),
    path(f"{WEBHOOK}ping/", views.webhook_ping, name="webhook_ping"),
    path(f"{WEBHOOK}deliveries/<uuid:delivery>/replay/", views.delivery_replay, name="delivery_replay"),
]

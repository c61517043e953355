"""Addresses of the room's own pages. allauth's are included beside them in ``microdb.urls``."""

from allauth.account import views as allauth
from django.urls import path

from microdb.accounts import token_views, views

app_name = "accounts"
urlpatterns = [
    path("login/", allauth.login, name="login"),
    path("logout/", allauth.logout, name="logout"),
    path("reauthenticate/provider/", views.confirm_at_provider, name="confirm_at_provider"),
    path("sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", token_views.token_list, name="token_list"),
    path("tokens/new/", token_views.token_create, name="token_create"),
    path("tokens/<int:pk>/", token_views.token_edit, name="token_edit"),
    path("tokens/<int:pk>/rotate/", token_views.token_rotate, name="token_rotate"),
    path("tokens/<int:pk>/delete/", token_views.token_delete, name="token_delete"),
]

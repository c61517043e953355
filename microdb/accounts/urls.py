"""Addresses of the room's own pages. allauth's are included beside them in ``microdb.urls``."""

from allauth.account import views as allauth
from django.urls import path

from microdb.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", allauth.login, name="login"),
    path("logout/", allauth.logout, name="logout"),
    path("profile/", views.profile, name="profile"),
    path("tokens/new/", views.token_create, name="token_create"),
    path("tokens/<int:pk>/delete/", views.token_delete, name="token_delete"),
]

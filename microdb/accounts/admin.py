"""Accounts in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from microdb.accounts.models import ApiToken, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ["username", "email", "expertise", "years_of_experience", "is_staff", "last_login"]
    list_filter = ["expertise", "is_staff", "is_active"]
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        ("Expertise", {"fields": ["expertise", "years_of_experience"]}),
    )


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens can be looked at and revoked; they are made by their owner or by ``manage.py api_token``."""

    list_display = ["beginning", "user", "name", "scopes", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "name"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

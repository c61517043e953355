"""Accounts in the admin."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialApp
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import keep_email

admin.site.unregister(SocialApp)  # the settings name the identity provider


class EmailAddressInline(admin.TabularInline):  # type: ignore[type-arg] # generic in the stubs alone
    """The primary address is the account's."""

    model = EmailAddress
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    list_display = ["username", "email", "expertise", "years_of_experience", "is_staff", "last_login"]
    list_filter = ["expertise", "is_staff", "is_active"]
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ()),
        ("Expertise", {"fields": ["expertise", "years_of_experience"]}),
        ("Signing in", {"fields": ["must_verify_email"]}),
    )
    readonly_fields = ["email"]
    inlines = [EmailAddressInline]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else []  # the page of a new account has a name and a password

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        keep_email(user=form.instance)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Tokens can be read and revoked here. Their owner or ``manage.py api_token`` makes them."""

    list_display = ["beginning", "user", "name", "scopes", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

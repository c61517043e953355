"""Every address of the site; the rooms list their own."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

from microdb import component_page, health

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign] # second factors hold there too
admin.site.site_header = admin.site.site_title = "MicroDB"

handler400 = "microdb.error_pages.bad_request"
handler403 = "microdb.error_pages.permission_denied"
handler404 = "microdb.error_pages.not_found"
handler429 = "microdb.error_pages.too_many_requests"  # allauth calls it
handler500 = "microdb.error_pages.server_error"

urlpatterns = [
    # gettext() of the scripts; the texts change with a deployment only
    path("jsi18n/", cache_control(max_age=3600)(JavaScriptCatalog.as_view()), name="javascript-catalog"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("staff/components/", component_page.components, name="components"),
    path("accounts/", include("microdb.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("microdb.front.urls")),
    path("", include("microdb.monitoring.urls")),
    path("", include("microdb.upkeep.urls")),
    path("", include("microdb.audit_log.urls")),
    path("api/v1/", include("microdb.api_urls")),
    path("", include("microdb.micrographs.urls")),
    path("", include("microdb.webhooks.urls")),
    path("", include("microdb.training.urls")),
    path("", include("microdb.scoring.urls")),
    path("", include("microdb.similar.urls")),
    path("", include("microdb.quizzes.urls")),
    path("", include("microdb.activity.urls")),
    path("", include("microdb.overview.urls")),
]

"""The log has pages of its own, which filter and export; django-auditlog's is taken away."""

from django.contrib import admin

from microdb.audit_log.models import Entry

admin.site.unregister(Entry)

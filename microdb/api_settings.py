"""The part of the settings that is about the REST API. ``microdb.settings`` imports it."""

import os
from typing import Any

# Requests a minute; 0 means no limit. The first is for a token and for a person who is signed in.
API_RATE_PER_TOKEN = int(os.environ.get("API_RATE_PER_TOKEN", 6000))
API_RATE_PER_ADDRESS = int(os.environ.get("API_RATE_PER_ADDRESS", 300))

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "microdb.accounts.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "microdb.accounts.authentication.HasScope",
        "microdb.accounts.parameters.KnownParameters",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["microdb.accounts.rate_limits.RateLimit"],
    "DEFAULT_PARSER_CLASSES": [
        "microdb.accounts.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "microdb.accounts.api.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "microdb.accounts.api.error_response",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MicroDB",
    "DESCRIPTION": "Micrographs, model versions, scores and quizzes. "
    "Send your token in the header `Authorization: Token YOUR_TOKEN`.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "microdb.accounts.openapi.add_errors",
        "microdb.accounts.openapi.group_by_subject",
        "microdb.accounts.openapi.refuse_blanks",
    ],
    "ENUM_NAME_OVERRIDES": {
        "JobState": "microdb.jobs.Job.State",
        "MicrographState": "microdb.micrographs.api.serializers.SHOWN_STATES",
        "SimilarState": "microdb.similar.search.State",
        "EventKind": "microdb.webhooks.models.EventKind",
        "OfferedEventKind": "microdb.webhooks.models.EventKind.offered",
    },
}

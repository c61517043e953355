"""The page that Prometheus reads."""

import os
import secrets

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from microdb.monitoring.metrics.present import Present


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics, for whoever sends ``METRICS_TOKEN`` as a bearer token; 404 where metrics are off."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        answer = HttpResponse(_("Send METRICS_TOKEN as a bearer token."), status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry()
    registry.register(Present())
    body = generate_latest(registry) + generate_latest(_of_requests())
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def _of_requests() -> CollectorRegistry:
    """What all web processes of this machine or container counted."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it has no types
    return registry

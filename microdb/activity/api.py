"""Jobs over the REST API: what runs and what has ended, in all datasets; cancel and retry."""

from dataclasses import replace
from typing import Any, cast

from django.http import Http404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, inline_serializer
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from microdb.accounts.api import DEFAULT_PAGE, LARGEST_PAGE, page_size
from microdb.accounts.idempotency import idempotent
from microdb.accounts.models import ApiToken, User
from microdb.activity import actions
from microdb.activity.listing import Wanted, find, listed
from microdb.activity.places import Place
from microdb.activity.viewers import Viewer
from microdb.activity.work import Counts, Kind, Work
from microdb.errors import MicroDBError
from microdb.hashing import text_sha256
from microdb.jobs import Job
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role

SCOPES: dict[str, str] = {
    Kind.TRAINING: ApiToken.Scope.TRAIN,
    Kind.CURVE: ApiToken.Scope.TRAIN,
    Kind.IMPORT: ApiToken.Scope.TRAIN,
    Kind.READING: ApiToken.Scope.UPLOAD,
}
"""That a token needs to cancel or retry; SCORE for the other kinds."""


class JobSerializer(serializers.Serializer[Work]):
    """A training, a batch, or the jobs of another kind in one dataset, counted together."""

    id = serializers.CharField(help_text="For example training-12.")
    kind = serializers.ChoiceField(choices=Kind.choices)
    dataset = serializers.CharField(source="dataset.slug")
    title = serializers.CharField()
    state = serializers.ChoiceField(
        choices=Job.State.choices, help_text="A batch is queued until its first file is scored."
    )
    progress = serializers.FloatField(allow_null=True, help_text="0 to 1; null where it is not known.")
    message = serializers.CharField(help_text="What it does at present.")
    waiting = serializers.IntegerField(source="counts.waiting")
    running = serializers.IntegerField(source="counts.running")
    done = serializers.IntegerField(
        source="counts.done", help_text="With a result; of a batch that runs, settled with or without a verdict."
    )
    failed = serializers.IntegerField(
        source="counts.failed", help_text="Without a result; of jobs that are counted together, those of the last day."
    )
    total = serializers.IntegerField(source="counts.total", allow_null=True)
    ahead = serializers.IntegerField(allow_null=True, help_text="How many of its kind come before it in the queue.")
    seconds_left = serializers.IntegerField(allow_null=True, help_text="At the measured rate; null before it is known.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True, help_text="The last sign of life of its worker.")
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()
    error_id = serializers.CharField(help_text="Under which the server's log has a mistake of ours.")
    page = serializers.SerializerMethodField()
    can_be_cancelled = serializers.SerializerMethodField(help_text="By you.")
    can_be_retried = serializers.SerializerMethodField(help_text="By you.")

    @extend_schema_field(OpenApiTypes.URI)
    def get_page(self, work: Work) -> str:
        return str(self.context["request"].build_absolute_uri(work.page))

    def get_can_be_cancelled(self, work: Work) -> bool:
        return work.may_change and work.can_be_cancelled

    def get_can_be_retried(self, work: Work) -> bool:
        return work.may_change and work.can_be_retried


PAGE = inline_serializer(
    "JobPage",
    {
        "next": serializers.URLField(allow_null=True),
        "results": JobSerializer(many=True),
    },
)
KNOWN = OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an earlier answer.")


class JobView(APIView):
    """One piece of work."""

    @property
    def write_scope(self) -> str:
        kind = str(self.kwargs.get("job", "")).partition("-")[0]
        return SCOPES.get(kind, str(ApiToken.Scope.SCORE))

    def found(self, request: Request, job: str, role: str = Role.VIEWER) -> Work:
        work = find(Viewer.of(cast(User, request.user)), job)
        if work is None:
            raise Http404(_("There is no such job among yours."))
        dataset_or_404(request, work.dataset.slug, role)
        return work

    def answer(self, request: Request, work: Work) -> Response:
        return Response(JobSerializer(work, context={"request": request}).data)


class JobList(APIView):
    get_parameters = {"kind", "state", "dataset", "cursor", "page_size"}

    @extend_schema(
        operation_id="jobs_list",
        parameters=[
            KNOWN,
            OpenApiParameter("kind", str, enum=Kind.values),
            OpenApiParameter("state", str, enum=Job.State.values),
            OpenApiParameter("dataset", str, description="Its slug."),
            OpenApiParameter("cursor", str, description="From `next` of another page."),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}),
        ],
        responses={200: PAGE, 304: None},
    )
    def get(self, request: Request) -> Response:
        """Trainings and batches one by one, other jobs counted for each dataset; the newest first."""
        given = request.query_params
        wanted = Wanted(
            kinds=[Kind(given["kind"])] if _chosen(request, "kind", Kind.values) else [],
            states=[given["state"]] if _chosen(request, "state", Job.State.values) else [],
            slug=dataset_or_404(request, given["dataset"]).slug if given.get("dataset") else "",
            after=Place.read(given["cursor"]) if given.get("cursor") else None,
            most=page_size(request, default=DEFAULT_PAGE),
        )
        found = listed(Viewer.of(cast(User, request.user)), wanted)
        address = request.build_absolute_uri()
        following = replace_query_param(address, "cursor", found.next.cursor) if found.next else None
        to_json = JobSerializer(context={"request": request}).to_representation
        results = [to_json(work) for work in found.work]
        return tagged(request, found.work, {"next": following, "results": results})


class JobDetail(JobView):
    @extend_schema(parameters=[KNOWN], responses={200: JobSerializer, 304: None})
    def get(self, request: Request, job: str) -> Response:
        """How far one is."""
        work = self.found(request, job)
        return tagged(request, work, JobSerializer(work, context={"request": request}).data)


class JobCancel(JobView):
    @extend_schema(request=None, responses=JobSerializer)
    @idempotent
    def post(self, request: Request, job: str) -> Response:
        """Cancel what has not ended of a training, of a batch, or of the scores of a dataset."""
        work = self.found(request, job, Role.CURATOR)
        actions.cancel(work=work)
        left = find(
            Viewer.of(cast(User, request.user)), job
        )  # of scores that are counted together, nothing may be left
        return self.answer(request, left or replace(work, state=Job.State.CANCELLED, counts=Counts(), seconds_left=0))


class JobRetry(JobView):
    @extend_schema(request=None, responses={202: JobSerializer, 200: JobSerializer})
    @idempotent
    def post(self, request: Request, job: str) -> Response:
        """Try again what has failed; a training becomes another version, which is answered."""
        again = actions.retry(work=self.found(request, job, Role.CURATOR), by=cast(User, request.user))
        response = self.answer(request, self.found(request, again))
        response.status_code = status.HTTP_202_ACCEPTED
        return response


def tagged(request: Request, shown: Any, body: Any) -> Response:
    """The body with its ETag, or 304. What changes with the clock alone has no part in the tag."""
    tag = f'"{text_sha256(repr((request.user.pk, request.get_full_path(), shown)))[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
    if get_conditional_response(request._request, etag=tag) is not None:
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(body, headers=headers)


def _chosen(request: Request, name: str, values: list[str]) -> bool:
    """Whether a filter is given. Raises MicroDBError for none of its values."""
    given = request.query_params.get(name, "")
    if given and given not in values:
        raise MicroDBError(
            _("%(name)s is one of %(values)s; “%(given)s” was given.")
            % {"name": name, "values": ", ".join(values), "given": given[:60]},
            code="bad_filter",
        )
    return bool(given)

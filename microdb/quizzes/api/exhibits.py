"""The exhibits of a quiz, one by one, and all its answers for other software."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.csv_lines import CSV_TYPE, csv_lines
from microdb.errors import MicroDBError
from microdb.micrographs.api.files import AnyAccept
from microdb.quizzes.access import may_see_truth, member_quiz_or_404, quiz_with_truth_or_404
from microdb.quizzes.api.serializers import ReadersSerializer
from microdb.quizzes.exhibits import Exhibit, exhibits
from microdb.quizzes.exhibits.exports import answer_rows, everything, exhibit_rows, imrmc_lines
from microdb.quizzes.exhibits.pdf import report_pdf
from microdb.quizzes.reports import Readers, quiz_report
from microdb.quizzes.reports.answer_matrix import answer_matrix

JSON, CSV = "application/json", "text/csv"
READERS = ReadersSerializer().fields


class ExhibitNameSerializer(serializers.Serializer[Exhibit]):
    name = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField(help_text="How to read it.")


class ExhibitSerializer(ExhibitNameSerializer):
    """A table of the results."""

    columns = serializers.SerializerMethodField()
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.JSONField(allow_null=True)), help_text="Texts, numbers and null."
    )
    remarks = serializers.ListField(child=serializers.CharField())

    def get_columns(self, exhibit: Exhibit) -> list[str]:
        return [column.label for column in exhibit.columns]


class NamesSerializer(ReadersSerializer):
    names = serializers.ChoiceField(
        choices=["true", "false", "1", "0"], required=False, help_text="Whether to tell the readers' nicknames."
    )


class QuizExhibitList(APIView):
    read_scope = "quiz"
    get_parameters = READERS

    @extend_schema(parameters=[ReadersSerializer], responses=ExhibitNameSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The tables of the results that you may see."""
        return Response([ExhibitNameSerializer(one).data for one in _exhibits(request, slug)])


class QuizExhibit(APIView):
    read_scope = "quiz"
    content_negotiation_class = AnyAccept
    get_parameters = READERS

    @extend_schema(
        parameters=[ReadersSerializer],
        responses={(200, JSON): ExhibitSerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str, name: str) -> HttpResponseBase:
        """One table of the results. `Accept` chooses: JSON, or CSV (`text/csv`)."""
        found = next((one for one in _exhibits(request, slug) if one.name == name), None)
        if found is None:
            raise Http404(f"The results have no table “{name}” that you may see.")
        if request._request.get_preferred_type([JSON, CSV]) == CSV:
            return _csv(exhibit_rows(found), f"{slug}-{name}.csv")
        return Response(ExhibitSerializer(found).data)


class QuizAnswers(APIView):
    """For members who may know the truths; others are answered 404."""

    read_scope = "quiz"
    content_negotiation_class = AnyAccept
    get_parameters = {"names"}

    @extend_schema(
        parameters=[OpenApiParameter("names", enum=["true", "false", "1", "0"])],
        responses={(200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """One row per counted reader and question, for other software; with nicknames if `names` is true."""
        quiz = quiz_with_truth_or_404(request, slug)
        rows = answer_rows(quiz, quiz.ballots.counted(), with_names=_with_names(request))
        return _csv(rows, f"{slug}-answers.csv")


class QuizDocument(APIView):
    read_scope = "quiz"
    content_negotiation_class = AnyAccept
    get_parameters = NamesSerializer().fields

    @extend_schema(parameters=[NamesSerializer], responses={(200, JSON): OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Everything in one document: the report, the models' fixed answers, and the chosen readers' answers."""
        quiz = quiz_with_truth_or_404(request, slug)
        readers, with_names = _readers(request), _with_names(request)
        ballots, _with_simulated = readers.choose(quiz)
        return _file(everything(quiz, quiz_report(quiz, readers), ballots, with_names=with_names), f"{slug}.json", JSON)


class QuizImrmc(APIView):
    read_scope = "quiz"
    content_negotiation_class = AnyAccept
    get_parameters = READERS

    @extend_schema(parameters=[ReadersSerializer], responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Right and wrong answers in the format of iMRMC."""
        matrix, _with_simulated = answer_matrix(quiz_with_truth_or_404(request, slug), _readers(request))
        return _file("".join(imrmc_lines(matrix)).encode(), f"{slug}.imrmc", "text/plain; charset=utf-8")


class QuizPdf(APIView):
    read_scope = "quiz"
    content_negotiation_class = AnyAccept
    get_parameters = READERS

    @extend_schema(parameters=[ReadersSerializer], responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The whole quiz on paper."""
        quiz = quiz_with_truth_or_404(request, slug)
        return _file(report_pdf(quiz, quiz_report(quiz, _readers(request))), f"{slug}.pdf", "application/pdf")


def _readers(request: Request) -> Readers:
    """Which readers count. Raises ValidationError for a value that is none of its parameter."""
    ReadersSerializer(data=request.query_params).is_valid(raise_exception=True)
    return Readers.from_query(request.query_params)


def _exhibits(request: Request, slug: str) -> list[Exhibit]:
    quiz = member_quiz_or_404(request, slug)
    readers = _readers(request)
    if quiz.opened_at is None:
        raise MicroDBError("This quiz is not open yet: it has no results.", code="quiz_not_open")
    return exhibits(quiz_report(quiz, readers), sees_truth=may_see_truth(request.user, quiz))


def _with_names(request: Request) -> bool:
    given = request.query_params.get("names", "").strip()
    if given not in ("", "true", "false", "1", "0"):
        raise MicroDBError(f"names must be true or false; “{given[:60]}” was given.", code="bad_filter")
    return given in ("true", "1")


def _csv(rows: Any, filename: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(rows), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _file(content: bytes, filename: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)

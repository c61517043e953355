"""Many micrographs named in one request, by their ids or by the filters of their list."""

from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from microdb.errors import MicroDBError
from microdb.micrographs.api.filters import MicrographFilter
from microdb.micrographs.models import Dataset, MicrographQuerySet

MOST_KEYS = 100_000
"""Ids in one request."""


@extend_schema_field(serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_KEYS))
class MicrographKeys(serializers.Field):  # type: ignore[type-arg] # generic in the stubs alone
    """Ids of micrographs; 100,000 are checked in a fraction of a second, unlike by a list of fields."""

    default_error_messages = {
        "not_a_list": "Give a list of ids of micrographs.",
        "empty": "Give at least one id.",
        "no_id": "“{given}” is no id of a micrograph (item {number}).",
    }

    def to_internal_value(self, data: object) -> list[UUID]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if not data:
            self.fail("empty")
        _refuse_too_many(len(data))
        return [self._key(number, given) for number, given in enumerate(data, start=1)]

    def to_representation(self, value: list[UUID]) -> list[str]:
        return [str(key) for key in value]

    def _key(self, number: int, given: object) -> UUID:
        try:
            return UUID(given if isinstance(given, str) else "")
        except ValueError:
            self.fail("no_id", given=str(given)[:60], number=number)
            raise  # never reached: fail raises


def micrograph_key(request: Request) -> UUID | None:
    """The id in ``?micrograph=``. Raises MicroDBError where it is none."""
    given = request.query_params.get("micrograph", "").strip()
    try:
        return UUID(given) if given else None
    except ValueError:
        raise MicroDBError(_("“%s” is no id of a micrograph.") % given[:60], code="bad_filter") from None


def chosen_micrographs(
    micrographs: MicrographQuerySet, keys: list[UUID] | None, *, dataset: Dataset, request: Request
) -> MicrographQuerySet:
    """Those of ``micrographs`` that a request names by ``keys``, or by the filters of its address.

    Raises MicroDBError where it does neither or both, where a key is none of them, or where no micrograph matches.
    """
    if bool(request.query_params) == (keys is not None):
        raise MicroDBError(
            _("Choose micrographs either by their ids, in “micrographs”, or by a filter such as ?split=quiz."),
            code="choose_some",
        )
    if keys is not None:
        chosen = micrographs.filter(pk__in=keys)
        _refuse_strangers(chosen, keys)
        return chosen
    filtered = MicrographFilter(request.query_params, queryset=micrographs.kept(), request=request, dataset=dataset)
    if not filtered.is_valid():
        raise ValidationError(filtered.errors)
    found: MicrographQuerySet = filtered.qs
    count = found.count()
    if not count:
        raise MicroDBError(_("No micrograph matches this filter. Change it."), code="empty")
    _refuse_too_many(count)
    return found


def _refuse_too_many(count: int) -> None:
    if count > MOST_KEYS:
        raise MicroDBError(
            _("A request chooses at most %(most)d micrographs; this one chooses %(given)d. Send several requests.")
            % {"most": MOST_KEYS, "given": count},
            code="too_many",
        )


def _refuse_strangers(chosen: MicrographQuerySet, keys: list[UUID]) -> None:
    strange = set(keys) - set(chosen.order_by().values_list("pk", flat=True))
    if strange:
        raise MicroDBError(
            _("%(count)d of these ids are none of the dataset's micrographs that you can change, for example %(one)s.")
            % {"count": len(strange), "one": min(strange)},
            code="not_in_dataset",
        )

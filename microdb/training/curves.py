"""Writes to learning curves."""

from django.db import transaction
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.training.models import LearningCurve, ModelVersion


def request_curve(*, model_version: ModelVersion, by: User | None) -> LearningCurve:
    """The queued curve of a trained version, again where it failed or was cancelled; the caller enqueues it.

    Raises MicroDBError for a version of which none can be measured, and where one is measured already.
    """
    _refuse_unmeasurable(model_version)
    with transaction.atomic():
        curve, made = LearningCurve.objects.get_or_create(model_version=model_version, defaults={"requested_by": by})
        again = made or LearningCurve.objects.filter(pk=curve.pk).retry()
        if not again:
            sentence = _("The learning curve of version %(number)d is %(state)s already.")
            details = {"number": model_version.number, "state": curve.get_state_display()}
            raise MicroDBError(sentence % details, code="already_measured")
        record(Verb.CURVE_REQUESTED, dataset=model_version.dataset, about=model_version, name=str(model_version.number))
    curve.refresh_from_db()
    return curve


def cancel_curve(*, curve: LearningCurve) -> bool:
    """Cancel a curve that has not ended; False when it had."""
    version = curve.model_version
    with transaction.atomic():
        cancelled = bool(LearningCurve.objects.filter(pk=curve.pk).cancel())
        if cancelled:
            record(Verb.CURVE_CANCELLED, dataset=version.dataset, about=version, name=str(version.number))
    return cancelled


def can_be_measured(version: ModelVersion) -> bool:
    """Whether a learning curve of the version can be asked for."""
    recipe = version.config.get("recipe", "pretrained")
    return version.state == Job.State.DONE and recipe == "pretrained" and not version.imported


def _refuse_unmeasurable(version: ModelVersion) -> None:
    if not can_be_measured(version):
        raise MicroDBError(
            _(
                "A learning curve can be measured of trained versions of the recipe “pretrained” that were trained "
                "here; version %(number)d (%(state)s) is none."
            )
            % {"number": version.number, "state": version.get_state_display()},
            code="no_curve",
        )

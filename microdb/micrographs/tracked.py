"""Datasets, members, classes, versions and blind rounds, whose every change is in the audit log."""

from microdb.audit_log.recording import Changes
from microdb.audit_log.tracking import track
from microdb.audit_log.verbs import Verb
from microdb.micrographs.models import BlindRound, Dataset, DatasetVersion, Invitation, MaterialClass, Membership

_TEXTS = ["name", "slug", "description", "source", "licence", "citation", "doi"]
_ABOUT = [*_TEXTS, "public", "scale_free", "created_by", "trashed_at"]


def track_datasets() -> None:
    track(
        Dataset,
        fields=_ABOUT,
        added=Verb.DATASET_CREATED,
        changed=_change_of_dataset,
        deleted=Verb.DATASET_DELETED,
        dataset=lambda dataset: dataset,
    )
    track(
        Membership,
        fields=["role"],
        added=Verb.MEMBER_ADDED,
        changed=Verb.MEMBER_CHANGED,
        deleted=Verb.MEMBER_REMOVED,
        name=lambda membership: membership.user.get_username(),
        dataset=lambda membership: membership.dataset,
    )
    track(
        Invitation,
        fields=["role", "most_uses"],
        added=Verb.MEMBER_INVITED,
        deleted=Verb.INVITATION_DROPPED,
        name=lambda invitation: invitation.email,
        dataset=lambda invitation: invitation.dataset,
    )
    track(
        MaterialClass,
        fields=["name", "description", "position"],
        added=Verb.CLASS_ADDED,
        changed=Verb.CLASS_CHANGED,
        deleted=Verb.CLASS_DELETED,
        dataset=lambda material_class: material_class.dataset,
    )
    track(
        DatasetVersion,
        fields=["number", "note"],
        added=Verb.VERSION_FROZEN,
        name=lambda version: f"v{version.number}",
        dataset=lambda version: version.dataset,
    )
    track(BlindRound, fields=["first", "second"], added=Verb.BLIND_STARTED, dataset=lambda blind: blind.dataset)


def _change_of_dataset(changes: Changes) -> Verb:
    if "public" in changes:
        return Verb.DATASET_PUBLISHED if changes["public"][1] else Verb.DATASET_UNPUBLISHED
    if "trashed_at" not in changes:
        return Verb.DATASET_CHANGED
    return Verb.DATASET_RESTORED if changes["trashed_at"][1] is None else Verb.DATASET_TRASHED

"""Datasets, their members and their material classes."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Dataset, Licence, MaterialClass, Membership, Role
from microdb.micrographs.validation.doi import clean_doi
from microdb.micrographs.validation.labels import checked_class_name
from microdb.micrographs.validation.text import clean_text

RESERVED_SLUGS = {"new", "create"}
"""Addresses of pages beside the datasets'."""


@transaction.atomic
def create_dataset(
    *,
    name: str,
    by: User,
    slug: str = "",
    description: str = "",
    source: str = "",
    licence: str = "",
    citation: str = "",
    doi: str = "",
    scale_free: bool = False,
    class_names: Iterable[str] = (),
) -> Dataset:
    """A dataset that ``by`` owns; the slug is made from the name where none is given, and made unique."""
    dataset = Dataset(
        name=_dataset_name(name),
        description=clean_text(description),
        source=clean_text(source),
        licence=_licence(licence),
        citation=clean_text(citation),
        doi=clean_doi(doi),
        scale_free=scale_free,
        created_by=by,
    )
    wanted = slugify(slug or name)[:90] or "dataset"
    dataset.slug = _free_slug(wanted)
    dataset.save()
    Membership.objects.create(dataset=dataset, user=by, role=Role.OWNER)
    for class_name in class_names:
        add_material_class(dataset=dataset, name=class_name)
    return dataset


@transaction.atomic
def update_dataset(
    *,
    dataset: Dataset,
    name: str | None = None,
    description: str | None = None,
    source: str | None = None,
    licence: str | None = None,
    citation: str | None = None,
    doi: str | None = None,
    scale_free: bool | None = None,
    public: bool | None = None,
) -> Dataset:
    """Change what is given; the slug, and with it every address, stays. What is public has a licence that says so."""
    given = {
        "name": name if name is None else _dataset_name(name),
        "description": description if description is None else clean_text(description),
        "source": source if source is None else clean_text(source),
        "licence": licence if licence is None else _licence(licence),
        "citation": citation if citation is None else clean_text(citation),
        "doi": doi if doi is None else clean_doi(doi),
        "scale_free": scale_free,
        "public": public,
    }
    changed = {field: value for field, value in given.items() if value is not None}
    for field, value in changed.items():
        setattr(dataset, field, value)
    _check_licence(dataset)
    dataset.save(update_fields=list(changed))
    touch([dataset.pk])
    return dataset


@transaction.atomic
def trash_dataset(*, dataset: Dataset, by: User) -> None:
    """Out of sight with all that belongs to it; ``restore_dataset`` undoes it."""
    dataset.trashed_at = timezone.now()
    dataset.save(update_fields=["trashed_at"])


@transaction.atomic
def restore_dataset(*, dataset: Dataset, by: User) -> None:
    dataset.trashed_at = None
    dataset.save(update_fields=["trashed_at"])


@transaction.atomic
def add_material_class(*, dataset: Dataset, name: str, description: str = "") -> MaterialClass:
    """A class after the dataset's last one."""
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    classes = MaterialClass.objects.filter(dataset=dataset)
    wanted = checked_class_name(name, others=classes.values_list("name", flat=True))
    last = classes.aggregate(last=Max("position"))["last"]
    return MaterialClass.objects.create(
        dataset=dataset, name=wanted, description=clean_text(description), position=0 if last is None else last + 1
    )


@transaction.atomic
def set_member(*, dataset: Dataset, user: User, role: str, by: User) -> Membership:
    """Give ``user`` this role, whether or not they are a member yet."""
    if role not in Role.values:
        raise MicroDBError(
            _("A role is one of %(known)s; “%(given)s” was given.") % {"known": ", ".join(Role.values), "given": role},
            code="unknown_role",
        )
    if role != Role.OWNER:
        _keep_an_owner(dataset, without=user)
    membership, _created = Membership.objects.update_or_create(dataset=dataset, user=user, defaults={"role": role})
    return membership


@transaction.atomic
def remove_member(*, dataset: Dataset, user: User, by: User) -> None:
    _keep_an_owner(dataset, without=user)
    Membership.objects.filter(dataset=dataset, user=user).delete()


def refuse_to_delete_an_only_owner(*, user: User) -> None:
    """Raise MicroDBError, naming the datasets, where ``user`` is the only owner of one."""
    owned = Dataset.objects.filter(memberships__user=user, memberships__role=Role.OWNER)
    others = Membership.objects.filter(dataset=OuterRef("pk"), role=Role.OWNER).exclude(user=user)
    alone = list(owned.exclude(Exists(others)).values_list("name", flat=True)[:10])
    if alone:
        raise MicroDBError(
            _("%(user)s is the only owner of: %(datasets)s. Make somebody else an owner first, or block the account.")
            % {"user": user, "datasets": ", ".join(alone)},
            code="last_owner",
        )


def _keep_an_owner(dataset: Dataset, *, without: User) -> None:
    Dataset.objects.select_for_update().get(pk=dataset.pk)  # two owners can't step down at the same time
    owners = set(Membership.objects.filter(dataset=dataset, role=Role.OWNER).values_list("user", flat=True))
    if owners == {without.pk}:
        raise MicroDBError(_("%s is the only owner. Make somebody else an owner first.") % without, code="last_owner")


def _licence(text: str) -> str:
    return clean_text(text, what=_("the licence"), most=200)


def _check_licence(dataset: Dataset) -> None:
    if dataset.public and dataset.licence not in Licence.values:
        raise MicroDBError(
            _("A public dataset has one of these licences: %(known)s; “%(given)s” was given. Choose one of them.")
            % {"known": ", ".join(Licence.values), "given": dataset.licence},
            code="licence_needed",
        )


def _dataset_name(name: str) -> str:
    wanted = clean_text(name, what=_("the name"), most=100)
    if not wanted:
        raise MicroDBError(_("A dataset needs a name; give it one."), code="invalid")
    return wanted


def _free_slug(wanted: str) -> str:
    with connection.cursor() as cursor:
        # Two creations of the same name wait here for one another, so that each sees the other's slug.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('dataset slug'))")
    taken = set(Dataset.objects.filter(slug__startswith=wanted).values_list("slug", flat=True)) | RESERVED_SLUGS
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug

"""The members of a dataset: adding, inviting, changing, removing, leaving and joining."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.access.invited import (
    find_invitation,
    forget_invitation,
    invitation_of,
    remember_invitation,
)
from microdb.micrographs.forms import LinkForm, MemberForm
from microdb.micrographs.models import Invitation, Membership, Role
from microdb.micrographs.views.pages import form_sentence, mistakes_shown
from microdb.micrographs.views.settings import settings_page


@login_required
@require_POST
def member_set(request: SignedInRequest, slug: str) -> HttpResponse:
    """Add the person with this user name, give a member another role, or invite an e-mail address."""
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    form = MemberForm(request.POST)
    with mistakes_shown(request):
        if not form.is_valid():
            raise MicroDBError(form_sentence(form))
        given, role = form.cleaned_data["username"], form.cleaned_data["role"]
        user = User.objects.filter(username=given, is_active=True).first()
        if user is not None:
            services.set_member(dataset=dataset, user=user, role=role, by=request.user)
            messages.success(request, _("%s is a member.") % user)
        elif "@" in given:
            url = request.build_absolute_uri(reverse("micrographs:invitation", args=["SECRET"]))
            services.invite_by_email(dataset=dataset, email=given, role=role, by=request.user, join_url=url)
            messages.success(request, _("An invitation was sent to %s.") % given)
        else:
            raise MicroDBError(
                _("Nobody here is called “%s”. Ask for the exact user name, or invite an e-mail address.") % given
            )
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
def member_remove(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Remove a member; every member may remove themselves."""
    dataset = dataset_or_404(request, slug)
    membership = get_object_or_404(dataset.memberships.select_related("user"), pk=pk)
    leaving = membership.user == request.user
    if not leaving:
        dataset_or_404(request, slug, role=Role.OWNER)
    with mistakes_shown(request):
        services.remove_member(dataset=dataset, user=membership.user, by=request.user)
        if leaving:
            messages.success(request, _("You have left “%s”.") % dataset)
            return redirect("micrographs:dataset_list")
        messages.success(request, _("%s is no longer a member.") % membership.user)
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
@never_cache
def invitation_create(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make a link and show it, once."""
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    form = LinkForm(request.POST)
    with mistakes_shown(request):
        if not form.is_valid():
            raise MicroDBError(form_sentence(form))
        _invitation, secret = services.create_invitation(dataset=dataset, by=request.user, **form.cleaned_data)
        link = request.build_absolute_uri(reverse("micrographs:invitation", args=[secret]))
        return settings_page(request, dataset, new_link=link)
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
def invitation_revoke(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    invitation = get_object_or_404(dataset.invitations, pk=pk)
    services.revoke_invitation(invitation=invitation, by=request.user)
    messages.success(request, _("The invitation no longer works."))
    return redirect("micrographs:settings", slug)


@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Where an invitation's link leads: the secret goes into the session and out of the address bar."""
    found = find_invitation(secret)
    if found is None:
        forget_invitation(request)
        return render(request, "micrographs/invitation_over.html", status=404)
    remember_invitation(request, found)
    if found.email:
        get_adapter(request).stash_verified_email(request, found.email)  # its owner has opened the e-mail
    return redirect("micrographs:join")


@never_cache
def join(request: HttpRequest) -> HttpResponse:
    """What the invitation offers: one click for somebody with an account, a sign-up for others."""
    found = invitation_of(request)
    if found is None:
        return render(request, "micrographs/invitation_over.html", status=404)
    if request.method != "POST":
        return render(request, "micrographs/invitation_join.html", {"invitation": found, "own": _own(request, found)})
    if not isinstance(request.user, User):
        raise Http404
    with mistakes_shown(request):
        services.accept_invitation(invitation=found, user=request.user)
        messages.success(request, _("You are a member of “%s”.") % found.dataset)
    forget_invitation(request)
    return redirect("overview:overview", found.dataset.slug)


def join_on_sign_up(request: HttpRequest, user: User) -> None:
    """Let somebody in who signed up with an invitation. Called for allauth's ``user_signed_up``."""
    found = invitation_of(request)
    if found is not None:
        with mistakes_shown(request):
            services.accept_invitation(invitation=found, user=user)
            messages.success(request, _("You are a member of “%s”.") % found.dataset)
        forget_invitation(request)


def _own(request: HttpRequest, found: Invitation) -> Membership | None:
    if not isinstance(request.user, User):
        return None
    return Membership.objects.filter(dataset=found.dataset, user=request.user).first()

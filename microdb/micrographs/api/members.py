"""The members of a dataset, and invitations to it."""

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.views import user_of
from microdb.micrographs.models import Invitation, Membership, Role
from microdb.micrographs.services.invitations import MOST_USES


class MemberSerializer(serializers.ModelSerializer[Membership]):
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "username", "role"]
        read_only_fields = fields


class RoleSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=Role.choices)


class NewMemberSerializer(RoleSerializer):
    username = serializers.CharField(max_length=150)


class MemberList(generics.ListAPIView[Membership]):
    """Who is a member, with which role."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    write_scope = "curate"

    def get_queryset(self) -> QuerySet[Membership]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"])
        return dataset.memberships.select_related("user").order_by("user__username")

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer, 200: MemberSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Make the person with this user name a member, or give a member another role; for owners."""
        dataset = dataset_or_404(request, slug, Role.OWNER)
        given = NewMemberSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        name = given.validated_data["username"]
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise MicroDBError(
                _("Nobody here is called “%s”. Ask for the exact user name, or make an invitation.") % name,
                code="unknown_user",
            )
        there = dataset.memberships.filter(user=user).exists()
        made = services.set_member(dataset=dataset, user=user, role=given.validated_data["role"], by=user_of(request))
        code = status.HTTP_200_OK if there else status.HTTP_201_CREATED
        return remembered(request, Response(self.get_serializer(made).data, status=code))


class MemberDetail(generics.GenericAPIView[Membership]):
    """One member."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    write_scope = "curate"

    @extend_schema(operation_id="datasets_members_retrieve")
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.get_serializer(self._member(Role.VIEWER)).data)

    @extend_schema(request=RoleSerializer, responses=MemberSerializer)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Give a member another role; for owners. A dataset keeps at least one owner."""
        member = self._member(Role.OWNER)
        given = RoleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user, role = member.user, given.validated_data["role"]
        changed = services.set_member(dataset=member.dataset, user=user, role=role, by=user_of(request))
        return Response(self.get_serializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Remove a member; for owners, and for everybody who leaves."""
        member = self._member(Role.VIEWER)
        if member.user != request.user:
            dataset_or_404(request, slug, Role.OWNER)
        services.remove_member(dataset=member.dataset, user=member.user, by=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _member(self, role: str) -> Membership:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], role)
        return get_object_or_404(dataset.memberships.select_related("user", "dataset"), pk=self.kwargs["pk"])


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation that still works."""

    used = serializers.IntegerField(read_only=True, default=0, help_text="How many people it has let in.")

    class Meta:
        model = Invitation
        fields = ["id", "role", "email", "most_uses", "used", "created_at", "expires_at"]
        read_only_fields = fields


class InvitationLinkSerializer(InvitationSerializer):
    """With its link, in the first answer alone; null for one that was sent by e-mail."""

    link = serializers.CharField(allow_null=True, read_only=True)

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "link"]


class NewInvitationSerializer(RoleSerializer):
    """A link for some people, or an e-mail to one."""

    most_uses = serializers.IntegerField(min_value=1, max_value=MOST_USES, default=1, help_text="Of a link.")
    email = serializers.EmailField(required=False, help_text="Where to send it; without, the answer has a link.")


class InvitationList(generics.ListAPIView[Invitation]):
    """The invitations to a dataset that still work; for owners."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    write_scope = "curate"

    def get_queryset(self) -> QuerySet[Invitation]:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], Role.OWNER)
        return dataset.invitations.usable().order_by("expires_at", "pk")

    @extend_schema(
        request=NewInvitationSerializer, responses={201: InvitationLinkSerializer, 200: InvitationLinkSerializer}
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Make a link that lets people in, or send an invitation by e-mail. The link is in this answer alone."""
        dataset = dataset_or_404(request, slug, Role.OWNER)
        given = NewInvitationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values, by, link = given.validated_data, user_of(request), None
        if "email" in values:
            made = services.invite_by_email(
                dataset=dataset, email=values["email"], role=values["role"], by=by, join_url=_link(request, "SECRET")
            )
        else:
            made, secret = services.create_invitation(
                dataset=dataset, role=values["role"], by=by, most_uses=values["most_uses"]
            )
            link = _link(request, secret)
        shown = {**self.get_serializer(made).data, "link": None}
        remembered(request, Response(shown))  # without the link: a stored answer must not let anybody in
        return Response({**shown, "link": link}, status=status.HTTP_201_CREATED)


class InvitationDetail(generics.GenericAPIView[Invitation]):
    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Revoke an invitation; who has come in by it stays a member."""
        dataset = dataset_or_404(request, slug, Role.OWNER)
        services.revoke_invitation(invitation=get_object_or_404(dataset.invitations, pk=pk), by=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _link(request: Request, secret: str) -> str:
    return str(request.build_absolute_uri(reverse("micrographs:invitation", args=[secret])))

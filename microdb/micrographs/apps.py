"""The room of datasets, and what it does when an account goes or somebody signs up."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class MicrographsConfig(AppConfig):
    name = "microdb.micrographs"

    def ready(self) -> None:
        from allauth.account.signals import user_signed_up  # models are loaded by now

        from microdb.audit_log.masking import mask_by
        from microdb.micrographs.access.log import withheld_in_the_log
        from microdb.micrographs.tracked import track_datasets

        track_datasets()
        mask_by(withheld_in_the_log)
        pre_delete.connect(_keep_owners, sender="accounts.User", dispatch_uid="keep an owner")
        user_signed_up.connect(_join, dispatch_uid="join by invitation")


def _keep_owners(sender: object, instance: Any, **_: Any) -> None:
    from microdb.micrographs.services import refuse_to_delete_an_only_owner  # its models are loaded by now

    refuse_to_delete_an_only_owner(user=instance)


def _join(sender: object, request: Any, user: Any, **_: Any) -> None:
    """Somebody who signed up with an invitation becomes a member at once."""
    from microdb.micrographs.views.members import join_on_sign_up

    join_on_sign_up(request, user)

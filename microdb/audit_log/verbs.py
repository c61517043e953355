"""What can be done, and the sentence of each: one line per verb.

The part before the dot is the verb's kind, by which the log is filtered. A sentence may use ``actor``, ``object``,
``old`` and ``new`` (if one field changed), ``changes`` (all of them), ``fields``, ``number``, ``micrographs`` (the name
of one, or how many), and the details that were recorded, by their names.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a verb is about."""

    ACCOUNT = "account", _("accounts and sign-ins")
    TOKEN = "token", _("API tokens")
    DATASET = "dataset", _("the dataset")
    MEMBER = "member", _("members and roles")
    CLASS = "class", _("material classes")
    MICROGRAPH = "micrograph", _("micrographs and labels")
    SPECIMEN = "specimen", _("specimens")
    BLIND = "blind", _("blind labelling")
    DOWNLOAD = "download", _("downloads of originals")
    MODEL = "model", _("training and models")
    SCORE = "score", _("scores and batches")
    QUIZ = "quiz", _("quizzes")
    NOTIFICATION = "notification", _("webhooks and e-mails")
    LOG = "log", _("the log itself")
    SITE = "site", _("the site")


class Verb(models.TextChoices):
    """Every verb with its sentence."""

    SIGNED_IN = "account.signed_in", _("%(actor)s signed in")
    SIGNED_OUT = "account.signed_out", _("%(actor)s signed out")
    SIGN_IN_FAILED = "account.sign_in_failed", _("A sign-in as %(object)s failed")
    SIGN_IN_LOCKED = "account.locked_out", _("A sign-in as %(object)s was refused after too many wrong attempts")
    FACTOR_REFUSED = "account.factor_refused", _("A sign-in as %(object)s failed at the second factor")
    SESSIONS_ENDED = "account.sessions_ended", _("%(actor)s ended other sessions of “%(object)s”: %(number)s")
    USER_ADDED = "account.added", _("%(actor)s made the account “%(object)s”")
    USER_CHANGED = "account.changed", _("%(actor)s changed the account “%(object)s”: %(changes)s")
    USER_DELETED = "account.deleted", _("%(actor)s deleted the account “%(object)s”")
    GROUP_ADDED = "account.group_added", _("%(actor)s made the group “%(object)s”")
    GROUP_CHANGED = "account.group_changed", _("%(actor)s changed the group “%(object)s”: %(changes)s")
    GROUP_DELETED = "account.group_deleted", _("%(actor)s deleted the group “%(object)s”")

    EMAIL_ADDED = "account.email_added", _("%(actor)s added an e-mail address to the account “%(object)s”")
    EMAIL_CHANGED = "account.email_changed", _("%(actor)s changed an e-mail address of “%(object)s”: %(changes)s")
    EMAIL_DELETED = "account.email_deleted", _("%(actor)s removed an e-mail address from the account “%(object)s”")
    FACTOR_ADDED = "account.factor_added", _("%(actor)s added a second factor to “%(object)s”: %(new)s")
    FACTOR_DELETED = "account.factor_deleted", _("%(actor)s removed a second factor of “%(object)s”: %(old)s")
    LINKED = "account.linked", _("%(actor)s connected the account “%(object)s” with another service")
    UNLINKED = "account.unlinked", _("%(actor)s disconnected the account “%(object)s” from another service")

    TOKEN_CREATED = "token.created", _("%(actor)s made the API token “%(object)s”")
    TOKEN_CHANGED = "token.changed", _("%(actor)s changed the API token “%(object)s”: %(changes)s")
    TOKEN_DELETED = "token.deleted", _("%(actor)s deleted the API token “%(object)s”")

    DATASET_CREATED = "dataset.created", _("%(actor)s made the dataset “%(object)s”")
    DATASET_CHANGED = "dataset.changed", _("%(actor)s changed the dataset: %(changes)s")
    DATASET_PUBLISHED = "dataset.published", _("%(actor)s made the dataset “%(object)s” public")
    DATASET_UNPUBLISHED = "dataset.unpublished", _("%(actor)s made the dataset “%(object)s” private again")
    DATASET_TRASHED = "dataset.trashed", _("%(actor)s put the dataset “%(object)s” in the trash")
    DATASET_RESTORED = "dataset.restored", _("%(actor)s took the dataset “%(object)s” out of the trash")
    DATASET_DELETED = "dataset.deleted", _("%(actor)s deleted the dataset “%(object)s” for good")
    VERSION_FROZEN = "dataset.frozen", _("%(actor)s froze the dataset as %(object)s")

    MEMBER_ADDED = "member.added", _("%(actor)s made %(object)s a member with the role %(new)s")
    MEMBER_CHANGED = "member.changed", _("%(actor)s changed %(object)s’s role from %(old)s to %(new)s")
    MEMBER_REMOVED = "member.removed", _("%(actor)s removed the member %(object)s, whose role was %(old)s")

    MEMBER_INVITED = "member.invited", _("%(actor)s invited %(object)s: %(changes)s")
    INVITATION_REVOKED = "member.uninvited", _("%(actor)s revoked the invitation of %(object)s")
    INVITATION_DROPPED = "member.invitation_deleted", _("%(actor)s deleted the invitation of %(object)s")

    CLASS_ADDED = "class.added", _("%(actor)s added the class “%(object)s”")
    CLASS_CHANGED = "class.changed", _("%(actor)s changed the class “%(object)s”: %(changes)s")
    CLASS_MOVED = "class.moved", _("%(actor)s moved the class “%(object)s” in the order")
    CLASS_DELETED = "class.deleted", _("%(actor)s deleted the class “%(object)s”")

    MICROGRAPHS_ADDED = "micrograph.added", _("%(actor)s added %(micrographs)s")
    MICROGRAPHS_SENT = "micrograph.sent", _("%(actor)s sent %(micrographs)s to be scored")
    MICROGRAPHS_TAKEN = "micrograph.taken", _("%(actor)s made %(micrographs)s part of the dataset")
    MICROGRAPHS_CHANGED = "micrograph.changed", _("%(actor)s changed the %(fields)s of %(micrographs)s")
    MICROGRAPHS_TRASHED = "micrograph.trashed", _("%(actor)s put %(micrographs)s in the trash")
    MICROGRAPHS_RESTORED = "micrograph.restored", _("%(actor)s took %(micrographs)s out of the trash")
    MICROGRAPH_DELETED = "micrograph.deleted", _("%(actor)s deleted %(micrographs)s for good (SHA-256 %(sha256)s)")
    READINGS_RETRIED = "micrograph.read_again", _("%(actor)s had files read again whose reading had failed: %(number)s")
    DUPLICATE_DISMISSED = "micrograph.told_apart", _("%(actor)s marked %(object)s as no near-duplicates")

    SPECIMENS_CHANGED = "specimen.changed", _("%(actor)s changed the records of specimens: %(names)s (%(number)s)")
    SPECIMEN_RENAMED = "specimen.renamed", _("%(actor)s renamed the specimen “%(old)s” to “%(new)s”")

    BLIND_STARTED = "blind.started", _("%(actor)s started a blind round for %(object)s")
    BLIND_ANSWERED = "blind.answered", _("%(actor)s labelled %(micrographs)s in a blind round")
    BLIND_SETTLED = "blind.settled", _("%(actor)s settled the labels of %(micrographs)s of a blind round")

    MASTER_DOWNLOADED = "download.master", _("%(actor)s downloaded the original of %(micrographs)s")
    DATASET_EXPORTED = "download.dataset", _("%(actor)s exported the dataset with its originals")

    TRAINING_REQUESTED = "model.requested", _("%(actor)s started the training of model version %(object)s")
    TRAINING_CANCELLED = "model.cancelled", _("%(actor)s cancelled the training of model version %(object)s")
    TRAINING_FINISHED = (
        "model.trained",
        _("%(actor)s finished the training of model version %(object)s and activated it"),
    )
    MODEL_EXPORTED = "model.exported", _("%(actor)s exported model version %(object)s")
    IMPORT_REQUESTED = "model.import_requested", _("%(actor)s sent the model “%(object)s” to be imported")
    IMPORT_CANCELLED = "model.import_cancelled", _("%(actor)s cancelled the import of the model “%(object)s”")
    MODEL_IMPORTED = "model.imported", _("%(actor)s imported a model as version %(object)s")
    CURVE_REQUESTED = "model.curve_requested", _("%(actor)s asked for the learning curve of model version %(object)s")
    CURVE_CANCELLED = "model.curve_cancelled", _("%(actor)s cancelled the learning curve of model version %(object)s")
    MODEL_ACTIVATED = "model.activated", _("%(actor)s activated model version %(object)s")

    SCORE_REQUESTED = "score.requested", _("%(actor)s asked for the score of %(micrographs)s")
    SCORE_CANCELLED = "score.cancelled", _("%(actor)s cancelled the score of %(micrographs)s")
    SCORES_RETRIED = "score.retried", _("%(actor)s tried failed scores again: %(number)s")
    BATCH_CREATED = "score.batch_created", _("%(actor)s started a batch of files: %(number)s")
    BATCH_OPENED = "score.batch_opened", _("%(actor)s opened a batch with files: %(number)s")
    BATCH_FILLED = "score.batch_filled", _("%(actor)s added files to an open batch: %(number)s")
    BATCH_RETRIED = "score.batch_retried", _("%(actor)s tried a batch again; files without a verdict: %(number)s")
    LABEL_KEPT = "score.label_kept", _("%(actor)s kept the label of %(micrographs)s against a model's prediction")
    LABEL_NOT_KEPT = "score.label_not_kept", _("%(actor)s put the label of %(micrographs)s back among those to check")
    BATCH_CANCELLED = "score.batch_cancelled", _("%(actor)s cancelled a batch; scores that no longer run: %(number)s")

    WEBHOOK_ADDED = "notification.added", _("%(actor)s made the webhook %(object)s")
    WEBHOOK_CHANGED = "notification.changed", _("%(actor)s changed the webhook %(object)s: %(changes)s")
    WEBHOOK_DELETED = "notification.deleted", _("%(actor)s deleted the webhook %(object)s")
    WEBHOOK_TESTED = "notification.tested", _("%(actor)s sent a test to the webhook %(object)s")
    WEBHOOK_REPLAYED = "notification.replayed", _("%(actor)s sent an event again to the webhook %(object)s")
    MAILING_ADDED = "notification.mail_added", _("%(actor)s subscribed %(object)s to e-mails about the dataset")
    MAILING_CHANGED = "notification.mail_changed", _("%(actor)s changed the e-mails to %(object)s: %(changes)s")
    MAILING_DELETED = "notification.mail_deleted", _("%(actor)s unsubscribed %(object)s from e-mails about the dataset")

    QUIZ_CREATED = "quiz.created", _("%(actor)s drafted the quiz “%(object)s”")
    QUIZ_CHANGED = "quiz.changed", _("%(actor)s changed the draft of the quiz “%(object)s”: %(changes)s")
    QUIZ_DELETED = "quiz.deleted", _("%(actor)s deleted the draft of the quiz “%(object)s”")
    QUIZ_SIGNED = "quiz.signed", _("%(actor)s signed the truth of the quiz “%(object)s”")
    QUIZ_UNSIGNED = "quiz.unsigned", _("%(actor)s deleted a signature under the truth of the quiz “%(object)s”")
    QUIZ_ENDPOINT_SET = "quiz.endpoint_set", _("%(actor)s declared the primary endpoint of the quiz “%(object)s”")
    QUIZ_ENDPOINT_GONE = "quiz.endpoint_gone", _("%(actor)s took back the primary endpoint of the quiz “%(object)s”")
    QUIZ_MODELS_ASKED = "quiz.models_asked", _("%(actor)s asked the models of the quiz “%(object)s”: %(number)s scores")
    QUIZ_OPENED = "quiz.opened", _("%(actor)s opened the quiz “%(object)s”")
    QUIZ_CLOSED = "quiz.closed", _("%(actor)s closed the quiz “%(object)s”")
    QUIZ_REOPENED = "quiz.reopened", _("%(actor)s opened the quiz “%(object)s” again: %(reason)s")
    REPEAT_COUNTED = "quiz.repeat_counted", _("%(actor)s counted a repeated sitting of %(object)s: %(reason)s")
    REPEAT_LEFT_OUT = "quiz.repeat_left_out", _("%(actor)s left out a repeated sitting of %(object)s: %(reason)s")
    INVITATIONS_MADE = "quiz.invited", _("%(actor)s made links to the quiz “%(object)s”: %(number)s")
    INVITATION_DELETED = "quiz.uninvited", _("%(actor)s deleted a link to the quiz “%(object)s”")
    READERS_SIMULATED = "quiz.simulated", _("%(actor)s simulated readers of the quiz “%(object)s”: %(number)s")

    LOG_EXPORTED = "log.exported", _("%(actor)s exported the log")
    LOG_PRUNED = "log.pruned", _("%(actor)s deleted entries of the log from before %(before)s: %(number)s")
    FILES_REPAIRED = "site.files_repaired", _("%(actor)s repaired or set aside stored files: %(number)s")

    @property
    def kind(self) -> Kind:
        return Kind(self.value.partition(".")[0])

"""What may be sent to make a batch and to fill it."""

from rest_framework import serializers

from microdb.accounts.api import StrictSerializer
from microdb.micrographs.api.keys import MicrographKeys
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE

LARGEST_NUMBER = 2**31 - 1
LONGEST_KEY = 200


class TrueByDefault(serializers.BooleanField):
    """A field of a form that is true where it is missing; the framework takes a missing one for an empty checkbox."""

    default_empty_html = serializers.empty


class NewBatchSerializer(StrictSerializer):
    """What every way to make a batch has in common."""

    start = TrueByDefault(
        required=False,
        default=True,
        help_text="false: the batch stays open and takes files at `files/` until `start/`.",
    )
    client_key = serializers.CharField(
        required=False,
        max_length=LONGEST_KEY,
        help_text="Of an open batch: a text of your own to find it again. If you have made a batch of this key "
        "and model version and not cancelled it, the answer is that batch.",
    )
    model_version = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_NUMBER, help_text="Its number; default: the active one."
    )
    pixels_per_micrometre = serializers.FloatField(
        required=False,
        min_value=LOWEST_SCALE,
        max_value=HIGHEST_SCALE,
        help_text="Of every file that has none of its own.",
    )
    add_to_dataset = serializers.BooleanField(
        default=False, help_text="Whether the files become part of the dataset; else they are only scored."
    )


class BatchFilesSerializer(NewBatchSerializer):
    """Files to score, with their sidecars. A file's own metadata or sidecar give its scale where nothing else does."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        required=False,
        allow_empty=False,
        help_text="Not needed with start=false.",
    )
    paths = serializers.ListField(
        child=serializers.CharField(max_length=1000),
        required=False,
        help_text="The name of each file with its folders, in the order of files; default: the names of the parts.",
    )
    manifest = serializers.FileField(
        required=False,
        help_text="A CSV file with filename, with its folders, and for example pixels_per_micrometre of each file.",
    )


class BatchMicrographsSerializer(NewBatchSerializer):
    """Stored micrographs to score, in the order given, or what was scored before; without either, the filters of the
    address choose them."""

    micrographs = MicrographKeys(required=False)
    scored_by = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text="The number of an earlier version: what has a verdict of it, but none of the version that scores.",
    )
    again = serializers.UUIDField(required=False, help_text="A batch of the dataset, whose micrographs to score again.")


class MoreFilesSerializer(StrictSerializer):
    """Files for an open batch. A path that the batch has already is replaced, so a request may be sent again."""

    files = serializers.ListField(child=serializers.FileField(allow_empty_file=True), allow_empty=False)
    paths = serializers.ListField(
        child=serializers.CharField(max_length=1000),
        required=False,
        help_text="The name of each file with its folders, in the order of files; default: the names of the parts.",
    )

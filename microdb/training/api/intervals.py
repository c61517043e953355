"""Confidence intervals in answers of the API."""

from rest_framework import serializers

from microdb.statistics import Interval


class IntervalSerializer(serializers.Serializer[Interval]):
    low = serializers.FloatField()
    high = serializers.FloatField()

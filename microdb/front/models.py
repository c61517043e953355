"""Which datasets are samples."""

from django.db import models

from microdb.micrographs.models import Dataset


class Sample(models.Model):
    """A dataset that a worker draws; somebody may wait for it."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, primary_key=True, related_name="sample")

    def __str__(self) -> str:
        return str(self.dataset)

"""The licences under which a dataset can be published, by their SPDX identifiers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Licence(models.TextChoices):
    """They let everybody read and share; some ask for something in return."""

    CC0 = "CC0-1.0", _("CC0-1.0: no rights reserved")
    CC_BY = "CC-BY-4.0", _("CC-BY-4.0: name the authors")
    CC_BY_SA = "CC-BY-SA-4.0", _("CC-BY-SA-4.0: name the authors, share alike")
    CC_BY_NC = "CC-BY-NC-4.0", _("CC-BY-NC-4.0: name the authors, no commercial use")
    CC_BY_NC_SA = "CC-BY-NC-SA-4.0", _("CC-BY-NC-SA-4.0: name the authors, no commercial use, share alike")
    CC_BY_ND = "CC-BY-ND-4.0", _("CC-BY-ND-4.0: name the authors, no changes")
    CDLA = "CDLA-Permissive-2.0", _("CDLA-Permissive-2.0: keep the text of the licence")
    ODBL = "ODbL-1.0", _("ODbL-1.0: name the authors, share alike (for databases)")

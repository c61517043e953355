"""The client of the REST API. It needs httpx and rich, and neither Django nor torch.

::

    from microdb.client import Client, to_dataframe

    with Client("my-steels") as client:
        table = to_dataframe(client.score(["micrographs/"]))

``python -m microdb.client`` does the same from the command line.
"""

from microdb.client.errors import ApiError, ClientError, Unreachable
from microdb.client.face import Client
from microdb.client.verdicts import Verdict, to_dataframe

__all__ = ["ApiError", "Client", "ClientError", "Unreachable", "Verdict", "to_dataframe"]

"""Which site is asked, with which token: from the environment, or what ``login`` stored."""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from microdb.client.errors import ClientError

LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Credentials:
    url: str
    token: str


def find_credentials(url: str | None = None, token: str | None = None) -> Credentials:
    """What is given, else ``MICRODB_URL`` and ``MICRODB_TOKEN``, else what ``login`` stored for the site."""
    stored = _stored()
    url = url or os.environ.get("MICRODB_URL") or (stored.url if stored else "")
    token = token or os.environ.get("MICRODB_TOKEN")
    if not token and stored and site_address(url) == stored.url:
        token = stored.token
    if not url or not token:
        missing = "MICRODB_TOKEN" if url else "MICRODB_URL and MICRODB_TOKEN"
        raise ClientError(f"Not signed in. Run: python -m microdb.client login URL, or set {missing}.")
    return Credentials(site_address(url), token)


def site_address(url: str) -> str:
    """The address without a slash at the end. Raises ClientError if it is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ClientError(f"“{url}” is no address of a site. Give one like https://microdb.example.org")
    return url.strip().rstrip("/").removesuffix("/api/v1")


def sends_in_clear(url: str) -> bool:
    """Whether others on the network could read the token."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOCAL


def store(credentials: Credentials) -> Path:
    """Keep them for the next commands, readable by this user alone."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(credentials), file)
    partial.replace(path)
    return path


def _stored() -> Credentials | None:
    try:
        found = json.loads(_path().read_text())
        return Credentials(str(found["url"]), str(found["token"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise ClientError(f"{_path()} is damaged. Run login again.") from error


def _path() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home()))
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "microdb" / "login.json"

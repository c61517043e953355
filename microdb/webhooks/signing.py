"""Signatures of webhooks as Standard Webhooks 1.0 defines them (standardwebhooks.com): HMAC-SHA256, version v1."""

import base64
import hashlib
import hmac
import secrets

from django.utils import timezone
from django.utils.crypto import salted_hmac

from microdb.webhooks.models import Webhook

PREFIX = "whsec_"


def new_seed() -> str:
    return secrets.token_urlsafe(32)


def secret_of(seed: str) -> str:
    """The secret as its receiver gets it. It is not stored: only the site's own key can make it from the seed."""
    return PREFIX + base64.b64encode(_key(seed)).decode()


def signature_header(webhook: Webhook, message: str, timestamp: int, body: str) -> str:
    """One signature, and that of the old secret while it is valid, so that a receiver can change it in peace."""
    seeds = [webhook.seed]
    if webhook.old_seed and webhook.old_seed_until and webhook.old_seed_until > timezone.now():
        seeds.append(webhook.old_seed)
    return " ".join(f"v1,{sign(_key(seed), message, timestamp, body)}" for seed in seeds)


def sign(key: bytes, message: str, timestamp: int, body: str) -> str:
    """Of the message with this id, sent at this time in seconds since 1970."""
    signed = f"{message}.{timestamp}.{body}".encode()
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(seed: str) -> bytes:
    return salted_hmac("microdb.webhooks", seed, algorithm="sha256").digest()

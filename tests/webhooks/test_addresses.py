"""Which addresses a webhook may have, and that what was checked is what is connected to."""

import socket
from typing import Any

import pytest

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset
from microdb.webhooks import addresses, sending
from microdb.webhooks.addresses import resolve_target
from microdb.webhooks.models import Delivery, Webhook
from microdb.webhooks.services import create_webhook
from tests.webhooks.conftest import KINDS, happen, send
from tests.webhooks.receiver import Receiver

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]

Names = dict[str, list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Names:
    """Names and their addresses; each look-up of a name with several answers gives the next one."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    known: Names = {}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *arguments: Any, **options: Any) -> Any:
        if host in known:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("address", PRIVATE)
def test_private_and_reserved_addresses_are_refused(names: Names, address: str):
    names["hook.example.org"] = [address]
    with pytest.raises(MicroDBError, match="private or reserved address"):
        resolve_target("https://hook.example.org/")
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(MicroDBError):
        resolve_target(f"https://{literal}/")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_taken(names: Names, address: str):
    names["hook.example.org"] = [address]
    assert resolve_target("https://hook.example.org/").address == address


def test_one_private_address_among_public_ones_is_enough_to_refuse(names: Names):
    names["hook.example.org"] = ["93.184.216.34", "10.0.0.1"]
    with pytest.raises(MicroDBError):
        resolve_target("https://hook.example.org/")


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_other_spellings_of_a_private_address_are_refused(names: Names, spelling: str):
    with pytest.raises(MicroDBError):
        resolve_target(f"https://{spelling}/")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hook.example.org/", "must begin with https://"),
        ("ftp://hook.example.org/", "must begin with"),
        ("https:///path", "name a host"),
        ("https://user:word@hook.example.org/", "no user name"),
        ("https://hook.example.org:99999/", "no address of a web service"),
        ("https://nowhere.invalid/", "has no address"),
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused_with_the_reason(names: Names, url: str, sentence: str):
    names["hook.example.org"] = ["93.184.216.34"]
    with pytest.raises(MicroDBError, match=sentence):
        resolve_target(url)


def test_the_request_names_the_host_and_goes_to_the_checked_address(names: Names):
    names["hook.example.org"] = ["93.184.216.34"]
    target = resolve_target("https://hook.example.org:8443/a/b?c=d")
    assert target.pinned_url == "https://93.184.216.34:8443/a/b?c=d"
    assert (target.host_header, target.host) == ("hook.example.org:8443", "hook.example.org")
    assert resolve_target("https://hook.example.org").host_header == "hook.example.org"


def test_a_private_address_is_refused_when_the_webhook_is_made(names: Names, dataset: Dataset, owner: User):
    names["hook.example.org"] = ["10.0.0.1"]
    with pytest.raises(MicroDBError, match=r"10\.0\.0\.1"):
        create_webhook(dataset=dataset, by=owner, url="https://hook.example.org/", kinds=KINDS)
    assert not Webhook.objects.exists()


def test_a_name_that_became_private_gets_nothing(webhook: Webhook, dataset: Dataset, receiver: Receiver, settings: Any):
    happen(dataset)
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    Webhook.objects.update(url=receiver.url.replace("http:", "https:"))
    delivery = send(Delivery.objects.get())
    assert (delivery.state, receiver.got) == ("queued", [])
    assert "private or reserved" in delivery.log.get().error


def test_a_name_is_looked_up_once_for_each_attempt(
    webhook: Webhook, dataset: Dataset, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        return real(host, *arguments, **options)

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    happen(dataset)
    assert send(Delivery.objects.get()).state == "done"
    assert [host for host in asked if host == "localhost"] == ["localhost"]
    assert receiver.got[0].headers["Host"] == f"localhost:{receiver.port}"


def test_proxies_of_the_environment_are_not_used(
    webhook: Webhook, dataset: Dataset, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    happen(dataset)
    assert send(Delivery.objects.get()).state == "done"
    assert sending.tls_context().check_hostname

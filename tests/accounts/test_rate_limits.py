"""Rate limits: per token, per person and per address, with the headers that tell what is left."""

import re
import threading
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from redis.exceptions import ConnectionError as RedisAway

from microdb.accounts import rate_limits
from microdb.accounts.models import User
from microdb.accounts.rate_limits import count_request
from microdb.accounts.services import create_api_token

PATH = "/api/v1/datasets/"


@pytest.fixture(autouse=True)
def clean_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """``clock[0]`` is the time."""
    now = [6000.0]
    monkeypatch.setattr(rate_limits, "time", lambda: now[0])
    return now


def client_of(user: User, *scopes: str) -> Client:
    return Client(headers={"authorization": "Token " + create_api_token(user=user, scopes=scopes or ["read"])[1]})


def test_answers_tell_the_policy_and_what_is_left(owner: User, settings, clock):
    settings.API_RATE_PER_TOKEN = 3
    client, clock[0] = client_of(owner), 6010.0
    answers = [client.get(PATH) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"token";q=3;w=60'}
    assert [answer["RateLimit"] for answer in answers] == [f'"token";r={left};t=50' for left in (2, 1, 0, 0)]


def test_a_refusal_says_in_json_when_to_come_back_and_then_lets_in(owner: User, settings, clock):
    settings.API_RATE_PER_TOKEN = 3
    client = client_of(owner)
    for _ in range(3):
        client.get(PATH)
    refused = client.get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    clock[0] += int(refused["Retry-After"]) - 1.5
    assert client.get(PATH).status_code == 429
    clock[0] += 1.5
    assert client.get(PATH).status_code == 200


def test_refused_requests_do_not_prolong_the_wait(owner: User, settings, clock):
    settings.API_RATE_PER_TOKEN = 3
    client = client_of(owner)
    waits = {client.get(PATH).get("Retry-After") for _ in range(20)}
    assert len(waits) == 2  # none, and the same each time


def test_two_tokens_of_one_person_and_a_session_have_limits_of_their_own(owner: User, signed_in: Client, settings):
    settings.API_RATE_PER_TOKEN = 1
    for client in (client_of(owner), client_of(owner), signed_in):
        assert [client.get(PATH).status_code for _ in range(2)] == [200, 429]


def test_wrong_tokens_missing_ones_and_public_pages_count_against_the_address(db, settings):
    settings.API_RATE_PER_ADDRESS = 3
    wrong = Client(headers={"authorization": "Token wrong"})
    assert [wrong.get(PATH).status_code, Client().get(PATH).status_code] == [401, 401]
    assert [Client().get("/api/v1/schema/").status_code for _ in range(2)] == [200, 429]
    refused = wrong.get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert int(refused["Retry-After"]) > 0
    assert Client(REMOTE_ADDR="10.0.0.9").get(PATH).status_code == 401


def test_requests_beyond_the_scope_count_too(owner: User, settings):
    settings.API_RATE_PER_TOKEN = 2
    client = client_of(owner, "score")
    assert [client.get(PATH).status_code for _ in range(3)] == [403, 403, 429]


def test_zero_means_no_limit(owner: User, settings):
    settings.API_RATE_PER_TOKEN = 0
    answer = client_of(owner).get(PATH)
    assert (answer.status_code, answer.has_header("RateLimit")) == (200, False)


def test_without_the_cache_work_goes_on(owner: User, monkeypatch: pytest.MonkeyPatch, caplog):
    def away(*_: object, **__: object) -> None:
        raise RedisAway("refused")

    monkeypatch.setattr(cache, "add", away)
    assert client_of(owner).get(PATH).status_code == 200
    assert "Requests are not counted" in caplog.text


def test_a_counter_that_the_cache_drops_is_no_error(clock, monkeypatch: pytest.MonkeyPatch):
    def dropped(*_: object, **__: object) -> None:
        raise ValueError("Key not found")

    monkeypatch.setattr(cache, "incr", dropped)
    assert [count_request("token", "a", 1).wait for _ in range(2)] == [0, 0]
    cache.set("rate:token:a:100", 2)
    clock[0] += 60  # those of the minute before count in full
    assert count_request("token", "a", 2).wait > 0


@pytest.mark.slow
def test_sixty_files_a_second_pass_and_ten_times_that_does_not(clock):
    for number in range(5 * 60):
        clock[0] = 6000.0 + number / 5
        standing = [count_request("token", "a", 6000) for _ in range(12)][-1]
        assert standing.wait == 0
    assert sum(count_request("token", "b", 6000).wait > 0 for _ in range(6100)) == 100


@pytest.mark.parametrize("elapsed", [0.0, 20.0, 59.0])
def test_the_wait_is_as_long_as_it_must_be(clock, elapsed: float):
    clock[0] = 6000.0 + elapsed
    for _ in range(10):
        assert count_request("token", "a", 10).wait == 0
    clock[0] = 6060.0 + 7
    taken = sum(count_request("token", "a", 10).wait == 0 for _ in range(10))
    assert taken == 1  # 10 * 53 / 60 of the minute before still count
    wait = count_request("token", "a", 10).wait
    clock[0] += wait - 0.1
    assert count_request("token", "a", 10).wait > 0
    clock[0] += 0.2
    assert count_request("token", "a", 10).wait == 0


def test_counts_are_atomic(clock):
    taken: list[bool] = []

    def ask() -> None:
        for _ in range(25):
            taken.append(count_request("token", "c", 60).wait == 0)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) <= 60


def test_the_headers_have_the_form_of_the_draft(owner: User):
    answer = client_of(owner).get(PATH)
    assert re.fullmatch(r'"token";q=\d+;w=60', answer["RateLimit-Policy"])
    assert re.fullmatch(r'"token";r=\d+;t=\d+', answer["RateLimit"])

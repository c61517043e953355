"""All pages, messages and e-mails of allauth have the face and the words of the site."""

import re
from html.parser import HTMLParser
from pathlib import Path

import allauth
import pytest
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as site
from django.template.loader import get_template
from django.test import Client

from microdb.accounts.models import User
from tests.accounts.allauth_pages import NO_PAGE, PAGES, People, address, names_of_routes
from tests.accounts.conftest import link_in_last_email

OURS, THEIRS = site.BASE_DIR / "templates", Path(allauth.__file__).parent / "templates"
SPOKEN = {"h1", "h2", "h3", "button", "a", "label", "th", "summary", "legend"}
NAMES = {"MicroDB", "API", "QR", "Caps", "Lock", "Steel", "Research", "Ada", "PIN", "HTTPS", "Firefox"}
NEVER_SENT = {
    "account/messages/login_code_sent.txt": "nobody signs in by a code",
    "account/messages/phone_verification_sent.txt": "no telephone numbers",
    "account/messages/phone_verified.txt": "no telephone numbers",
    "account/email/email_confirmation_signup_message.txt": "includes email_confirmation_message.txt",
    "account/email/email_confirmation_signup_subject.txt": "includes email_confirmation_subject.txt",
    "account/email/password_reset_code_message.txt": "passwords are reset by a link",
    "account/email/password_reset_code_subject.txt": "passwords are reset by a link",
}


@pytest.fixture
def people(db, settings, sends_email: None) -> People:
    app = {
        "provider_id": "organisation", "name": "Steel Research", "client_id": "microdb", "secret": "secret",
        "settings": {"server_url": "https://id.example.org"},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.SIGN_UP = True
    return People.make()


def test_every_page_of_allauth_is_listed():
    assert {*PAGES, *NO_PAGE} - {"confirm_at_provider"} == set(names_of_routes())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_allauth_is_our_own_template_in_sentence_case(name: str, people: People):
    path, come = PAGES[name]
    answer = come(people).get(address(path, people))
    if answer.status_code == 302 and "{" in path:  # the secret of a link goes into the session first
        answer = answer.client.get(answer.url)
    assert answer.status_code in (200, 401), answer.headers.get("Location")
    used = [one.origin.name for one in answer.templates if one.origin]
    assert str(OURS / "base.html") in used
    assert used[0].startswith(str(OURS)), f"{used[0]} is allauth's page"
    assert not [one for one in used if one.startswith(str(THEIRS / "allauth"))]
    assert capitals_inside(answer.text) == []
    assert not re.search(r"(?i)\bemail|username|third-party|two-factor|please", text_of(answer.text))


@pytest.mark.parametrize("kind", ["email", "messages"])
def test_messages_and_emails_are_in_our_words(kind: str):
    names = {str(one.relative_to(THEIRS)) for one in THEIRS.glob(f"*/{kind}/*.txt")} - set(NEVER_SENT)
    assert len(names) > 10
    theirs = [name for name in sorted(names) if THEIRS in Path(get_template(name).origin.name).parents]
    assert theirs == []
    subjects = [get_template(name).render({}).strip() for name in names if name.endswith("_subject.txt")]
    assert [one for one in subjects if words_with_capitals(one)] == []


def test_somebody_who_may_not_sign_in_any_more_reads_why(people: People):
    client = Client()
    client.force_login(people.otto)
    SocialAccount.objects.all().delete()
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert page.status_code == 200
    assert "Sign out, then set a password by an e-mail to otto@example.org." in text_of(page.text)
    client.post("/accounts/logout/")
    client.post("/accounts/password/reset/", {"email": "otto@example.org"})
    form = client.get(link_in_last_email()).url
    client.post(form, {"password1": "a long one 7", "password2": "a long one 7"})
    assert User.objects.get(username="otto").check_password("a long one 7")
    User.objects.filter(pk=people.otto.pk).update(email="", password="!")
    people.otto.refresh_from_db()
    client.force_login(people.otto)
    page = client.get("/accounts/password/set/", follow=True)
    assert "Ask an administrator of the site to set a password for you" in text_of(page.text)


class Main(HTMLParser):
    """The text of the page's main part, and apart from it the text of each element of ``SPOKEN``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside = self.speaking = False
        self.text: list[str] = []
        self.spoken: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = self.inside or tag == "main"
        if self.inside and tag in SPOKEN:
            self.speaking = True
            self.spoken.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "main"
        self.speaking = self.speaking and tag not in SPOKEN

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data.split()
        if self.speaking:
            self.spoken[-1] += f" {data}"


def capitals_inside(page: str) -> list[str]:
    """Texts of headings, buttons, labels and the like in which a word after the first has a capital."""
    return [text for part in Main(page).spoken if words_with_capitals(text := " ".join(part.split()))]


def words_with_capitals(text: str) -> list[str]:
    later = [word for sentence in re.split(r"[.:?] ", text) for word in sentence.split()[1:]]
    return [word for word in later if word[:1].isupper() and word.strip("”.?:,") not in NAMES]


def text_of(page: str) -> str:
    return " ".join(Main(page).text)

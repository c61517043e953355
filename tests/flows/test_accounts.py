"""Accounts in a real browser: an invitation, an e-mail, an authenticator app, a passkey, an identity provider.

Everything runs for real: two web processes, the worker that delivers the e-mail, the browser's own passkeys.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page

from tests.accounts.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.flows.conftest import Site, fail_on_console_errors, make_dataset, signed_in, start_site, wait_until

pytestmark = pytest.mark.flow
PASSWORD = "a long one 7"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with an identity provider, and the superuser ``ada``. Passkeys need a name instead of a number."""
    provider = IdentityProvider()
    provider.person = {"sub": "2", "email": "otto@example.org", "email_verified": True}
    var = tmp_path_factory.mktemp("site") / "var"
    site = start_site(
        var, "--no-demo", OIDC_SERVER_URL=provider.url, OIDC_CLIENT_ID=CLIENT_ID, OIDC_CLIENT_SECRET=CLIENT_SECRET,
        OIDC_NAME="Steel Research", OIDC_SIGN_UP="1",
    )  # fmt: skip
    made = site.manage(
        "createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org",
        DJANGO_SUPERUSER_PASSWORD="correct horse",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    site.url = site.url.replace("127.0.0.1", "localhost")
    yield site
    site.process.terminate()
    site.process.wait(timeout=60)
    provider.close()


@contextmanager
def window(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser of somebody who was never here."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(60_000)
    with fail_on_console_errors(page):
        yield page
    context.close()


def emails(site: Site) -> str:
    """What the demo's worker wrote instead of sending it."""
    return (Path(site.environment["VAR"]) / "log" / "worker-sweep.log").read_text()


def press(page: Page, name: str) -> Callable[[], None]:
    return page.get_by_role("button", name=name, exact=True).click


def code(secret: str, steps: int) -> str:
    """What an authenticator app shows, now or some half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("#id_login", "eva")
    page.fill("#id_password", PASSWORD)
    press(page, "Sign in")()


def sign_out(page: Page) -> None:
    press(page, "Sign out")()
    page.wait_for_url("**/accounts/login/")


def add_authenticator(page: Page) -> None:
    """Chromium's own virtual passkeys, unlocked by a finger that is always there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_invited_person_signs_up_and_protects_the_account(site: Site, browser: Browser):
    with signed_in(browser, site) as page:
        make_dataset(page, "Steels")
        page.goto("/datasets/steels/settings/")
        press(page, "Make a link")()
        link = page.input_value("#new-link")
    with window(browser, site) as page:
        sign_up(page, site, link)
        secret = turn_on_the_app(page)
        (recovery_code, *_) = page.input_value("#recovery_codes").split()
        add_passkey(page)
        sign_out(page)

        sign_in(page)  # now the password is not enough
        page.wait_for_url("**/accounts/2fa/authenticate/")
        page.fill("#id_code", code(secret, steps=1))
        press(page, "Sign in")()
        page.wait_for_url("**/datasets/")
        sign_out(page)

        press(page, "Sign in with a passkey")()
        page.wait_for_url("**/datasets/")
        page.get_by_role("link", name="Steels").wait_for()
        sign_out(page)

        sign_in(page)
        press(page, "Use a passkey or security key")()
        page.wait_for_url("**/datasets/")
        with window(browser, site) as other:
            sign_in(other)
            other.fill("#id_code", recovery_code)
            press(other, "Sign in")()
            other.wait_for_url("**/datasets/")
            end_the_other_session(page)
            other.goto("/datasets/")
            other.wait_for_url("**/accounts/login/**")
        reset_the_password(page, site)


def end_the_other_session(page: Page) -> None:
    page.goto("/accounts/sessions/")
    press(page, "End")()
    page.get_by_text("The session has ended.").wait_for()
    assert page.get_by_role("button", name="End", exact=True).count() == 0


def reset_the_password(page: Page, site: Site) -> None:
    """By the link in an e-mail. The second factor is asked for as before."""
    sign_out(page)
    page.get_by_role("link", name="Forgot your password?").click()
    page.fill("#id_email", "eva@example.org")
    press(page, "Send the link")()
    wait_until(lambda: re.search(r"\S+/password/reset/key/\S+", emails(site)), 30, lambda: emails(site))
    page.goto(re.findall(r"\S+/password/reset/key/\S+", emails(site))[-1])
    for field in ("password1", "password2"):
        page.fill(f"#id_{field}", "another one 8")
    press(page, "Save the password")()
    page.get_by_role("link", name="Sign in").last.click()
    page.fill("#id_login", "eva")
    page.fill("#id_password", "another one 8")
    press(page, "Sign in")()
    page.wait_for_url("**/accounts/2fa/authenticate/")


def sign_up(page: Page, site: Site, link: str) -> None:
    """By the link, with the address verified through the e-mail; then sign in."""
    page.goto(link)
    page.get_by_role("link", name="Create an account").click()
    for field, value in {"username": "eva", "email": "eva@example.org"}.items():
        page.fill(f"#id_{field}", value)
    for field in ("password1", "password2"):
        page.fill(f"#id_{field}", PASSWORD)
    press(page, "Create the account")()
    page.wait_for_url("**/accounts/confirm-email/")
    wait_until(lambda: "Verify your e-mail address" in emails(site), 30, lambda: emails(site))
    wait_until(lambda: re.search(r"\S+/confirm-email/\S+", emails(site)), 5)
    page.goto(re.findall(r"\S+/confirm-email/\S+", emails(site))[-1])
    with page.expect_navigation():
        press(page, "Yes, verify it")()
    sign_in(page)
    page.wait_for_url("**/datasets/")
    page.get_by_role("link", name="Steels").wait_for()


def turn_on_the_app(page: Page) -> str:
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Turn on").click()
    page.fill("#id_password", PASSWORD)
    press(page, "Confirm")()
    secret = page.input_value("#authenticator_secret")
    page.fill("#id_code", code(secret, steps=0))
    press(page, "Turn on")()
    page.wait_for_url("**/recovery-codes/")
    assert len(page.input_value("#recovery_codes").split()) == 10
    return secret


def add_passkey(page: Page) -> None:
    add_authenticator(page)
    page.goto("/accounts/2fa/webauthn/add/")
    page.check("#id_passwordless")
    with page.expect_navigation():  # the key is made first, then the form is sent
        press(page, "Add")()
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("cell", name="passkey", exact=True).wait_for()


def test_a_passkey_that_does_not_work_says_so(site: Site, browser: Browser):
    with window(browser, site) as page:
        add_authenticator(page)  # which holds no key of this site
        page.goto("/accounts/login/")
        press(page, "Sign in with a passkey")()
        page.get_by_role("alert").get_by_text("The key was not used").wait_for()


def test_the_content_security_policy_lets_the_form_lead_to_the_identity_provider(site: Site, browser: Browser):
    with window(browser, site) as page:
        page.goto("/accounts/login/")
        press(page, "Continue with Steel Research")()
        page.wait_for_url("**/datasets/")


def test_who_has_no_password_turns_on_the_app_by_signing_in_at_the_provider_again(site: Site, browser: Browser):
    with window(browser, site) as page:
        page.goto("/accounts/login/")
        press(page, "Continue with Steel Research")()
        page.wait_for_url("**/datasets/")
        page.goto("/accounts/2fa/totp/activate/")
        press(page, "Continue with Steel Research")()
        secret = page.input_value("#authenticator_secret")
        page.fill("#id_code", code(secret, steps=0))
        press(page, "Turn on")()
        page.wait_for_url("**/recovery-codes/")


def test_an_invitation_by_email_verifies_the_address_and_gives_the_role(site: Site, browser: Browser):
    with signed_in(browser, site) as page:
        make_dataset(page, "Castings")
        page.goto("/datasets/castings/settings/")
        page.fill("#new-member", "nora@example.org")
        page.select_option("#new-role", "labeller")
        page.press("#new-member", "Enter")
        page.get_by_role("cell", name="nora@example.org").wait_for()
    wait_until(lambda: re.search(r"\S+/join/\S+", emails(site)), 30, lambda: emails(site))
    with window(browser, site) as page:
        page.goto(re.findall(r"\S+/join/\S+", emails(site))[-1])
        page.get_by_role("link", name="Create an account").click()
        page.fill("#id_username", "nora")
        for field in ("password1", "password2"):
            page.fill(f"#id_{field}", PASSWORD)
        press(page, "Create the account")()
        page.wait_for_url("**/datasets/**")
    with signed_in(browser, site) as page:
        page.goto("/datasets/castings/settings/")
        row = page.get_by_role("row").filter(has_text="nora")
        assert row.get_by_role("combobox").input_value() == "labeller"


def test_guesses_are_counted_over_all_web_processes(site: Site):
    with httpx.Client(base_url=site.url, headers={"Connection": "close"}) as client:
        for number in range(11):
            page = client.get("/accounts/login/")
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            assert token
            given = {"login": "ada", "password": f"guess {number}", "csrfmiddlewaretoken": token[1]}
            answer = client.post("/accounts/login/", data=given, headers={"Referer": site.url})
    assert "Too many wrong attempts to sign in. Try again in 5 minutes" in answer.text

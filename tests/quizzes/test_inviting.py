"""Who is let in: invitation links, consent, and taking it back."""

import threading

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from microdb.accounts.models import Panel
from microdb.errors import MicroDBError
from microdb.quizzes.models import Answer, Ballot, Invitation
from microdb.quizzes.reports import quiz_report
from microdb.quizzes.services import (
    close_quiz,
    delete_invitation,
    invite,
    record_answer,
    start_ballot,
    submit_ballot,
    withdraw_ballot,
)

SAID = {"nickname": "Ada", "panel": "non-expert", "consents": "on"}


def link(invitation: Invitation) -> str:
    return f"/quiz/{invitation.quiz.slug}/invited/{invitation.key}/"


def test_an_invitation_fixes_the_panel_whatever_the_reader_sends(quiz):
    (invitation,) = invite(quiz=quiz, count=1, by=None, panel="expert")
    reader = Client()
    assert 'name="panel"' not in reader.get(link(invitation)).content.decode()
    reader.post(link(invitation), SAID)
    assert Ballot.objects.get().panel == Panel.EXPERT


def test_a_single_use_link_lets_one_reader_in_and_leads_back_to_the_ballot(quiz):
    (invitation,) = invite(quiz=quiz, count=1, by=None)
    begun = Client().post(link(invitation), SAID)
    assert Client().get(link(invitation)).url == f"/quiz/{quiz.slug}/{Ballot.objects.get().key}/"
    again = Client().post(link(invitation), SAID | {"nickname": "Eve"})
    assert again.url in begun.url
    assert Ballot.objects.count() == 1
    with pytest.raises(MicroDBError, match="used already"):
        start_ballot(quiz=quiz, nickname="Eve", panel="expert", consents=True, invitation=invitation)


@pytest.mark.django_db(transaction=True)
def test_ten_readers_at_once_on_a_single_use_link_are_one_ballot(quiz):
    (invitation,) = invite(quiz=quiz, count=1, by=None)
    refused = []

    def begin():
        try:
            start_ballot(quiz=quiz, nickname="Racer", panel="expert", consents=True, invitation=invitation)
        except MicroDBError as error:
            refused.append(error.code)
        connection.close()

    threads = [threading.Thread(target=begin) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["invitation_used"] * 9
    assert Ballot.objects.count() == 1


def test_a_link_for_many_lets_many_in(quiz):
    (invitation,) = invite(quiz=quiz, count=1, by=None, single_use=False)
    for name in ("Ada", "Bo"):
        Client().post(link(invitation), SAID | {"nickname": name})
    assert invitation.ballots.count() == 2


def test_a_quiz_by_invitation_lets_nobody_in_by_its_plain_link(quiz):
    quiz.by_invitation = True
    quiz.save()
    page = Client().get(f"/quiz/{quiz.slug}/").content.decode()
    assert "by invitation" in page
    assert 'name="nickname"' not in page
    Client().post(f"/quiz/{quiz.slug}/", SAID)
    assert not Ballot.objects.exists()


def test_an_invitation_to_another_quiz_is_refused(quiz, draft):
    other = type(quiz).objects.create(dataset=quiz.dataset, title="Other", slug="other")
    (foreign,) = invite(quiz=other, count=1, by=None)
    assert Client().get(f"/quiz/{quiz.slug}/invited/{foreign.key}/").status_code == 404
    with pytest.raises(MicroDBError, match="another quiz"):
        start_ballot(quiz=quiz, nickname="Ada", panel="expert", consents=True, invitation=foreign)


def test_links_are_made_listed_and_taken_back_by_curators(signed_in, quiz):
    address = f"/quizzes/{quiz.slug}/invitations/"
    signed_in.post(address, {"count": 3, "panel": "expert", "note": "TMS panel", "single_use": "on"})
    page = signed_in.get(address).content.decode()
    assert all(str(i.key) in page for i in quiz.invitations.all())
    assert page.count("TMS panel") == 3
    used, unused, _third = quiz.invitations.all()
    start_ballot(quiz=quiz, nickname="Ada", panel="", consents=True, invitation=used)
    signed_in.post(f"{address}{unused.pk}/delete/")
    signed_in.post(f"{address}{used.pk}/delete/")
    assert quiz.invitations.count() == 2
    with pytest.raises(MicroDBError, match="has been used"):
        delete_invitation(invitation=used)


@pytest.mark.parametrize("count", [0, 201, -3])
def test_impossible_numbers_of_links_are_refused(quiz, count):
    with pytest.raises(MicroDBError, match="1 to 200 links"):
        invite(quiz=quiz, count=count, by=None)


def test_nobody_takes_part_without_consent(quiz):
    page = Client().post(f"/quiz/{quiz.slug}/", {"nickname": "Ada", "panel": "expert"}).content.decode()
    assert "You must agree to this to take part" in page
    with pytest.raises(MicroDBError, match="without consent"):
        start_ballot(quiz=quiz, nickname="Ada", panel="expert", consents=False)
    assert not Ballot.objects.exists()


def test_the_moment_of_consent_is_recorded_and_the_database_insists_on_it(quiz, ballot):
    assert ballot.consented_at is not None
    with pytest.raises(IntegrityError, match="ballot_has_consent"):
        Ballot.objects.filter(pk=ballot.pk).update(consented_at=None)


def test_the_organisers_consent_text_is_what_readers_agree_to(quiz):
    assert "You can withdraw at any time" in Client().get(f"/quiz/{quiz.slug}/").content.decode()
    quiz.consent_text = "Approved by board 7."
    quiz.save()
    assert "Approved by board 7." in Client().get(f"/quiz/{quiz.slug}/").content.decode()


def test_withdrawing_deletes_answers_and_name_and_only_the_fact_stays(ballot, answer_all, quiz):
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    assert quiz_report(quiz).real_readers == 1
    reader = Client()
    address = f"/quiz/{quiz.slug}/{ballot.key}/withdraw/"
    assert "Delete my answers" in reader.get(address).content.decode()
    assert Answer.objects.filter(ballot=ballot).count() == 7
    assert "You have withdrawn" in reader.post(address).content.decode()
    assert not Answer.objects.filter(ballot=ballot).exists()
    ballot.refresh_from_db()
    assert (ballot.nickname, ballot.user, ballot.years_of_experience, ballot.submitted_at) == ("", None, None, None)
    assert reader.get(address).status_code == 404
    report = quiz_report(quiz)
    assert (report.real_readers, report.withdrawn_readers) == (0, 1)


def test_withdrawing_is_possible_after_the_quiz_and_answers_are_not_taken_any_more(ballot, answer_all, quiz):
    answer_all(ballot)
    close_quiz(quiz=quiz)
    withdraw_ballot(ballot=ballot)
    with pytest.raises(MicroDBError, match="withdrawn"):
        record_answer(ballot=ballot, question=quiz.questions.first(), choice="unsure")
    with pytest.raises(MicroDBError, match="withdrawn"):
        submit_ballot(ballot=ballot)

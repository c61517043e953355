"""Pictures of a quiz: they tell nothing beside their pixels, and are sent once."""

import io
import re

from django.test import Client
from PIL import Image

from microdb.accounts.models import Panel
from microdb.quizzes.services import start_ballot, submit_ballot


def test_images_are_bare_pngs_with_the_same_headers(ballot):
    responses = [Client().get(f"/quiz/image/{q.key}.png") for q in ballot.quiz.questions.all()]
    headers = [{k: v for k, v in r.items() if k not in ("Content-Length", "X-Request-ID")} for r in responses]
    assert all(h == headers[0] for h in headers)
    assert not {"Content-Disposition", "Last-Modified", "ETag"} & set(headers[0])
    for response in responses:
        assert Image.open(io.BytesIO(response.content)).info == {}
        assert set(re.findall(rb"(tEXt|zTXt|iTXt|eXIf|tIME|pHYs)", response.content[:200])) == set()


def test_browsers_keep_a_picture_for_good(ballot):
    response = Client().get(f"/quiz/image/{ballot.quiz.questions.first().key}.png")
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_drafts_pictures_are_for_its_members_alone_also_after_one_of_them_has_looked(draft, signed_in):
    picture = f"/quiz/image/{draft.questions.first().key}.png"
    assert signed_in.get(picture).status_code == 200
    assert Client().get(picture).status_code == 404


def test_a_disagreement_shows_the_map_of_a_model_that_disagrees(two_model_quiz, answer_all, signed_in):
    ballot = start_ballot(quiz=two_model_quiz, nickname="Ada", panel=Panel.EXPERT, consents=True)
    answer_all(ballot)
    submit_ballot(ballot=ballot)
    page = signed_in.get(f"/quizzes/{two_model_quiz.slug}/results/?section=questions")
    (_who, people), _machine = page.context["disagreements"]
    shown = {question.number: [model.model_version for model in models] for question, models in people}
    assert shown == {1: [2], 2: [1, 2], 3: [2]}
    first = two_model_quiz.questions.get(position=0)
    assert "Show which part looks like which class to version 2" in page.content.decode()
    assert f"/quiz/saliency/{first.key}/2.png" in page.content.decode()

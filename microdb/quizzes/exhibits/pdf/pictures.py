"""Pictures of questions: small ones for the tables, and Fig. 4 of the paper with the models' saliency maps."""

from collections.abc import Mapping

from reportlab.platypus import Image

from microdb.pdf.pictures import stored_picture
from microdb.quizzes.models import ModelAnswer, Question, Quiz

FIGURE_PIXELS, FIGURE_POINTS = 640, 215
THUMBNAIL_PIXELS, THUMBNAIL_POINTS = 96, 40


def thumbnails(quiz: Quiz) -> Mapping[int, Image]:
    """A small picture of each question, by its number."""
    questions = Question.objects.filter(quiz=quiz).select_related("micrograph")
    pictures = {}
    for question in questions:
        name = str(question.micrograph.thumbnail or question.micrograph.display)
        pictures[question.position + 1] = stored_picture(name, THUMBNAIL_PIXELS, THUMBNAIL_POINTS)
    return pictures


def with_map(quiz: Quiz, number: int, model_version: int) -> tuple[Image, Image | None]:
    """A question's micrograph, and the model's saliency map of it where there is one."""
    question = Question.objects.select_related("micrograph").get(quiz=quiz, position=number - 1)
    answer = ModelAnswer.objects.get(question=question, model_version__number=model_version)
    picture = stored_picture(str(question.micrograph.display), FIGURE_PIXELS, FIGURE_POINTS)
    return picture, stored_picture(answer.saliency, FIGURE_PIXELS, FIGURE_POINTS) if answer.saliency else None

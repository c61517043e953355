"""Pictures of questions: small ones for the tables, and Fig. 4 of the paper with the models' saliency maps."""

from collections.abc import Mapping
from io import BytesIO

from django.core.files.storage import default_storage
from PIL import Image as Pixels
from reportlab.platypus import Image

from microdb.quizzes.models import ModelAnswer, Question, Quiz

FIGURE_PIXELS, FIGURE_POINTS = 640, 215
THUMBNAIL_PIXELS, THUMBNAIL_POINTS = 96, 40
QUALITY = 82


def thumbnails(quiz: Quiz) -> Mapping[int, Image]:
    """A small picture of each question, by its number."""
    questions = Question.objects.filter(quiz=quiz).select_related("micrograph")
    pictures = {}
    for question in questions:
        name = str(question.micrograph.thumbnail or question.micrograph.display)
        pictures[question.position + 1] = _image(name, THUMBNAIL_PIXELS, THUMBNAIL_POINTS)
    return pictures


def with_map(quiz: Quiz, number: int, model_version: int) -> tuple[Image, Image | None]:
    """A question's micrograph, and the model's saliency map of it where there is one."""
    question = Question.objects.select_related("micrograph").get(quiz=quiz, position=number - 1)
    answer = ModelAnswer.objects.get(question=question, model_version__number=model_version)
    picture = _image(str(question.micrograph.display), FIGURE_PIXELS, FIGURE_POINTS)
    return picture, _image(answer.saliency, FIGURE_PIXELS, FIGURE_POINTS) if answer.saliency else None


def _image(name: str, pixels: int, points: float) -> Image:
    """A stored picture as a JPEG of at most so many pixels, so many points wide or high."""
    with default_storage.open(name) as file, Pixels.open(file) as opened:
        opened.thumbnail((pixels, pixels))
        small = Pixels.new("RGB", opened.size)
        rgba = opened.convert("RGBA")
        small.paste(rgba, mask=rgba.getchannel("A"))
    jpeg = BytesIO()
    small.save(jpeg, "JPEG", quality=QUALITY)
    jpeg.seek(0)
    scale = points / max(small.size)
    return Image(jpeg, width=small.width * scale, height=small.height * scale)

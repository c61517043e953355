from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "microdb.quizzes"

    def ready(self) -> None:
        from microdb.micrographs.models import withhold  # the models are loaded by now
        from microdb.quizzes.composition.secrecy import RULE
        from microdb.quizzes.tracked import track_quizzes

        withhold(RULE)
        track_quizzes()

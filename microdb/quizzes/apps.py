from django.apps import AppConfig


class QuizzesConfig(AppConfig):
    name = "microdb.quizzes"

    def ready(self) -> None:
        from microdb.quizzes.tracked import track_quizzes  # which needs the models

        track_quizzes()

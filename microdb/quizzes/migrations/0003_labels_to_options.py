"""Give opened quizzes their options, and their truths and answers the option of the same label."""

from django.db import migrations
from django.db.models import F

NONE_OF_THESE = "none-of-these"


def labels_to_options(apps, schema_editor):
    Quiz, Option = apps.get_model("quizzes", "Quiz"), apps.get_model("quizzes", "Option")
    Question, Answer = apps.get_model("quizzes", "Question"), apps.get_model("quizzes", "Answer")
    for quiz in Quiz.objects.filter(opened_at__isnull=False):
        classes = list(apps.get_model("micrographs", "MaterialClass").objects.filter(dataset=quiz.dataset_id))
        options = [Option(quiz=quiz, position=c.position, label=c.name, material_class=c) for c in classes]
        if quiz.offers_none_of_these:
            last = max((c.position for c in classes), default=-1) + 1
            options.append(Option(quiz=quiz, position=last, label=NONE_OF_THESE))
        for option in Option.objects.bulk_create(options):
            questions, answers = Question.objects.filter(quiz=quiz), Answer.objects.filter(question__quiz=quiz)
            if option.material_class_id is None:
                questions.filter(truth_none_of_these=True).update(truth_option=option)
                answers.filter(none_of_these=True).update(option=option)
            else:
                questions.filter(truth=option.material_class_id).update(truth_option=option)
                answers.filter(material_class=option.material_class_id).update(option=option)
    # Whoever began had read that beginning was consent.
    apps.get_model("quizzes", "Ballot").objects.filter(simulated=False).update(consented_at=F("started_at"))


def options_to_labels(apps, schema_editor):
    Option = apps.get_model("quizzes", "Option")
    Question, Answer = apps.get_model("quizzes", "Question"), apps.get_model("quizzes", "Answer")
    for option in Option.objects.all():
        questions, answers = Question.objects.filter(truth_option=option), Answer.objects.filter(option=option)
        if option.label == NONE_OF_THESE:
            questions.update(truth_none_of_these=True)
            answers.update(none_of_these=True)
        else:
            questions.update(truth=option.material_class_id)
            answers.update(material_class=option.material_class_id)
    for draft in Question.objects.filter(quiz__opened_at=None).select_related("micrograph"):
        draft.truth_id = draft.micrograph.material_class_id
        draft.truth_none_of_these = draft.micrograph.material_class_id is None
        draft.save()
    Question.objects.update(truth_option=None)
    Answer.objects.update(option=None)
    Option.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_options_and_invitations")]

    operations = [migrations.RunPython(labels_to_options, options_to_labels)]

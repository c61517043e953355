"""An opened quiz of before the options keeps its truths, answers and readers, forwards and back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("quizzes", "0001_initial")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_labels_become_options_and_labels_again(ballot, answer_all):
    answer_all(ballot, wrong=1)
    try:
        old = migrate(BEFORE)
        questions = old.get_model("quizzes", "Question").objects
        assert questions.filter(truth__name="ferrite").count() == 3
        assert questions.filter(truth=None, truth_none_of_these=True).count() == 1
        answers = old.get_model("quizzes", "Answer").objects
        assert answers.filter(material_class__name="ferrite").count() == 2
        assert (answers.filter(unsure=True).count(), answers.filter(none_of_these=True).count()) == (1, 1)
    finally:
        new = migrate(MigrationExecutor(connection).loader.graph.leaf_nodes("quizzes"))
    assert new.get_model("quizzes", "Option").objects.count() == 3
    assert new.get_model("quizzes", "Question").objects.filter(truth__label="ferrite").count() == 3
    assert new.get_model("quizzes", "Answer").objects.filter(option__label="none-of-these").count() == 1
    assert new.get_model("quizzes", "Ballot").objects.filter(consented_at=None).count() == 0

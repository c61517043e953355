"""What the composer offers and draws of more candidates than a quiz can ask."""

from collections import Counter

import pytest

from microdb.micrographs.models import Micrograph
from microdb.quizzes.composition import candidates
from microdb.quizzes.composition.candidates import candidate_exemplars, draw_questions, offered_questions
from microdb.quizzes.models import Quiz


@pytest.fixture
def many(dataset, version, held_out) -> list[Micrograph]:
    """Thirty candidates of ferrite of ten specimens, two of pearlite, and the version that competes."""
    classes = {one.name: one for one in dataset.material_classes.all()}
    dataset.micrographs.filter(split="quiz").update(split="")
    labels = ["ferrite"] * 30 + ["pearlite"] * 2
    return Micrograph.objects.bulk_create(
        Micrograph(
            dataset=dataset, filename=f"many-{n:02}.png", sha256=f"{n:064}", file_format="PNG", width=64, height=48,
            bit_depth=8, state="ready", material_class=classes[label], pixels_per_micrometre=2.0,
            scale_source="metadata", specimen=f"many-{label}-{n % 10}", split="quiz",
        )
        for n, label in enumerate(labels)
    )  # fmt: skip


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> int:
    """A quiz asks at most eight questions, and a draw reads few micrographs at once."""
    monkeypatch.setattr(candidates, "QUESTIONS_AT_MOST", 8)
    monkeypatch.setattr(candidates, "SPARE", 2)
    return 8


def labels(micrographs) -> Counter[str]:
    return Counter(micrograph.label for micrograph in micrographs)


def test_each_label_gets_as_much_of_the_page_as_fits_and_always_the_same(dataset, many, room):
    offered = offered_questions(dataset, ())
    assert labels(offered) == {"ferrite": 6, "pearlite": 2}
    assert offered_questions(dataset, ()) == offered


def test_chosen_candidates_are_always_on_the_page_and_leave_room_for_fewer_others(dataset, many, room):
    chosen = {micrograph.pk for micrograph in many[:5]}
    offered = offered_questions(dataset, chosen)
    assert chosen <= {micrograph.pk for micrograph in offered}
    assert labels(offered) == {"ferrite": 6, "pearlite": 1}


def test_a_draw_is_balanced_spread_over_specimens_and_repeatable(dataset, version, many):
    drawn = draw_questions(dataset, [version], per_class=10, seed=3)
    assert labels(drawn) == {"ferrite": 10, "pearlite": 2}
    assert len({micrograph.specimen for micrograph in drawn}) == 12
    assert draw_questions(dataset, [version], per_class=10, seed=3) == drawn
    assert any(draw_questions(dataset, [version], per_class=10, seed=seed) != drawn for seed in (4, 5, 6))


def test_a_draw_never_takes_more_than_a_quiz_may_ask(dataset, version, many, room):
    assert labels(draw_questions(dataset, [version], per_class=30, seed=1)) == {"ferrite": 6, "pearlite": 2}


def test_a_draw_reads_on_where_what_it_read_leaks(dataset, version, many, room):
    """All but one specimen of ferrite is trained on."""
    fair = {micrograph.pk for micrograph in many if micrograph.specimen == "many-ferrite-7"}
    Micrograph.objects.filter(material_class__name="ferrite", split="quiz").exclude(pk__in=fair).update(
        specimen="train-ferrite-0"
    )
    drawn = draw_questions(dataset, [version], per_class=2, seed=1)
    assert {micrograph.pk for micrograph in drawn if micrograph.label == "ferrite"} < fair


def test_every_candidate_is_drawn_about_equally_often(dataset, version, many, room):
    times = Counter(
        micrograph.pk for seed in range(120) for micrograph in draw_questions(dataset, [], per_class=1, seed=seed)
    )
    ferrite = [times[micrograph.pk] for micrograph in many[:30]]
    assert sum(ferrite) == 120
    assert sum(count > 0 for count in ferrite) >= 20


def test_a_question_beyond_the_offered_ones_can_be_asked_and_edited(signed_in, dataset, version, many, room):
    offered = {micrograph.pk for micrograph in offered_questions(dataset, ())}
    other = next(micrograph for micrograph in many if micrograph.pk not in offered)
    fields = {"title": "New", "competitors": version.pk, "micrographs": [other.pk], "offers_none_of_these": "on"}
    signed_in.post(f"/datasets/{dataset.slug}/quizzes/new/", fields)
    page = signed_in.get(f"/quizzes/{Quiz.objects.get().slug}/edit/")
    assert [m.pk for m, is_chosen, _leaks in page.context["candidates"] if is_chosen] == [other.pk]


def test_the_composer_asks_as_many_queries_of_many_candidates_as_of_few(
    signed_in, dataset, version, many, django_assert_num_queries, django_assert_max_num_queries
):
    address = f"/datasets/{dataset.slug}/quizzes/new/"
    with django_assert_max_num_queries(40) as with_many:
        signed_in.get(address)
    Micrograph.objects.filter(pk__in=[micrograph.pk for micrograph in many[5:30]]).delete()
    with django_assert_num_queries(len(with_many)):
        signed_in.get(address)


def test_examples_come_from_many_specimens(dataset, many):
    Micrograph.objects.filter(pk__in=[micrograph.pk for micrograph in many]).update(split="train")
    offered = [one for one in candidate_exemplars(dataset) if one.label == "ferrite"]
    assert len({one.specimen for one in offered}) == len(offered) == candidates.OFFERED_PER_CLASS

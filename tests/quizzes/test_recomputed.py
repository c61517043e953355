"""Every number of one results page, recomputed from the answers' rows with scipy, statsmodels and scikit-learn."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import brier_score_loss, cohen_kappa_score, confusion_matrix, roc_auc_score
from statsmodels.stats.inter_rater import fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from microdb.accounts.models import Panel
from microdb.micrographs.models import NONE_OF_THESE
from microdb.quizzes.exhibits.sections import TITLES
from microdb.quizzes.models import Quiz
from microdb.quizzes.services import create_quiz, open_quiz, simulate_readers
from microdb.training.models import ModelVersion
from tests.quizzes.recomputing import (
    OPTIONS,
    UNSURE,
    Rows,
    alpha_of,
    credit,
    mean_squares,
    newcombe_ends,
    number_of,
    p_of_mcnemar,
    parts_of,
    resampled,
    stated,
)


@pytest.fixture
def quiz(dataset, owner, version, add, score) -> Quiz:
    """Twenty questions, two models, seven experts and five non-experts, who say how sure they are."""
    second = ModelVersion.objects.create(
        dataset=dataset, dataset_version=version.dataset_version, number=2, classes=version.classes, state="done"
    )
    labels = ["ferrite"] * 8 + ["pearlite"] * 8 + [NONE_OF_THESE] * 4
    asked = [add(label, "quiz", f"more-{number}") for number, label in enumerate(labels)]
    for number, micrograph in enumerate(asked):
        score(version, micrograph, "pearlite" if number % 6 == 0 else micrograph.label)
        score(second, micrograph, "ferrite" if number % 3 == 0 else micrograph.label)
    draft = create_quiz(
        dataset=dataset,
        title="All",
        micrographs=asked,
        competitors=[version, second],
        by=owner,
        asks_confidence=True,
    )
    opened = open_quiz(quiz=draft)
    simulate_readers(quiz=opened, experts=7, non_experts=5, seed=6)
    return opened


@pytest.fixture
def rows(quiz) -> Rows:
    return Rows(quiz)


@pytest.fixture
def page(quiz, signed_in):
    """The tables of all sections of the page, by name."""
    sections = [signed_in.get(f"/quizzes/{quiz.slug}/results/?section={name}") for name in TITLES]
    return {exhibit.name: exhibit.rows for section in sections for exhibit in section.context["exhibits"]}


def test_accuracies_and_their_intervals(page, rows):
    for label, readers, right, answers, unsure, accuracy, low, high, exact_low, exact_high in page["accuracy"]:
        if label in ("experts", "non-experts"):
            table = rows.right[rows.of(label)]
            error, _shares, critical = parts_of(table)
            mean = table.mean()
            count = min(mean * (1 - mean) / error**2, table.size)
            alpha = 2 * stats.norm.sf(critical)
            ends = proportion_confint(mean * count, count, alpha=alpha, method="wilson")
            assert (readers, answers, unsure) == (len(table), table.size, (rows.codes[rows.of(label)] == UNSURE).sum())
            assert (accuracy, low, high) == pytest.approx((mean, *ends))
            continue
        row = rows.right[rows.of("experts")].sum(axis=1).max() if label == "best expert" else None
        good = row if row is not None else rows.model_right(number_of(label)).sum()
        assert (right, answers, accuracy) == pytest.approx((good, 20, good / 20))
        assert (low, high) == pytest.approx(proportion_confint(good, 20, method="wilson"))
        assert (exact_low, exact_high) == pytest.approx(proportion_confint(good, 20, method="beta"))


def test_differences_with_interval_and_p(page, rows):
    p_values = [row[7] for row in page["comparisons"]]
    assert [row[8] for row in page["comparisons"]] == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
    assert len(p_values) == 4
    for model, panel, of_model, of_panel, difference, low, high, p, _holm, _m, _mp, binomial, _text in page[
        "comparisons"
    ]:
        mine, table = rows.model_right(number_of(model)), rows.right[rows.of(panel)]
        assert (of_model, of_panel, difference) == pytest.approx(
            (mine.mean(), table.mean(), mine.mean() - table.mean())
        )
        half = np.full((len(table), 1), np.sqrt(0.5))
        longer = np.hstack([mine - table, half, -half])
        error, shares_of_variance, critical = parts_of(longer)
        assert (low, high) == pytest.approx((longer.mean() - critical * error, longer.mean() + critical * error))
        at_p = stats.t.isf(p / 2, [len(table) - 1, longer.shape[1] - 1]) @ shares_of_variance
        assert at_p == pytest.approx(abs(longer.mean()) / error)
        assert binomial == pytest.approx(stats.binomtest(int(mine.sum()), 20, table.mean()).pvalue)


def test_components_of_variance(page, rows):
    for who, readers, questions, between_readers, between_questions, rest, error, critical in page["variances"]:
        if " minus " in who:
            model, panel = who.split(" minus ")
            table = rows.model_right(number_of(model)) - rows.right[rows.of(panel)]
        else:
            table = rows.right[rows.of(who)]
        of_readers, of_questions, residual = mean_squares(table)
        assert (readers, questions) == table.shape
        assert rest == pytest.approx(residual)
        assert between_readers == pytest.approx((of_readers - residual) / questions)
        assert between_questions == pytest.approx((of_questions - residual) / readers)
        wanted, _shares, of_t = parts_of(table)
        assert (error, critical) == pytest.approx((wanted, of_t))


def test_places_and_duels(page, rows):
    experts = rows.right[rows.of("experts")]
    for model, place, of, low, high in page["ranks"]:
        mine = rows.model_right(number_of(model))
        sure = multipletests([p_of_mcnemar(mine, row) for row in experts], method="holm")[1] < 0.05
        gains = experts.sum(axis=1) - mine.sum()
        assert (place, of) == (1 + (gains > 0).sum(), 8)
        assert (low, high) == (1 + (sure & (gains > 0)).sum(), 8 - (sure & (gains < 0)).sum())
    totals = experts.sum(axis=1)
    best = experts[np.nonzero(totals == totals.max())[0][-1]]  # of equals, the last to begin
    raters = [rows.model_right(1), rows.model_right(2), best]
    pairs = list(combinations(raters, 2))
    holm = multipletests([p_of_mcnemar(*pair) for pair in pairs], method="holm")[1]
    for row, (first, second), corrected in zip(page["duels"], pairs, holm, strict=True):
        assert row[2] == ((first == 1) & (second == 0)).sum()
        assert row[3] == ((second == 1) & (first == 0)).sum()
        assert row[4:] == pytest.approx([p_of_mcnemar(first, second), corrected])


def test_agreement(page, rows):
    experts = rows.codes[rows.of("experts")]
    votes = np.stack([(experts == option).sum(axis=0) for option in range(3)], axis=1)
    level = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    raters = {
        "Model version 1": rows.models[1][0],
        "Model version 2": rows.models[2][0],
        "the experts' majority": np.where(level, UNSURE, votes.argmax(axis=1)),
    }
    for who, measure, value, low, high, _raters, questions in page["agreement"]:
        assert low < value < high
        if measure == "Cohen's kappa":
            first, second = (raters[name] for name in who.split(" and "))
            both = (first != UNSURE) & (second != UNSURE)
            assert questions == both.sum()
            pairs = np.stack([first[both], second[both]])
            assert value == pytest.approx(cohen_kappa_score(*pairs))
            assert (low, high) == pytest.approx(resampled(lambda drawn: cohen_kappa_score(*drawn), pairs), abs=0.06)
            continue
        codes = rows.codes[rows.of(who)]
        if measure == "Krippendorff's alpha":
            assert value == pytest.approx(alpha_of(codes))
            assert (low, high) == pytest.approx(resampled(alpha_of, codes), abs=0.06)
        else:
            whole = codes[(codes != UNSURE).all(axis=1)]
            counts = np.stack([(whole == option).sum(axis=0) for option in range(3)])
            assert value == pytest.approx(fleiss_kappa(counts.T))
            assert (low, high) == pytest.approx(resampled(lambda drawn: fleiss_kappa(drawn.T), counts), abs=0.06)


def test_calibration(page, rows, quiz, signed_in):
    for label, confidence, right, low, high, count in page["calibration"]:
        said, good, who = stated(rows, label)
        inside = np.minimum((10 * said).astype(int), 9) == min(int(10 * confidence + 1e-9), 9)
        assert count == inside.sum()
        assert (confidence, right) == pytest.approx((said[inside].mean(), good[inside].mean()))
        share, owners = right, np.unique(who[inside])
        sums = np.array([(good[inside] - share)[who[inside] == owner].sum() for owner in owners])
        clusters = len(owners)
        if label.startswith("Model"):
            ends = proportion_confint(good[inside].sum(), count, method="wilson")
        elif clusters == 1:
            ends = 0, 1  # one reader does not speak for others
        else:
            variance = clusters / (clusters - 1) * (sums**2).sum() / count**2
            size = min(share * (1 - share) / variance, count) if variance else clusters
            alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, clusters - 1))
            ends = proportion_confint(share * size, size, alpha=alpha, method="wilson")
        assert (low, high) == pytest.approx(ends)
    for one in signed_in.get(f"/quizzes/{quiz.slug}/results/").context["report"].calibration:
        said, good, _who = stated(rows, one.label)
        bins = stats.binned_statistic(said, [said, good], bins=np.linspace(0, 1, 11), statistic="sum").statistic
        assert one.brier == pytest.approx(brier_score_loss(good, said))
        assert one.error == pytest.approx(np.abs(bins[0] - bins[1]).sum() / len(said))
        random = np.random.default_rng(1)
        errors = []
        for _ in range(1000):
            drawn = (random.random(len(said)) < said).astype(float)
            sums = stats.binned_statistic(said, [said, drawn], bins=np.linspace(0, 1, 11), statistic="sum").statistic
            errors.append(np.abs(sums[0] - sums[1]).sum() / len(said))
        assert one.by_chance == pytest.approx(np.mean(errors), rel=0.12)


def test_none_of_these(page, rows):
    kind = rows.truth == OPTIONS.index(NONE_OF_THESE)
    for label, sensitivity, low, high, specificity, _low, _high, area, area_low, area_high in page["none-of-these"]:
        if label.startswith("Model"):
            codes, table = rows.models[number_of(label)]
            called, scores = (codes == 2) * 1.0, table[:, 2]
            assert (low, high) == pytest.approx(proportion_confint(called[kind].sum(), 4, method="wilson"))
        else:
            called = ((rows.codes[rows.of(label)] == 2) * 1.0).mean(axis=0)
            scores = called
        assert (sensitivity, specificity) == pytest.approx((called[kind].mean(), 1 - called[~kind].mean()))
        assert area == pytest.approx(roc_auc_score(kind, scores))
        assert (area_low, area_high) == pytest.approx(newcombe_ends(area, 4, 16), abs=1e-6)


def test_confusions(page, rows):
    for name, table in page.items():
        if not name.startswith("confusion-"):
            continue
        who = name.removeprefix("confusion-")
        if who.startswith("model"):
            codes, answers = rows.models[int(who[-1])][0][None], [0, 1, 2]
        else:
            codes, answers = rows.codes[rows.of(who)], [0, 1, 2, UNSURE]
        truth = np.broadcast_to(rows.truth, codes.shape)
        wanted = confusion_matrix(truth.ravel(), codes.ravel(), labels=[0, 1, 2, UNSURE])[:3]
        assert [row[1:] for row in table] == [[int(line[answer]) for answer in answers] for line in wanted]


def test_teams_and_what_models_hand_over(page, rows):
    for team, who, accuracy, low, high in page["teams"]:
        model, panel = team.split(" with ")
        codes, table = rows.models[number_of(model)]
        people = rows.codes[rows.of(panel)]
        votes = np.stack([(people == option).sum(axis=0) for option in range(3)], axis=1)
        shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
        credits = {
            model: (codes == rows.truth) * 1.0,
            f"one of the {panel}, on average": rows.right[rows.of(panel)].mean(axis=0),
            f"vote of the {panel}": credit(votes, rows.truth),
            f"model and {panel}, one vote each": credit(shares + table, rows.truth),
        }[who]
        assert accuracy == pytest.approx(credits.mean())
        drawn = stats.bootstrap((credits,), np.mean, method="percentile", n_resamples=4000, rng=3).confidence_interval
        assert (low, high) == pytest.approx((drawn.low, drawn.high), abs=0.051)  # steps of a question
    for model, panel, share, accuracy in page["deferral"]:
        codes, table = rows.models[number_of(model)]
        order = np.argsort(table[np.arange(20), codes], kind="stable")
        handed = order[: round(20 * share)]
        team = (codes == rows.truth) * 1.0
        team[handed] = rows.right[rows.of(panel)].mean(axis=0)[handed]
        assert accuracy == pytest.approx(team.mean())


def test_time(page, rows, quiz, signed_in):
    for panel in ("experts", "non-experts"):
        medians = np.median(rows.seconds[rows.of(panel)], axis=1)
        points = sorted(zip(medians, rows.right[rows.of(panel)].mean(axis=1), strict=True))
        assert [tuple(row[1:]) for row in page["pace"] if row[0] == panel] == [pytest.approx(point) for point in points]
    for one in signed_in.get(f"/quizzes/{quiz.slug}/results/").context["report"].pace:
        seconds, right = rows.seconds[rows.of(one.label)], rows.right[rows.of(one.label)]
        assert (one.seconds_right, one.seconds_wrong) == pytest.approx(
            (np.median(seconds[right == 1]), np.median(seconds[right == 0]))
        )
        assert one.correlation == pytest.approx(
            stats.spearmanr(np.median(seconds, axis=1), right.mean(axis=1)).statistic
        )


def test_question_by_question(page, rows):
    for row in page["questions"]:
        place = row[0] - 1
        assert row[2] == OPTIONS[rows.truth[place]]
        votes = [
            (rows.codes[rows.panels == panel][:, place] == option).sum()
            for panel in Panel.values
            for option in (0, 1, 2, UNSURE)
        ]
        assert row[3:11] == votes
        for start, number in ((11, 1), (15, 2)):
            codes, table = rows.models[number]
            assert row[start : start + 3] == pytest.approx(list(table[place]))
            assert row[start + 3] == OPTIONS[codes[place]]


def test_the_sentences_repeat_these_numbers(page, quiz, signed_in):
    sentences = signed_in.get(f"/quizzes/{quiz.slug}/results/").context["sentences"]
    for sentence, row in zip(sentences, page["comparisons"], strict=True):
        difference, low, high = (round(100 * value) for value in row[4:7])
        assert f"a difference of {difference:+d} points (95 % interval {low:+d} to {high:+d}" in sentence
        assert f"{100 * row[3]:.0f} % on average" in sentence

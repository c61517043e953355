"""Drawn micrographs are repeatable, true to scale, and limited in cost at any scale."""

import numpy as np
import pytest
from scipy import ndimage

from classifier.errors import ClassifierError
from classifier.synthetic import DRAWN_CLASSES, OTHER_MATERIALS, SCALE_RANGES, draw_micrograph, draw_other
from classifier.synthetic.data_bar import INK, bar_height, bar_length, length_text
from classifier.synthetic.field import View, stripes
from classifier.synthetic.grains import candidates, grains, particles, tessellate

SMALL = {"width": 160, "height": 120}
DARK_MATRIX_SPECIMENS = (2, 3, 4)


def particle_diameter(image: np.ndarray, pixels_per_micrometre: float) -> float:
    """Area-weighted mean diameter of the bright particles, in micrometres."""
    smooth = ndimage.gaussian_filter(image.astype(float), 0.05 * pixels_per_micrometre)
    threshold = (np.percentile(smooth, 30) + np.percentile(smooth, 99)) / 2
    labelled, count = ndimage.label(smooth > threshold)
    areas = ndimage.sum_labels(np.ones_like(smooth), labelled, np.arange(1, count + 1))
    areas = areas[areas > (0.2 * pixels_per_micrometre) ** 2]
    return float(np.average(2 * np.sqrt(areas / np.pi), weights=areas)) / pixels_per_micrometre


def lamellar_frequency(image: np.ndarray) -> float:
    """Mean frequency of the spectrum around its strongest ring, in cycles per pixel."""
    window = np.outer(np.hanning(image.shape[0]), np.hanning(image.shape[1]))
    power = np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2
    frequency = np.hypot(*np.meshgrid(*(np.fft.fftfreq(n) for n in image.shape), indexing="ij"))
    edges = np.geomspace(0.01, 0.5, 60)
    ring = np.digitize(frequency, edges)
    total = np.bincount(ring.ravel(), power.ravel(), len(edges) + 1)[1:-1]
    middle = np.sqrt(edges[:-1] * edges[1:])
    near = np.abs(np.log(middle / middle[np.argmax(total)])) < 0.5
    return float(np.average(middle[near], weights=total[near]))


@pytest.mark.parametrize("name", DRAWN_CLASSES)
def test_same_arguments_draw_the_same_pixels(name: str) -> None:
    first, second = (draw_micrograph(name, pixels_per_micrometre=8, seed=3, specimen=1, **SMALL) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("change", [{"seed": 4}, {"specimen": 2}])
def test_another_seed_or_specimen_draws_another_field(change: dict[str, int]) -> None:
    original = {"seed": 3, "specimen": 1}
    first, second = (
        draw_micrograph("pearlite", pixels_per_micrometre=8, **arguments, **SMALL)
        for arguments in (original, original | change)
    )
    assert np.mean(np.abs(first.astype(int) - second)) > 5


@pytest.mark.parametrize("scale", [0.1, 1.0, 500.0])
@pytest.mark.parametrize("name", DRAWN_CLASSES + OTHER_MATERIALS)
def test_every_material_is_drawn_at_extreme_scales(name: str, scale: float) -> None:
    draw = draw_micrograph if name in DRAWN_CLASSES else draw_other
    image = draw(name, pixels_per_micrometre=scale, seed=0, width=200, height=150, data_bar=True)
    assert image.shape == (150, 200)
    assert image.dtype == np.uint8
    assert image.std() > 1


@pytest.mark.parametrize(("width", "height"), [(16, 16), (16, 300), (333, 17)])
@pytest.mark.parametrize("name", DRAWN_CLASSES)
def test_small_and_odd_sizes_are_drawn(name: str, width: int, height: int) -> None:
    image = draw_micrograph(name, pixels_per_micrometre=6, seed=1, width=width, height=height, data_bar=True)
    assert image.shape == (height, width)


def test_particles_keep_their_size_in_micrometres_at_another_scale() -> None:
    for specimen in DARK_MATRIX_SPECIMENS:
        coarse, fine = (
            np.mean(
                [
                    particle_diameter(
                        draw_micrograph("spheroidite", pixels_per_micrometre=scale, seed=seed, specimen=specimen), scale
                    )
                    for seed in range(2)
                ]
            )
            for scale in (10, 20)
        )
        assert 0.35 < fine < 2.2
        assert coarse == pytest.approx(fine, rel=0.2)


def test_lamellar_spacing_in_pixels_grows_with_the_scale() -> None:
    scales = (24, 48)
    spacings = [
        np.mean(
            [
                1
                / lamellar_frequency(
                    draw_micrograph("pearlite", pixels_per_micrometre=scale, seed=0, specimen=specimen)
                )
                for specimen in range(6)
            ]
        )
        / scale
        for scale in scales
    ]
    assert 0.2 < spacings[0] < 0.8
    assert spacings[0] == pytest.approx(spacings[1], rel=0.2)


def test_stripes_equal_the_average_of_many_samples_in_the_pixel() -> None:
    phase = np.linspace(-2, 2, 81, dtype=np.float32)
    half = np.full_like(phase, 0.15)
    within = np.linspace(-0.1, 0.1, 4001)
    samples = phase[:, None] + within
    slow = (np.abs(samples - np.rint(samples)) < 0.15).mean(axis=1)
    assert stripes(phase, half, np.full_like(phase, 0.2)) == pytest.approx(slow, abs=2e-3)


def test_stripes_finer_than_pixels_fade_to_their_mean() -> None:
    phase = np.linspace(0, 50, 500, dtype=np.float32)
    drawn = stripes(phase, np.full_like(phase, 0.2), np.full_like(phase, 3.0))
    assert drawn == pytest.approx(np.full(500, 0.4))


def test_grains_have_the_given_mean_size() -> None:
    view = View(400, 400, 2.0)
    cells = grains(view, np.random.default_rng(0), 12.0)
    area = 200 * 200 / len(np.unique(cells.inside))
    assert np.sqrt(area) == pytest.approx(12, rel=0.2)
    assert cells.to_boundary.min() >= 0


def test_each_pixel_lies_in_the_grain_of_least_power_distance() -> None:
    view, radii = View(60, 50, 2.0), np.random.default_rng(3).uniform(0, 3, 40)
    points = np.random.default_rng(2).uniform(-5, 35, (40, 2))
    choices = candidates(points, radii, view.x, view.y, 2, 8)
    inside, _, distance = tessellate(points, radii, view.x, view.y, choices)
    slow = (view.x[..., None] - points[:, 0]) ** 2 + (view.y[..., None] - points[:, 1]) ** 2 - radii**2
    assert np.mean(inside == slow.argmin(axis=-1)) > 0.995
    assert distance.min() >= 0


def test_particles_cover_the_same_fraction_resolved_or_not() -> None:
    shares = [
        particles(View(300, 300, scale), np.random.default_rng(1), diameter=0.8, spread=0.4, fraction=0.2).share.mean()
        for scale in (1.0, 4.0, 20.0)
    ]
    assert shares == pytest.approx([0.17] * 3, abs=0.06)


@pytest.mark.parametrize("scale", [0.3, 2.0, 7.7, 40.0, 180.0])
def test_the_micron_bar_has_the_length_of_its_label(scale: float) -> None:
    image = draw_micrograph("martensite", pixels_per_micrometre=scale, seed=0, data_bar=True)
    strip = image[-bar_height(480) :]
    inked = np.flatnonzero(strip[len(strip) // 2] == INK)
    pixels = int(np.argmax(np.diff(inked) > 1)) + 1
    assert pixels == pytest.approx(bar_length(640, scale) * scale, abs=1)
    assert 0.08 * 640 < pixels <= 0.25 * 640


def test_lengths_are_written_with_the_unit_an_instrument_uses() -> None:
    assert [length_text(length) for length in (0.05, 0.5, 1, 20, 2000)] == ["50 nm", "500 nm", "1 µm", "20 µm", "2 mm"]


def test_the_scale_alone_does_not_determine_the_class() -> None:
    lowest, highest = (f(SCALE_RANGES[name][i] for name in DRAWN_CLASSES) for i, f in ((0, max), (1, min)))
    assert highest / lowest >= 3
    assert set(SCALE_RANGES) == set(DRAWN_CLASSES + OTHER_MATERIALS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"material_class": "bainite"}, "bainite"),
        ({"pixels_per_micrometre": 0.0}, "above 0"),
        ({"pixels_per_micrometre": -3.0}, "-3"),
        ({"pixels_per_micrometre": float("nan")}, "nan"),
        ({"pixels_per_micrometre": float("inf")}, "inf"),
        ({"pixels_per_micrometre": 1e-9}, "unit"),
        ({"pixels_per_micrometre": 1e9}, "100000"),
        ({"width": 15}, "15"),
        ({"height": 0}, "height"),
        ({"width": 100_000}, "8192"),
        ({"seed": -1}, "seed"),
        ({"specimen": -1}, "specimen"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change: dict[str, object], message: str) -> None:
    valid: dict[str, object] = {"material_class": "pearlite", "pixels_per_micrometre": 8.0, "seed": 0, **SMALL}
    with pytest.raises(ClassifierError, match=message):
        draw_micrograph(**(valid | change))  # type: ignore[arg-type]


def test_another_material_is_not_drawn_as_a_steel() -> None:
    with pytest.raises(ClassifierError, match="foam"):
        draw_micrograph("foam", pixels_per_micrometre=8, seed=0)
    with pytest.raises(ClassifierError, match="pearlite"):
        draw_other("pearlite", pixels_per_micrometre=8, seed=0)

"""The model card of a version, after M. Mitchell et al., Model Cards for Model Reporting (FAT* 2019).

Page and PDF show the same sections, with the numbers of the report.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from reportlab.platypus import Flowable, Spacer

from microdb.micrographs.templatetags.micrographs import percent
from microdb.pdf import HEADING, SMALL, TITLE, pdf_document, simple_table, text
from microdb.training.models import ModelVersion
from microdb.training.operating_point import Rate
from microdb.training.package import encoder_of
from microdb.training.reports import Report, report

PAPER = "Larmuseau et al., Race against the Machine, Scripta Materialia 193 (2021) 33-37"


@dataclass(frozen=True)
class CardTable:
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: list[str]
    tables: list[CardTable] = field(default_factory=list)


@dataclass(frozen=True)
class ModelCard:
    title: str
    sections: list[Section]
    artifact_sha256: str


def model_card(version: ModelVersion) -> ModelCard:
    """The card of a trained version."""
    found = report(version)
    sections = [
        _details(version),
        _use(version),
        _data(version, found),
        _metrics(found),
        _none_of_these(found),
        _limits(version, found),
    ]
    title = _("%(dataset)s, model version %(number)d") % {"dataset": version.dataset.name, "number": version.number}
    return ModelCard(title, sections, version.artifact_sha256)


def card_pdf(card: ModelCard) -> bytes:
    """The card as a PDF."""
    footer = f"SHA-256 {card.artifact_sha256}"
    return pdf_document(_story(card), title=card.title, subject=_("Model card"), footer=footer)


def _story(card: ModelCard) -> Iterator[Flowable]:
    yield text(card.title, TITLE)
    yield text(_("Model card, after Mitchell et al., 2019"), SMALL)
    for section in card.sections:
        yield text(section.title, HEADING)
        for paragraph in section.paragraphs:
            yield text(paragraph)
        for table in section.tables:
            yield simple_table(table.columns, table.rows)
            yield Spacer(1, 6)


def _details(version: ModelVersion) -> Section:
    recipe, encoder = version.config.get("recipe", "pretrained"), encoder_of(version)
    facts = [
        [_("Method"), _("triplet network and Gaussian mixture, recipe “%s”") % recipe],
        [_("Reference"), PAPER],
        [_("Trained"), _trained_at(version)],
        [_("Device"), version.metrics.get("device") or _("not known")],
        [_("Seconds"), f"{version.metrics['seconds']:g}" if version.metrics.get("seconds") else _("not known")],
        [_("Seed"), str(version.seed)],
        [_("Code"), version.metrics.get("code") or _("not known")],
        [_("SHA-256 of the data"), version.imported.get("dataset", {}).get("sha256") or version.dataset_version.sha256],
    ]
    if encoder:
        facts.append([_("Encoder"), ", ".join(part for part in (encoder["name"], encoder["licence"]) if part)])
    if version.imported:
        facts.append([_("Imported from"), version.imported["name"]])
    return Section(_("Model"), [], [CardTable([_("Fact"), _("Value")], facts)])


def _trained_at(version: ModelVersion) -> str:
    if version.imported:
        return str(version.imported["trained_at"])[:10]
    return f"{version.finished_at:%Y-%m-%d}" if version.finished_at else _("not known")


def _use(version: ModelVersion) -> Section:
    classes = ", ".join(version.classes)
    return Section(
        _("Intended use"),
        [
            _(
                "It names the material class of a micrograph, or says that it is None of these. It knows these "
                "classes: %s."
            )
            % classes,
            _(
                "It is meant for people who can judge a micrograph themselves: to sort many, to find the doubtful "
                "ones, and as a second opinion."
            ),
            _(
                "It does not measure properties, grain sizes or compositions, does not find several materials in one "
                "picture with certainty, and is no basis for accepting or rejecting a part without an expert."
            ),
        ],
    )


def _data(version: ModelVersion, found: Report) -> Section:
    dataset, scales = version.dataset, version.metrics.get("scale_range")
    origin = version.imported.get("dataset") or {"name": dataset.name, "licence": dataset.licence}
    sentences = [
        _("Trained on %(count)d micrographs of the dataset “%(name)s”, licence: %(licence)s.")
        % {
            "count": sum(count for _name, count in found.counts),
            "name": origin["name"],
            "licence": origin["licence"] or _("not stated"),
        }
    ]
    if scales:
        sentences.append(
            _("Their scales reach from %(low).3g to %(high).3g pixels per micrometre.")
            % {"low": scales[0], "high": scales[1]}
        )
    if examples := version.metrics.get("none_of_these"):
        sentences.append(_("%d more, labelled “None of these”, served as examples of other materials.") % examples)
    table = CardTable([_("Class"), _("micrographs")], [[name, str(count)] for name, count in found.counts])
    return Section(_("Training data"), sentences, [table])


def _metrics(found: Report) -> Section:
    title = _("How well it does")
    if not found.held_out:
        return Section(title, [_("No specimen could be held out, so nothing was measured. Do not rely on it.")])
    sentence = _(
        "Measured on %d micrographs of specimens that the measured part of the model was not trained on. The intervals "
        "hold the true share with 95 %% confidence if the micrographs are like new ones."
    )
    measures = [
        [one.name, percent(one.share), "" if one.low is None else _interval(one.low, one.high)]
        for one in found.measures
    ]
    recalls = [[row.label, str(row.total), "—" if row.recall is None else percent(row.recall)] for row in found.rows]
    return Section(
        title,
        [sentence % found.held_out, *_calibration(found)],
        [
            CardTable([_("Measure"), _("share"), _("95 % interval")], measures),
            CardTable([_("Class"), _("held out"), _("recall")], recalls),
        ],
    )


def _calibration(found: Report) -> list[str]:
    if found.calibration_error is None:
        return []
    sentences = [
        _("On average a stated probability is %s away from the share of right predictions.")
        % percent(found.calibration_error)
    ]
    if found.calibration_by_chance is not None:
        sentences.append(_("Chance alone would give %s.") % percent(found.calibration_by_chance))
    return [" ".join(sentences)]


def _none_of_these(found: Report) -> Section:
    title, columns = _("None of these"), [_("Micrographs"), _("count"), _("None of these"), _("95 % interval")]
    point = found.operating_point
    rejected = point.rejected if point else [found.rejected_known] if found.rejected_known else []
    if not rejected:
        return Section(title, [_("How many known micrographs it rejects was not measured.")])
    tables = [CardTable([_("Should be recognised"), *columns[1:]], [_rate_row(one) for one in rejected])]
    if not point:
        return Section(title, [_("How many other materials it finds was not measured.")], tables)
    tables.append(CardTable([_("Should be None of these"), *columns[1:]], [_rate_row(one) for one in point.found]))
    sentence = _("The limit was set so that about %s of known micrographs are called None of these.")
    return Section(title, [sentence % percent(point.false_rejection)], tables)


def _limits(version: ModelVersion, found: Report) -> Section:
    sentences = []
    if version.metrics.get("scale_range"):
        sentences.append(
            _(
                "Outside the trained scales it fails, and warns of it. A scale wrong by a factor of 2 mostly goes "
                "unnoticed."
            )
        )
    if few := [name for name, count in found.counts if count < 10]:
        sentences.append(_("Few micrographs of these classes were trained on: %s.") % ", ".join(few))
    sentences += [
        _(
            "Micrographs of other laboratories, instruments or preparations may differ from those that it was measured "
            "on; check it on some of yours first."
        ),
        _("A material that resembles a known class is often given that class’s name: see “None of these” above."),
    ]
    if version.imported:
        sentences.append(_("It was trained elsewhere: what its file says about its data can’t be checked here."))
    return Section(_("Limits"), sentences)


def _rate_row(rate: Rate) -> list[str]:
    share = "—" if rate.share is None else percent(rate.share)
    return [rate.name, str(rate.count), share, _interval(rate.low, rate.high)]


def _interval(low: float, high: float | None) -> str:
    return "" if high is None else f"{percent(low)} – {percent(high)}"

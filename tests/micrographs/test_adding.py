"""Taking files in: untouched, once, and never half."""

import hashlib
import io
import threading

import numpy as np
import pytest
from django.db import connection

from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph
from tests.micrographs.conftest import rejected, stored_files, tiff


@pytest.fixture
def send(dataset, owner, media):
    """``send(content, **given)``: add a file to the dataset, not yet read."""

    def make(content: bytes, filename: str = "a.png", **given) -> Micrograph:
        return services.add_micrograph(dataset=dataset, file=io.BytesIO(content), filename=filename, by=owner, **given)

    return make


def test_the_master_is_stored_untouched_under_a_key_of_our_own(send, png, media):
    micrograph = send(png(), filename="../../etc/passwd")
    assert stored_files(media) == [f"masters/{micrograph.pk}"]
    assert (media / "masters" / str(micrograph.pk)).read_bytes() == png()
    assert micrograph.sha256 == hashlib.sha256(png()).hexdigest()
    assert micrograph.state == Micrograph.State.READING


def test_a_read_micrograph_can_be_shown(send, png, media):
    micrograph = services.read_at_once(micrograph=send(png()))
    assert micrograph.state == Micrograph.State.READY
    assert {name.split("/")[0] for name in stored_files(media)} == {"masters", "displays", "thumbnails"}


def test_reading_twice_leaves_one_set_of_files(send, png, media):
    sent = send(png())
    again = Micrograph.objects.get(pk=sent.pk)
    services.read_at_once(micrograph=sent)
    before = stored_files(media)
    services.read_at_once(micrograph=again)
    assert again.state == Micrograph.State.READY
    assert stored_files(media) == before


def test_a_truncated_file_is_refused_when_read_and_dropped(send, png, media):
    micrograph = services.read_at_once(micrograph=send(png()[:1500]))
    assert micrograph.state == Micrograph.State.REFUSED
    assert "cut short" in micrograph.refusal
    assert stored_files(media) == []


def test_a_refused_file_sent_again_hears_the_same_reason(send, png):
    services.read_at_once(micrograph=send(png()[:1500]))
    with pytest.raises(MicroDBError, match="cut short") as caught:
        send(png()[:1500])
    assert caught.value.code == "duplicate"


def test_the_same_bytes_are_taken_once_whatever_their_name(send, png, media):
    first = send(png(), filename="first.png")
    with pytest.raises(MicroDBError, match=r"first\.png") as caught:
        send(png(), filename="second.png")
    assert caught.value.code == "duplicate"
    assert stored_files(media) == [first.master.name]


def test_a_trashed_copy_is_no_duplicate(send, png, owner):
    services.trash_micrographs(micrographs=[send(png())], by=owner)
    assert send(png())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"label": "granite"}, "unknown_class"),
        ({"pixels_per_micrometre": 0}, "bad_scale"),
        ({"pixels_per_micrometre": -1.0}, "bad_scale"),
        ({"pixels_per_micrometre": float("nan")}, "bad_scale"),
        ({"pixels_per_micrometre": 1.1e6}, "bad_scale"),
        ({"pixels_per_micrometre": 0.9e-6}, "bad_scale"),
        ({"pixels_per_micrometre": 1.0, "scale_source": "dream"}, "bad_scale"),
        ({"split": "test"}, "unknown_split"),
        ({"specimen": "s" * 101}, "too_long"),
        ({"modality": "m" * 31}, "too_long"),
    ],
)
def test_what_is_wrong_with_the_description_stops_the_file(send, png, media, given, code):
    assert rejected(lambda: send(png(), **given)) == code
    assert stored_files(media) == []
    assert not Micrograph.objects.exists()


def test_a_given_scale_wins_over_the_metadata(send):
    tagged = tiff(np.zeros((8, 8), np.uint8), {34682: (2, "[Scan]\nPixelWidth=1e-8\nPixelHeight=1e-8\n")})
    own = send(tagged)
    assert own.pixels_per_micrometre is None  # until it is read
    own = services.read_at_once(micrograph=own)
    assert (own.pixels_per_micrometre, own.scale_source) == (pytest.approx(100), "metadata")
    services.trash_micrographs(micrographs=[own], by=None)
    given = services.read_at_once(micrograph=send(tagged, pixels_per_micrometre=7))
    assert (given.pixels_per_micrometre, given.scale_source) == (7, "by_hand")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("quiz/a.png", "quiz/a.png"),
        ("C:\\scans\\a.png", "C:/scans/a.png"),
        ("../../a.png", "a.png"),
        ("a\0b\n.png", "ab.png"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("\udcff.png", "?.png"),
        ("", "unnamed"),
        ("<script>.png", "<script>.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
    ],
)
def test_hostile_file_names_are_kept_harmless(send, png, sent, kept):
    micrograph = send(png(), filename=sent)
    micrograph.refresh_from_db()
    assert micrograph.filename == kept


def test_when_the_row_cannot_be_written_the_file_goes(send, png, media, monkeypatch):
    monkeypatch.setattr(Micrograph, "save", lambda *_args, **_named: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send(png())
    assert stored_files(media) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_senders_of_the_same_bytes_at_once_one_is_told(dataset, owner, png, media):
    start, outcomes = threading.Barrier(2), []

    def run() -> None:
        start.wait()
        try:
            file = io.BytesIO(png())
            services.add_micrograph(dataset=dataset, file=file, filename="a.png", by=owner)
            outcomes.append("added")
        except MicroDBError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added", "duplicate"]
    assert len(stored_files(media)) == Micrograph.objects.count() == 1


def test_the_constraint_alone_stops_a_duplicate_and_its_file_goes(send, png, media, monkeypatch):
    """As when both senders looked before either wrote."""
    from microdb.micrographs.services import adding

    send(png(), filename="first.png")
    look, looks = adding._refuse_duplicate, []

    def blind_at_first(micrograph: Micrograph) -> None:
        looks.append(micrograph)
        if len(looks) > 1:
            look(micrograph)

    monkeypatch.setattr(adding, "_refuse_duplicate", blind_at_first)
    with pytest.raises(MicroDBError, match=r"first\.png"):
        send(png(), filename="second.png")
    assert len(stored_files(media)) == 1

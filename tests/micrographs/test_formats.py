"""What is no PNG, JPEG, TIFF or BMP is refused by its name, and deep PNGs keep their depth."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from django.test import Client

from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.files.decoding import gray_pixels
from microdb.micrographs.files.header import read_header

STARTS = {
    "a Gatan DM3 file": b"\0\0\0\x03" + b"\0\1\2\3" + b"\0\0\0\1" + b"\1",
    "a Gatan DM4 file": b"\0\0\0\x04" + b"\0" * 4 + b"\0\1\2\3" + b"\0\0\0\1" + b"\1",
    "an MRC file": b"\x40\0\0\0" + b"\0" * 204 + b"MAP DD\0\0",
    "an FEI SER file": b"II\x97\x01\x10\x02",
    "a Zeiss CZI file": b"ZISRAWFILE\0\0",
    "a Leica LIF file": b"\x70\0\0\0\x10\0\0\0\x2a<",
    "an Olympus ETS file": b"SIS\0\x40",
    "a Nikon ND2 file": b"\xda\xce\xbe\x0a",
    "an HEIC file": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "an AVIF file": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
    "a JPEG 2000 file": b"\0\0\0\x0cjP  \r\n\x87\n",
    "an HDF5 or EMD file": b"\x89HDF\r\n\x1a\n",
    "a DICOM file": b"\0" * 128 + b"DICM",
}


@pytest.mark.parametrize("name", STARTS)
def test_a_foreign_format_is_named_with_the_way_out(name: str) -> None:
    with pytest.raises(MicroDBError) as caught:
        read_header(io.BytesIO(STARTS[name].ljust(600, b"\5")))
    assert caught.value.message.startswith(f"This is {name}; PNG, JPEG, TIFF or BMP was wanted.")
    assert "TIFF" in caught.value.message.partition("wanted.")[2]
    assert caught.value.code == "unsupported_format"


def test_dm4_says_how_to_export_it_by_page_and_api(signed_in: Client, dataset, owner, token, media) -> None:
    for client, address in ((signed_in, "/datasets/steels/upload/"), (Client(headers=token(owner)), API)):
        file = io.BytesIO(STARTS["a Gatan DM4 file"])
        file.name = "a.dm4"
        answer = client.post(address, {"file": file}, headers={"accept": "application/json"})
        assert answer.status_code == 400
        assert "Export it from DigitalMicrograph as TIFF: File > Save As." in answer.json()["message"]


API = "/api/v1/datasets/steels/micrographs/"


def test_a_vsi_file_is_refused_by_name_for_it_holds_a_preview(dataset, owner, media) -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((8, 8), np.uint8))
    with pytest.raises(MicroDBError, match="an Olympus VSI file"):
        services.add_micrograph(dataset=dataset, file=file, filename="scan/a.VSI", by=owner)


@pytest.mark.parametrize("samples", [2, 3, 4])
def test_a_png_of_16_bits_with_colour_or_alpha_keeps_its_depth(samples: int) -> None:
    pixels = (np.arange(48 * 64 * samples, dtype=np.uint32) * 21 % 65536).astype(np.uint16).reshape(48, 64, samples)
    file = io.BytesIO(imagecodecs.png_encode(pixels))
    assert read_header(file).bit_depth == 16
    gray = gray_pixels(file)
    assert gray.dtype == np.uint16
    expected = pixels[..., 0] if samples == 2 else pixels[..., :3] @ np.array([0.299, 0.587, 0.114])
    assert np.abs(gray - expected).max() < 2


def test_a_cut_deep_png_is_refused() -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (48, 64, 3)).astype(np.uint16)
    with pytest.raises(MicroDBError, match="cut short"):
        gray_pixels(io.BytesIO(imagecodecs.png_encode(pixels)[:9000]))


@pytest.mark.parametrize("shape", [(48, 64, 2), (48, 64, 3), (48, 64, 4)])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("bigtiff", [False, True])
def test_a_deep_tiff_keeps_its_depth(shape: tuple[int, ...], byteorder: str, bigtiff: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 65536, shape).astype(np.uint16)
    file = io.BytesIO()
    colour = shape[2] > 2
    options = {"photometric": "rgb" if colour else "minisblack", "planarconfig": "contig"}
    extra = {2: ["unassalpha"], 3: None, 4: ["unassalpha"]}[shape[2]]
    tifffile.imwrite(file, pixels, byteorder=byteorder, bigtiff=bigtiff, extrasamples=extra, metadata=None, **options)
    gray = gray_pixels(file)
    assert gray.dtype == np.uint16
    expected = pixels[..., :3] @ np.array([0.299, 0.587, 0.114]) if colour else pixels[..., 0]
    assert np.abs(gray - expected).max() < 2


def test_a_pyramid_is_read_from_its_full_level_and_a_sparse_one_refused() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (256, 256), np.uint8)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(pixels, tile=(64, 64), subifds=1, metadata=None)
        writer.write(pixels[::2, ::2], tile=(64, 64), subfiletype=1, metadata=None)
    assert (gray_pixels(file) == pixels).all()
    file.seek(0)
    with tifffile.TiffFile(file) as opened:
        page = opened.pages[0]
        offsets, counts = page.tags[324], page.tags[325]
    content = bytearray(file.getvalue())
    content[offsets.valueoffset + 4 : offsets.valueoffset + 8] = b"\0" * 4
    width = 2 if counts.dtype == 3 else 4
    content[counts.valueoffset + width : counts.valueoffset + 2 * width] = b"\0" * width
    with pytest.raises(MicroDBError, match="leaves out 1 of its 16 strips or tiles"):
        gray_pixels(io.BytesIO(bytes(content)))

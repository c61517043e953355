"""The process that reads characters: ``python -m microdb.micrographs.reading.lettering_server``; see ``lettering``.

A request is one line of JSON with small gray pictures of single lines of text, made by this site; the response is one
line too. RapidOCR's recogniser runs in OpenVINO with the model of its wheel; nothing is downloaded.
"""

import base64
import io
import json
import signal
import sys
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from microdb.micrographs.files.micron_bar.writing import has_low_mark
from microdb.micrographs.reading.memory_limit import limit_memory

MORE_BYTES = 512 * 2**20
"""Of memory, beyond the loaded model; a line of text needs about 20 MB."""
MARK_SHARES = (0.25, 0.4)
"""Of black: a comma may be fainter than the digits, and joined to them where the limit is low."""
MODEL = "models/PP-OCRv6_rec_small.onnx"

Read = Callable[[NDArray[np.uint8]], dict[str, Any]]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the parent, and then standard input ends
    read = recogniser()
    read(np.full((32, 64), 255, np.uint8))
    limit_memory(MORE_BYTES, on_excess=lambda: None)
    for line in sys.stdin:
        pictures = [_picture(text) for text in json.loads(line)["pictures"]]
        texts = [{"readings": [read(255 - ink), read(ink)], "low_mark": _has_low_mark(ink)} for ink in pictures]
        print(json.dumps({"texts": texts}), flush=True)


def recogniser() -> Read:
    """What reads a gray picture (H, W) of one line: its ``text``, and the ``certainty`` of each character."""
    from rapidocr import EngineType, RapidOCR

    engine = RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_det": False,
            "Global.use_cls": False,
            "Global.text_score": 0.0,
            "Rec.engine_type": EngineType.OPENVINO,
            "Rec.model_path": str(files("rapidocr") / MODEL),
            "EngineConfig.openvino.inference_num_threads": 1,
        }
    )

    def read(gray: NDArray[np.uint8]) -> dict[str, Any]:
        found: Any = engine(np.stack([gray] * 3, axis=-1), return_word_box=True, return_single_char_box=True)
        if not found.txts or not found.txts[0]:
            return {"text": "", "certainty": []}
        return {"text": found.txts[0], "certainty": [float(one) for one in found.word_results[0].confs]}

    return read


def _has_low_mark(ink: NDArray[np.uint8]) -> bool:
    """Whether there may be a decimal sign, faint or dark."""
    return any(has_low_mark(ink > share * 255) for share in MARK_SHARES)


def _picture(text: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("L"))


if __name__ == "__main__":
    main()

"""The style elements that pages make for Plotly are those that it looks for."""

import re
from pathlib import Path

import plotly

ROOT = Path(__file__).parents[1]


def test_plotly_finds_the_style_elements_that_pages_make():
    script = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text()
    ids = re.findall(r'<style\s+id="([^"]+)"', (ROOT / "templates" / "includes" / "plotly_styles.html").read_text())
    assert len(ids) == 2
    assert "plotly.js-style-" in script, "followed by the name that the script gives"
    assert f'document.getElementById("{ids[1]}")' in script

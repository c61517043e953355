"""Each setting has a sentence that says what it means."""

from classifier import Config, setting_meanings


def test_every_setting_has_a_meaning():
    names = {
        f"{section}.{name}" if isinstance(values, dict) else section
        for section, values in Config().to_dict().items()
        for name in (values if isinstance(values, dict) else [section])
    }
    assert set(setting_meanings()) == names
    assert all(text.endswith(".") and len(text) > 5 for text in setting_meanings().values())

"""What a folder says about its licence, said as it says it."""

from pathlib import Path

import pytest

from bridge.models.licence import UNKNOWN, licence_in


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"README.md": "---\nlicense: mit\n---\n"}, "mit"),
        ({"README.md": "---\r\nlicense: 'mit'\r\n---\r\n"}, "mit"),
        ({"README.md": "---\nlicense: other\nlicense_name: mine\n---\n"}, "mine"),
        ({"README.md": "license: mit\n"}, UNKNOWN),
        ({"LICENSE": "\n  # The Licence of Mine\nmore"}, "The Licence of Mine"),
        ({"LICENSE.md": "MIT", "README.md": "---\nlicense: other\n---\n"}, "other"),
        ({"LICENSE": ""}, UNKNOWN),
        ({"README.md": "---\nlicense: \x1b[2Jmit\n---\n"}, "[2Jmit"),
        ({}, UNKNOWN),
    ],
)
def test_the_card_comes_first_and_then_a_licence_file(
    files: dict[str, str], said: str, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_bytes(text.encode())
    assert licence_in({name: tmp_path / name for name in files}) == said

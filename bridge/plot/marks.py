"""What every row of the picture shares: colours, titles, legends, shades and beats.

Colours are Okabe and Ito's, which people with any colour vision can tell apart; targets and
measurements also differ in line style.
"""

from matplotlib.axes import Axes

from bridge.plot.picture import Picture, beats
from bridge.timeline import BEATS_PER_BAR

BLUE, ORANGE, BLACK, GREEN = "#0072B2", "#E69F00", "#000000", "#009E73"


def shade(axis: Axes, picture: Picture) -> None:
    """Tint what is new."""
    for span in picture.new:
        start, end = (position / picture.sample_rate for position in (span.start, span.end))
        axis.axvspan(start, end, color=ORANGE, alpha=0.12, linewidth=0)


def beat_grid(axis: Axes, picture: Picture, *, label: bool) -> None:
    """Draw a thin line on every beat and a stronger one on every downbeat, if they are known."""
    for number, time in beats(picture):
        is_bar = number % BEATS_PER_BAR == 0
        axis.axvline(
            time,
            color=BLACK,
            alpha=0.45 if is_bar else 0.18,
            linewidth=0.9 if is_bar else 0.6,
            zorder=0,
            label="downbeat" if label and number == 0 else None,
        )


def title(axis: Axes, words: str) -> None:
    """Write a row's title."""
    axis.set_title(words, loc="left", fontsize=10)


def legend(axis: Axes) -> None:
    """Explain the lines, if any has a name."""
    # Beside the title: inside, it would hide the music.
    axis.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        borderaxespad=0.1,
        fontsize=8,
        frameon=False,
        ncols=3,
    )

import errno
import os

import pytest

from jaksim.errors import InputError
from jaksim.report.plots.figure_file import ENDINGS, check_plot, write_figure

figures = pytest.importorskip("matplotlib.figure")


@pytest.fixture
def figure():
    """A figure whose words are no formula, and in letters that the font does not have."""
    found = figures.Figure(figsize=(2.0, 1.0), layout="constrained")
    panel = found.subplots()
    panel.plot([1.0, 2.0], label="5 $ a_{ day, 10 $ in all")
    panel.set_title("$\\frac{1 对照")
    panel.legend()
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_figure_is_written_as_its_words_stand(figure, recwarn, tmp_path, ending):
    target = tmp_path / f"a{ending}"
    write_figure(figure, target)
    assert target.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [target]
    assert list(recwarn) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_on_a_full_disk_nothing_is_left_and_the_old_figure_stays(figure, monkeypatch, tmp_path, ending):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    target = tmp_path / f"a{ending}"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        write_figure(figure, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_places_where_no_figure_can_be_are_refused_before_it_is_drawn(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "aim")
    (tmp_path / "folder.png").mkdir()
    for target, reason in (
        (tmp_path / "a.xlsx", "ending"),
        (tmp_path / "link.png", "a link"),
        (tmp_path / "folder.png", "a directory"),
        (tmp_path / "nowhere" / "a.png", "no such directory"),
    ):
        with pytest.raises(InputError, match=reason):
            check_plot(target)

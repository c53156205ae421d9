"""Reports in the programs that people open them with: HTML in Chromium, Word documents in LibreOffice.

Each test is skipped where its program is not installed.
"""

import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

import jaksim
from tests.documents import Page

INTERIMS = Path(__file__).parents[1] / "scenarios" / "interims.toml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OFFICE = shutil.which("soffice")
HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
SECONDS = 120

ANSWERS = {
    "power": lambda: jaksim.power(INTERIMS, replicates=30),
    "boundaries": lambda: jaksim.boundaries(looks=3, futility="hsd:-2"),
    "keys": lambda: jaksim.keys("alpha"),
}


@pytest.fixture(scope="module")
def answered():
    """Each answer once."""
    return cache(lambda name: ANSWERS[name]())


def chromium(directory, *words):
    command = [CHROMIUM, *HEADLESS, f"--user-data-dir={directory / 'profile'}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("name", ANSWERS)
def test_a_browser_mends_nothing_in_the_page(answered, tmp_path, name):
    file = tmp_path / "report.html"
    file.write_text(answered(name).report("html"), "utf-8")
    own, shown = Page(file.read_text("utf-8")), Page(chromium(tmp_path, "--dump-dom", file.as_uri()))
    assert own.tags == shown.tags
    assert own.tables == shown.tables


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_shows_the_page(answered, tmp_path):
    file, picture = tmp_path / "report.html", tmp_path / "page.png"
    file.write_text(answered("boundaries").report("html"), "utf-8")
    chromium(tmp_path, f"--screenshot={picture}", "--window-size=1000,1200", file.as_uri())
    image = imread(picture)[:, :, :3]
    written = (image < 0.9).any(axis=2)
    assert 0.01 < written.mean() < 0.3
    assert not written[:, :20].any(), "the page has a margin"
    assert np.flatnonzero(written.any(axis=0)).max() < 980, "nothing is wider than the window"


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_an_office_program_reads_the_word_document(answered, tmp_path):
    file = tmp_path / "report.docx"
    file.write_bytes(answered("power").report("docx"))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, capture_output=True, check=True, timeout=SECONDS)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")

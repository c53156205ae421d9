"""Every scenario that ships, by each verb, in every format: read back by readers that are not jaksim's, or refused."""

import shutil
import subprocess

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.report.formats.formats import FORMATS
from jaksim.report.of import parts_of
from jaksim.scenario.shipped import shipped_scenarios
from tests.documents import check

pytestmark = pytest.mark.verify

VERBS = {
    "power": lambda name: jaksim.power(name, replicates=4),
    "shoot_out": lambda name: jaksim.shoot_out(name, replicates=4),
    "size": lambda name: jaksim.size(name, power=0.5, replicates=100),
    "compare": lambda name: jaksim.compare(name, name, replicates=4),
    "predict": lambda name: jaksim.predict(name, draws=20, replicates=4, door="fast"),
    "assurance": lambda name: jaksim.assurance(name, draws=20),
    "simulate_trial": lambda name: jaksim.simulate_trial(name),
    "conduct": lambda name: jaksim.conduct(name, replicates=4, door="fast"),
}


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
@pytest.mark.parametrize("verb", VERBS)
def test_every_answer_is_a_document_in_every_format(verb, name, tmp_path):
    try:
        found = VERBS[verb](name)
    except InputError:
        return  # the verb does not go with the scenario, which tests/cli/test_every_scenario.py looks at
    blocks = list(parts_of(found))
    for format in FORMATS:
        check(format, found.report(format), blocks)
    if verb == "power" and shutil.which("pdflatex"):
        (tmp_path / "report.tex").write_text(found.report("latex"), "utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "report.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
        assert done.returncode == 0, done.stdout[-2000:]

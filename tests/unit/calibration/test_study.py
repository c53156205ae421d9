"""Study files: what they mean, and one readable message for whatever is wrong with them."""

import re
import tomllib
from contextlib import suppress
from importlib import resources

import pytest

from jaksim.calibration.study import calibrated_studies, load_calibration_study
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.model.parameter_set import load_parameter_set

REQUIRED = {
    "": {"evidence", "horizon"},
    "arm": {"regimen", "patients"},
    "stratum": {"low", "high"},
    "endpoint": {"recovery", "day15_score", "death_day29"},
    "assumption": {"name", "value", "why", "source"},
    "model": {"scale"},
    "model.profile": {"cuts"},
    "model.move": {"move", "intensity"},
    "model.treatment": {"class"},
    "model.effect": {"treatment", "name", "moves"},
    "target": {"record", "statistic", "endpoint", "arm"},
}
JUNK = ['"nonsense"', "-1", "2.5", "true", "[]", "{}", "[[1]]", "nan", '""', "1e400"]


@pytest.fixture
def load(tmp_path):
    """Read a study file with this text."""

    def read(text):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return load_calibration_study(str(path))

    return read


def sections(text):
    """Position of every line `key = value` with its section, numbers and names of tables left out."""
    section = ""
    for position, line in enumerate(text.splitlines()):
        header = re.match(r"\[+([^\]]+?)\]+$", line)
        if header:
            parts = header[1].split(".")
            section = ".".join(parts[:2]) if parts[0] == "model" else parts[0]
        key = re.match(r"([\w.]+) = ", line)
        if key:
            yield position, section, key[1]


def without(text, position):
    lines = text.splitlines()
    return "\n".join(lines[:position] + lines[position + 1 :])


def test_missing_keys_are_named(load, small_text):
    """Taking away any line leaves a readable study or an InputError that names the key."""
    for position, section, key in sections(small_text):
        if key in REQUIRED.get(section, ()):
            with pytest.raises(InputError) as caught:
                load(without(small_text, position))
            message = str(caught.value)
            assert key in message, f"{section} {key}: {message}"
            assert "own.toml" in message
        elif (section, key) not in (("target", "reference"), ("", "day_of_randomisation")):
            load(without(small_text, position))


def test_a_section_that_is_missing_is_named(load, small_text):
    for name in ("arm", "stratum", "endpoint", "model", "target"):
        document = re.sub(rf"(?m)^\[+{name}[.\]](.|\n)*?(?=^\[+(?!{name}[.\]])|\Z)", "", small_text)
        with pytest.raises(InputError, match=name):
            load(document)


@pytest.mark.parametrize("junk", JUNK)
def test_values_of_the_wrong_kind_never_get_past_as_another_error(load, small_text, junk):
    lines = small_text.splitlines()
    refused = 0
    for position, section, key in sections(small_text):
        if (section, key) == ("assumption", "value"):
            continue
        changed = [*lines[:position], re.sub(r"= .*", f"= {junk}", lines[position]), *lines[position + 1 :]]
        with suppress(InputError):
            load("\n".join(changed))
            continue
        refused += 1
    assert refused > 40


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('"recovery_rate_ratio.all"', '"recovery_rate_ration.all"', "did you mean 'recovery_rate_ratio.all'?"),
        ('statistic = "cox"', 'statistic = "coxx"', "did you mean 'cox'?"),
        ('endpoint = "recovery"', 'endpoint = "recvery"', "did you mean 'recovery'?"),
        ('arm = "baricitinib"', 'arm = "baricitinb"', "did you mean 'baricitinib'?"),
        ('reference = "placebo"', 'reference = "plcebo"', "did you mean 'placebo'?"),
        ('reference = "placebo"\n', "", "'reference'"),
        ('strata = ["low"]', 'strata = ["lw"]', "did you mean 'low'?"),
        ('strata = ["low"]', "strata = []", "no patients"),
        ('role = "check"', 'role = "chek"', "did you mean 'check'?"),
        ('ties = "breslow"', 'ties = "breslw"', "did you mean 'breslow'?"),
        ('options = { ties = "breslow" }', "options = { tis = 1 }", "unknown option"),
        ("weight = 0.5", "weight = -0.5", "cannot be negative"),
        ("6 = 0.75, 7 = 0.25", "6 = 0.75, 7 = 0.3", "weights must sum to one"),
        ("6 = 0.75, 7 = 0.25", "6 = 1.25, 7 = -0.25", "cannot be negative"),
        ("6 = 0.75, 7 = 0.25", "6 = 0.75, 9 = 0.25", "unknown score"),
        ("low = 276, high = 113", "low = -276, high = 113", "cannot be negative"),
        ("low = 276, high = 113", "lo = 276, high = 113", "did you mean 'low'?"),
        ('["baricitinib", "remdesivir"]', '["baricitinb"]', "did you mean 'baricitinib'?"),
        ('background = ["remdesivir"]', 'background = ["remdsivir"]', "did you mean 'remdesivir'?"),
        ('evidence = "actt-2"', 'evidence = "act-2"', "did you mean 'actt-2'?"),
        ('evidence = "actt-2"', 'evidence = "missing.toml"', "no such file"),
        ("horizon = 28", "horizon = 0", "at least one day"),
        ("horizon = 28", "horizon = 20", "day outside the horizon"),
        ("horizon = 28", "horzon = 28", "did you mean 'horizon'?"),
        ('kind = "score_on_day"', 'kind = "score_on_dy"', "did you mean 'score_on_day'?"),
        ('set = "recovered"', 'set = "recoverd"', "did you mean 'recovered'?"),
        ("intensity = 0.15", "intensity = -0.15", "must be positive"),
        ("intensity = 0.15", "intensty = 0.15", "did you mean 'intensity'?"),
        ('move = "5>2"', 'move = "6>5"', "move defined twice"),
        ('move = "5>2"', 'move = "8>2"', "absorbing"),
        ('profile = "improvement"', 'profile = "improvment"', "did you mean 'improvement'?"),
        ('shared = ["shift.death"]', 'shared = ["shift.deth"]', "did you mean 'shift.death'?"),
        ('treatment = "baricitinib"', 'treatment = "baricitinb"', "did you mean 'baricitinib'?"),
        ('moves = ["improvement", "discharge"]', 'moves = ["improvment"]', "did you mean 'improvement'?"),
        ("window = [0, 14]", "window = [14, 0]", "end after its start"),
        ("window = [0, 14]", "window = [14]", "a start and an end"),
        ('clock = "randomisation"', 'clock = "randomization"', "did you mean 'randomisation'?"),
        ("current_scores = [6]", "current_scores = [9]", "unknown score"),
        ("cuts = [3, 14]", "cuts = [14, 3]", "cuts must increase"),
        ("cuts = [3, 14]", "cuts = [3]", "2 prior values for 1 cuts"),
        ("prior_sd = 0.8", "prior_sd = -0.8", "cannot be negative"),
        ('group = "deterioration"', 'group = "deteriration"', "did you mean 'deterioration'?"),
        ('why = "an example of a mixture"', 'why = ""', "must be text"),
    ],
)
def test_a_slip_gets_one_message_with_the_nearest_spelling(load, small_text, old, new, hint):
    assert old in small_text
    with pytest.raises(InputError) as caught:
        load(small_text.replace(old, new, 1))
    assert hint in str(caught.value)
    assert "own.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("record", "statistic", "endpoint", "words"),
    [
        ("day15_odds_ratio.all", "cox", "recovery", "cannot be compared with a record that is a odds_ratio"),
        ("recovery_rate_ratio.all", "proportional_odds", "day15_score", "record that is a rate_ratio"),
        ("recovery_rate_ratio.all", "risk_ratio", "recovery", "record that is a rate_ratio"),
        ("median_recovery.all.placebo", "proportion", "recovery", "record that is a median"),
        ("day15_table.all.placebo", "proportion", "recovery", "record that is a score_counts"),
        ("recovery_rate_ratio.all", "cox", "day15_score", "is of kind 'ordinal'"),
        ("recovery_rate_ratio.all", "median", "death_day29", "is of kind 'binary'"),
        ("day15_table.all.placebo", "score_table", "recovery", "is of kind 'time_to_event'"),
        ("deaths_day28.score5.placebo", "proportion", "day15_score", "is of kind 'ordinal'"),
    ],
)
def test_a_figure_is_compared_only_with_its_own_kind_of_statistic(load, small_text, record, statistic, endpoint, words):
    entry = (
        f'\n[[target]]\nrecord = "{record}"\nstatistic = "{statistic}"\nendpoint = "{endpoint}"\n'
        'arm = "baricitinib"\nreference = "placebo"\n'
    )
    with pytest.raises(InputError, match=words):
        load(small_text + entry)


@pytest.fixture
def own_evidence(tmp_path):
    """Write a copy of the ACTT-2 evidence beside the study, with one replacement."""

    def write(old, new):
        text = (resources.files("jaksim.evidence") / "catalog" / "actt-2.toml").read_text("utf-8")
        assert old in text
        (tmp_path / "evidence.toml").write_text(text.replace(old, new, 1), encoding="utf-8")

    return write


def test_evidence_of_ones_own_lies_beside_the_study(load, own_evidence, small_text):
    own_evidence("interval = [1.10, 2.08]", "interval = [1.00, 2.28]")
    study = load(small_text.replace('"actt-2"', '"evidence.toml"', 1))
    (target,) = (t for t in study.targets if t.id == "recovery_rate_ratio.score6")
    assert target.interval == (1.0, 2.28)


def test_a_ratio_needs_its_interval(load, own_evidence, small_text):
    own_evidence("interval = [1.10, 2.08]\n", "")
    with pytest.raises(InputError, match="without an interval"):
        load(small_text.replace('"actt-2"', '"evidence.toml"', 1))


TABLE = (
    '\n[[target]]\nrecord = "day15_table.score5.placebo"\nstatistic = "score_table"\nendpoint = "day15_score"\n'
    'arm = "placebo"\nstrata = ["low"]\n'
)


def test_a_score_table_is_matched_score_by_score(load, own_evidence, small_text):
    """A record that lists the scores from the worst to the best gives the same target."""
    text = (resources.files("jaksim.evidence") / "catalog" / "actt-2.toml").read_text("utf-8")
    record = re.search(r'id = "day15_table\.score5\.placebo"(?:.|\n)*?\n\n', text)[0]
    counts = re.search(r"counts = \[(.*)\]", record)[1].split(", ")
    scores = re.search(r"(?m)^scores = \[(.*)\]", record)[1].split(", ")
    turned = record.replace(", ".join(counts), ", ".join(counts[::-1])).replace(
        f"\nscores = [{', '.join(scores)}]", f"\nscores = [{', '.join(scores[::-1])}]"
    )
    assert turned != record
    plain = load(small_text + TABLE).targets[-1]
    own_evidence(record, turned)
    study = load((small_text + TABLE).replace('"actt-2"', '"evidence.toml"', 1))
    assert (study.targets[-1].scores, study.targets[-1].counts) == (plain.scores, plain.counts)
    assert plain.counts == (101, 115, 1, 7, 27, 1, 19, 5)
    fewer = record.replace(", ".join(counts), ", ".join(counts[:-1])).replace(", ".join(scores), ", ".join(scores[:-1]))
    own_evidence(record, fewer)
    with pytest.raises(InputError, match="every score once"):
        load((small_text + TABLE).replace('"actt-2"', '"evidence.toml"', 1))


def test_the_small_study_means_what_it_says(small):
    assert small.name == "small"
    assert small.background == ("remdesivir",)
    assert [(w, p.baseline_score) for w, p in small.strata["high"].patients] == [(0.75, 6), (0.25, 7)]
    assert small.arms["placebo"].patients == {"low": 276, "high": 113}
    assert "day 14" in small.endpoints["day15_score"].definition
    assert [target.role for target in small.targets] == ["fit"] * 4 + ["check"]
    assert [target.weight for target in small.targets] == [1, 1, 0.5, 1, 1]
    assert small.statistics[1].time == small.targets[1].median - 0.5
    assert small.statistics[2].strata == ("low", "high")
    count = small.targets[0]
    assert (count.events, count.patients) == pytest.approx((12, 268))


def test_a_name_of_the_catalogue_wins_over_a_file_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "actt-2").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_calibration_study("actt-2").name == "actt-2"


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(InputError, match="did you mean 'actt-2'"):
        load_calibration_study("acct-2")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\x7fELF\x00\xff", "not a text file"), (b"[[[", "not valid TOML"), (b"a = 1", "unknown key")],
)
def test_a_file_that_holds_no_study_gets_one_message(tmp_path, content, words):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load_calibration_study(str(path))


def test_the_hash_follows_the_file_and_the_evidence(load, own_evidence, small_text, small):
    assert re.fullmatch("[0-9a-f]{16}", small.input_hash)
    assert load(small_text).input_hash == small.input_hash
    assert load(small_text.replace("intensity = 0.15", "intensity = 0.16")).input_hash != small.input_hash
    own = small_text.replace('"actt-2"', '"evidence.toml"', 1)
    hashes = []
    for upper in ("2.08", "2.09"):
        own_evidence("interval = [1.10, 2.08]", f"interval = [1.10, {upper}]")
        hashes.append(load(own).input_hash)
    assert hashes[0] != hashes[1]


def without_suffix(arm):
    """An arm of COV-BARRIER's trial in ventilated patients, or of both trials, as that of the study file."""
    return arm.removesuffix("_ventilated").removesuffix("_both")


@pytest.mark.parametrize("name", calibrated_studies())
def test_shipped_targets_agree_with_their_records(name, study_of):
    """Arms in the order of the ratio, baseline scores, and day of every target are those of the published record."""
    study, evidence = study_of(name), load_study(name)
    text = (resources.files("jaksim.calibration") / "studies" / f"{name}.toml").read_text("utf-8")
    document = tomllib.loads(text)
    for target, statistic in zip(study.targets, study.statistics, strict=True):
        record = evidence[target.id]
        arms = [arm.replace("-", "_") for arm in (statistic.arm, statistic.reference) if arm]
        assert arms == [without_suffix(arm) for arm in record.arms], target.id
        scores = {p.baseline_score for s in statistic.strata for _, p in study.strata[s].patients}
        assert scores == set(record.baseline_scores or scores), target.id
        spec = document["endpoint"][statistic.endpoint]
        day = spec["day"] - document["day_of_randomisation"] if "day" in spec else study.horizon
        assert record.day in (day, None), target.id
        if statistic.is_contrast:
            better = study.endpoints[statistic.endpoint].better
            below = (better == "no event" or bool(statistic.moves)) != statistic.inverse  # moves to worse scores
            assert record.favours_first == ("below" if below else "above"), target.id


@pytest.mark.parametrize("name", calibrated_studies())
def test_shipped_arms_add_up_to_the_published_numbers(name, study_of):
    """To those randomised, but for a few, or to those whose fate by day 28 a meta-analysis knew."""
    study, evidence = study_of(name), load_study(name)
    for arm in study.arms.values():
        own = arm.name.replace("-", "_")
        known = evidence.records.get(f"deaths_day28.all.{own}")
        both = evidence.arms.get(f"{own}_both", evidence.arms[own])
        totals = [both.n, known.figure.n if known else None]
        assert any(0 <= total - sum(arm.patients.values()) <= 8 for total in totals if total)


def test_recovery_keeps_the_shape_of_actt_2(study_of):
    """The fixed intensities and profiles of RECOVERY are the fitted ones of ACTT-2, as its assumption says."""
    fitted = {p.name: p.estimate for p in load_parameter_set("actt-2").parameters}
    fixed = [p for p in study_of("recovery-dexamethasone").template.parameters if p.fixed]
    assert len(fixed) == 19
    for parameter in fixed:
        assert parameter.prior_mean == pytest.approx(fitted[parameter.name], abs=2e-3), parameter.name


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("src/jaksim/evidence/catalog/tang.toml", 'file of evidence.*allowed: a study file.*evidence = "tang"'),
        ("src/jaksim/evidence/catalog/actt-2.toml", 'file of evidence.*evidence = "actt-2"'),
        ("docs/examples/intensive-care.toml", "selection of trials that are pooled.*calibrate --joint"),
        ("scenarios/actt4.toml", "this is a scenario: a trial to be run.*power"),
    ],
)
def test_a_file_of_another_sort_is_called_by_its_name(path, says):
    with pytest.raises(InputError, match=says):
        load_calibration_study(path)

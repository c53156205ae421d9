"""Command lines that are out of their minds, each from its number alone, on files in a directory of their own."""

from __future__ import annotations

import json
import random
import shutil
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jaksim.analysis.registry import METHOD_NAMES
from jaksim.scenario.keys import CATALOGUE
from tests.fuzz.mutation import NUMBERS, TEXTS, as_json, as_toml, digits, mutated, spoiled_rows, spoiled_text

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "jaksim"
SHIPPED = tuple(sorted(ROOT.glob("scenarios/*.toml")))
SMALL = tuple(sorted((ROOT / "tests" / "scenarios").glob("*.toml")))
KEYS = tuple(sorted({key.name for keys in CATALOGUE.values() for key in keys} | {"set", "scores", "day", "kind"}))
# Seek a critical value on thousands of trials, or compare many arms: too slow for every change of them.
SLOW = ("adaptive.toml", "arms.toml", "recovery-multi-arm.toml", "delayed-effect.toml", "remap-cap-adaptive.toml")

Words = list[str]


def lay_out(directory: Path) -> None:
    """Copy what scenarios refer to where a changed one looks for it."""
    for name in ("scenarios", "tests/scenarios", "docs/examples"):
        shutil.copytree(ROOT / name, directory / name, dirs_exist_ok=True)


def scenario_case(rng: random.Random, directory: Path) -> Words:
    """A changed scenario and a verb that reads it."""
    source = rng.choice(SHIPPED + 4 * SMALL)
    folder = "scenarios" if source in SHIPPED else "tests/scenarios"
    target = directory / folder / "changed.toml"
    if rng.random() < 0.1:
        target.write_text(spoiled_text(source.read_text("utf-8"), rng), "utf-8", errors="surrogatepass")
    else:
        target.write_text(as_toml(mutated(_toml(source), rng, KEYS)), "utf-8")
    out = str(directory / "out.csv")
    verbs: list[Words] = [["power", "--replicates", "2", "--workers", "1"]] * 6
    verbs += [["power", "--replicates", "2", "--json"], ["simulate", "--out", out]]
    if source.name not in SLOW:
        verbs += [
            ["power", "--replicates", "2", "--null", "--json"],
            ["power", "--replicates", "2", "--engine", "path"],
            ["predict", "--draws", "20", "--replicates", "10"],
            ["simulate", "--out", out, "--counterfactual"],
        ]
    verb, *options = rng.choice(verbs)
    return [verb, str(target), *options]


def change_case(rng: random.Random, directory: Path) -> Words:
    """Changes of a scenario on the command line."""
    source = rng.choice([one for one in SHIPPED + SMALL if one.name not in SLOW])
    paths = _dotted(_toml(source))
    words = ["power", str(source), "--replicates", "2"]
    for _ in range(rng.choice((1, 1, 2))):
        key = rng.choice((rng.choice(paths), rng.choice(paths) + "." + rng.choice(KEYS), rng.choice(KEYS)))
        words += ["--set", f"{key}={_word(rng)}"]
    return words


def option_case(rng: random.Random, directory: Path) -> Words:
    """An option with a value that it was not made for."""
    words = [word.replace("DIR", str(directory)) for word in rng.choice(COMMANDS)]
    options = [place for place, word in enumerate(words) if word.startswith("--") and place + 1 < len(words)]
    for _ in range(rng.choice((1, 1, 2))):
        kind = rng.randrange(6)
        if kind <= 3 and options:
            place = rng.choice(options)
            words[place + 1 : place + 2] = [_word(rng)]
        elif kind == 4:
            words.append(rng.choice(OPTIONS))
            if rng.random() < 0.5:
                words.append(_word(rng))
        else:
            del words[rng.randrange(1, len(words)) if len(words) > 1 else 0]
            break
    # Left out, the numbers of replicates are those for real work.
    if words and words[0] in ("power", "size", "compare", "sweep") and "--replicates" not in words:
        words += ["--replicates", "20"]
    return words


def data_case(rng: random.Random, directory: Path) -> Words:
    """An analysis of changed trial data."""
    columns, methods = rng.choice(DATA)
    rows = _patients(columns, rng)
    target = directory / "data.csv"
    if rng.random() < 0.15:
        text = "\n".join(map(",".join, rows))
        target.write_text(spoiled_text(text, rng), "utf-8", errors="surrogatepass")
    else:
        if rng.random() < 0.9:
            rows = spoiled_rows(rows, rng)
        target.write_text("\n".join(",".join(_cell(cell) for cell in row) for row in rows) + "\n", "utf-8")
    words = ["analyze", str(target)]
    for method in (
        rng.sample(methods, rng.choice((1, 1, 2))) if rng.random() < 0.9 else [rng.choice(list(METHOD_NAMES))]
    ):
        words += ["--method", method]
    if "age" in columns and rng.random() < 0.5:
        words += ["--covariate", rng.choice(("age", "sex", "arm", "time"))]
    for option, values in ANALYZE.items():
        if rng.random() < 0.06:
            words += [option, *([rng.choice(values)] if values else [])]
    return words + (["--json"] if rng.random() < 0.3 else [])


def file_case(rng: random.Random, directory: Path) -> Words:
    """A changed study, backtest, synthesis, parameter set, scale, evidence or sweep file."""
    name, source, command = rng.choice(FILES)
    target = directory / name
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text("utf-8")
    if rng.random() < 0.1:
        target.write_text(spoiled_text(text, rng), "utf-8", errors="surrogatepass")
    elif source.suffix == ".json":
        target.write_text(as_json(mutated(json.loads(text), rng)), "utf-8")
    else:
        document = _toml(source)
        target.write_text(as_toml(mutated(document, rng, tuple(document))), "utf-8")
    return [word.replace("FILE", str(target)).replace("DIR", str(directory)) for word in command]


FAMILIES: dict[str, Callable[[random.Random, Path], Words]] = {
    "scenario": scenario_case,
    "change": change_case,
    "option": option_case,
    "data": data_case,
    "file": file_case,
}

# Addresses of schedulers are tried in tests/cli/test_sweep_cluster.py: a client waits for each as long as it may.
COMMANDS: tuple[Words, ...] = (
    ["power", "actt4", "--replicates", "20", "--seed", "1", "--engine", "auto", "--workers", "1", "--set", "x=1"],
    ["power", "actt4", "--until-se", "0.4", "--variance-reduction", "control-variates"],
    ["power", "actt4-interims", "--replicates", "20", "--plot", "DIR/plot.png"],
    ["power", "actt4", "--replicates", "20", "--endpoints", "all", "--methods", "main", "--plot", "DIR/plot.svg"],
    ["size", "wang-remdesivir", "--power", "0.9", "--replicates", "20", "--analysis", "x", "--seed", "1"],
    ["size", "wang-remdesivir", "--power", "0.5", "--assurance", "--draws", "20"],
    ["compare", "actt4", "actt4", "--replicates", "20", "--set-second", "population.patients=100"],
    ["sweep", "wang-remdesivir", "--vary", "population.patients=20,40", "--out", "DIR/sweep", "--replicates", "20"],
    ["sweep", "wang-remdesivir", "--vary", "population.patients=20:40", "--latin", "3", "--out", "DIR/latin"],
    ["sweep", "wang-remdesivir", "--points", "DIR/points.csv", "--out", "DIR/points", "--shard", "1/2", "--grow", "2"],
    ["sweep", "--resume", "--out", "DIR/sweep", "--status", "--baseline", "point=0"],
    ["merge", "DIR/merged", "DIR/sweep"],
    ["predict", "wang-remdesivir", "--draws", "20", "--replicates", "10", "--between-trial-sd", "0.1", "--seed", "2"],
    ["simulate", "wang-remdesivir", "--out", "DIR/patients.csv", "--replicate", "3", "--seed", "2"],
    ["simulate", "actt4-interims", "--out", "DIR/patients.parquet", "--as-known", "--engine", "path"],
    ["boundaries", "--looks", "3", "--spending", "hsd:-2", "--alpha", "0.025", "--sides", "1", "--futility", "power:2"],
    ["boundaries", "--information", "0.5,1", "--spending", "pocock", "--beta", "0.2", "--harm", "pocock"],
    ["boundaries", "--looks", "4", "--actual", "0.3,0.5", "--no-efficacy", "1", "--no-futility", "2"],
    ["boundaries", "--looks", "2", "--harm", "pocock", "--harm-alpha", "0.05", "--binding", "--futility", "z:0"],
    ["calibrate", "recovery-dexamethasone", "--draws", "10", "--seed", "1", "--out", "DIR/set.json"],
    ["reproduce", "recovery-dexamethasone", "--replicates", "100", "--seed", "1", "--parameters", "actt-1"],
    ["backtest", "mortality"],
    ["evidence", "show", "actt-1", "recovery_rate_ratio"],
    ["evidence", "facts", "baricitinib"],
    ["evidence", "check", "actt-1"],
    ["verify", "hce-propWINS", "hmisc-popower-3cat"],  # two, since without any all cases are run
    ["keys", "population"],
    ["analyze", "DIR/docs/examples/aml.csv", "--method", "log_rank", "--level", "0.9", "--margin", "1.2"],
)  # fmt: skip
OPTIONS = (
    *sorted({word for words in COMMANDS for word in words if word.startswith("--")}),
    "--json", "--null", "--help", "--version", "--unstratified", "--robust", "--status", "--counterfactual", "-x", "--",
)  # fmt: skip

DATA: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("arm", "time", "status", "stratum", "age", "sex"),
        ("log_rank", "cox", "kaplan_meier", "rmst_difference", "rmst_ratio", "fine_gray", "gray", "max_combo",
         "weighted_log_rank", "modestly_weighted_log_rank", "cumulative_incidence_difference"),
    ),
    (
        ("arm", "score", "stratum", "age", "sex"),
        ("proportional_odds", "wilcoxon", "van_elteren", "win_ratio", "win_odds", "net_benefit", "win_probability",
         "partial_proportional_odds", "mean_difference", "bayesian_proportional_odds"),
    ),
    (
        ("arm", "event", "stratum", "age"),
        ("risk_difference", "risk_difference_mn", "risk_difference_mh", "risk_ratio", "risk_ratio_mn", "risk_ratio_mh",
         "odds_ratio", "odds_ratio_mh", "exact_odds_ratio"),
    ),
    (("arm", "days", "stratum"), ("mean_difference", "van_elteren", "wilcoxon")),
    (
        ("arm", "baseline_score", "score_day_2", "score_day_3", "score_day_4", "score_day_5", "stratum"),
        ("markov_proportional_odds", "proportional_odds", "log_rank"),
    ),
)  # fmt: skip
ANALYZE: dict[str, tuple[str, ...]] = {
    "--option": ("rmst_difference.tau=1e308", "tau=nan", "cox.x=1", "max_combo.weights=[[0,0],[1,1]]", "prior_sd=-1"),
    "--reference": ("A", "B", "", "x"),
    "--active": ("A", "B", "C"),
    "--ties": ("efron", "breslow", "exact"),
    "--cluster": ("stratum", "arm", "x"),
    "--robust": (),
    "--unstratified": (),
    "--better": ("lower", "higher", "event", "no event", "x"),
    "--missing": ("drop", "carry_forward", "censor", "error", ""),
    "--level": ("0.9", "0", "1", "nan", "1e-300", "0.9999999999999999"),
    "--hypothesis": ("non-inferiority", "equivalence", "superiority"),
    "--margin": ("1.2", "0", "-1", "1e308", "nan", "0.999"),
    "--scale": ("niaid-8", "mrs", "survival", "x"),
    "--day-of-randomisation": ("0", "1", "-5", "20201101"),
    "--endpoint": ("kind=score_on_day", "day=3", "kind=time_to_event", "set=recovered", "x"),
    "--seed": ("1", "-1", "1e30"),
}

_STUDIES = PACKAGE / "calibration" / "studies"
_STROKE = ROOT / "docs" / "examples" / "stroke"
FILES: tuple[tuple[str, Path, Words], ...] = (
    ("studies/own.toml", _STUDIES / "recovery-dexamethasone.toml", ["reproduce", "FILE", "--replicates", "100"]),
    ("studies/own.toml", _STUDIES / "actt-1.toml",
     ["reproduce", "FILE", "--replicates", "100", "--parameters", "actt-1"]),
    ("studies/own.toml", _STUDIES / "recovery-dexamethasone.toml", ["calibrate", "FILE", "--draws", "10"]),
    ("docs/examples/stroke/own.toml", _STROKE / "alteplase-study.toml", ["reproduce", "FILE", "--replicates", "100"]),
    ("docs/examples/stroke/own.toml", _STROKE / "alteplase-evidence.toml", ["evidence", "check", "FILE"]),
    ("docs/examples/stroke/own.toml", _STROKE / "alteplase-evidence.toml", ["evidence", "show", "FILE"]),
    ("own.toml", PACKAGE / "evidence" / "catalog" / "actt-2.toml", ["evidence", "check", "FILE", "--json"]),
    ("own.toml", PACKAGE / "evidence" / "catalog" / "recovery-jak-meta-analysis.toml", ["evidence", "show", "FILE"]),
    ("own.toml", PACKAGE / "calibration" / "backtests" / "mortality.toml", ["backtest", "FILE"]),
    ("own.toml", PACKAGE / "evidence" / "syntheses" / "ventilation-or-death.toml", ["evidence", "synthesise", "FILE"]),
    ("own.toml", PACKAGE / "evidence" / "syntheses" / "clinical-status.toml",
     ["evidence", "synthesise", "FILE", "--json"]),
    ("docs/examples/stroke/alteplase.json", _STROKE / "alteplase.json",
     ["power", "DIR/scenarios/stroke-alteplase.toml", "--replicates", "2"]),
    ("docs/examples/stroke/alteplase.json", _STROKE / "alteplase.json",
     ["predict", "DIR/scenarios/stroke-alteplase.toml", "--draws", "20", "--replicates", "10"]),
    ("own.json", PACKAGE / "model" / "parameter_data" / "actt-1.json",
     ["reproduce", "actt-1", "--replicates", "100", "--parameters", "FILE"]),
    ("tests/scenarios/four.toml", ROOT / "tests" / "scenarios" / "four.toml",
     ["power", "DIR/tests/scenarios/small.toml", "--replicates", "2"]),
    ("own.toml", PACKAGE / "scale_data" / "niaid-8.toml",
     ["analyze", "DIR/docs/examples/aml.csv", "--method", "log_rank", "--scale", "FILE"]),
)  # fmt: skip


def case(family: str, number: int, directory: Path) -> Words:
    """The words of one case; the same for the same number."""
    return FAMILIES[family](random.Random(f"{family} {number}"), directory)


@cache
def _parsed(path: Path) -> str:
    return json.dumps(tomllib.loads(path.read_text("utf-8")), default=str)


def _toml(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(_parsed(path))
    return found


def _dotted(document: object, prefix: str = "") -> list[str]:
    if not isinstance(document, dict | list):
        return []
    found: list[str] = []
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        path = f"{prefix}.{key}" if prefix else str(key)
        found += [path, *_dotted(value, path)]
    return found


def _word(rng: random.Random) -> str:
    value = rng.choice((rng.choice(NUMBERS), rng.choice((*TEXTS, "NaN", "z:nan"))))
    word = digits(value) if isinstance(value, int) else str(value)
    if rng.random() < 0.1:
        word = rng.choice((f"[{word}]", f"{word},{word}", f"{word}:{word}", f"{{a = {word}}}", "[" * 3000))
    return word.replace("\0", "")


def _cell(text: str) -> str:
    return f'"{text}"' if any(mark in text for mark in ",\n\r") else text


def _patients(columns: tuple[str, ...], rng: random.Random) -> list[list[str]]:
    """A header and between four and forty patients."""
    draw = {
        "arm": lambda: rng.choice("AB"),
        "time": lambda: str(rng.randrange(0, 30)),
        "status": lambda: rng.choice("0112"),
        "stratum": lambda: rng.choice("xy"),
        "age": lambda: str(rng.randrange(20, 90)),
        "sex": lambda: rng.choice("01"),
        "event": lambda: rng.choice("01"),
        "days": lambda: str(rng.randrange(0, 28)),
    }
    score = lambda: str(rng.randrange(1, 9))  # noqa: E731
    rows = [[draw.get(column, score)() for column in columns] for _ in range(rng.choice((4, 10, 40)))]
    return [list(columns), *rows]

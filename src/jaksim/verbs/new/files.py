"""The four files of a new trial: scale, evidence, study and scenario, with what each part is for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from jaksim.scale import OrdinalScale
from jaksim.verbs.new.disease import moves_of
from jaksim.verbs.new.given import Given

SCALE, EVIDENCE, STUDY, SCENARIO, PARAMETERS = (
    "scale.toml", "evidence.toml", "study.toml", "trial.toml", "control.json",
)  # fmt: skip


def files_of(given: Given) -> dict[str, str]:
    """The text of each file by its name."""
    texts = {EVIDENCE: _evidence(given), STUDY: _study(given), SCENARIO: _scenario(given)}
    if given.own:
        texts = {SCALE: _scale(given.scale), **texts}
    return {name: "\n".join(lines) + "\n" for name, lines in texts.items()}


def _scale(scale: OrdinalScale) -> Iterator[str]:
    yield "# The scale: scores from best to worst, what they mean, and sets of scores that endpoints speak of."
    yield f"name = {_text(scale.name)}"
    yield "higher_is_worse = true"
    yield f"absorbing = {list(scale.absorbing)}  # scores that are never left: death"
    for score, label in zip(scale.scores, scale.labels, strict=True):
        yield from ("", "[[status]]", f"score = {score}", f"label = {_text(label)}")
    yield from ("", "[sets]")
    yield from (f"{name} = {list(members)}" for name, members in scale.sets.items())


def _evidence(given: Given) -> Iterator[str]:
    scores, day = given.scale.scores, given.day
    yield "# What is known of patients without the drug. Days are counted from randomisation, which is day 0."
    yield 'id = "evidence"'
    yield f"title = {_text(f'Control patients of: {given.title}')}"
    yield 'summary = "What the size of the trial rests on."'
    yield "registry = []"
    yield f"scale = {_text(given.scale_name)}"
    yield "day_of_randomisation = 0"
    yield from ("", "[arms.control]", 'label = "control"', "treatments = []", 'regimen = "as in the source"')
    yield f"n = {given.control_patients}"
    yield from ("", "[events.status]", f'definition = "Score on day {day}"', "desirable = true")
    yield from ("", "[events.recovery]", f'definition = "First day with a score of {_listed(given.recovered)}"')
    yield "desirable = true"
    if given.dead:
        yield from ("", "[events.death]", 'definition = "Death from any cause"', "desirable = false")
    yield from ("", "# Replace the text by the publication, so that every report names it.", "[citations.source]")
    yield from (f"text = {_text(given.source)}", 'kind = "primary"')
    for key, counts in given.counts.items():
        yield from ("", "# Patients in each score; shares were made whole numbers of patients.", "[[records]]")
        yield f'id = "{_table_id(given, key)}"'
        yield from ('event = "status"', 'measure = "score_counts"')
        yield from _of_whom(given, key)
        yield from (f"day = {day}", f"scores = {list(scores)}", f"counts = {list(counts)}")
    if given.recovery_time is not None:
        yield from ("", "[[records]]", 'id = "median_recovery"', 'event = "recovery"', 'measure = "median"')
        yield from _of_whom(given, None)
        yield from (f"estimate = {given.recovery_time:g}", 'unit = "days"')
    if _has_deaths(given):
        share, by = given.mortality  # type: ignore[misc]
        yield from ("", "[[records]]", f'id = "deaths_day{by}"', 'event = "death"', 'measure = "proportion"')
        yield from _of_whom(given, None)
        yield from (f"day = {by}", f"count = {round(share * given.control_patients)}", f"n = {given.control_patients}")


def _of_whom(given: Given, score: int | None) -> Iterator[str]:
    scores = sorted(given.baseline) if score is None else [score]
    yield f'population = "patients who start in score {_listed(scores)}"'
    yield f"baseline_scores = {scores}"
    yield from ('arms = ["control"]', 'citation = "source"', 'origin = "published"')


def _study(given: Given) -> Iterator[str]:
    moves = moves_of(given)
    yield "# The disease without the drug, and which figures of the evidence it has to meet: `jaksim calibrate`."
    yield f"title = {_text(f'Control patients of: {given.title}')}"
    yield f"evidence = {_text(EVIDENCE)}"
    yield f"natural_history_source = {_text(given.source)}"
    yield from (f"horizon = {given.horizon}", "day_of_randomisation = 0", "")
    yield "# What no publication says, and what is taken instead; every scenario that uses the result prints it."
    yield from ("[[assumption]]", 'name = "moves"', 'value = "one score up or down at a time, and death"')
    yield 'why = "the simplest disease that can meet the figures; the times between them are not told by the data"'
    yield 'source = "none"'
    yield from ("", "# The patients by their score at randomisation.", "[stratum]")
    for name, shares in _strata(given).items():
        inner = ", ".join(f"{score} = {share:.10g}" for score, share in shares.items())
        yield f"{name} = {{ scores = {{ {inner} }} }}"
    sizes = ", ".join(f"{name} = {size}" for name, size in _sizes(given).items())
    yield from ("", "[arm.control]", "regimen = []", f"patients = {{ {sizes} }}")
    yield from ("", "[endpoint]", f'status = {{ kind = "score_on_day", day = {given.day} }}')
    yield f'recovery = {{ kind = "time_to_event", scores = {list(given.recovered)} }}'
    if _has_deaths(given):
        yield f'death = {{ kind = "event_by_day", scores = {list(given.dead)}, day = {given.mortality_day} }}'
    yield from ("", "[model]", f"scale = {_text(given.scale_name)}", 'source = "calibrated to the control patients"')
    if moves.cut is not None:
        yield from ("", "# From the day of the median on, patients may improve faster or more slowly.")
        yield from ("[model.profile.improvement]", f"cuts = [{moves.cut}]", "prior_sd = 0.7")
    yield from ("", "# Moves with a first guess of their intensity per day; the figures decide, as far as they can.")
    for entries, profile, sd in (
        (moves.improvement, moves.cut, 1.0),
        (moves.deterioration, None, 1.0),
        (moves.death, None, 1.0),
    ):
        for move, intensity in entries:
            yield from ("[[model.move]]", f'move = "{move}"', f"intensity = {intensity:.3g}", f"prior_sd = {sd:g}")
            if profile is not None:
                yield 'profile = "improvement"'
    yield from ("", "# The figures that are met.")
    for key in given.counts:
        yield from ("[[target]]", f'record = "{_table_id(given, key)}"', 'statistic = "score_table"')
        yield from ('endpoint = "status"', 'arm = "control"')
        yield from () if key is None else (f'strata = ["score{key}"]',)
    if given.recovery_time is not None:
        yield from ("[[target]]", 'record = "median_recovery"', 'statistic = "median"', 'endpoint = "recovery"')
        yield 'arm = "control"'
    if _has_deaths(given):
        yield from ("[[target]]", f'record = "deaths_day{given.mortality_day}"', 'statistic = "proportion"')
        yield from ('endpoint = "death"', 'arm = "control"')


def _scenario(given: Given) -> Iterator[str]:
    yield "# The new trial. `jaksim keys` lists what else can stand here; days are counted from randomisation."
    yield f"title = {_text(given.title)}"
    yield f"sources = [{_text(given.source)}]"
    yield from ("", "[disease]", f"# Made by `jaksim calibrate {STUDY} --out {PARAMETERS}`, in this directory.")
    yield f"natural_history = {_text(PARAMETERS)}"
    yield from (
        "",
        "# What the drug is meant to do. The hazard ratio of the moves that gives it is solved for; `moves` says",
    )
    yield "# which, and `sd` or `interval` how well the value is known, for `jaksim predict` and assurance."
    for effect in _effects(given):
        yield from ("", f"[[disease.treatments.{_key(given.drug)}.effect]]", *effect)
    yield from ("", "[population]", f"patients = {given.patients}", f"source = {_text(given.source)}")
    for score, share in given.baseline.items():
        yield from ("", "[[population.stratum]]", f'name = "score {score}"', f"baseline_score = {score}")
        yield f"weight = {share:.10g}"
    yield from ("", "[follow_up]", f"days = {given.horizon}", "day_of_randomisation = 0")
    yield from ("", "[[arm]]", 'name = "control"', "regimen = []", "reference = true")
    yield from ("", "[[arm]]", f"name = {_text(given.drug)}", f"regimen = [{_text(given.drug)}]")
    for lines in _endpoints(given):
        yield from ("", "[[endpoint]]", *lines)
    primary = next(iter(given.effects))
    for asked, (endpoint, method) in _analyses(given).items():
        yield from ("", "[[analysis]]", f'endpoint = "{endpoint}"', f'method = "{method}"')
        yield from ('role = "primary"',) if asked == primary else ()


def _analyses(given: Given) -> dict[str, tuple[str, str]]:
    """Endpoint and method of the analyses, by the effect that could be stated on each."""
    found = {
        "odds_ratio": (f"score on day {given.day}", "proportional_odds"),
        "recovery_rate_ratio": ("time to recovery", "cox"),
        "mortality_ratio": (f"death by day {given.mortality_day}", "risk_ratio_mh"),
    }
    kept = {"odds_ratio", *(["mortality_ratio"] if given.dead else [])}
    if not set(given.baseline) & set(given.recovered):
        kept.add("recovery_rate_ratio")
    return {effect: one for effect, one in found.items() if effect in kept or effect in given.effects}


def _effects(given: Given) -> Iterator[list[str]]:
    for effect, value in given.effects.items():
        endpoint, method = _analyses(given)[effect]
        yield [f'endpoint = "{endpoint}"', f'method = "{method}"', f"value = {value:g}"]


def _endpoints(given: Given) -> Iterator[list[str]]:
    asked = _analyses(given)
    yield [f'name = "{asked["odds_ratio"][0]}"', 'kind = "score_on_day"', f"day = {given.day}"]
    if "recovery_rate_ratio" in asked:
        yield ['name = "time to recovery"', 'kind = "time_to_event"', f"scores = {list(given.recovered)}"]
    if "mortality_ratio" in asked:
        yield [
            f'name = "{asked["mortality_ratio"][0]}"',
            'kind = "event_by_day"',
            f"scores = {list(given.dead)}",
            f"day = {given.mortality_day}",
        ]


def _has_deaths(given: Given) -> bool:
    """Whether deaths are a figure of their own, not that of the table on the same day."""
    return given.mortality is not None and given.mortality[1] != given.day


def _strata(given: Given) -> dict[str, dict[int, float]]:
    if None in given.counts:
        return {"all": dict(given.baseline)}
    return {f"score{score}": {score: 1.0} for score in given.baseline}


def _sizes(given: Given) -> dict[str, int]:
    return {("all" if key is None else f"score{key}"): sum(counts) for key, counts in given.counts.items()}


def _table_id(given: Given, key: int | None) -> str:
    return f"status_day{given.day}" + ("" if key is None else f".score{key}")


def _listed(scores: Iterable[int]) -> str:
    *first, last = map(str, scores)
    return f"{', '.join(first)} or {last}" if first else last


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    return _text(name)

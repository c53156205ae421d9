"""The tables of docs/performance.md: each a function from the results of a run to lines of Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from benchmarks.results import Case, Results

Table = Callable[[Results], list[str]]
KERNELS = {
    "test_philox_words": "a random word of Philox4x32-10",
    "test_binomials": "a binomial draw by {way}, with what surrounds it",
    "test_permuted_blocks": "sizes of the 8 cells, strata drawn and 1,000 patients allocated in blocks",
    "test_law_tables": "law engine, tables of a trial of {patients:,} patients",
    "test_law_tables_with_drawn_strata": "the same, 1,000 patients, strata and allocation drawn",
    "test_path_engine": "path engine, a patient, trials of {patients:,}",
    "test_daily_scores": "a path as daily scores",
    "test_transitions_of_paths": "daily transitions along a path",
    "test_transitions_of_the_law": "daily transitions as a chain of counts, a trial of {patients:,} patients",
    "test_enrolment": "a patient enrolled in calendar time with five endpoints, {engine} engine",
    "test_data_cut": "a patient in a data cut",
    "test_day_of_an_analysis": "a patient in the search for the day with so many outcomes ({what})",
}
EXACT = {
    "test_daily_matrices": "28 daily matrices of a cell",
    "test_state_occupation": "state occupation of a cell from its matrices",
    "test_joint_law": "law of {endpoints} endpoints together, a cell",
    "test_joint_automaton": "automaton of {endpoints} endpoints together",
    "test_alias_tables_and_split_trees": "alias table and split tree of a cell",
}
VERBS = {
    "test_reading_a_scenario": "reading `scenarios/actt4.toml`",
    "test_points_of_a_sweep": "a point of a sweep beyond its replicates, {varied} varied, with twin and results",
    "test_sweep_of_a_real_trial": "a point of a sweep with 10,000 replicates, {varied} varied",
    "test_calibration_likelihood": "all figures of ACTT-2 under a parameter set, {models} at once",
    "test_sample_size": "sample size of ACTT-4 to the nearest patient, one thread",
    "test_control_variates": "a replicate of ACTT-4 out of 20,000, variance reduction {variance_reduction}",
    "test_prediction": "a draw of the parameters of ACTT-4 with 100 trials predicted",
    "test_patients_of_one_trial": "one replicate of ACTT-4 as a data frame of its patients",
    "test_trial_data": "analysis of 1,000 patients' data: {method}, {covariates} covariates",
}
CONDUCT = {
    (0, False): "screening, visits and costs",
    (1, False): "with kits given once",
    (8, False): "with kits given on eight days",
    (8, True): "the same with four analyses",
}
OTHER_DOORS = {
    "screened": "fast door: all who are screened, and the line of those randomised",
    "power": "fast door: a trial with four analyses and its results",
    "exact": "exact door: law of the day on which `actt4-operations` is full",
}
THEIRS = {
    ("stratified log-rank", "NumPy"): "the same trial drawn from the exact law, the test by array operations",
    ("stratified log-rank", "statsmodels"): "the same trial drawn by NumPy, `survdiff`",
    ("stratified log-rank", "lifelines"): "the same trial drawn by NumPy, `logrank_test`, which knows no strata",
    ("stratified log-rank", "R survival"): "exponential times, `survdiff`",
    ("stratified Cox", "statsmodels"): "the same trial drawn by NumPy, `PHReg` (Efron)",
    ("stratified Cox", "lifelines"): "the same trial drawn by NumPy, `CoxPHFitter` (Efron) with all it reports",
    ("stratified Cox", "R survival"): "exponential times, `coxph` (Efron)",
    ("proportional odds", "statsmodels"): "the same trial drawn by NumPy, `OrderedModel`",
    ("proportional odds", "R MASS"): "scores by `sample`, `polr` with standard errors",
    ("trials in calendar time", "R rpact"): "`getSimulationSurvival`, the same trial",
    ("group-sequential designs", "R rpact"): "`getDesignGroupSequential` with all it reports",
    ("patients of 28 days", "NumPy"): "all patients of a cell step together, daily look-ups",
    ("patients of 28 days", "SimPy"): "a process for each patient",
    ("patients of 28 days", "R Hmisc"): "`simMarkovOrd`, a data frame of daily scores",
    ("daily matrices", "SciPy"): "`expm` day by day",
    ("state occupation", "R Hmisc"): "`soprobMarkovOrd`, from given daily probabilities",
}


COSTS = (
    ("ACTT-4 with interim analyses, a trial", 20e-6, ("test_design", {"scenario": "actt4-interims"})),
    ("`platform`, a trial", 68e-6, ("test_design", {"scenario": "platform"})),
    ("`recovery-multi-arm`, a trial", 72e-6, ("test_design", {"scenario": "recovery-multi-arm"})),
    ("`remap-cap-adaptive`, a trial", 132e-6, ("test_design", {"scenario": "remap-cap-adaptive"})),
    ("a point of a sweep of ACTT-4, 10,000 replicates", 48e-3, ("test_sweep_of_a_real_trial", {"varied": "patients"})),
)
"""Seconds of processor time to reach: 20 µs a trial, a 2.5th of what it was, 8 minutes for 10,000 points."""
PROGRAMS = (
    ("`jaksim power scenarios/actt4.toml`, 1,000 replicates", 0.8, ("test_power", {"replicates": 1_000})),
    ("the same, 100,000 replicates", 1.2, ("test_power", {"replicates": 100_000})),
    ("its first numbers, nothing compiled yet", 3.0, ("test_first_numbers_with_nothing_compiled", {})),
    ("all of them, nothing compiled yet", 10.0, ("test_power_with_nothing_compiled", {})),
    ("`jaksim plan ordinal`", 0.3, ("test_verb", {"verb": "plan"})),
    ("`jaksim --help`", 0.4, ("test_help", {})),
    ("`jaksim calibrate actt-2` with its posterior", 10.0, ("test_verb", {"verb": "calibrate"})),
    ("`jaksim size scenarios/actt4.toml --power 0.9`", 5.0, ("test_verb", {"verb": "size"})),
)


def about(value: float) -> str:
    """Two significant digits."""
    if value <= 0 or not math.isfinite(value):
        return "–"
    digits = 1 - math.floor(math.log10(value))
    rounded = round(value, digits)
    if rounded >= 1e6:
        return f"{rounded / 1e6:g} million"
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:.{max(digits, 0)}f}"


def duration(seconds: float) -> str:
    """Seconds in the unit that gives a number from 1 to 1000."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, factor = next((one for one in units if seconds >= one[1]), units[-1])
    return f"{about(seconds / factor)} {unit}"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    ruler = ["--:" if i in right else "---" for i in range(len(heads))]
    return ["| " + " | ".join(row) + " |" for row in (heads, ruler, *rows)]


def machine(results: Results) -> list[str]:
    found = results.machine
    cpu, versions = found["cpu"], found["versions"]
    named = (cpu.get("brand_raw"), f"family {cpu.get('family', 'unknown')}", cpu.get("hz_actual_friendly"))
    rows = [
        ("processor", ", ".join(filter(None, (*named, f"{cpu['count']} cores used")))),
        ("system", f"{found['system']} {found['release'].split('-')[0]}, Python {found['python_version']}"),
        ("packages", ", ".join(f"{name} {version}" for name, version in versions.items())),
        ("other work", f"{found['load']:.1f} processes on average in the last minute before the run"),
    ]
    return markdown(("", ""), rows)


def goals(results: Results) -> list[str]:
    rows = []
    for case, words, goal, unit in (
        ("law engine, log-rank, 1,000 patients", "law engine, stratified log-rank, 1,000 patients", 200_000, "trials"),
        ("law engine, log-rank, 100,000 patients", "the same, 100,000 patients", 100_000, "trials"),
        ("law engine, proportional odds, 1,000 patients", "law engine, proportional odds", 200_000, "trials"),
        ("law engine, proportional odds, 100,000 patients", "the same, 100,000 patients", 100_000, "trials"),
        ("path engine, 1 endpoint", "path engine, 28 days, 1 endpoint", 50e6, "patients"),
        ("path engine, 5 endpoints", "path engine, 28 days, 5 endpoints", 25e6, "patients"),
    ):
        for found in results.all("test_threads", case=case):
            width = f"{found.noted['width']} threads"
            reached = met(found.rate >= goal, found.processor_rate >= goal)
            reach = f"{about(goal)} {unit}/s"
            rows.append((f"{words}, {width}", reach, about(found.rate), about(found.processor_rate), reached))
            clock, processor = found.speed_up
            if case in ("law engine, log-rank, 1,000 patients", "path engine, 1 endpoint"):
                reached = met(clock >= 0.9 * found.noted["width"], processor >= 0.9 * found.noted["width"])
                goal_words = f"{0.9 * found.noted['width']:.1f} times"
                rows.append(("&emsp;against one thread", goal_words, f"{clock:.2f}", f"{processor:.2f}", reached))
    usual = results.one("test_law_tables", patients=1_000).cost
    for n in (8_000, 20_000):
        ratio = results.one("test_law_tables", patients=n).cost / usual
        rows.append(
            (f"law engine, tables of {n:,} patients", "1.5 times 1,000", "", f"{ratio:.1f} times", met(ratio <= 1.5))
        )
    small, large = (results.one("test_memory_by_replicates", engine="path", replicates=n) for n in (200, 20_000))
    low, high = small.noted["megabytes"], large.noted["megabytes"]
    rows.append(
        (
            "memory of the path engine, 200 and 20,000 replicates",
            "constant",
            f"{low:.0f} and {high:.0f} MB",
            "",
            met(high < 1.1 * low),
        )
    )
    for words, goal, case in COSTS:
        found = results.one(case[0], **case[1])
        rows.append((words, duration(goal), "", duration(found.cost), met(found.cost <= goal)))
    for words, goal, case in PROGRAMS:
        found = results.one(case[0], **case[1])
        used = median(found.noted["processor"])
        rows.append((words, f"{goal:g} s", duration(found.cost), duration(used), met(found.cost <= goal, used <= goal)))
    return markdown(("figure", "goal", "by the clock", "by processor time", "met"), rows)


def met(clock: bool, processor: bool = False) -> str:
    return "yes" if clock else "by processor time only" if processor else "no"


def described(results: Results, words: dict[str, str]) -> list[str]:
    """What each case costs a unit, in the words of its function with its parameters put in."""
    rows = [
        (text.format(**case.parameters), duration(case.cost))
        for function, text in words.items()
        for case in results.all(function)
    ]
    return markdown(("", "cost"), rows, right=(1,))


def kernels(results: Results) -> list[str]:
    return described(results, KERNELS)


def exact(results: Results) -> list[str]:
    return described(results, EXACT)


def verbs(results: Results) -> list[str]:
    return described(results, VERBS)


def analyses(results: Results) -> list[str]:
    found = sorted(results.all("test_analysis"), key=lambda case: case.cost)
    half = (len(found) + 1) // 2
    rows = []
    for left, right in zip(found[:half], [*found[half:], None], strict=False):
        rows.append((*of_analysis(left), *(of_analysis(right) if right else ("", ""))))
    return markdown(("analysis", "a table", "analysis", "a table"), rows, right=(1, 3))


def of_analysis(case: Case) -> tuple[str, str]:
    return f"`{case.parameters['method']}`", duration(case.cost)


def designs(results: Results) -> list[str]:
    found = sorted(results.all("test_design"), key=lambda case: (case.noted["kind"] != "one analysis", case.cost))
    rows = [
        (
            f"`{case.parameters['scenario']}`",
            case.noted["kind"],
            f"{case.noted['patients']:,}",
            str(case.noted["analyses"]),
            duration(case.cost),
            about(case.rate),
        )
        for case in found
    ]
    heads = ("scenario", "design", "patients", "analyses", "a trial", "trials/s")
    return markdown(heads, rows, right=(2, 3, 4, 5))


def growth(results: Results, head: str, parameter: str, rows: dict[str, Iterable[Case]]) -> list[str]:
    """Cost of a unit along one parameter, a row for each engine or analysis."""
    found = {words: list(cases) for words, cases in rows.items()}
    values = sorted({case.parameters[parameter] for cases in found.values() for case in cases})
    lines = []
    for words, cases in found.items():
        costs = {case.parameters[parameter]: duration(case.cost) for case in cases}
        lines.append((words, *(costs.get(value, "") for value in values)))
    return markdown((head, *(f"{value:,}" for value in values)), lines, right=range(1, len(values) + 1))


def patients(results: Results) -> list[str]:
    rows = {
        "law engine, log-rank, a trial": results.all("test_log_rank_trials"),
        "law engine, proportional odds, a trial": results.all("test_proportional_odds_trials"),
        "path engine, a patient": results.all("test_path_engine"),
    }
    return growth(results, "patients in a trial", "patients", rows)


def replicates(results: Results) -> list[str]:
    rows = {
        "one thread, kernels loaded, a replicate": results.all("test_replicates"),
        "`jaksim power` from start to end": results.all("test_power"),
    }
    return growth(results, "replicates of ACTT-4", "replicates", rows)


def endpoints(results: Results) -> list[str]:
    rows = {
        "law engine, a trial of 1,000": results.all("test_endpoints_of_the_law_engine"),
        "path engine, a patient": results.all("test_endpoints_of_the_path_engine"),
        "exact door, joint law of a cell": results.all("test_joint_law"),
        "exact door, joint automaton": results.all("test_joint_automaton"),
    }
    return growth(results, "endpoints", "endpoints", rows)


def days(results: Results) -> list[str]:
    return of_ladder(results, "days of follow-up", "days")


def states(results: Results) -> list[str]:
    return of_ladder(results, "states", "states")


def of_ladder(results: Results, head: str, axis: str) -> list[str]:
    rows = {
        "law engine, a trial": results.all(f"test_{axis}", engine="law"),
        "path engine, a trial": results.all(f"test_{axis}", engine="path"),
        "exact door, matrices and law of a cell": results.all(f"test_{axis}_of_the_exact_door"),
    }
    return growth(results, head, axis, rows)


def cells(results: Results) -> list[str]:
    rows = {f"{engine} engine, a trial": results.all("test_cells", engine=engine) for engine in ("law", "path")}
    return growth(results, "cells", "cells", rows)


def looks(results: Results) -> list[str]:
    rows = {
        "a trial of 1,500 patients": results.all("test_interim_analyses"),
        "setting the design up": results.all("test_setting_up_interim_analyses"),
    }
    return growth(results, "interim analyses", "looks", rows)


def bounds(results: Results) -> list[str]:
    return growth(results, "analyses", "looks", {"boundaries": results.all("test_boundaries")})


def processors(results: Results) -> list[str]:
    rows = []
    for kind in ("threads", "processes"):
        for case in results.all(f"test_{kind}"):
            clock, processor = case.speed_up
            words = f"{case.parameters['case']}, {case.noted['width']} {kind}"
            rows.append((words, f"{about(case.rate)} {case.noted['unit']}/s", f"{clock:.2f}", f"{processor:.2f}"))
    heads = ("", "by the clock", "times one thread, clock", "times one thread, processor time")
    return markdown(heads, rows, right=(1, 2, 3))


def memory(results: Results) -> list[str]:
    rows = [
        ("ACTT-4, law engine", *along("replicates", results.all("test_memory_by_replicates", engine="law"))),
        ("ACTT-4, path engine", *along("replicates", results.all("test_memory_by_replicates", engine="path"))),
        ("ACTT-4, law engine", *along("patients", results.all("test_memory_by_patients", scenario="actt4"))),
        (
            "the same in calendar time",
            *along("patients", results.all("test_memory_by_patients", scenario="actt4-interims")),
        ),
    ]
    return markdown(("", "", "MB"), rows, right=(2,))


def along(axis: str, cases: Iterable[Case]) -> tuple[str, str]:
    """The values along an axis and the megabytes at each."""
    points = sorted((case.parameters[axis], case.noted["megabytes"]) for case in cases)
    return ", ".join(f"{value:,}" for value, _ in points) + f" {axis}", ", ".join(f"{size:.0f}" for _, size in points)


def peers(results: Results) -> list[str]:
    rows = []
    found = [*results.all("test_python"), *results.all("test_r")]
    for work in dict.fromkeys(case.parameters["work"] for case in found):
        chosen = [case for case in found if case.parameters["work"] == work]
        own = 1.0 / median(case.own_cost for case in chosen)
        rows.append((f"**{work}**", "jaksim", about(own), ""))
        for case in sorted(chosen, key=lambda one: one.cost):
            peer = case.parameters["peer"]
            rows.append(("", f"{peer}: {THEIRS[work, peer]}", about(case.rate), f"{about(case.ratio)} times"))
    return markdown(("", "", "a second", "jaksim is faster"), rows, right=(2, 3))


def conduct(results: Results) -> list[str]:
    rows = []
    for case in results.all("test_trials_as_events"):
        words = CONDUCT[case.parameters["dispensings"], case.parameters["monitored"]]
        rows.append((f"events: {words}", duration(case.cost), about(60.0 * case.rate), ""))
    by_hand = results.one("test_trials_as_events_beside_others")
    words = "SimPy by hand, a process for each site and patient"
    rows.append((words, duration(by_hand.cost), about(60.0 * by_hand.rate), f"{by_hand.ratio:.1f} times the last"))
    for case in results.all("test_other_doors"):
        words = OTHER_DOORS[case.parameters["door"]]
        rows.append((words, duration(case.cost), about(60.0 * case.rate), ""))
    return markdown(("1,000 patients at 50 sites", "each", "a minute", ""), rows, right=(1, 2))


TABLES: dict[str, Table] = {
    function.__name__: function
    for function in (
        machine,
        goals,
        kernels,
        analyses,
        exact,
        verbs,
        designs,
        conduct,
        patients,
        replicates,
        endpoints,
        days,
        states,
        cells,
        looks,
        bounds,
        processors,
        memory,
        peers,
    )
}

"""The verb `interim`: what to do at a real analysis of a monitored trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from time import perf_counter
from typing import NamedTuple

import numpy as np

from jaksim.checks import number as checked
from jaksim.design.assurance import drawn_twins
from jaksim.design.conduct.charter.charter import nominal_p
from jaksim.design.conduct.charter.expected_looks import expected_looks
from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.conduct.charter.real_look import SEVERAL_TESTS, decision_of, final, repeated
from jaksim.design.conduct.charter.to_come import ExpectedScore, Posterior, to_come, under_posterior
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.sums.precision import check_seed
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.trial.interim import Monitoring
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import at_information
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.draws import drawn_trials, spread_of
from jaksim.verbs.interims.from_data import InData, in_data
from jaksim.verbs.interims.monitored import monitored
from jaksim.verbs.interims.result import InterimResult
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.interims import InterimOptions
from jaksim.verbs.options.recreate import recreate
from jaksim.verbs.provenance import provenance_of

LARGEST_Z = 38.0
LARGEST_DIFFERENCE = 0.2
FAR_FROM_PLANNED = 0.1


@takes(InterimOptions)
def interim(scenario: AskedScenario, options: InterimOptions) -> InterimResult:
    """What the design of a scenario says at analysis `look` that has been made.

    The result is given as `z`, as `estimate` with its `standard_error`, or as `data` of the trial, which the planned
    analysis is made of. Bounds are those at the `information` of this and the `earlier` analyses. Raises `InputError`
    for what does not fit together.
    """
    asked = scenario_of(scenario, options.changes)
    check_seed(options.seed)
    started = perf_counter()
    _, design = monitored(asked, options.seed, "interim")
    monitoring, look = design.monitoring, options.look
    if look is None or not 1 <= look <= monitoring.looks:
        what = "the number of the analysis is missing" if look is None else "there is no such analysis"
        raise InputError(what, where="‹look›", allowed=f"1 to {monitoring.looks}", got=look)
    if options.data is None and options.missing != InterimOptions.missing:
        raise InputError("there are no data to read", where="‹missing›", allowed="with ‹data›", got=options.missing)
    data = None if options.data is None else in_data(asked, monitoring, look, options.data, options.missing)
    seen = _seen(options, design, look, data)
    information = _information(options, design, look, data)
    found = boundaries_at(monitoring, look, information, options.earlier)
    scale, whole = Scale.of(design.test), _whole(monitoring, found)
    score = ExpectedScore(design.course(), monitoring.boundaries.information)
    decision, left_open = decision_of(monitoring, found, look, seen.z, seen.futility_z, seen.harm_z)
    found_repeated, no_repeated = repeated(found, look, seen.z, scale, seen.standard_error)
    found_final, no_final = final(whole, look, seen.z, decision, scale, seen.standard_error)
    own_z = seen.z if monitoring.tested[look - 1] == monitoring.analysis else math.nan
    posterior, no_posterior = _posterior(asked, options, whole, look, own_z)
    why_not = {"repeated": no_repeated, "final": no_final, "posterior": no_posterior}
    answer = InterimResult(
        scenario=asked.path,
        title=asked.title,
        analysis=monitoring.analysis,
        tested=monitoring.tested[look - 1],
        look=look,
        looks=monitoring.looks,
        information=information,
        z=seen.z,
        z_from=seen.z_from,
        nominal_p=nominal_p(seen.z, found.plan.sides, "efficacy"),
        decision=decision,
        left_open=left_open,
        bounds=_bounds(found, monitoring, look),
        scale=scale,
        estimate=seen.estimate,
        shown=scale.shown(seen.estimate),
        standard_error=seen.standard_error,
        standard_error_from=seen.error_from,
        repeated=found_repeated,
        final=found_final,
        to_come=to_come(whole, look, own_z, score),
        posterior=posterior,
        why_not={name: reason for name, reason in why_not.items() if reason},
        boundaries=found,
        notes=() if data is None else (*data.notes, *_other_than_planned(design, look, information, data)),
        elapsed_seconds=perf_counter() - started,
        provenance=provenance_of(asked, recreate("interim", [asked.path], replace(options, workers=None)) or ""),
    )
    return about(answer, asked)


class _Seen(NamedTuple):
    """What an analysis found, and where each number came from."""

    z: float
    z_from: str
    estimate: float
    standard_error: float
    error_from: str
    futility_z: float | None
    harm_z: float | None


def _seen(options: InterimOptions, design: GroupSequential, look: int, data: InData | None) -> _Seen:
    scale = Scale.of(design.test)
    given = {name: getattr(options, name) for name in ("z", "estimate", "standard_error", "futility_z", "harm_z")}
    for name, value in given.items():
        if value is not None:
            checked(value, f"‹{name}›")
    if data is not None:
        if twice := [name for name, value in given.items() if value is not None]:
            raise InputError(
                "the data already give it", where=f"‹{twice[0]}›", allowed="‹data›, or numbers", got=given[twice[0]]
            )
        return _Seen(data.z, "the data", data.estimate, data.standard_error, "the data", data.futility_z, data.harm_z)
    z, estimate, error = options.z, options.estimate, options.standard_error
    if error is not None and error <= 0.0:
        raise InputError("must be above 0", where="‹standard_error›", got=error)
    if estimate is not None and scale.kind == "log_ratio":
        if estimate <= 0.0:
            raise InputError(
                "a ratio is above 0; it is not its logarithm", where="‹estimate›", allowed="above 0", got=estimate
            )
        estimate = math.log(estimate)
    z_from = "given"
    if z is not None and estimate is not None and error is not None:
        _check_agreement(z, scale.sign * (estimate - scale.against) / error)
    if z is None:
        if estimate is None or error is None:
            raise InputError(
                "what the analysis found is missing",
                where="‹z›",
                allowed="‹z›, ‹estimate› with ‹standard_error›, or ‹data›",
            )
        z, z_from = scale.sign * (estimate - scale.against) / error, "estimate and standard error"
    if abs(z) > LARGEST_Z:
        raise InputError("no trial has such a z", where="‹z›", allowed=f"-{LARGEST_Z:g} to {LARGEST_Z:g}", got=z)
    error_from = "given"
    if error is None and estimate is not None:
        raise InputError("an estimate needs its standard error", where="‹estimate›", allowed="with ‹standard_error›")
    if error is None:
        expected = expected_looks(design, options.replicates, workers=options.workers, advance=options.progress)
        error, error_from = expected[look - 1].standard_error, "expected"
    if estimate is None:
        estimate = scale.estimate(z, error)
    return _Seen(z, z_from, estimate, error, error_from, options.futility_z, options.harm_z)


def _check_agreement(z: float, by_estimate: float) -> None:
    """InputError for a z that is not that of the estimate; a score test's differs a little."""
    if abs(z - by_estimate) > LARGEST_DIFFERENCE + 0.1 * abs(z):
        raise InputError(
            "z is not that of the estimate and its standard error",
            where="‹z›",
            allowed=f"about {by_estimate:.3f}, positive where the active arm does better; or one of the two",
            got=z,
        )


def _other_than_planned(design: GroupSequential, look: int, information: float, data: InData) -> tuple[str, ...]:
    """A note where the outcomes in the data are far from the information that is counted on."""
    if kind_of(design.test.endpoint).timed or design.monitoring.information != "planned":
        return ()
    share = data.patients / design.patients
    if abs(share - information) <= FAR_FROM_PLANNED:
        return ()
    return (
        f"The data have {data.patients:,} patients with an outcome, {share:.2f} of the {design.patients:,} planned, "
        f"where the information of analysis {look} is taken as {information:.2f}; --information gives what there was.",
    )


def _information(options: InterimOptions, design: GroupSequential, look: int, data: InData | None) -> float:
    """Information of this analysis in parts of the planned maximum."""
    monitoring = design.monitoring
    number = options.number
    if options.information is not None and number is not None:
        raise InputError(
            "information is given twice", where="‹number›", allowed="‹information› or ‹number›", got=number
        )
    if number is not None and monitoring.information == "planned":
        raise InputError(
            "the scenario counts information as planned, not by a number",
            where="‹number›",
            allowed="‹information› in parts of the planned maximum",
            got=number,
        )
    if number is None and data is not None and options.information is None and monitoring.information != "planned":
        number = data.events if monitoring.information == "events" else data.patients
    if number is not None:
        return number / float(monitoring.maximum or design.planned["complete"])
    if options.information is not None:
        return checked(options.information, "‹information›")
    return float(monitoring.boundaries.information[look - 1])


def boundaries_at(monitoring: Monitoring, look: int, information: float, earlier: Sequence[float] | None) -> Boundaries:
    """The boundaries at the information of the analyses up to `look`, in parts of the planned maximum."""
    planned = monitoring.boundaries
    before = (
        planned.information[: look - 1].tolist() if earlier is None else [checked(one, "‹earlier›") for one in earlier]
    )
    if len(before) != look - 1:
        raise InputError(
            f"analysis {look} has {look - 1} before it", where="‹earlier›", allowed=f"{look - 1} numbers", got=before
        )
    times = [*before, information]
    if not all(one > 0.0 for one in times) or any(one >= two for one, two in pairwise(times)):
        raise InputError(
            "information has to grow from analysis to analysis",
            where="‹information›" if all(one > 0.0 for one in before) else "‹earlier›",
            allowed="above that of the analysis before it; ‹earlier› gives that",
            got=times,
        )
    if look < monitoring.looks and information >= 1.0:
        raise InputError(
            "all the planned information is there, so that this is the last analysis",
            where="‹information›",
            allowed=f"below 1, or ‹look› {monitoring.looks}",
            got=information,
        )
    if np.allclose(times, planned.information[:look]) and look == monitoring.looks:
        return planned
    return at_information(planned, times, final=look == monitoring.looks)


def _whole(monitoring: Monitoring, found: Boundaries) -> Boundaries:
    """The boundaries with the analyses still to come, at their planned information."""
    made = len(found.information)
    left = [one for one in monitoring.boundaries.information[made:].tolist() if one > found.information[-1]]
    if found.final or not left:
        return found
    return at_information(monitoring.boundaries, [*found.information.tolist(), *left], final=True)


def _bounds(found: Boundaries, monitoring: Monitoring, look: int) -> dict[str, float]:
    """The bounds on z that hold at the analysis, by reason."""
    bounds = Stopping(found).planned(1)
    values = {
        "efficacy": float(bounds.upper[0, look - 1]),
        "futility": float(max(bounds.lower[0, look - 1], bounds.inner[0, look - 1])),
        "harm": float(bounds.harm[0, look - 1]),
    }
    judge = monitoring.futility[look - 1] if look < monitoring.looks else None
    if judge is not None:
        values["futility"] = judge.z
    elif look == monitoring.looks:
        values["futility"] = -math.inf
    if monitoring.harm is not None:
        values["harm"] = monitoring.harm_bound(look - 1)
    return {reason: value for reason, value in values.items() if math.isfinite(value)}


def _posterior(
    asked: Scenario, options: InterimOptions, found: Boundaries, look: int, z: float
) -> tuple[Posterior | None, str]:
    """Conditional power under what the evidence and the data say of the effect, or why there is none."""
    monitoring = asked.trial.monitoring
    if monitoring is None or not options.draws or look >= len(found.information):
        return None, ""
    if not found.plan.joint or math.isnan(z):
        return None, SEVERAL_TESTS
    spread = spread_of(asked, None)
    if asked.is_certain and not spread.differ:
        return None, "the scenario takes its parameters for exactly known"
    trials = drawn_trials(asked, draws=options.draws, seed=options.seed, spread=spread)
    twins = drawn_twins(trials, names=[monitoring.analysis], advance=options.progress)
    if not twins:
        return None, "the analysis has no large-sample law to average over draws"
    (drawn,) = twins
    drifts = [drawn.test.favourable_sign * twin.mean_z for twin in drawn.twins]
    scores = [ExpectedScore(one, monitoring.boundaries.information) for one in (drawn.courses or drifts)]
    posterior = under_posterior(found, look, z, scores)
    return posterior, "" if posterior is not None else "too few draws have a large-sample law"

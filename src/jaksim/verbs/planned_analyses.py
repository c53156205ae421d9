"""The analyses that a scenario plans, on the data of the trial."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from jaksim.analysis.registry import get_method
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import KINDS
from jaksim.endpoint.lifted import told_by_scores
from jaksim.errors import InputError
from jaksim.patient_data.analyze import AnalyzedData, DataAnalysis, analyze
from jaksim.patient_data.from_data import TrialData
from jaksim.patient_data.question import Question
from jaksim.patient_data.reading.columns import Columns
from jaksim.trial import AnalysisPlan, Trial
from jaksim.trial.adjustment import Adjustment
from jaksim.trial.site_strata import ONLY, POOLED

SITE = "site"
STRATUM, OTHER = "stratum of the pair", "not compared"
"""The column of strata, and the arm of other patients, where several pairs of arms are compared side by side."""


def in_scenario(question: Question, trial: Trial, columns: Columns) -> Question:
    """The question with scale, day of randomisation, reference and endpoint of a trial where it leaves them open.

    Raises InputError for an endpoint that neither daily scores nor other columns of the data tell.
    """
    endpoint = question.endpoint
    if isinstance(endpoint, str):
        names = {candidate.name: candidate for candidate in trial.endpoints}
        if endpoint not in names:
            raise InputError("no such endpoint of the scenario", where="‹endpoint›", allowed=names, got=endpoint)
        endpoint = names[endpoint]
    return replace(
        _asking_of(question, endpoint, trial, columns) if isinstance(endpoint, Endpoint) else question,
        scale=question.scale or trial.scale,
        first_day=trial.day_of_randomisation if question.first_day is None else question.first_day,
        planned_reference=trial.reference.name,
    )


def _asking_of(question: Question, endpoint: Endpoint, trial: Trial, columns: Columns) -> Question:
    """The question about an endpoint, with what is good for the patient as the endpoint has it: data that have its
    values in columns of their own do not tell.

    One that depends on when the treatment changed is asked by its name, of those columns.
    """
    words = [word for word, said in (KINDS[endpoint.kind].better or {}).items() if said == endpoint.better]
    better = words[0] if question.better is None and len(words) == 1 else question.better
    if told_by_scores(endpoint, trial.states):
        return replace(question, endpoint=endpoint, better=better)
    prefix = "_".join(endpoint.name.replace("-", " ").split()) + "_"
    if not any(name.startswith(prefix) for name in columns.names):
        raise InputError(
            f"daily scores do not tell '{endpoint.name}', which depends on when the treatment of a patient changed",
            where=columns.where,
            allowed=f"the endpoint in columns of its own, {prefix}..., or 'treatment policy'",
        )
    return replace(question, endpoint=endpoint.name, better=better)


def planned_analyses(columns: Columns, trial: Trial, question: Question, **settings: Any) -> AnalyzedData:
    """Every analysis that the trial plans, of the endpoint that the question names or of all.

    `settings` go to `analyze`. Raises InputError, naming the analysis, for data that lack its endpoint, arms or strata,
    and for arms given beside the plan.
    """
    chosen = question.endpoint
    asked = chosen.name if isinstance(chosen, Endpoint) else chosen
    plans = [plan for plan in trial.analyses if asked is None or plan.endpoint == asked]
    if not plans:
        raise InputError("the scenario plans no analysis of this endpoint", where="‹endpoint›")
    for option in ("reference", "active"):
        if getattr(question, option) is not None:
            raise InputError(
                "the scenario names the arms of its analyses", where=f"‹{option}›", allowed="arms beside ‹methods›"
            )
    strata = len(trial.population.strata)
    if strata > 1 and question.stratified and question.stratum_column(columns) is None:
        raise InputError(
            f"the scenario has {strata} strata, the data no column of strata",
            where=columns.where,
            allowed="a column stratum, ‹stratum=COLUMN› or ‹unstratified›",
        )
    answers = []
    for plan in plans:
        try:
            answers.append(planned_analysis(columns, trial, question, plan, settings))
        except InputError as error:
            raise error.at(f"analysis {plan.name!r}") from None
    read = [answer.analyses[0].data for answer in answers]
    largest = [max((data for data in read if data.endpoint.name == name), key=len) for name in _names(read)]
    notes = dict.fromkeys(note for answer in answers for note in answer.notes)
    return AnalyzedData(tuple(answer.analyses[0] for answer in answers), tuple(largest), tuple(notes))


def _names(read: list[TrialData]) -> list[str]:
    return list(dict.fromkeys(data.endpoint.name for data in read))


def planned_analysis(
    columns: Columns, trial: Trial, question: Question, plan: AnalysisPlan, settings: dict[str, Any]
) -> AnalyzedData:
    """One analysis that the trial plans."""
    active, reference = plan.pairs[0]
    asked = replace(_asking_of(question, trial.endpoint(plan.endpoint), trial, columns), strata=plan.strata)
    if plan.sites != POOLED and question.stratified:
        columns, asked = _at_sites(columns, asked, plan)
    if len(plan.pairs) > 1:
        columns, asked = _side_by_side(columns, asked, plan)
        active, reference = plan.active, plan.reference
    if plan.adjustment is not None:
        asked, settings = _adjusting(asked, plan, plan.adjustment, settings)
    found = analyze(
        columns,
        methods=[plan.method],
        question=replace(asked, active=active, reference=reference),
        options=_options(plan),
        hypothesis=plan.hypothesis,
        margin=plan.margin,
        **settings,
    )
    (one,) = found.analyses
    planned = {
        "analysis": plan.name,
        "role": plan.role,
        "strata": list(plan.strata),
        "alpha": plan.alpha,
        "sides": plan.sides,
        "significant": bool(_p_value(one, plan) <= plan.alpha),
    }
    data = replace(one.data, arms=replace(one.data.arms, rule="as planned"))
    return replace(found, analyses=(replace(one, data=data, planned=planned),))


def _at_sites(columns: Columns, question: Question, plan: AnalysisPlan) -> tuple[Columns, Question]:
    """The data with the strata of a plan whose strata are sites."""
    if SITE not in columns.values:
        raise InputError(
            "sites are strata of the analysis, the data have no column of sites",
            where=columns.where,
            allowed=f"a column {SITE}, or ‹unstratified›",
        )
    site, name = columns.words(SITE), question.stratum_column(columns)
    stratum = np.full(len(site), "") if name is None else columns.words(name)
    used = np.isin(stratum, plan.strata) if plan.strata else np.ones(len(site), dtype=np.bool_)
    crossed = plan.sites != ONLY
    named = [f"{one}, site {two}" if one and crossed else f"site {two}" for one, two in zip(stratum, site, strict=True)]
    strata = np.where(used, np.array(named, dtype=object), OTHER)
    chosen = tuple(dict.fromkeys(strata[used].tolist())) if plan.strata else ()
    values = {**columns.values, STRATUM: strata}
    return Columns(values, columns.where), replace(question, stratum=STRATUM, strata=chosen, stratified=True)


def _adjusting(
    question: Question, plan: AnalysisPlan, adjustment: Adjustment, settings: dict[str, Any]
) -> tuple[Question, dict[str, Any]]:
    """The question and settings of a plan that adjusts for covariates, which are columns of the data."""
    if not adjustment.covariates or (plan.strata and not adjustment.strata):
        raise InputError(
            "data are adjusted for covariates, and for the strata that are analysed",
            where="covariates, adjust_strata",
            allowed="covariates, with adjust_strata where the analysis is of some strata",
        )
    covariates = tuple(dict.fromkeys((*adjustment.covariates, *question.covariates)))
    stratified = question.stratified and adjustment.strata
    robust = adjustment.robust or settings.get("robust", False)
    return replace(question, covariates=covariates, stratified=stratified), {**settings, "robust": robust}


def _options(plan: AnalysisPlan) -> dict[str, Any]:
    """The options of a plan, those of a one-sided test in place of ones that are two-sided by nature."""
    method = get_method(plan.method)
    both, found = method.settings(plan.options), method.settings(plan.options, sides=plan.sides)
    return {**plan.options, **{option: value for option, value in found.items() if value != both[option]}}


def _p_value(one: DataAnalysis, plan: AnalysisPlan) -> float:
    """The p value that the plan compares with its level."""
    if one.margin_test is not None:
        return one.margin_test.margin_p_value
    if plan.sides == 2:
        return one.result.p_value
    favourable = get_method(plan.method).benefit_sign(one.data.endpoint) * one.result.statistic > 0.0
    half = 0.5 * one.result.p_value
    return half if favourable else 1.0 - half


def _side_by_side(columns: Columns, question: Question, plan: AnalysisPlan) -> tuple[Columns, Question]:
    """The data with the pairs of arms of a plan as two arms, each pair with strata of its own."""
    arm = columns.words(question.arm)
    name = question.stratum_column(columns)
    stratum = np.full(len(arm), "") if name is None else columns.words(name)
    arms, strata = np.full(len(arm), OTHER, dtype=object), np.full(len(arm), OTHER, dtype=object)
    chosen = question.strata
    for active, reference in plan.pairs:
        for member, common in ((active, plan.active), (reference, plan.reference)):
            if not (arm == member).any():
                raise InputError("no patient of this arm", where=columns.at(question.arm), got=member)
            arms[arm == member] = common
            strata[arm == member] = [f"{reference}, {one}" if one else reference for one in stratum[arm == member]]
    if chosen:
        question = replace(question, strata=tuple(f"{pair[1]}, {one}" for pair in plan.pairs for one in chosen))
    values = {**columns.values, question.arm: arms, STRATUM: strata}
    return Columns(values, columns.where), replace(question, stratum=STRATUM, stratified=True)

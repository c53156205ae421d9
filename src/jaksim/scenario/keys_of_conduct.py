"""The keys of a scenario that say how a trial is conducted: who gets what, who comes when, and what is decided when."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, REQUIRED, SOURCE, Key
from jaksim.trial.multiplicity.plan import PROCEDURES

CONDUCT: Final[dict[str, tuple[Key, ...]]] = {
    "randomisation": (
        Key(
            "block_size",
            "whole number",
            "Length of the permuted blocks within strata; twice the sum of the allocation when left out.",
            low=1,
            high=1000,
        ),
        Key(
            "scheme",
            "text",
            "How arms are chosen: simple, permuted blocks, biased coin (Efron) or minimisation (Pocock and Simon).",
            "permuted blocks",
            ("simple", "permuted blocks", "biased coin", "minimisation"),
        ),
        Key("stratified", "true or false", "Blocks or biased coin within strata rather than in the whole trial.", True),
        Key(
            "coin",
            "number",
            "Probability of the arms that lag behind, with a biased coin or by minimisation.",
            0.8,
            low=0.5,
            high=1.0,
        ),
        Key("blinded", "true or false", "Whether patients and doctors do not know the arms; only printed."),
    ),
    "accrual": (
        Key("rates", "list of numbers", "Patients per day in each piece, one more than the cuts; the last for ever."),
        Key("cuts", "list of numbers", "Days since the first day of the trial at which the rate changes.", ()),
        Key("site", "list of tables", "Recruiting sites, one [[accrual.site]] each, instead of rates.", ()),
        Key(
            "arrivals",
            "text",
            "Whether patients come at random (a Poisson process) or evenly, exactly at the rate.",
            "random",
            ("random", "even"),
        ),
        Key("lag", "whole number", "Days from an observation to its place in the data.", 0, low=0, high=3650),
        SOURCE,
        ASSUMPTION,
    ),
    "accrual.site": (
        Key("name", "text", "Name of the site.", ""),
        Key("opens", "number", "Day on which it begins to recruit.", 0.0, low=0.0),
        Key("rate", "number", "Patients per day at full speed.", REQUIRED, low=0.0),
        Key("ramp", "whole number", "Days from opening to full speed, climbing in a line.", 0, low=0, high=3650),
    ),
    "monitoring": (
        Key("analysis", "text", "Name of the analysis that is monitored; the primary one when left out.", ""),
        Key(
            "interim",
            "list of tables",
            "The interim analyses in order, one [[monitoring.interim]] each; none for a trial that 'last' alone ends.",
            [],
        ),
        Key(
            "spending",
            "text",
            "How alpha is spent, or the shape of the boundary: obrien-fleming, pocock, hsd:GAMMA, power:RHO, "
            "user:CUMULATIVE,..., wang-tsiatis:DELTA, classical-pocock, classical-obrien-fleming, haybittle-peto:Z.",
            "obrien-fleming",
        ),
        Key(
            "futility",
            "text",
            "When to stop for futility: a spending function for beta, z:BOUND,... or cp:LEVEL (conditional power); "
            "never when left out.",
            "",
        ),
        Key("binding", "true or false", "Whether the upper boundary counts on stopping for futility.", False),
        Key("beta", "number", "Error of the second kind that futility spends.", 0.1, low=1e-6, high=0.9),
        Key("harm", "text", "Spending function of a boundary for harm in a one-sided trial; none when left out.", ""),
        Key(
            "harm_analysis",
            "text",
            "Name of another analysis, such as one of a safety event, that ends the trial for harm at interim analyses "
            "where it shows more harm than bounds that spend harm_alpha by 'harm' (pocock when left out) allow.",
            "",
        ),
        Key("harm_alpha", "number", "Level of the boundary for harm.", 0.025, low=1e-6, high=0.5),
        Key("last", "text", "When the last analysis happens; once all outcomes are complete when left out.", ""),
        Key(
            "information",
            "text",
            "How information is counted: as planned, or by the events or complete outcomes in the data.",
            "planned",
            ("planned", "events", "complete"),
        ),
        Key(
            "maximum",
            "number",
            "Events or complete outcomes at the last analysis as planned; all patients when left out.",
            low=1.0,
        ),
        Key(
            "pipeline",
            "true or false",
            "Whether the patients of a stopped trial are followed to the end and analysed once more, which is reported "
            "beside the decision.",
            False,
        ),
    ),
    "monitoring.interim": (
        Key(
            "when",
            "text",
            "What triggers the analysis, such as 'complete >= 50 %', 'events >= 300 and day >= 120'.",
            REQUIRED,
        ),
        Key(
            "information",
            "number",
            "Planned fraction of the final information; read off the trigger when that is one share.",
            low=0.0,
            high=1.0,
        ),
        Key("efficacy", "true or false", "Whether the trial can stop for efficacy here.", True),
        Key(
            "analysis",
            "text",
            "Name of another planned analysis of the same endpoint that is tested for efficacy here; the monitored one "
            "when left out. What different tests spend is counted in full.",
            "",
        ),
        Key("futility", "true or false", "Whether it can stop for futility here.", True),
        Key(
            "futility_analysis",
            "text",
            "Name of another planned analysis that judges futility here, of any endpoint known before the last one; "
            "the boundaries of the monitored one do when left out.",
            "",
        ),
        Key(
            "futility_z",
            "number",
            "Where that analysis has a z below this, positive when the active arm does better, the trial stops.",
            low=-10.0,
            high=10.0,
        ),
    ),
    "multiplicity": (
        Key("procedure", "text", "How the level is shared among the analyses.", REQUIRED, tuple(PROCEDURES)),
        Key(
            "analyses",
            "list of texts",
            "Analyses tested together, in the order of a fixed sequence; all primary and key secondary ones when left "
            "out, those of the graph or of the families where there are any.",
            (),
        ),
        Key(
            "spending",
            "text",
            "How the level of analyses that are not monitored is spread over the interim analyses at which the trial "
            "may end, a spending function as in [monitoring]; all of it where the trial ends when left out, which does "
            "not keep the familywise level.",
            "",
        ),
        Key("alpha", "number", "Familywise level; that of the analyses when left out.", low=1e-6, high=0.5),
        Key("hypothesis", "list of tables", "Nodes of a graph, one [[multiplicity.hypothesis]] each.", ()),
        Key("family", "list of tables", "Families of gatekeeping in order, one [[multiplicity.family]] each.", ()),
        Key(
            "configuration",
            "list of tables",
            "Worlds in which arms are no better than the reference, in each of which the familywise error is found, "
            "one [[multiplicity.configuration]] each.",
            (),
        ),
    ),
    "multiplicity.hypothesis": (
        Key("analysis", "text", "Name of the analysis.", REQUIRED),
        Key("weight", "number", "Share of the level that it has at the start.", 0.0, low=0.0, high=1.0),
        Key("to", "table", "Shares of its level, by analysis, that it hands on when rejected.", {}),
    ),
    "multiplicity.family": (Key("analyses", "list of texts", "Names of the analyses in it.", REQUIRED),),
    "multiplicity.configuration": (
        Key("name", "text", "Name of the configuration.", REQUIRED),
        Key("null_arms", "list of texts", "Arms given the regimen of the reference; every arm when left out.", ()),
    ),
}

"""The keys of a scenario that say how a trial is run: sites, screening, supply, wards, data, board and costs."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, REQUIRED, SOURCE, Key
from jaksim.trial.operations.limits import (
    LEAST_CONCENTRATION,
    LONGEST_RAMP,
    MOST_A_DAY,
    MOST_SITES,
    POLICIES,
    RULES,
    WITHOUT_KIT,
)

_DAYS = "A number of days, or a table with the law of their distribution"
_SITES = (
    Key("sites", "whole number", "How many sites there are.", 1, low=1, high=MOST_SITES),
    Key(
        "rate",
        "number",
        "Patients that a site screens per day at full speed, on average.",
        low=0.0,
        high=MOST_A_DAY,
    ),
    Key(
        "rate_shape",
        "number",
        "Shape of the gamma distribution of the sites' rates: their coefficient of variation is 1 / sqrt(shape); all "
        "sites are alike when left out.",
        low=0.01,
    ),
    Key("opens", "days", f"Day on which a site opens. {_DAYS}.", 0),
    Key("ramp", "whole number", "Days from opening to full speed, climbing in a line.", 0, low=0, high=LONGEST_RAMP),
    Key(
        "decay", "number", "Share of its speed that a site loses every 30 days after its ramp.", 0.0, low=0.0, high=0.99
    ),
    Key("site_cap", "whole number", "Most patients randomised at one site; no limit when left out.", low=1),
    Key("closes", "whole number", "Last day on which the sites recruit; none when left out.", low=0),
    Key(
        "strata", "list of numbers", "Shares of the strata among their patients; those of the trial when left out.", ()
    ),
    Key(
        "strata_concentration",
        "number",
        "Concentration c of the Dirichlet distribution of the shares of the strata at one site around those of all: "
        "the standard deviation of a share p between sites is sqrt(p (1 - p) / (1 + c)); the shares are the same at "
        "every site when left out.",
        low=LEAST_CONCENTRATION,
    ),
)

OPERATIONS: Final[dict[str, tuple[Key, ...]]] = {
    "operations": (
        Key("start", "text", "Date of the first day of the trial, such as 2020-12-01, for months and weekends.", ""),
        Key(
            "until",
            "whole number",
            "Last day on which anybody is screened; a trial that is not full by then ends with the patients it has. "
            "The number expected by then must reach that planned.",
            LONGEST_RAMP,
            low=1,
            high=LONGEST_RAMP,
        ),
        Key("country", "list of tables", "The countries, one [[operations.country]] each.", REQUIRED),
        Key("screening", "table", "Who fails screening, and how long it takes.", {}),
        Key("supply", "table", "Study drug; always at hand when left out.", {}),
        Key("ward", "list of tables", "Places that patients need, one [[operations.ward]] each.", ()),
        Key("data", "table", "Visits, and how long their data take.", {}),
        Key("board", "table", "The board that looks at interim data.", {}),
        Key("costs", "table", "Prices.", {}),
        Key(
            "site_sd",
            "number",
            "Standard deviation between sites of a normal intercept on the log intensities of getting better, of the "
            "patients of all arms alike; intensities of getting worse are the same at every site. Every patient is "
            "then simulated by herself, and no power is known without simulation.",
            0.0,
            low=0.0,
            high=3.0,
        ),
        Key("randomised_within_sites", "true or false", "Whether the site is a stratum of randomisation.", False),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.country": (
        Key("name", "text", "Name of the country.", REQUIRED),
        *_SITES,
        Key("group", "list of tables", "Groups of sites that differ, one [[operations.country.group]] each.", ()),
        Key("cap", "whole number", "Most patients randomised in the country; no limit when left out.", low=1),
        Key("months", "list of numbers", "Factors of the rates in January to December.", ()),
        Key("weekend", "number", "Factor of the rates on Saturdays and Sundays.", 1.0, low=0.0, high=10.0),
        Key("closed", "list of pairs", "Stretches of days, first and last, on which nobody is recruited.", ()),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.country.group": (Key("name", "text", "Name of the group.", ""), *_SITES),
    "operations.screening": (
        Key("reason", "list of tables", "Reasons to fail, one [[operations.screening.reason]] each.", ()),
        Key("delay", "days", f"Days from screening to randomisation. {_DAYS}.", 0),
        Key(
            "rescreened",
            "number",
            "Share of those whose reason may pass screened again.",
            0.0,
            low=0.0,
            high=1.0,
        ),
        Key("rescreen_delay", "days", f"Days until then. {_DAYS}.", 7),
        Key("passes_again", "number", "Probability of passing the second screening.", 0.5, low=0.0, high=1.0),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.screening.reason": (
        Key("name", "text", "What the patient fails for, such as a laboratory threshold.", REQUIRED),
        Key(
            "probability",
            "number",
            "Share of all screened who fail for it; everybody fails for one reason at most, so that the shares add up.",
            REQUIRED,
            low=0.0,
            high=1.0,
        ),
        Key("again", "true or false", "Whether the reason may pass, so that she may be screened again.", False),
        SOURCE,
    ),
    "operations.supply": (
        Key("product", "list of tables", "Kinds of kits, one [[operations.supply.product]] each.", REQUIRED),
        Key("kits", "table", "By arm: by product, kits at one dispensing.", REQUIRED),
        Key("dispensing", "list of whole numbers", "Days since randomisation on which kits are dispensed.", (0,)),
        Key("policy", "text", "Rule of resupply: levels, the (s, S) rule, or projection.", "levels", POLICIES),
        Key("first", "whole number", "Kits of each product sent to a site before it opens.", 4, low=0, high=100_000),
        Key("reorder", "whole number", "levels: stock with orders at which more is ordered.", 2, low=0, high=100_000),
        Key("up_to", "whole number", "levels: stock with orders after that.", 6, low=1, high=100_000),
        Key("short", "whole number", "projection: days that stock with orders has to cover.", 14, low=1, high=3650),
        Key("long", "whole number", "projection: days that it covers after an order.", 28, low=1, high=3650),
        Key("lead", "days", f"Days from an order to its arrival. {_DAYS}.", 5),
        Key(
            "without_kit",
            "text",
            "What becomes of a patient if a kit is missing then.",
            "turned away",
            WITHOUT_KIT,
        ),
        Key(
            "missed_dose_effect",
            "number",
            "Share of the log hazard ratios of the treatments in the kits that a patient loses from a missed "
            "dispensing until she is given the next kit: 1 for all of the effect, 0 for none of it.",
            1.0,
            low=0.0,
            high=1.0,
        ),
        Key(
            "treatments",
            "list of texts",
            "Treatments that patients take from the kits; those that not all arms have when left out.",
            (),
        ),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.supply.product": (
        Key("name", "text", "Name of the product.", REQUIRED),
        Key("made", "whole number", "Kits at the depot on the first day.", REQUIRED, low=0, high=1_000_000),
        Key("batches", "list of pairs", "Later batches: day and number of kits.", ()),
        Key("shelf_life", "whole number", "Days from making to expiry; for ever when left out.", low=1, high=36_500),
        Key(
            "do_not_dispense",
            "whole number",
            "Last days when it is not dispensed.",
            0,
            low=0,
            high=36_500,
        ),
    ),
    "operations.ward": (
        Key("name", "text", "What the places are, such as ventilators.", REQUIRED),
        Key("places", "whole number", "Places at every site.", REQUIRED, low=0, high=100_000),
        Key("scores", "list of whole numbers", "Scores in which a patient needs a place.", REQUIRED),
        Key("others", "number", "Other patients per day who need one at a site.", 0.0, low=0.0, high=1_000.0),
        Key("stay", "days", f"Days for which they keep it. {_DAYS}."),
        Key(
            "wave",
            "list of pairs",
            "Days in order, each with the factor of other patients from then on.",
            (),
        ),
        Key("rule", "text", "What happens to a patient when no place is free.", "transfer", RULES),
        Key(
            "worse",
            "number",
            "stay: factor of the intensities of getting worse.",
            1.0,
            low=0.0,
            high=100.0,
        ),
        Key("better", "number", "stay: factor of those of getting better.", 1.0, low=0.0, high=100.0),
        Key("groups", "list of texts", "Names of the groups of sites that have it; all when left out.", ()),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.data": (
        Key("visits", "list of whole numbers", "Days of visits since randomisation.", ()),
        Key("entry", "days", f"Days from a visit until its data are entered. {_DAYS}.", 0),
        Key("queried", "number", "Share of patients whose data are questioned.", 0.0, low=0.0, high=1.0),
        Key("query", "days", f"Days until a question is answered. {_DAYS}.", 0),
        Key("verified", "number", "Share of visits whose source is looked up at the site.", 0.0, low=0.0, high=1.0),
        Key("monitoring", "whole number", "Days between monitoring visits to a site.", 42, low=1, high=3650),
        Key("lock", "whole number", "Days from the last visit to the lock of the data base.", 30, low=0, high=3650),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.board": (
        Key("preparation", "days", f"Days from a data cut to the board's meeting. {_DAYS}.", 0),
        Key("decision", "days", f"Days from the meeting until the sites know. {_DAYS}.", 0),
        Key("pause", "true or false", "Whether nobody is randomised from the data cut to the decision.", False),
        SOURCE,
        ASSUMPTION,
    ),
    "operations.costs": (
        Key("currency", "text", "Name of the currency.", ""),
        Key("site_opened", "number", "For opening a site.", 0.0, low=0.0),
        Key("site_month", "number", "For a site in each 30 days that it is open.", 0.0, low=0.0),
        Key("patient_screened", "number", "For each patient screened.", 0.0, low=0.0),
        Key("patient_randomised", "number", "For each patient randomised.", 0.0, low=0.0),
        Key("visit", "number", "For each visit.", 0.0, low=0.0),
        Key("kit", "number", "For each kit made.", 0.0, low=0.0),
        Key("shipment", "number", "For each shipment to a site.", 0.0, low=0.0),
        Key("monitoring_visit", "number", "For each monitoring visit to a site.", 0.0, low=0.0),
        Key("project_day", "number", "For each day of the project.", 0.0, low=0.0),
        Key("discount", "number", "Discount rate a year.", 0.0, low=0.0, high=1.0),
        SOURCE,
        ASSUMPTION,
    ),
}

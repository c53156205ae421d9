"""Plans of a trial that cannot work are refused with the reason, or end with a stated one; none of them hangs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SITES = str(ROOT / "tests" / "scenarios" / "sites.toml")
VERBS = {
    "power": ("--replicates", "2"),
    "size": ("--power", "0.7", "--replicates", "10"),
    "conduct": ("--replicates", "2"),
    "simulate": ("--out", "patients.csv"),
}
HERE, THERE = "operations.country.Here.", "operations.country.There."
EXPECTED = "patients are expected of those screened by day"
SECONDS = 400  # of all plans together; far longer than they take


def everywhere(*changes):
    return tuple(where + one for one in changes for where in (HERE, THERE))


KITS = "kits={ drug={ kit=1 }, control={ kit=1 } }"


def supply(product, *more):
    product = 'product=[{ name="kit", ' + product + " }]"
    return ("operations.supply={ " + ", ".join((product, KITS, *more)) + " }",)


def ward(*keys):
    return ('operations.ward=[{ name="beds", ' + ", ".join(keys) + " }]",)


REFUSED = {
    "no site opens by the last day": (everywhere("opens=3000"), f"0 {EXPECTED} 200"),
    "the last day is before the first opening": (("operations.until=8", *everywhere("opens=9")), f"0 {EXPECTED} 8"),
    "the trial lasts for a day": (("operations.until=1",), f"0 {EXPECTED} 1"),
    "sites close before they open": (everywhere("opens=20", "closes=5"), f"0 {EXPECTED} 200"),
    "closed on all days": (everywhere("closed=[[0, 3650]]"), f"0 {EXPECTED} 200"),
    "closed on all days but the last": (everywhere("closed=[[0, 199]]"), EXPECTED),
    "months in which nobody comes": (everywhere(f"months={[0] * 12}"), "nobody comes in any month"),
    "sites that screen nobody": ((HERE + "rate=0",), "a rate of screening is out of range"),
    "sites that screen a million a day": ((HERE + "rate=1e6",), "allowed: 0 to 1000"),
    "speed lost at once": (everywhere("decay=0.99"), EXPECTED),
    "a ramp of ten years": (everywhere("ramp=3650"), EXPECTED),
    "no site": (("operations.country=[]",), "the value is empty"),
    "an opening before the trial": ((HERE + "opens=-3",), "allowed: 0 to 3650"),
    "more patients than come": (("population.patients=100000",), f"{EXPECTED} 200; allowed:"),
    "caps of sites below the size": (everywhere("site_cap=3"), "the caps of sites and countries let in fewer patients"),
    "caps of countries below the size": (everywhere("cap=30"), "allowed: caps of at least 120 patients in all"),
    "every patient fails": (("operations.screening.reason.too well.probability=0.9",), "nobody passes screening"),
    "more fail than come": (("operations.screening.reason.too well.probability=1.2",), "out of range"),
    "a lead time below 0": (supply("made=400", "lead=-2"), "supply.lead: a number of days is out of range"),
    "a lead time that may be below 0": (
        supply("made=400", 'lead={ law="uniform", low=-4, high=2 }'),
        "supply.lead, low: a number of days is negative",
    ),
    "kits that are never dispensed": (supply("made=9, shelf_life=5, do_not_dispense=5"), "no kit is ever dispensed"),
    "orders that bring nothing": (supply("made=400", "reorder=6", "up_to=6"), "an order brings nothing"),
    "dispensing after the follow-up": (supply("made=400", "dispensing=[0, 11]"), "dispensed after the follow-up"),
    "a score that nobody has": (ward("places=2", "scores=[9]"), "unknown score"),
    "fewer places than none": (ward("places=-1", "scores=[3]"), "out of range"),
    "others who stay for ever": (ward("places=2", "scores=[3]", "others=1"), "keep their places for ever"),
    "a wave below 0": (ward("places=2", "scores=[3]", "others=1", "stay=5", "wave=[[0, -1]]"), "not a wave"),
    "data ten years late": (("operations.data.entry=3650",), "data are too late on average"),
    "an analysis after more patients than there are": (
        ('monitoring.interim=[{ when="patients >= 100000", information=0.5 }]',),
        "the trial has 120 patients",
    ),
}
NOBODY, FEWER = "nobody is randomised in this replicate", "the sites bring no more than"
ENDS = {  # changes, patients randomised, what is said of the trials, size and simulate
    "no kit is ever made": (supply("made=0"), (0, 0), "share of trials not full 1 ± 0", FEWER, NOBODY),
    "kits are made after the last day": (
        supply("made=0, batches=[[900, 500]]"),
        (0, 0),
        "share of trials not full 1 ± 0",
        FEWER,
        NOBODY,
    ),
    "kits expire on their way": (
        supply("made=400, shelf_life=5", "lead=9"),
        (0, 0),
        "share of trials not full 1 ± 0",
        FEWER,
        NOBODY,
    ),
    "shipments arrive after the trial": (
        supply("made=400", "first=0", "lead=3000"),
        (0, 0),
        "share of trials not full 1 ± 0",
        FEWER,
        NOBODY,
    ),
    "fewer kits than patients": (supply("made=50"), (50, 50), "share of trials not full 1 ± 0", FEWER, None),
    "no kit, patients without drug": (
        supply("made=0", 'without_kit="without drug"'),
        (120, 120),
        "share of trials not full 0 ± 0",
        FEWER,
        None,
    ),
    "a ward without places": (ward("places=0", "scores=[3]"), (1, 120), "Most taken", "", None),
    "a ward without places where patients stay": (
        ward("places=0", "scores=[2, 3]", 'rule="stay"', "worse=0", "better=0"),
        (1, 120),
        "Most taken",
        FEWER,
        None,
    ),
    "caps that few sites can fill": (
        (HERE + "cap=10", THERE + "rate=0.02"),
        (5, 119),
        "share of trials not full 1 ± 0",
        FEWER,
        None,
    ),
    "a pause without end": (
        ("operations.board.decision=3000", "operations.board.pause=true"),
        (30, 119),
        "share of trials not full 1 ± 0",
        "",
        None,
    ),
    "an interim analysis after the end": (
        ('monitoring.interim=[{ when="day >= 100000", information=0.5 }]',),
        (120, 120),
        "day 100000",
        "",
        None,
    ),
    "a screening of ten years": (("operations.screening.delay=3650",), (60, 120), "3,6", "", None),
}


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """What becomes of every plan under every verb: exit code and what is written, by plan and verb."""
    plans = {name: plan[0] for name, plan in (*REFUSED.items(), *ENDS.items())}
    asked = [(name, verb) for name in plans for verb in VERBS]
    lines = [
        [verb, SITES, *VERBS[verb], *(word for change in plans[name] for word in ("--set", change))]
        for name, verb in asked
    ]
    folder = tmp_path_factory.mktemp("plans")
    try:
        ran = subprocess.run(
            [sys.executable, ROOT / "tests" / "cli" / "tried.py"],
            input=json.dumps(lines),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=folder,
        )
    except subprocess.TimeoutExpired as late:
        over = len((late.stdout or b"").splitlines())
        pytest.fail(f"this plan does not end: {asked[over]}")
    assert ran.returncode == 0, ran.stderr
    found = dict(zip(asked, map(json.loads, ran.stdout.splitlines()), strict=True))
    for one, (code, out, err) in found.items():
        assert code in (0, 2), (one, err)
        assert "Traceback" not in err, one
        assert (code == 2) == (not out), one
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_that_cannot_work_is_refused_with_the_reason(tried, name):
    for verb in VERBS:
        code, _, err = tried[name, verb]
        assert code == 2, verb
        assert REFUSED[name][1] in err, err
        assert err.startswith(f"jaksim: {SITES}, ")
        assert err.count("\n") == 1


@pytest.mark.parametrize("name", ENDS)
def test_a_plan_that_may_not_work_ends_and_says_how(tried, name):
    _, (fewest, most), said, size, simulate = ENDS[name]
    code, out, _ = tried[name, "conduct"]
    words = " ".join(out.split())
    assert code == 0
    assert said in words
    randomised = words.partition("SD 5 % Median 95 % ───")[2].partition("randomised ")[2].split()[0]
    assert fewest <= float(randomised.replace(",", "")) <= most
    assert tried[name, "power"][0] == 0
    for verb, refusal in (("size", size), ("simulate", simulate)):
        code, _, err = tried[name, verb]
        assert (code == 2) == bool(refusal), err
        assert (refusal or "") in err

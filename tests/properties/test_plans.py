"""Whatever is asked: the size is the least with the power, and more patients or a larger effect never harm."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim import plan

shares = st.lists(st.floats(0.05, 1.0), min_size=2, max_size=6).map(lambda one: [x / sum(one) for x in one])
WAYS = st.fixed_dictionaries(
    {
        "alpha": st.sampled_from([0.01, 0.05, 0.1]),
        "sides": st.sampled_from([1, 2]),
        "allocation": st.sampled_from(["1:1", "2:1", "1:3"]),
    }
)
FEW = settings(max_examples=12, deadline=None)


def least(kind, asked, power):
    design = getattr(plan, kind)(**asked, power=power).designs[0]
    assert design.power >= power - 1e-9
    multiple = sum(map(int, asked["allocation"].split(":")))
    assert design.size % multiple == 0
    if design.size - multiple >= max(design.exact_size, 2):
        assert getattr(plan, kind)(**asked, patients=design.size - multiple).designs[0].power < power
    sizes = [2 * design.size, 3 * design.size]
    powers = [one.power for one in getattr(plan, kind)(**asked, patients=sizes).designs]
    assert design.power - 1e-12 <= powers[0] <= powers[1] + 1e-12


@FEW
@given(shares, st.floats(1.2, 4.0), st.sampled_from([0.5, 0.8, 0.95]), WAYS)
def test_of_an_ordinal_outcome(control, odds_ratio, power, way):
    for method in ("whitehead", "wilcoxon", "proportional_odds"):
        least("ordinal", {"control": control, "odds_ratio": odds_ratio, "method": method, **way}, power)


@FEW
@given(st.floats(0.05, 0.9), st.floats(0.2, 0.8), st.sampled_from([0.55, 0.8, 0.95]), WAYS)
def test_of_two_risks(control, risk_ratio, power, way):
    for method in ("pooled", "unpooled", "farrington_manning"):
        for scale in ("risk_difference", "risk_ratio", "odds_ratio"):
            asked = {"control": control, "risk_ratio": risk_ratio, "scale": scale, "method": method}
            least("risks", asked | way, power)

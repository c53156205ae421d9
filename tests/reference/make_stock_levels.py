"""Writes stock_levels_expected.csv: mean stock on hand under (s, S) and base-stock policies, by stockpyl.

stockpyl 1.0.2, `rq.r_q_cost_poisson`: exact cost of an (r, Q) policy under Poisson demand (Snyder and Shen,
Fundamentals of Supply Chain Theory, second edition, equation 5.48), which with demands of one is (s, S) with s = r and
S = r + Q. With a holding cost of 1 and next to no other the cost is the mean stock on hand; with a stock-out cost of 1
and next to no other it is the mean number on back order.

stockpyl asks for Sphinx 4.5.0, which the documentation of this package cannot use, so that it is not installed with the
tests:

pip install --no-deps stockpyl==1.0.2; pip install numpy scipy networkx tqdm jsonpickle tabulate matplotlib
"""

import csv
from pathlib import Path

from stockpyl.rq import r_q_cost_poisson

POLICIES = [  # reorder, up to, demands a day, days of lead
    (6, 13, 0.5, 5),
    (4, 5, 0.25, 4),
    (9, 12, 0.8, 6),
    (3, 20, 0.3, 2),
    (5, 6, 0.2, 8),
]
LITTLE = 1e-12


def main() -> None:
    """Write the table."""
    with open(Path(__file__).with_name("stock_levels_expected.csv"), "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["reorder", "up_to", "rate", "lead", "on_hand", "back_ordered"])
        for reorder, up_to, rate, lead in POLICIES:
            holding, waiting = (
                r_q_cost_poisson(reorder, up_to - reorder, one, other, LITTLE, rate, lead)
                for one, other in ((1.0, LITTLE), (LITTLE, 1.0))
            )
            out.writerow([reorder, up_to, rate, lead, f"{holding:.8f}", f"{waiting:.8f}"])


if __name__ == "__main__":
    main()

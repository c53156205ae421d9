"""The operations of a trial: one immutable plan of how it is run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from jaksim.checks import distinct
from jaksim.errors import InputError
from jaksim.scale import OrdinalScale
from jaksim.trial.operations.costs import Costs
from jaksim.trial.operations.data_flow import Board, DataFlow
from jaksim.trial.operations.recruitment import Recruitment, expected_patients
from jaksim.trial.operations.screening import Screening
from jaksim.trial.operations.supply import Supply
from jaksim.trial.operations.wards import Ward


@dataclass(frozen=True)
class Operations:
    """Recruitment, screening, supply, wards, flow of data, board and costs of a trial.

    `site_sd` is the standard deviation between sites of a normal intercept on the log intensities of getting better, of
    patients in all arms alike.
    `randomised_within_sites` makes the site one more stratum of randomisation.
    """

    recruitment: Recruitment
    screening: Screening = field(default_factory=Screening)
    supply: Supply | None = None
    wards: tuple[Ward, ...] = ()
    data_flow: DataFlow = field(default_factory=DataFlow)
    board: Board = field(default_factory=Board)
    costs: Costs = field(default_factory=Costs)
    site_sd: float = 0.0
    randomised_within_sites: bool = False

    def __post_init__(self) -> None:
        distinct((ward.name for ward in self.wards), "ward")
        if not 0.0 <= self.site_sd <= 3.0:
            raise InputError("a site effect is out of range", where="site_sd", allowed="0 to 3", got=self.site_sd)
        names = [group.name for group in self.recruitment.groups]
        for ward in self.wards:
            for name in ward.groups:
                if name not in names:
                    raise InputError("unknown sites", where=f"ward {ward.name!r}", allowed=names, got=name)

    @cached_property
    def expected_patients(self) -> float:
        """Patients expected to be randomised by the last day, caps left aside."""
        return float(expected_patients(self.recruitment, 1.0, self.screening.days_to_randomisation)[-1])

    @property
    def most_patients(self) -> float:
        """The most patients that a trial run like this can be planned with."""
        return min(float(self.recruitment.room), self.expected_patients)

    def check(self, patients: int, arms: Collection[str], scale: OrdinalScale, strata: int, horizon: int) -> None:
        """Refuse a plan that cannot work in a trial of so many patients, with these arms, scale and strata."""
        room = self.recruitment.room
        if room < patients:
            raise InputError(
                "the caps of sites and countries let in fewer patients than the trial needs",
                where="operations.country",
                allowed=f"caps of at least {patients:,} patients in all",
                got=room,
            )
        expected = self.expected_patients
        if expected < patients:
            raise InputError(
                f"{expected:,.0f} patients are expected of those screened by day {self.recruitment.until:,}",
                where="operations",
                allowed=f"sites, rates and a last day that bring at least {patients:,}; for a trial that ends on a "
                "day, full or not, monitoring.last = 'day >= N'",
            )
        self._check_strata(strata)
        self._check_supply(arms, horizon)
        for ward in self.wards:
            for score in ward.scores:
                scale.index(score)

    def _check_strata(self, strata: int) -> None:
        for group in self.recruitment.groups:
            shares: Sequence[float] = group.strata
            if shares and (len(shares) != strata or min(shares) < 0.0 or abs(sum(shares) - 1.0) > 1e-6):
                raise InputError(
                    "not the shares of the strata",
                    where=f"sites {group.name!r}",
                    allowed=f"{strata} shares of 0 or more that sum to 1",
                    got=shares,
                )

    def _check_supply(self, arms: Collection[str], horizon: int) -> None:
        if self.supply is None:
            return
        for arm in self.supply.kits:
            if arm not in arms:
                raise InputError("unknown arm", where="operations.supply.kits", allowed=tuple(arms), got=arm)
        if self.supply.dispensing[-1] > horizon:
            raise InputError(
                "drug is dispensed after the follow-up",
                where="operations.supply.dispensing",
                allowed=f"days 0 to {horizon}",
                got=self.supply.dispensing[-1],
            )

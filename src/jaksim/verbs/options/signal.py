"""What can be said to `signal`."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class SignalOptions(Options):
    """Events counted so far, what they are held against, and how a signal is looked for."""

    events: int | None = option(None, "Events so far, in the arm that is watched.", low=0)
    expected: float | None = option(None, "Events expected there by a rate that is known; or a control arm.")
    exposure: float | None = option(None, "Patients, or patient-days, of the arm, where there is a control arm.")
    control_events: int | None = option(None, "Events so far in the control arm.", low=0)
    control_exposure: float | None = option(None, "Patients, or patient-days, of the control arm.")
    ratio: float = option(2.0, "Rate ratio that would be a signal.")
    alpha: float = option(0.05, "Probability of a false signal.")
    beta: float = option(0.2, "Probability of missing the ratio, in Wald's test.")
    most: float | None = option(
        None,
        "When the maximised test ends: so many events in both arms (100 when left out), or so many expected (20).",
    )

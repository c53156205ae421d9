"""jaksim reproduce: simulate a published trial and place its figures among the simulated ones."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.verbs.options.calibrate import ReproduceOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(ReproduceOptions)
def reproduce(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="A calibrated study by name, or your own study file.")],
    *,
    json: Json = False,
    options: ReproduceOptions,
) -> None:
    """Simulate a published trial and place each of its figures on the distribution of the same statistic."""
    from jaksim.verbs.calibrate import reproduce as run

    print_answer(run(study, **vars(options)), json)

"""jaksim signal: whether events in a running trial are a signal of harm."""

from __future__ import annotations

import typer

from jaksim.cli.flags import flags_of
from jaksim.cli.options import Json
from jaksim.cli.output import print_answer
from jaksim.verbs.options.signal import SignalOptions

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(SignalOptions)
def signal(*, json: Json = False, options: SignalOptions) -> None:
    """Whether events in a running trial are a signal of harm: exact, Bayesian and sequential tests."""
    from jaksim.verbs.safety.signal import signal as run

    print_answer(run(**vars(options)), json)

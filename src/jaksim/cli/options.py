"""Options that several subcommands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output and nothing else there.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of the random numbers, 0 to 2**64 - 1.")]
Workers = Annotated[int | None, typer.Option("--workers", help="Threads; the result does not depend on it.", min=1)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Replace one value of the scenario; may be given several times."),
]

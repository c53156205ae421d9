"""Writes the reference of commands and keys from the code, as pages of the documentation, whenever it is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from jaksim.cli import app
from jaksim.cli.commands import COMMANDS
from jaksim.key import DescribedKey
from jaksim.verbs.keys import keys

TITLES = {
    "scenario": ("Keys of scenario files", "What may stand in a scenario, the file that most commands take?"),
    "scale": ("Keys of scale files", "What may stand in the file of an ordinal scale?"),
    "study": ("Keys of study files", "What may stand in the file that `jaksim calibrate` fits a disease model by?"),
    "evidence": ("Keys of evidence files", "What may stand in a file of published figures?"),
}


def write(folder: Path) -> None:
    """The pages `commands.md` and `keys_FILE.md` in a folder; those that are the same already stay untouched."""
    folder.mkdir(exist_ok=True)
    pages = {"commands": "\n".join(_commands()), **{f"keys_{file}": "\n".join(_keys(file)) for file in TITLES}}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Which commands are there, and what can each be told? The same is printed by `jaksim COMMAND --help`.\n"
    root: Any = typer.main.get_command(app)
    context = root.make_context("jaksim", ["keys"], resilient_parsing=True)
    for name in root.list_commands(context):
        yield f"## jaksim {name}\n"
        yield f"{COMMANDS[name][1]}\n"
        yield from _command(root.get_command(context, name), f"jaksim {name}", context)


def _command(command: Any, name: str, above: Any) -> Iterator[str]:
    if hasattr(command, "list_commands"):
        inner = type(above)(command, parent=above, info_name=name)
        for one in command.list_commands(inner):
            yield f"### {name} {one}\n"
            yield from _command(command.get_command(inner, one), f"{name} {one}", inner)
        return
    parameters = [parameter for parameter in command.params if parameter.name != "help"]
    if command.help:
        yield f"{command.help.strip()}\n"
    yield f"```text\n{name} {' '.join(command.collect_usage_pieces(above))}\n```\n"
    records = [record for parameter in parameters if (record := parameter.get_help_record(above)) is not None]
    if records:
        yield "| argument or option | meaning |\n|---|---|"
        for shown, meaning in records:
            yield f"| `{shown.replace('|', '/')}` | {_cell(meaning)} |"
        yield ""


def _keys(file: str) -> Iterator[str]:
    title, question = TITLES[file]
    option = "" if file == "scenario" else f" --file {file}"
    yield f"# {title}\n"
    yield f"{question} The same is printed by `jaksim keys{option}`; `jaksim keys --file {file} --schema` prints it for"
    yield "[editors](../editors.md). NAME stands for a name of your own.\n"
    table = None
    for key in keys(file=file).keys:
        place, _, name = _parted(key)
        if place != table:
            yield f"\n## {place.replace('*', chr(92) + '*') or 'On top'}\n"
            if key.holds:
                yield "| key | holds | meaning |\n|---|---|---|"
            table = place
        if name:
            yield f"| `{name}` | {_cell(key.holds)} | {_cell(key.description)} |"
        else:
            yield f"{key.description}\n\n| key | holds | meaning |\n|---|---|---|"
    yield ""


def _parted(key: DescribedKey) -> tuple[str, str, str]:
    """The table of a key, and its name in there; no name where the description is that of the table."""
    if key.path.endswith(")"):
        return key.path, "", ""
    for middle in (").options.", ")."):
        if middle in key.path:
            place, _, name = key.path.partition(middle)
            return f"{place})", middle, f"options.{name}" if "options" in middle else name
    return key.path.rpartition(".")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "\\<")

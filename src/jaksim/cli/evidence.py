"""jaksim evidence: list, show and check published figures and facts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from jaksim.cli.options import Json
from jaksim.cli.output import write_json, write_text
from jaksim.cli.synthesise import synthesise

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="List, show and check published figures and facts.")

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="Id of a study in the catalogue, or a study file.")]


@app.command("list")
def list_studies(json: Json = False) -> None:
    """List the studies of the catalogue."""
    from jaksim.cli.evidence_text import listing
    from jaksim.evidence import load_study, study_ids

    studies = [load_study(name) for name in study_ids()]
    if not json:
        write_text(listing(studies))
        return
    rows = [
        {
            "id": study.id,
            "title": study.title,
            "registry": study.registry,
            "n_randomised": study.n_randomised,
            "records": len(study),
            "disputed": [record.id for record in study if record.disputed],
        }
        for study in studies
    ]
    write_json({"studies": rows})


@app.command()
def show(
    study: StudyName,
    record: Annotated[
        str | None, typer.Argument(metavar="[RECORD]", help="Id of one record, to see all that is known of it.")
    ] = None,
    json: Json = False,
) -> None:
    """Show everything about a study or one of its records."""
    from jaksim.cli.evidence_text import record_page, study_page
    from jaksim.evidence import load_study

    shown = load_study(study)
    if record is None:
        write_json(asdict(shown)) if json else write_text(study_page(shown))
    else:
        found = shown[record]
        write_json({"study": shown.id, **asdict(found)}) if json else write_text(record_page(shown, found))


@app.command()
def facts(
    topic: Annotated[
        str | None, typer.Argument(metavar="[TOPIC]", help="One topic; without it all topics are listed.")
    ] = None,
    json: Json = False,
) -> None:
    """Show facts with their sources, by topic."""
    from jaksim.cli.facts_text import topic_listing, topic_page
    from jaksim.evidence import load_topic, topic_ids

    if topic is not None:
        shown = load_topic(topic)
        write_json(asdict(shown)) if json else write_text(topic_page(shown))
        return
    topics = [load_topic(name) for name in topic_ids()]
    if json:
        write_json({"topics": [{"id": item.id, "title": item.title, "facts": len(item)} for item in topics]})
    else:
        write_text(topic_listing(topics))


@app.command()
def check(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A study file or id; without it the whole catalogue and all facts."),
    ] = None,
    json: Json = False,
) -> None:
    """Check that the figures of each record agree, with each other and with the second reading."""
    from jaksim.errors import InputError
    from jaksim.evidence import load_study, load_topic, study_ids, topic_ids
    from jaksim.evidence.second_file import load_second_reading
    from jaksim.evidence.second_reading import faults_of

    named = study_ids() if file is None else (file,)
    studies = [load_study(name) for name in named]
    faults = [fault for name in named for fault in faults_of(name)]
    n_facts = sum(len(load_topic(name)) for name in topic_ids()) if file is None else 0
    n_records = sum(len(study) for study in studies)
    misfits = [f"{study.id}, record {record.id}" for study in studies for record in study if record.misfits]
    if faults:
        several = "s do" if len(faults) > 1 else " does"
        raise InputError("\n".join([f"{len(faults)} figure{several} not fit", *(f"  {fault}" for fault in faults)]))
    n_read_twice = sum(len(load_second_reading(name).records) for name in named if name in study_ids())
    if json:
        names = [study.id for study in studies]
        counts = {"records": n_records, "read_twice": n_read_twice, "facts": n_facts}
        write_json({"studies": names, **counts, "faults": [], "recorded_misfits": misfits})
    else:
        known = f", {len(misfits)} with a misfit of the publication on record" if misfits else ""
        counted = f"{n_records} records in {len(studies)} {'study' if len(studies) == 1 else 'studies'}"
        cited = f"; {n_facts} facts with their sources" if n_facts else ""
        again = f", {n_read_twice} of them read twice from their sources" if n_read_twice else ""
        write_text(f"{counted}{again}{known}{cited}: all agree")


app.command()(synthesise)

"""Evidence as text: one line per figure, one page per study or record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from textwrap import wrap

from jaksim.evidence import Figure, Mean, Median, Proportion, Record, ScoreCounts, Study
from jaksim.evidence.answers import EvidenceCheck, StudyList, StudyPage
from jaksim.evidence.figures import EventCount, Printed
from jaksim.evidence.interval_check import printed_digits
from jaksim.evidence.records import ORIGINS
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted

WIDTH = 110


def list_report(found: StudyList) -> Iterator[Block]:
    """One line per study."""
    yield AsPrinted(listing(found.studies))


def study_report(found: StudyPage) -> Iterator[Block]:
    """The page of a study or of one record."""
    page = study_page(found.study) if found.record is None else record_page(found.study, found.record)
    yield AsPrinted(page)


def check_report(found: EvidenceCheck) -> Iterator[Block]:
    """What was counted, in a sentence."""
    misfits, n = len(found.recorded_misfits), len(found.studies)
    known = f", {misfits} with a misfit of the publication on record" if misfits else ""
    counted = f"{found.records} records in {n} {'study' if n == 1 else 'studies'}"
    cited = f"; {found.facts} facts with their sources" if found.facts else ""
    again = f", {found.read_twice} of them read twice from their sources" if found.read_twice else ""
    yield AsPrinted(f"{counted}{again}{known}{cited}: all agree")


def listing(studies: Iterable[Study]) -> str:
    """One line per study: id, number of figures, title."""
    shown = list(studies)
    width = max((len(study.id) for study in shown), default=0)
    return "\n".join(f"{study.id:<{width}} {len(study):>4} figures   {study.title}" for study in shown)


def study_page(study: Study) -> str:
    """Everything about a study, with one line per figure."""
    return "\n".join(_study_lines(study))


def record_page(study: Study, record: Record) -> str:
    """Everything about one record, with the other versions of a disputed figure."""
    return "\n".join(_record_lines(study, record))


def figure_text(figure: Figure) -> str:
    """A figure as a publication prints it, such as 'rate ratio 1.16 (1.01 to 1.32)'."""
    match figure:
        case ScoreCounts():
            cells = ", ".join(f"{score}: {count}" for score, count in zip(figure.scores, figure.counts, strict=True))
            return f"{cells}{f', no score: {figure.missing}' if figure.missing else ''}"
        case Proportion():
            return _proportion_text(figure)
        case EventCount():
            return f"{figure.count} events in {figure.n} patients"
        case Mean():
            spread = figure.standard_deviation
            printed = "" if spread is None else f" (SD {_number_text(spread, printed_digits(spread))})"
            return f"mean {_estimate_text(figure.estimate, figure.interval)}{printed} {figure.unit}"
        case Median():
            quartiles = "" if figure.quartiles is None else ", quartiles {:g} and {:g}".format(*figure.quartiles)
            return f"median {_estimate_text(figure.estimate, figure.interval)} {figure.unit}{quartiles}"
    text = f"{figure.measure.replace('_', ' ')} {_estimate_text(figure.estimate, figure.interval)}"
    return text if figure.p_value is None else f"{text}, p {'' if figure.p_value.below else '= '}{figure.p_value}"


def _proportion_text(figure: Proportion) -> str:
    counted = "" if figure.count is None else f"{figure.count} of {figure.n}"
    percent = figure.percent
    if percent is None:
        assert figure.count is not None
        return f"{counted} ({100 * figure.count / figure.n:.1f}%)" if figure.n else counted
    printed = _estimate_text(percent, figure.interval, "%")
    if figure.estimator == "kaplan_meier":
        printed += " by Kaplan-Meier"
    return f"{counted} ({printed})" if counted else printed


def _estimate_text(estimate: float, interval: tuple[float, float] | None, unit: str = "") -> str:
    values = (estimate, *(interval or ()))
    digits = max(printed_digits(value) for value in values if math.isfinite(value))
    texts = [_number_text(value, digits) for value in values]
    return f"{texts[0]}{unit}" if interval is None else f"{texts[0]}{unit} ({texts[1]} to {texts[2]})"


def _number_text(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "not reached"
    return f"{value:.{value.decimals if isinstance(value, Printed) else digits}f}"


def _study_lines(study: Study) -> Iterator[str]:
    yield f"{study.title} [{study.id}]"
    registry = f"{', '.join(study.registry)}. " if study.registry else ""
    published = f"First results in {study.published}. " if study.published else ""
    yield from _paragraph(f"{registry}{published}{study.summary}")
    for text in (study.concomitant, study.score_mapping):
        yield from _paragraph(text)
    yield "\nArms"
    for arm in study.arms.values():
        yield from _paragraph(f"{arm.id}{'' if arm.n is None else f' (n = {arm.n})'}: {arm.regimen}", "  ", "    ")
    if study.design:
        yield "\nDesign"
        for key, value in study.design.items():
            yield from _paragraph(f"{key.replace('_', ' ')}: {value}", "  ", "    ")
    if len(study):
        yield "\nFigures"
        for event, records in _by_event(study).items():
            yield from _paragraph(f"{event}: {study.events[event].definition}", "  ", "    ")
            width = max(len(record.id) for record in records)
            for record in records:
                yield from _figure_lines(record, width)
    yield from _closing(study)


def _by_event(study: Study) -> dict[str, list[Record]]:
    """Records by event, and within it by group of patients, each in the order of first mention."""
    events: dict[str, dict[str, list[Record]]] = {}
    for record in study:
        group = record.id.split(".")[1] if "." in record.id else ""
        events.setdefault(record.event, {}).setdefault(group, []).append(record)
    return {event: [record for group in groups.values() for record in group] for event, groups in events.items()}


def _figure_lines(record: Record, width: int) -> Iterator[str]:
    flag = "  [disputed]" if record.disputed else ""
    yield f"    {record.id:<{width}}  {figure_text(record.figure)}  [{record.citation}, {record.origin}]{flag}"
    for version in record.versions:
        text = f"not used: {figure_text(version.figure)} [{version.citation}]. {version.reason}"
        yield from _paragraph(text, "        ", "          ")


def _closing(study: Study) -> Iterator[str]:
    if study.disputes:
        yield "\nDisputed between sources"
        for dispute in study.disputes:
            yield from _paragraph(dispute.about, "  ", "    ")
            for version in dispute.versions:
                yield from _paragraph(f"- {version}", "    ", "      ")
            yield from _paragraph(f"Followed here: {dispute.followed}", "    ", "      ")
    if study.not_found:
        yield "\nNot found in any source"
        for missing in study.not_found:
            yield from _paragraph(missing, "  ", "    ")
    yield "\nSources"
    for citation in study.citations.values():
        where = f" doi:{citation.doi}" if citation.doi else f" {citation.url}" if citation.url else ""
        yield f"  {citation.id}: {citation.text}{where}"


def _record_lines(study: Study, record: Record) -> Iterator[str]:
    event = study.events[record.event]
    yield f"{record.id} [{study.id}]"
    yield f"  {figure_text(record.figure)}"
    rows = {
        "event": event.definition,
        "arms": " / ".join(study.arms[arm].label for arm in record.arms) or "all arms together",
        "direction": _direction_text(record),
        "patients": ", ".join(filter(None, (record.population, record.subgroup))),
        "baseline scores": ", ".join(map(str, record.baseline_scores)),
        "time": record.when,
        "adjusted for": record.adjusted_for,
        "treated with": record.concomitant or study.concomitant,
        "source": study.citations[record.citation].text,
        "how known": ORIGINS[record.origin],
        "quoted in": ", ".join(study.citations[name].text for name in record.quoted_in),
        "derivation": record.derivation,
        "note": record.note,
        "disputed": record.disputed,
    }
    for key, text in rows.items():
        if text:
            yield from _paragraph(f"{key + ':':<17}{text}", "  ", " " * 19)
    for version in record.versions:
        source = study.citations[version.citation].text
        yield from _paragraph(f"not used:        {figure_text(version.figure)} in {source}", "  ", " " * 19)
        yield from _paragraph(version.reason, " " * 19, " " * 19)
    for misfit in record.misfits:
        yield from _paragraph(f"known misfit:    {misfit.fault}. {misfit.reason}", "  ", " " * 19)


def _direction_text(record: Record) -> str:
    if record.favours_first is None:
        return ""
    null = "0" if record.measure.endswith("difference") else "1"
    return f"{record.favours_first} {null} speaks for {record.arms[0]}"


def _paragraph(text: str, first: str = "", rest: str = "") -> list[str]:
    return wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)

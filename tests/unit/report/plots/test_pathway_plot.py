"""What the figure of the graph of signals draws."""

from jaksim.evidence import pathway
from jaksim.report.plots.pathway import pathway_figure


def test_every_node_is_named_and_every_link_drawn_dashed_where_it_is_disputed():
    for name in (None, "tofacitinib", "IL-6", "TYK2", "dexamethasone"):
        found = pathway(name)
        (axes,) = pathway_figure(found).axes
        assert {node.name for node in found.nodes} <= {text.get_text() for text in axes.texts}
        dashed = [line.is_dashed() for line in axes.lines]
        assert dashed == [link.standing != "agreed" for link in found.links]

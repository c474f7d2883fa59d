"""A picture in the DOT language, for people who restyle it or lay it out with Graphviz."""

from typing import Any

from autoback.view.picture import Picture

__all__ = ["digraph"]

_FONT = "Helvetica"


def digraph(picture: Picture, direction: str = "LR") -> Any:
    """The picture as a `graphviz.Digraph`: boxes that say name, numbers and gradient, arrows with their local derivatives.

    direction: "LR", from left to right, or "TB", downwards
    Its colours and shapes are plain on purpose: set `graph_attr`, `node_attr` and `edge_attr` to restyle it.
    """
    import graphviz

    graph = graphviz.Digraph("autoback", encoding="utf-8")
    graph.attr(rankdir=direction, fontname=_FONT, fontsize="10", labelloc="b", labeljust="l")
    if picture.notes:
        graph.attr(label=_escaped("\n".join(picture.notes), left=True))
    graph.attr("node", shape="box", style="rounded", fontname=_FONT, fontsize="12")
    graph.attr("edge", fontname=_FONT, fontsize="10", arrowsize="0.7")
    _write(graph, picture, "")
    for link in picture.links:
        attributes = {"style": "dashed"} if link.step is not None and link.step < 0 else {"style": "dotted"} if link.constant else {}
        graph.edge(link.source, link.target, label=_escaped("\n".join(link.lines)), tooltip=_escaped(link.tooltip), **attributes)
    return graph


def _write(graph: Any, picture: Picture, frame: str) -> None:
    """The cards that stand in a frame, "" for those in none, and the frames in it."""
    for key, each in picture.frames.items():
        if each.within == frame:
            with graph.subgraph(name=f"cluster_{key}") as inner:
                inner.attr(label=_escaped(each.title), style="rounded")
                _write(inner, picture, key)
    for card in [card for card in picture.cards if card.frame == frame]:
        title = f"{card.title}  {card.symbol}" if card.symbol else card.title
        lines = [title, *card.lines, *([f"∂ {card.band}"] if card.band else [])]
        style = {"style": "rounded,dashed"} if card.stale or card.kind == "more" else {"shape": "plain"} if card.kind == "constant" else {}
        graph.node(card.key, label=_escaped("\n".join(lines)), tooltip=_escaped(card.tooltip), **style)


def _escaped(text: str, left: bool = False) -> str:
    """A text as the value of a DOT attribute, in which no backslash is obeyed but our line ends, and no markup."""
    end = "\\l" if left else "\\n"
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace("\n", end) + end * left

"""Cycles: the edges of a graph by which a way leads back to where it began."""

from collections.abc import Mapping, Sequence

Graph = Mapping[str, Sequence[str]]
"""Nodes, each with those that its edges lead to; a node that none leads on from may be left out."""


def edges_on_cycles(graph: Graph) -> set[tuple[str, str]]:
    """The edges that are part of a cycle: those whose ends reach each other. The time it takes grows with the graph."""
    group_of = _groups(graph)
    return {(node, other) for node, others in graph.items() for other in others if group_of[node] == group_of[other]}


def _groups(graph: Graph) -> dict[str, str]:
    """To each node one that stands for all those that it reaches and is reached by (Kosaraju's two passes)."""
    backwards: dict[str, list[str]] = {}
    for node, others in graph.items():
        for other in others:
            backwards.setdefault(other, []).append(node)
    group_of: dict[str, str] = {}
    for node in reversed(_left_last(graph)):
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if each not in group_of:
                group_of[each] = node
                waiting += backwards.get(each, ())
    return group_of


def _left_last(graph: Graph) -> list[str]:
    """All nodes in the order in which a walk into the depth leaves them."""
    seen: set[str] = set()
    left: list[str] = []
    for start in graph:
        waiting = [(start, False)]
        while waiting:
            node, is_done = waiting.pop()
            if is_done:
                left.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                waiting += [(other, False) for other in reversed(graph.get(node, ()))]
    return left

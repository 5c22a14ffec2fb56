"""The most participants of a study whom any matching could give a game, whatever it knew.

For pairs that is a maximum matching of the graph in which two participants are neighbours if their
RTT is within the threshold at some time and they wait at the same time (J. Edmonds, "Paths, trees,
and flowers", Canadian Journal of Mathematics 17, 1965). For larger groups finding it is NP-hard, so
the bound is relaxed: who has a group at all, rounded down to whole groups.
"""

from __future__ import annotations

import networkx as nx

from interactive_gym.simulation.oracle import first_clique
from interactive_gym.simulation.study import Study, StudySettings


def most_matched(settings: StudySettings, threshold_ms: float) -> float:
    """An upper bound of the share of participants matched under this threshold, in milliseconds."""
    study = Study.draw(settings)
    graph = nx.Graph(_possible_pairs(study, settings.patience_s, threshold_ms))
    size = settings.group_size
    if size == 2:
        games = len(nx.max_weight_matching(graph, maxcardinality=True))
    else:
        games = (
            sum(
                first_clique(sorted(graph[person]), size - 1, graph.has_edge) is not None
                for person in graph
            )
            // size
        )
    return games * size / settings.participants


def _possible_pairs(study: Study, patience_s: float, threshold_ms: float) -> list[tuple[int, int]]:
    people = range(len(study.arrival_s))
    leaves_s = [study.leaves_s(person, patience_s) for person in people]
    return [
        (a, b)
        for b in people
        for a in range(b)
        if study.arrival_s[b] < leaves_s[a]
        and study.connections.least_rtt_ms(a, b) <= threshold_ms
        and study.connections.can_connect(a, b)
    ]

"""Floor 4: what people look at.

`drawing` (graphs, networks and results as SVG), `explain` (the chain rule in words) and the rooms `lesson` and
`playground` (pages for the browser and for paper, made with `pages`) are the doors. Behind them: `snapshot` and `names`
(what every node is called and worth), `notation`, `phrases` and `rules` (the rows of the table as mathematics),
`reading` and `sheets` (which steps there are, and their sentences); `depths`, `expand`, `neurons`, `folding` and `parts`
(how much of a graph is drawn), `cards`, `picture` and `tooltips` (what stands on it), `layout`, `frames` and `measure`
(where), `svg`, `style` and `colors` (the image), `dot` and `convert` (other formats); `network`, `charts` and `module_tree`
are pictures without a graph.
"""

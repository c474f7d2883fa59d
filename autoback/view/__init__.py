"""Floor 4: what people look at.

`drawing` (graphs and networks as SVG), `explain` (the chain rule told), `expression` (typed formulas
read safely) and `lesson` (pages for the browser and for paper) are the doors. Behind them: `rules`
reads the rows of the table as mathematics in one of the notations of `notation`, `reading` names the
steps of a graph, and `sheets` sets it all out; `picture`, `cards`, `folding`, `neurons` and `apart`
decide what is drawn, `dot`, `layout` and `svg` make it an image; `network` draws layers of circles;
`reference` is the table as a document.
"""

"""The playground: a page on which a small network learns, with the numbers of `fit`, and everything on it can be changed.

Read in this order: `playground` (what the page begins with), `programs` (activations, losses and optimisers as JavaScript,
made from what Python records), then the scripts. Six of them compute, in the page and in its worker, and know nothing of the
page: `random`, `sets`, `model`, `trainer`, `state`, `files`. `playground.js` holds state, model and views together;
`playground.json` is everything that the page says.
"""

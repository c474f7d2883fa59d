"""What the lesson, the worksheet and the playground share: how a page is put together, rows as JavaScript, words and looks.

`page` joins the files of a page and states what it may do; `javascript` reads the rows; `graph.js` is a graph of numbers, `words.js`
writes formulas and numbers, `say.js` the texts; `base.css` is the look, with the colours of `view/colors.py`.
"""

"""The lesson room: a computation, or a network in training, as one page that needs nothing but a browser.

Read in this order: `page` (what a page is and how it is put together), `graph` (the lesson of a
graph), `snapshot` and `picture` (the graph as data and as SVG), `javascript` (rows of the table as
JavaScript), then the scripts from `graph.js` on; `training` and `worksheet` are the two other pages.
"""

from autoback.view.lesson.graph import lesson
from autoback.view.lesson.page import Page
from autoback.view.lesson.worksheet import worksheet

__all__ = ["Page", "lesson", "worksheet"]

"""The lesson room: a computation as one page that needs nothing but a browser, and as a sheet of paper.

Read in this order: `graph` (the lesson of a graph, and the way to the playground of a network), `texts.json` (everything the
lesson says), then the scripts in the order of `graph._SCRIPTS`; `worksheet` is the sheet.
"""

from autoback.view.lesson.graph import lesson
from autoback.view.lesson.worksheet import worksheet
from autoback.view.pages.page import Page

__all__ = ["Page", "lesson", "worksheet"]

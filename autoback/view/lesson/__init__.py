"""The lesson room: a computation, or a network in training, as one page that needs nothing but a browser.

Read in this order: `page` (what a page is and how it is put together), `graph` (the lesson of a
graph), `javascript` (rows of the table as JavaScript), `texts.json` (everything the lesson says),
then the scripts in the order of `graph._SCRIPTS`; `training` and `worksheet` are the two other pages.
"""

from autoback.view.lesson.graph import lesson
from autoback.view.lesson.page import Page
from autoback.view.lesson.worksheet import worksheet

__all__ = ["Page", "lesson", "worksheet"]

"""What the site changes in the pages: links to files of the repository become plain code, since a page from disk has no repository."""

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent

_SHIM = "https://unpkg.com/iframe-worker/shim"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page without links that lead out of docs/; its snippets marked as sessions, without the blank line after the last output."""
    markdown = markdown.replace("```python\n>>> ", "```pycon\n>>> ")
    here = (DOCS / page.file.src_uri).parent

    def inside(link: re.Match[str]) -> str:
        text, target = link.groups()
        if re.match(r"[a-z]+:|#", target) or (here / target.partition("#")[0]).resolve().is_relative_to(DOCS):
            return link[0]
        return text if text.startswith("`") else f"`{text}`" if "/" in text or "." in text else text

    return re.sub(r"\n\n```$", "\n```", re.sub(r"(?<!!)\[([^\]\n]*)\]\(([^)\s]+)\)", inside, markdown), flags=re.MULTILINE)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The page with our own helper for the search from disk, in place of the one on a server."""
    return output.replace(_SHIM, f"{'../' * page.file.dest_uri.count('/')}site/worker.js")


def on_post_template(output_content: str, **_: Any) -> str:
    """The same for the page of what is not found."""
    return output_content.replace(_SHIM, "site/worker.js")

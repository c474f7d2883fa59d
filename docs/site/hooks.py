"""What the site changes in the pages: links to files of the repository become plain code, since a page from disk has no repository."""

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """The page without links that lead out of docs/, and without the blank line that ends a snippet's last output."""
    here = (DOCS / page.file.src_uri).parent

    def inside(link: re.Match[str]) -> str:
        text, target = link.groups()
        if re.match(r"[a-z]+:|#", target) or (here / target.partition("#")[0]).resolve().is_relative_to(DOCS):
            return link[0]
        return text if text.startswith("`") else f"`{text}`" if "/" in text or "." in text else text

    return re.sub(r"\n\n```$", "\n```", re.sub(r"(?<!!)\[([^\]\n]*)\]\(([^)\s]+)\)", inside, markdown), flags=re.MULTILINE)

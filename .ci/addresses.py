"""Write the repository's address into what is published: python .ci/addresses.py https://HOST/OWNER/NAME TAG.

The README's relative links become absolute, so that they lead somewhere where packages are listed, and pyproject.toml
gets its [project.urls]. The release workflow knows the address by itself; the sources do without, so that a fork,
a mirror and a checkout on disk all read well. The files are rewritten in place: run it in a clone.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def absolute(readme: str, address: str, tag: str) -> str:
    """The README with absolute links: pictures by their raw files, everything else by its page."""

    def written(link: re.Match[str]) -> str:
        mark, text, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        return f"{mark}[{text}]({address}/{'raw' if mark else 'blob'}/{tag}/{target})"

    return re.sub(r"(!?)\[([^\]\n]*)\]\(([^)\s]+)\)", written, readme)


def urls(address: str, tag: str) -> str:
    """The table of addresses for pyproject.toml."""
    return f"""\
[project.urls]
Homepage = "{address}"
Documentation = "{address}/tree/{tag}/docs"
Changelog = "{address}/blob/{tag}/docs/CHANGELOG.md"
Issues = "{address}/issues"

"""


def main(address: str, tag: str) -> None:
    """Rewrite README.md and pyproject.toml."""
    readme, project = ROOT / "README.md", ROOT / "pyproject.toml"
    readme.write_text(absolute(readme.read_text("utf-8"), address, tag), "utf-8")
    project.write_text(project.read_text("utf-8").replace("[project.scripts]", urls(address, tag) + "[project.scripts]"), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2])

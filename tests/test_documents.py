"""The documents: links lead somewhere, and what is made from the code is up to date."""

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import autoback
from autoback import OPERATIONS
from autoback.commands.operations import reference
from tests.regenerate import DOCUMENTS, ROOT, same

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links and pictures, outside code."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as link targets."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead(page: Path) -> Iterator[str]:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page if not path else page.parent / path
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of the README and of docs/ names a file that is there, and a heading in it."""
    assert list(dead(page)) == []


def test_dead_links_are_found(tmp_path: Path) -> None:
    """The test above can fail: a link to nowhere, to no heading, and not one in code."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, here\n[a](page.md) [b](#a-heading-here) [c](gone.md) [d](page.md#gone) `[e](code.md)` [f](https://g.example)\n"
    )
    assert list(dead(page)) == ["gone.md", "page.md#gone"]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_made_documents_are_up_to_date(path: str) -> None:
    """What the repository holds is what the code makes today; `python -m tests.regenerate` rewrites it."""
    assert same(path, (ROOT / path).read_text("utf-8"), DOCUMENTS[path]())


def test_an_outdated_picture_is_found() -> None:
    """The test above can fail: one other digit in the picture is noticed, another bend of a line is not."""
    picture = DOCUMENTS["docs/images/example.svg"]()
    assert not same("a.svg", picture, picture.replace("2.138", "2.139"))
    assert same("a.svg", picture, picture.replace('d="M', 'd="M1'))


def test_an_outdated_number_is_found() -> None:
    """The comparison of texts can fail: another twelfth digit of a number is noticed, the fourteenth is not."""
    assert not same("a.md", "| 0.39322386648297 |", "| 0.39322386647297 |")
    assert same("a.md", "| 0.39322386648297 |", "| 0.39322386648298 |")


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_reference_has_a_section_for_every_row(name: str) -> None:
    """Each row's formulas, convention and hint stand in its own section."""
    row = OPERATIONS[name]
    section = reference().split(f"\n## {name}\n")[1].split("\n## ")[0]
    for text in (f"`{row.value}`", *(f"`{partial}`" for partial in row.partials), row.convention, row.hint):
        assert text in section


def test_every_public_name_has_its_place_in_the_reference() -> None:
    """Each name of the package stands in the reference of the library; the operations stand in theirs."""
    text = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    names = [name for name in autoback.__all__ if name not in OPERATIONS]
    assert [name for name in names if not re.search(rf"((:::|heading:) autoback\.|`){name}\b", text)] == []


def test_every_page_is_in_the_menu_of_the_site() -> None:
    """The site's navigation lists each page of docs/ once."""
    listed = re.findall(r"[\w/-]+\.md", (ROOT / "docs" / "site" / "mkdocs.yml").read_text("utf-8"))
    assert sorted(listed) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in PAGES[1:])


def test_the_readme_names_every_page_of_instructions_and_every_demo() -> None:
    """A reader of the README finds each page of docs/how-to and each script of demos/."""
    readme = (ROOT / "README.md").read_text("utf-8")
    expected = [path.relative_to(ROOT).as_posix() for folder in ("docs/how-to", "demos") for path in (ROOT / folder).glob("*.*")]
    assert [path for path in expected if f"]({path})" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_that_is_no_session_is_python(page: Path) -> None:
    """Blocks of Python without prompts, which need what is not installed here, can at least be read by Python."""
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE):
        if not block.startswith(">>>"):
            compile(block, str(page), "exec")


def test_published_addresses_are_absolute() -> None:
    """With the repository's address, which the release workflow knows, no link of the README stays relative, and the project has URLs."""
    spec = importlib.util.spec_from_file_location("addresses", ROOT / ".ci" / "addresses.py")
    assert spec is not None and spec.loader is not None
    addresses = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(addresses)
    readme = addresses.absolute((ROOT / "README.md").read_text("utf-8"), "https://host.example/us/autoback", "v1.0.0")
    targets = re.findall(r"\]\(([^)\s]+)\)", readme)
    assert [target for target in targets if not target.startswith("https://")] == []
    assert "](https://host.example/us/autoback/raw/v1.0.0/docs/images/example.svg)" in readme
    assert "](https://host.example/us/autoback/blob/v1.0.0/docs/architecture.md)" in readme
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    urls = tomllib.loads(addresses.urls("https://host.example/us/autoback", "v1.0.0"))["project"]["urls"]
    assert set(urls) == {"Homepage", "Documentation", "Changelog", "Issues"}
    assert "[project.scripts]" in project and "[project.urls]" not in project

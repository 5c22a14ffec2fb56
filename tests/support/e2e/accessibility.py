"""What axe-core finds wrong with a page."""

from importlib.resources import files

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Everything that axe-core finds, each with its impact and the element."""
    page.evaluate(f"{AXE}; 0")
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [
        f"{each['impact']}: {each['id']}: {node['html'][:120]}"
        for each in found
        for node in each["nodes"]
    ]

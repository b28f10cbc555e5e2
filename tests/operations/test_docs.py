import re

from bin.local.home import ROOT

PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
DOCS = (ROOT / "docs" / "operations.md").read_text()
IMAGE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
PHOTOGRAPH = re.compile(r"""photograph\(\w+, "([^"]+)\"""")
READS = re.compile(r"""(?:\benv(?:\.\w+)?|\bsecret|\bcount)\(\s*["']([A-Z][A-Z0-9_]+)["']""")


def variables() -> set[str]:
    sources = [path for path in ROOT.glob("[!.]*/**/*.py") if not {"tests", "migrations"} & set(path.parts)]
    return {name for path in sources for name in READS.findall(path.read_text())}


def test_every_variable_that_is_read_is_explained():
    assert len(variables()) > 30
    assert {name for name in variables() - {"PYTEST_XDIST_WORKER"} if f"`{name}`" not in DOCS} == set()


def test_each_picture_of_the_documentation_is_there_and_none_besides():
    named = {(page.parent / image).resolve() for page in PAGES for image in IMAGE.findall(page.read_text())}
    assert len(named) > 10
    assert named == {path for path in (ROOT / "docs" / "images").rglob("*") if path.is_file()}


def test_each_picture_is_taken_by_a_test():
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "browser").glob("*.py"))
    images = ROOT / "docs" / "images"
    kept = {path.relative_to(images).with_suffix("").as_posix() for path in images.rglob("*.png")}
    assert set(PHOTOGRAPH.findall(tests)) == kept

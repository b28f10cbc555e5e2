import re

from bin.local.home import ROOT

DOCS = (ROOT / "docs" / "operations.md").read_text()
READS = re.compile(r"""(?:\benv(?:\.\w+)?|\bsecret|\bcount)\(\s*["']([A-Z][A-Z0-9_]+)["']""")


def variables() -> set[str]:
    sources = [path for path in ROOT.glob("[!.]*/**/*.py") if not {"tests", "migrations"} & set(path.parts)]
    return {name for path in sources for name in READS.findall(path.read_text())}


def test_every_variable_that_is_read_is_explained():
    assert len(variables()) > 30
    assert {name for name in variables() - {"PYTEST_XDIST_WORKER"} if f"`{name}`" not in DOCS} == set()

import pytest

from kernel.errors import Unavailable
from orders.paper import barcodes, render

PAGE = '<link rel="stylesheet" href="asset:paper.css"><h1>Paper</h1><img src="{src}">'


@pytest.fixture
def engine(tmp_path, settings):
    """Templates of the test's own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    def write(html):
        (tmp_path / "page.html").write_text(html)
        return render.render_pdf("page.html", {})

    return write


def test_a_page_with_a_bundled_stylesheet_and_a_barcode_becomes_a_pdf(engine):
    pdf = engine(PAGE.format(src=barcodes.code128("W1001-R1")))

    assert pdf.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "asset:../render.py", "asset:/etc/passwd"]
)
def test_what_is_not_bundled_is_not_fetched(url):
    fetcher = render._engine()[1]()

    with pytest.raises((ValueError, FileNotFoundError)):
        fetcher(url)


def test_an_address_that_a_customer_wrote_costs_the_picture_and_not_the_page(engine):
    assert engine(PAGE.format(src="http://127.0.0.1:9/x.png")).startswith(b"%PDF-")


def test_without_pango_papers_are_refused_and_said_to_be_away(monkeypatch):
    def missing(name, *rest):
        raise OSError("cannot load library 'libpango-1.0-0'")

    render._engine.cache_clear()
    monkeypatch.setattr(render, "import_module", missing)

    with pytest.raises(Unavailable) as refused:
        render.render_pdf("page.html", {})

    assert (refused.value.code, refused.value.status, refused.value.retry_after) == ("paper_unavailable", 503, 300)
    monkeypatch.undo()


def test_a_barcode_holds_bars_and_no_words():
    svg = barcodes.code128_svg("W1001-R1")

    assert svg.count("<rect") > 30
    assert "<text" not in svg


@pytest.mark.parametrize("text", ["", "Größe", "a\nb"])
def test_what_code_128_cannot_say_is_a_mistake(text):
    with pytest.raises(ValueError, match="ASCII"):
        barcodes.code128_svg(text)

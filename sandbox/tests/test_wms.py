"""The page of the WMS: its people receive, count and ship, and its faults are turned on."""

from sandbox.testing import RunningSandbox


def act(sandbox: RunningSandbox, do: str, **form: object) -> str:
    """Press a button; the page that follows, which is the WMS's own."""
    with sandbox.client() as client:
        answer = client.post(f"/wms/do/{do}", data=form, follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/wms/")
    return answer.text


def stock(sandbox: RunningSandbox) -> dict[str, int]:
    return {row["sku"]: row["on_hand"] for row in sandbox.ask("GET", "/wms/books")["stock"]}


def test_goods_are_received_and_counted_on_the_page(sandbox: RunningSandbox) -> None:
    act(sandbox, "receive", warehouse="MAIN", sku="MUG", units="7")
    act(sandbox, "receive", warehouse="MAIN", sku="MUG", units="2")
    assert stock(sandbox)["MUG"] == 9
    act(sandbox, "lose", warehouse="MAIN", sku="MUG")
    assert stock(sandbox)["MUG"] == 0


def test_what_cannot_be_done_is_said_and_changes_nothing(sandbox: RunningSandbox) -> None:
    before = stock(sandbox)
    assert "units is a number from 1" in act(sandbox, "receive", warehouse="MAIN", sku="MUG", units="many")
    assert "There is nothing to pick." in act(sandbox, "ship", name="W1 MAIN")
    assert stock(sandbox) == before


def test_its_faults_are_turned_on_and_off(sandbox: RunningSandbox) -> None:
    act(sandbox, "habits", down="on", late="2.5", ship_seconds="")
    found = sandbox.ask("GET", "/wms/habits")
    assert (found["down"], found["wrong"], found["late"], found["ship_seconds"]) == (True, False, 2.5, None)
    with sandbox.client() as client:
        assert client.get("/wms/v1/stock").status_code == 503
    act(sandbox, "habits")
    with sandbox.client() as client:
        assert client.get("/wms/v1/stock").status_code == 401

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.tests.factories import UserFactory
from catalog.models import ProductImage
from catalog.tests.checks import admin, client, partner, problem
from catalog.tests.factories import ProductFactory, picture

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/MUG/images"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    ProductFactory(sku="MUG")
    return tmp_path / "products"


def upload(caller, content: bytes = picture(), url: str = URL, **fields):
    return caller.post(url, {"file": SimpleUploadedFile("../../x.php", content), **fields}, format="multipart")


def test_an_admin_uploads_describes_and_removes(folder):
    caller = admin()
    added = upload(caller, alt="Front")
    assert added.status_code == 201, added.content
    image = ProductImage.objects.get()
    body = {
        "id": image.pk, "alt": "Front", "position": 0, "width": 40, "height": 30, "thumbnail_url": None,
        "url": f"http://testserver/media/{image.file.name}",
    }  # fmt: skip
    assert added.json() == body
    assert [file.name for file in folder.iterdir()] == [image.file.name.split("/")[1]]
    assert client().get("/api/v1/products/MUG").json()["images"] == [body]
    moved = caller.patch(f"{URL}/{image.pk}", {"position": 4})
    assert (moved.status_code, moved.json()) == (200, body | {"position": 4})
    assert caller.delete(f"{URL}/{image.pk}").status_code == 204
    assert caller.delete(f"{URL}/{image.pk}").status_code == 404
    assert client().get("/api/v1/products/MUG").json()["images"] == []


def test_the_same_upload_with_its_key_is_one_picture():
    caller = admin()
    file = picture()
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + file + b"\r\n--b--\r\n"
    for _ in range(2):
        answer = caller.generic(
            "POST", URL, body, content_type="multipart/form-data; boundary=b", HTTP_IDEMPOTENCY_KEY="k"
        )
        assert answer.status_code == 201
    assert (ProductImage.objects.count(), answer["Idempotent-Replayed"]) == (1, "true")


def test_only_admins_may():
    for caller, status in (
        (client(), 401),
        (client(UserFactory()), 403),
        (client(UserFactory(customer_service=True)), 403),
        (partner("catalog:write"), 403),
    ):
        assert upload(caller).status_code == status
        assert caller.delete(f"{URL}/1").status_code == status
    assert ProductImage.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "fields", "refusal"),
    [
        (b"no picture", {}, (400, "unfit_image", ["file"])),
        (b"<svg/>", {}, (400, "unfit_image", ["file"])),
        (b"", {}, (400, "invalid", ["file"])),
        (picture(), {"position": "-1"}, (400, "invalid", ["position"])),
        (picture(), {"position": "1.5"}, (400, "invalid", ["position"])),
        (picture(), {"alt": "x" * 201}, (400, "invalid", ["alt"])),
        (picture(), {"alt": "\x00"}, (400, "invalid", ["alt"])),
    ],
)
def test_bad_uploads_are_refused(folder, content, fields, refusal):
    assert problem(upload(admin(), content, **fields)) == refusal
    assert (ProductImage.objects.count(), folder.exists()) == (0, False)


def test_what_is_no_upload_is_refused():
    caller = admin()
    assert problem(caller.post(URL, {"file": "x"}))[:2] == (415, "unsupported_media_type")
    assert problem(caller.post(URL, {"alt": "x"}, format="multipart")) == (400, "required", ["file"])
    assert problem(caller.generic("POST", URL, b"x", content_type="multipart/form-data; boundary=b"))[0] == 400
    too_large = caller.generic("POST", URL, b"x" * 11_000_000, content_type="multipart/form-data; boundary=b")
    assert problem(too_large)[:2] == (413, "too_large")
    assert problem(upload(caller, url="/api/v1/products/UNKNOWN/images"))[0] == 404
    assert problem(caller.patch(f"{URL}/99", {"alt": "x"}))[0] == 404
    assert problem(caller.patch(f"{URL}/{10**30}", {"alt": "x"}))[0] in {400, 404}

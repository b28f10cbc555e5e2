import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.personal_data.models import DataExport, DiscardedFile
from accounts.personal_data.services import (
    delete_discarded,
    forget_exports,
    make_exports,
    newest_export,
    request_export,
)
from accounts.personal_data.services.export import ATTEMPTS
from accounts.tests.factories import AddressFactory, UserFactory, client_for
from api.actors import Actor

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/me/export"
BY = Actor.system("tests")


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def ready(user: Any) -> DataExport:
    request_export(user_id=user.pk, by=BY)
    assert make_exports() == 1
    export = newest_export(user)
    assert export is not None
    return export


def contents(answer: Any) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_to_look_starts_a_copy_which_is_told_to_be_under_way() -> None:
    client = client_for(UserFactory())
    first = client.get(EXPORT)
    assert (first.status_code, first["Retry-After"], first.json()["status"]) == (202, "5", "queued")
    assert (first.json()["url"], first.json()["ready_at"]) == (None, None)
    assert client.get(EXPORT).status_code == client.post(EXPORT).status_code == 202
    assert DataExport.objects.count() == 1


def test_a_ready_copy_is_fetched_by_a_link_without_a_header() -> None:
    user = UserFactory(first_name="Ada")
    AddressFactory(user=user, line1="1 High Street")
    client = client_for(user)
    client.get(EXPORT)
    assert make_exports() == 1
    answer = client.get(EXPORT)
    assert (answer.status_code, answer.json()["status"], answer["Cache-Control"]) == (200, "ready", "no-store")
    file = APIClient().get(answer.json()["url"])
    assert (file.status_code, file["Content-Type"]) == (200, "application/zip")
    assert file["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    found = contents(file)
    assert found["profile.json"]["email"] == user.email
    assert [row["line1"] for row in found["addresses.json"]] == ["1 High Street"]
    assert user.password not in json.dumps(found)


def test_staff_export_their_own_too() -> None:
    assert client_for(UserFactory(warehouse=True)).post(EXPORT).status_code == 202


def test_strangers_have_none() -> None:
    assert APIClient().get(EXPORT).status_code == 401


@pytest.mark.parametrize("query", ["", "?key=", "?key=forged", "?key=MTI:1vOs:abc"])
def test_a_link_that_was_not_given_out_opens_nothing(query: str) -> None:
    answer = APIClient().get(f"{EXPORT}/file{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "key")


def test_a_link_is_short_lived(settings: Any) -> None:
    user = UserFactory()
    ready(user)
    url = client_for(user).get(EXPORT).json()["url"]
    settings.EXPORT_LINK_SECONDS = -1
    assert APIClient().get(url).status_code == 400


def test_a_copy_goes_when_its_time_is_over_and_a_new_one_is_made() -> None:
    user = UserFactory()
    export = ready(user)
    url = client_for(user).get(EXPORT).json()["url"]
    assert export.expires_at is not None
    assert timedelta(days=6, hours=23) < export.expires_at - timezone.now() < timedelta(days=7)
    DataExport.objects.update(expires_at=timezone.now())
    assert APIClient().get(url).status_code == 400
    assert (forget_exports(), delete_discarded(), default_storage.exists(export.path)) == (1, 1, False)
    assert client_for(user).get(EXPORT).status_code == 202


def test_a_younger_copy_stays() -> None:
    export = ready(UserFactory())
    assert (forget_exports(), delete_discarded(), default_storage.exists(export.path)) == (0, 0, True)


def test_a_new_copy_takes_the_place_of_the_old() -> None:
    user = UserFactory()
    old, new = ready(user), ready(user)
    delete_discarded()
    assert (DataExport.objects.get().pk, default_storage.exists(old.path), default_storage.exists(new.path)) == (
        new.pk,
        False,
        True,
    )


def test_one_person_has_one_under_way_by_constraint() -> None:
    user = UserFactory()
    request_export(user_id=user.pk, by=BY)
    with pytest.raises(IntegrityError, match="export_one_under_way"), transaction.atomic():
        DataExport.objects.create(user=user, requested_by="x")


def test_what_a_worker_died_over_is_taken_up_again_and_its_file_discarded() -> None:
    user = UserFactory()
    export = request_export(user_id=user.pk, by=BY)
    DataExport.objects.update(status="running", attempts=1, path="exports/lost.zip", due_at=timezone.now())
    assert make_exports() == 1
    export.refresh_from_db()
    assert (export.status, export.attempts) == ("ready", 2)
    assert list(DiscardedFile.objects.values_list("path", flat=True)) == ["exports/lost.zip"]


def test_one_that_another_worker_is_at_is_left_alone() -> None:
    request_export(user_id=UserFactory().pk, by=BY)
    DataExport.objects.update(status="running", attempts=1, due_at=timezone.now() + timedelta(minutes=5))
    assert make_exports() == 0


def test_one_that_fails_too_often_is_given_up_and_another_can_be_asked_for() -> None:
    user = UserFactory()
    request_export(user_id=user.pk, by=BY)
    DataExport.objects.update(status="running", attempts=ATTEMPTS, path="exports/x.zip", due_at=timezone.now())
    assert make_exports() == 0
    client = client_for(user)
    failed = client.get(EXPORT)
    assert (failed.status_code, failed.json()["status"], failed.json()["url"]) == (200, "failed", None)
    assert client.post(EXPORT).status_code == 202
    assert make_exports() == 1


def test_the_file_lies_where_nobody_guesses_and_nothing_is_public() -> None:
    export = ready(UserFactory())
    assert export.path.startswith("exports/")
    assert len(export.path) == len("exports/") + 32 + len(".zip")
    assert APIClient().get(f"/media/{export.path}").status_code == 404
    assert APIClient().get(f"/media/products/../{export.path}").status_code == 400


def test_a_file_that_is_gone_is_no_500() -> None:
    user = UserFactory()
    export = ready(user)
    url = client_for(user).get(EXPORT).json()["url"]
    default_storage.delete(export.path)
    assert APIClient().get(url).status_code == 400

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.storage.bucket import BucketStorage
from integrations.storage.connection import Bucket
from integrations.storage.folder import FolderStorage
from integrations.storage.opening import open_storage
from scoring.errors import FetchFailed, InputError, UnknownChoice


def bucket_of(url: str, **env: str) -> Bucket:
    storage = open_storage(url, env)
    assert isinstance(storage, BucketStorage)
    return storage.bucket


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}", "{}/"])
def test_a_folder_by_path_or_url(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "of the service"
    url = form.format(folder if "file" not in form else str(folder).replace(" ", "%20"))
    storage = open_storage(url)
    assert isinstance(storage, FolderStorage)
    assert storage.root == folder.resolve()


def test_a_relative_path_is_from_where_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage = open_storage("bytes")
    monkeypatch.chdir("/")
    storage.put_bytes(b"x", "k")
    assert (tmp_path / "bytes" / "k").read_bytes() == b"x"


def test_a_bucket_by_its_url() -> None:
    url = "s3://films/pre/fix?endpoint=https://minio:9000&region=eu&key=id&secret=a+b/c%3D&token=t&addressing=virtual"
    assert bucket_of(url) == Bucket("films", "pre/fix", "https://minio:9000", "eu", "id", "a+b/c=", "t", "virtual")
    assert bucket_of("s3://films") == Bucket("films")


def test_the_usual_settings_stand_in_for_what_the_url_leaves_out() -> None:
    env = {
        "AWS_ENDPOINT_URL": "http://general",
        "AWS_ENDPOINT_URL_S3": "http://special",
        "AWS_DEFAULT_REGION": "us",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "token",
    }
    assert bucket_of("s3://films", **env) == Bucket("films", "", "http://special", "us", "id", "secret", "token")
    assert bucket_of("s3://films?endpoint=http://url", **env).endpoint == "http://url"
    own = bucket_of("s3://films?key=mine&secret=own", **env)
    assert (own.access_key, own.secret_key, own.session_token) == ("mine", "own", None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", InputError),
        ("a\0b", InputError),
        ("gs://bucket", UnknownChoice),
        ("https://host/path", UnknownChoice),
        ("file://host/path", InputError),
        ("file://", InputError),
        ("s3://", InputError),
        ("s3://id:canary@films", InputError),
        ("s3://Films", InputError),
        ("s3://films/../other", InputError),
        ("s3://films/%2e%2e/other", InputError),
        ("s3://films?key=canary", InputError),
        ("s3://films?secret=canary", InputError),
        ("s3://films?password=canary", UnknownChoice),
        ("s3://films?addressing=other", UnknownChoice),
        ("s3://films?endpoint=minio:9000", InputError),
        ("s3://films?endpoint=http://id:canary@minio", InputError),
        ("s3://films?endpoint=http://[::1", InputError),
        ("s3://films?endpoint=http://minio:99999", InputError),
    ],
)
def test_a_url_that_names_no_storage_is_said_without_its_secrets(url: str, expected: type[InputError]) -> None:
    with pytest.raises(InputError) as caught:
        open_storage(url)
    assert type(caught.value) is expected
    assert "canary" not in str(caught.value)
    assert caught.value.advice


def test_secrets_are_in_no_description() -> None:
    storage = open_storage("s3://films?key=canary-id&secret=canary&token=canary")
    assert "canary" not in repr(storage)
    assert "films" in repr(storage)


def test_a_folder_is_made_but_not_the_one_above_it(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed):
        open_storage(str(tmp_path / "mount" / "storage"))
    assert list(tmp_path.iterdir()) == []

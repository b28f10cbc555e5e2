"""Where pictures and papers lie: a folder, S3 or Azure, by `WAYBILL_FILES`."""

from typing import Any
from urllib.parse import urlsplit

from config.env import PRODUCTION, env
from config.settings.django import BASE_DIR

MEDIA_URL = "/media/"
_files = urlsplit(env.str("WAYBILL_FILES", default=f"file://{BASE_DIR / '.local' / 'files'}"))
MEDIA_ROOT = _files.path if _files.scheme == "file" else ""

_default: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
if _files.scheme == "s3":
    # Keys come from the usual AWS environment variables or the machine's role.
    _default = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _files.netloc,
            "location": _files.path.strip("/"),
            "endpoint_url": env.str("WAYBILL_S3_ENDPOINT", default=None),
            "querystring_expire": 3600,
            "file_overwrite": False,
        },
    }
elif _files.scheme == "azure":
    _default = {
        "BACKEND": "storages.backends.azure_storage.AzureStorage",
        "OPTIONS": {
            "azure_container": _files.netloc,
            "location": _files.path.strip("/"),
            "connection_string": env.str("WAYBILL_AZURE_CONNECTION_STRING", default=None),
            "expiration_secs": 3600,
            "overwrite_files": False,
        },
    }

_static = "whitenoise.storage.CompressedManifestStaticFilesStorage" if PRODUCTION else None
STORAGES = {
    "default": _default,
    "staticfiles": {"BACKEND": _static or "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

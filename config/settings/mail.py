"""E-mail by `WAYBILL_EMAIL`: files in a folder, an SMTP server, or SendGrid through django-anymail."""

from urllib.parse import unquote, urlsplit

from config.env import TESTING, env
from config.settings.django import BASE_DIR

DEFAULT_FROM_EMAIL = env.str("WAYBILL_EMAIL_FROM", default="Waybill <orders@example.com>")
EMAIL_TIMEOUT = 10
_mail = urlsplit(env.str("WAYBILL_EMAIL", default=f"file://{BASE_DIR / '.local' / 'mail'}"))
if TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif _mail.scheme in {"smtp", "smtps"}:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.query == "starttls"
elif _mail.scheme == "sendgrid":
    EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
    ANYMAIL = {
        "SENDGRID_API_KEY": env.str("SENDGRID_API_KEY"),
        "SENDGRID_API_URL": env.str("SENDGRID_API_URL", default="https://api.sendgrid.com/v3/"),
    }
else:
    EMAIL_BACKEND = "notifications.files.FileBackend"
    EMAIL_FILE_PATH = _mail.path

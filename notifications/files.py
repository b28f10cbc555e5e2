"""E-mail for development: one `.eml` file a message, which any mail program opens."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class FileBackend(BaseEmailBackend):
    """Writes into the folder `EMAIL_FILE_PATH`, the newest file last by name."""

    def open(self) -> bool:
        Path(settings.EMAIL_FILE_PATH).mkdir(parents=True, exist_ok=True)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.open()
        for message in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}"
            unfinished = Path(settings.EMAIL_FILE_PATH) / f".{name}"
            unfinished.write_bytes(message.message().as_bytes())
            os.replace(unfinished, unfinished.with_name(f"{name}.eml"))  # whoever watches the folder sees it whole
        return len(email_messages)

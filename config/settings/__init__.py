"""Settings: one small file a tool, put together here."""

from config.settings.admin import *  # noqa: F403
from config.settings.api import *  # noqa: F403
from config.settings.browsers import *  # noqa: F403
from config.settings.celery import *  # noqa: F403
from config.settings.channels import *  # noqa: F403
from config.settings.database import *  # noqa: F403
from config.settings.django import *  # noqa: F403
from config.settings.exceptions import *  # noqa: F403
from config.settings.files import *  # noqa: F403
from config.settings.limits import *  # noqa: F403
from config.settings.logs import *  # noqa: F403
from config.settings.mail import *  # noqa: F403
from config.settings.notifications import *  # noqa: F403
from config.settings.operations import *  # noqa: F403
from config.settings.payments import *  # noqa: F403
from config.settings.privacy import *  # noqa: F403
from config.settings.security import *  # noqa: F403
from config.settings.shipping import *  # noqa: F403
from config.settings.shop import *  # noqa: F403
from config.settings.sign_in import *  # noqa: F403
from config.settings.tax import *  # noqa: F403
from config.settings.wms import *  # noqa: F403

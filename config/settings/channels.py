"""Sockets through Redis: a hint that something changed, never the truth itself."""

from config.settings.database import REDIS_URL

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "waybill"},
    }
}

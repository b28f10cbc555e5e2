"""Who may come in, and what a browser is told."""

from config.env import PRODUCTION, TESTING, env, secret

SECRET_KEY = secret("WAYBILL_SECRET_KEY")
ALLOWED_HOSTS = env.list(
    "WAYBILL_ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("WAYBILL_CSRF_TRUSTED_ORIGINS", default=[])
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
if TESTING:
    # Hashing is slow on purpose; tests of everything else need not wait for it.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
EMAIL_VERIFICATION_SECONDS = env.int("WAYBILL_EMAIL_VERIFICATION_SECONDS", default=3 * 24 * 3600)
PASSWORD_RESET_TIMEOUT = env.int("WAYBILL_PASSWORD_RESET_SECONDS", default=3600)

# Proxies between the network and this process, each of which appends to X-Forwarded-For. 0: there is none, and the
# header is what a stranger typed.
PROXY_HOPS = env.int("WAYBILL_PROXY_HOPS", default=0)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # our scripts send forms, which hold the token
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # an issuer's answer to a sign-in comes from its site
if PRODUCTION:
    # Browsers take such a name only with `Secure`, for the whole path and from this very host, so that nothing on a
    # neighbouring host can plant a session here.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
# A session ends with the browser, and so many hours after the login at the latest, busy or not.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = env.int("WAYBILL_SESSION_HOURS", default=12) * 3600
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("WAYBILL_SSL_REDIRECT", default=True)
    # The health checks of an orchestrator and Prometheus come without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

ADMIN_PATH = env.str("WAYBILL_ADMIN_PATH", default="admin/")
# Browsers may open sockets from these hosts; an app sends no Origin.
SOCKET_ORIGINS = env.list("WAYBILL_SOCKET_ORIGINS", default=ALLOWED_HOSTS)

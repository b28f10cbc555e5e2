import re

import yaml

from bin.local.home import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
ENGINES = {"postgres", "redis"}


def test_no_secret_has_a_default():
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|KEY))(.)", COMPOSE)
    assert {name for name, _ in secrets} == {
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "WAYBILL_SECRET_KEY",
        "WAYBILL_JWT_KEY",
        "SENDGRID_API_KEY",
    }
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE))
    assert {name for name, _ in secrets} - required == {"SENDGRID_API_KEY"}
    assert "${SENDGRID_API_KEY:-}" in COMPOSE


def test_every_process_starts_again_and_only_the_migration_ends():
    assert {
        name: service["restart"] for name, service in SERVICES.items() if service["restart"] != "unless-stopped"
    } == {"migrate": "no"}


def test_every_queue_has_a_worker():
    commands = [" ".join(service["command"]) for name, service in SERVICES.items() if name.startswith("worker")]
    queues = [queue for command in commands for queue in re.search(r"--queues=(\S+)", command)[1].split(",")]
    assert sorted(queues) == ["celery", "fulfilment", "mail", "money", "reports"]


def test_the_engines_have_no_way_out_and_no_port_is_open_to_the_world():
    assert {name for name, service in SERVICES.items() if service["networks"] == ["inside"]} == ENGINES
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "web": ["127.0.0.1:8000:8000"],
        "sockets": ["127.0.0.1:8001:8000"],
        "gateway": ["${GATEWAY_BIND:-127.0.0.1:8443}:8443"],
    }

import json
import subprocess
from dataclasses import asdict

import pytest

from bin.local.failure import Stop
from bin.local.home import as_shell, held, open_home
from bin.local.sandbox import Sandbox


def test_keys_are_drawn_once_and_readable_by_their_owner_only(home):
    assert (home.path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert open_home(home.path).keys == home.keys
    assert min(len(home.keys.secret_key), len(home.keys.jwt_key), len(home.keys.postgres_password)) >= 32


def test_two_homes_share_no_key(home, tmp_path):
    other = open_home(tmp_path)
    assert not {*vars(home.keys).values()} & {*vars(other.keys).values()}


def test_a_second_start_from_the_same_home_is_refused_in_one_line(folder):
    with held(folder, note="http://127.0.0.1:8000, process 7"), pytest.raises(Stop) as refusal, held(folder):
        pass
    assert str(refusal.value) == (
        f"already running from {folder} (http://127.0.0.1:8000, process 7); set PORT and WAYBILL_HOME to run another"
    )


def test_damaged_keys_are_not_replaced_in_silence(home):
    file = home.path / "keys.json"
    file.write_text(json.dumps({"postgres_port": 1}))
    with pytest.raises(Stop, match="is damaged"):
        open_home(home.path)
    assert json.loads(file.read_text()) == {"postgres_port": 1}


def test_an_older_home_draws_the_keys_it_lacks(home):
    file = home.path / "keys.json"
    older = {name: key for name, key in json.loads(file.read_text()).items() if not name.startswith("sandbox")}
    file.write_text(json.dumps(older))
    now = open_home(home.path).keys
    assert {name: getattr(now, name) for name in older} == older
    assert json.loads(file.read_text()) == asdict(now)
    assert len(now.sandbox_secret) >= 32


def test_the_gateways_are_pointed_at_the_sandbox_of_the_home(home):
    settings, program = Sandbox(home).settings(), Sandbox(home).program(shop_url="http://127.0.0.1:8000")
    assert settings["STRIPE_API_URL"] == f"http://127.0.0.1:{home.keys.sandbox_port}/stripe"
    assert program.environment["SANDBOX_SHOP_URL"] == "http://127.0.0.1:8000"
    told = set(program.environment.values())
    # What the sandbox has no need to know.
    ours = ("URL", "CERTIFICATE", "CARRIER", "LINKS", "WAREHOUSES", "SECONDS")
    assert {value for name, value in settings.items() if not any(part in name for part in ours)} <= told
    keys = [value for name, value in settings.items() if name.endswith(("KEY", "SECRET", "SECRETS", "ACCOUNT", "ID"))]
    assert len(set(keys)) == len(keys) == 11


def test_a_shell_reads_the_settings_as_they_are():
    settings = {"A": "postgres://waybill:x@127.0.0.1:1/waybill", "B": 'it\'s $HOME; "quoted"'}
    script = f'{as_shell(settings)}printf \'%s|%s\' "$A" "$B"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == "|".join(
        settings.values()
    )

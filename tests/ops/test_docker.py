"""docker/ without a Docker engine: what can be checked of it, and its scripts run for real."""

import asyncio
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
import yaml

from chat_core.database import migrations
from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import wheel_programs
from chat_core.settings import Settings, variable
from chat_core.settings.errors import leaf_keys
from chat_core.tokens import Signer, Verifier
from fechatter.processes import servers
from release import image
from tests.support.postgres import ROOT, Database, clone
from tests.support.services.nats import nats_server

DOCKER = ROOT / "docker"
SERVERS = {"chat-server", "notify-server", "delivery-server"}
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())


def stages() -> dict[str, list[str]]:
    """The Dockerfile's targets, each with its instructions."""
    text = re.sub(r"\\\n\s*", "", (DOCKER / "Dockerfile").read_text())
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"FROM \S+ AS (\S+)$", line):
            current = found[match[1]] = [line]
        elif line and not line.startswith("#"):
            current.append(line)
    return found


def instructions(stage: str, name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in stages()[stage] if line.startswith(f"{name} ")]


def test_there_is_a_target_for_every_service_that_is_built() -> None:
    built = {name: service["build"]["target"] for name, service in COMPOSE["services"].items() if "build" in service}
    assert built == {name: name for name in (*SERVERS, "migrate")}
    assert set(built.values()) <= stages().keys()
    for service in COMPOSE["services"].values():
        if "build" in service:
            assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_every_file_that_is_copied_exists_and_is_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    lines = [line for stage in ("bundles", "build") for line in instructions(stage, "COPY")]
    copied = {source for line in lines if not line.startswith("--from=") for source in line.split()[:-1]}
    assert copied >= {"requirements.lock", "chat_core", "chat_server", "notify_server", "fechatter", "sql", "client"}
    for source in copied:
        assert (ROOT / source).exists()
        above = {source, *map(str, Path(source).parents)}
        assert above & let_in or any(name.startswith(f"{source}/") for name in let_in)
    for name in let_in:
        assert (ROOT / name).exists(), f".dockerignore lets in {name}, which is not there"


def test_the_images_hold_what_the_packages_have_links_to() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    links = [path for name in ("chat_core", "fechatter") for path in (ROOT / name).rglob("*") if path.is_symlink()]
    assert len(links) == 3
    links += [path for path in (ROOT / "chat_server/web").iterdir() if path.is_symlink()]
    for link in links:
        relative = link.resolve().relative_to(ROOT)
        assert {str(relative), *map(str, relative.parents)} & let_in, relative


def test_packages_come_from_the_lock_and_are_checked() -> None:
    installs = [part for line in instructions("build", "RUN") for part in line.split("&&") if " install " in part]
    assert len(installs) == 3
    for install in installs[:2]:
        assert "--require-hashes" in install
    assert "--constraints requirements.lock -r pyproject.toml --group build" in installs[1]
    assert "--no-deps --no-build-isolation --offline" in installs[2]
    lock = (ROOT / "requirements.lock").read_text()
    assert re.search(r"^uv==.*\\\n( +--hash=sha256:\w+.*\n)+", lock, re.MULTILINE)  # what the Dockerfile cuts out of it


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_a_server_is_a_real_command_with_a_health_check_and_no_root(server: str) -> None:
    [command] = instructions(server, "CMD")
    name, *arguments = yaml.safe_load(command)
    assert name == "fechatter"
    helped = subprocess.run([sys.executable, "-m", "fechatter", *arguments, "--help"], check=False, capture_output=True)
    assert helped.returncode == 0
    [check] = instructions(server, "HEALTHCHECK")
    section = getattr(Settings(), servers.SECTIONS[server])
    assert f"http://127.0.0.1:{section.port}/health/ready" in check
    assert instructions(server, "EXPOSE") == [str(section.port)]
    assert COMPOSE["services"][server]["ports"] == [f"127.0.0.1:{section.port}:{section.port}"]
    assert stages()[server][0] == f"FROM base AS {server}"
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", instructions("base", "USER")[-1])


def test_every_setting_that_is_given_is_one() -> None:
    known = {variable(key) for key in leaf_keys(Settings)}
    of_image = set(re.findall(r"\bFECHATTER_\w+(?==)", " ".join(instructions("base", "ENV"))))
    given = {name for service in COMPOSE["services"].values() for name in service.get("environment", {})} | of_image
    assert {name for name in given if name.startswith("FECHATTER_")} <= known
    for server in SERVERS - {"chat-server"}:
        assert variable("auth.private_key") not in COMPOSE["services"][server]["environment"]


def test_files_outlive_the_container_that_took_them() -> None:
    [folder] = re.findall(r"FECHATTER_DATA_DIR=(\S+)", " ".join(instructions("base", "ENV")))
    volumes = COMPOSE["services"]["chat-server"]["volumes"]
    assert f"files:{folder}" in volumes
    assert "files" in COMPOSE["volumes"]
    assert f"install -d -o fechatter -g fechatter -m 700 {folder}" in instructions("base", "RUN")[0]
    for server in SERVERS:
        service = COMPOSE["services"][server]
        assert service["read_only"] is True
        [settings] = [volume for volume in service["volumes"] if volume.endswith(":/etc/config/app.yaml:ro")]
        assert (DOCKER / settings.partition(":")[0]).resolve() == ROOT / "app.yaml"


def test_the_extras_of_the_images_are_some_of_ours() -> None:
    [extras] = [line.partition("=")[2].strip('"').split() for line in instructions("build", "ARG")]
    known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert extras == list(image.EXTRAS)
    assert set(extras) <= known.keys()
    settings = dict(re.findall(r"(\w+)=(\S+)", " ".join(instructions("base", "ENV"))))
    assert {name: value for name, value in settings.items() if name != "PATH"} == image.ENVIRONMENT
    assert re.fullmatch(r"(\d+):\1", instructions("base", "USER")[-1], re.ASCII)[1] == str(image.USER)  # type: ignore[index]
    assert "nats" in extras  # docker compose --profile nats


def test_the_servers_start_after_the_migration_under_their_own_roles() -> None:
    for server in SERVERS:
        role = f"fechatter_{server.removesuffix('-server')}"
        service = COMPOSE["services"][server]
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert service["environment"]["FECHATTER_DATABASE__URL"].startswith(f"postgresql://{role}:$")
    assert COMPOSE["services"]["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "pg_isready" in COMPOSE["services"]["postgres"]["healthcheck"]["test"]
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"


def test_no_secret_is_committed() -> None:
    text = (DOCKER / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "CHAT_ROLE_PASSWORD", "NOTIFY_ROLE_PASSWORD", "DELIVERY_ROLE_PASSWORD"):
        assert f"{name}: ${{{name}:?" in text
    assert not re.search(r"postgresql://\w+:(?!\$\{\w+:\?)", text)
    ignored = ["docker/.env", *(f"docker/{secret['file']}" for secret in COMPOSE["secrets"].values())]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *ignored], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == ignored


@pytest.mark.skipif(shutil.which("openssl") is None, reason="docker/secrets.sh needs openssl")
async def test_secrets_are_made_once_and_work(tmp_path: Path) -> None:
    shutil.copy(DOCKER / "secrets.sh", tmp_path)
    contents = []
    for _ in range(2):
        subprocess.run(["sh", tmp_path / "secrets.sh"], check=True, capture_output=True)
        contents.append(
            [
                (tmp_path / name).read_text()
                for name in (".env", "secrets/private.pem", "secrets/public.pem", "secrets/nats.conf")
            ]
        )
    assert contents[0] == contents[1]
    password = (tmp_path / "secrets/nats_password").read_text()
    arguments = ["-c", str(tmp_path / "secrets/nats.conf")]
    async with nats_server(arguments=arguments) as server:
        client = await nats.connect(server.url, user="fechatter", password=password, allow_reconnect=False)
        heard = await client.subscribe("fechatter.log")
        await client.publish("fechatter.log", b"frame")
        assert (await heard.next_msg(5)).data == b"frame"
        await client.close()
        own = (tmp_path / "secrets/nats_chat_password").read_text()
        client = await nats.connect(server.url, user="fechatter-chat", password=own, allow_reconnect=False)
        await client.publish("fechatter.notices", b"frame")
        await client.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reader.readline()
        writer.write(b'CONNECT {"user": "fechatter", "pass": "x"}\r\nPING\r\n')
        assert await reader.readline() == b"-ERR 'Authorization Violation'\r\n"
        writer.close()
    assert len(set(re.findall(r"^\w+_PASSWORD=([0-9a-f]{48})$", contents[0][0], re.MULTILINE))) == 4
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    token, claims = Signer(tmp_path / "secrets/private.pem", "fechatter", 60).sign(1, 2)
    assert Verifier(tmp_path / "secrets/public.pem", "fechatter").verify(token) == claims


@pytest.fixture
async def empty(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    async with clone(postgres, "template0") as database:
        yield database


async def test_the_image_that_migrates_does_it_all_and_can_run_again(empty: Database, tmp_path: Path) -> None:
    programs = f"{Path(sys.executable).parent}:{wheel_programs()}:{os.environ['PATH']}"
    environment = {
        "PATH": programs,
        "FECHATTER_DATABASE__URL": empty.url,
        "CHAT_ROLE_PASSWORD": 'it\'s "odd"',
        "NOTIFY_ROLE_PASSWORD": "n",
        "DELIVERY_ROLE_PASSWORD": "d",
    }
    [command] = instructions("migrate", "CMD")
    async with empty.connect() as sql:
        try:
            for _ in range(2):
                done = subprocess.run(
                    yaml.safe_load(command), check=False, capture_output=True, text=True, env=environment, cwd=tmp_path
                )
                assert done.returncode == 0, done.stderr
                assert "odd" not in done.stdout + done.stderr
            assert await migrations.verify(sql) == []
            roles = "SELECT rolname, rolpassword ~ '^SCRAM' FROM pg_authid WHERE rolname LIKE 'fechatter%' ORDER BY 1"
            found = [tuple(row) for row in await sql.fetch(roles)]
            assert found == [("fechatter_chat", True), ("fechatter_delivery", True), ("fechatter_notify", True)]
        finally:
            for role in ("fechatter_chat", "fechatter_delivery", "fechatter_notify"):
                await sql.execute(f"ALTER ROLE {role} PASSWORD NULL")
    async with empty.connect("fechatter_chat") as sql:
        assert await sql.fetchval("SELECT log_cursor() IS NOT NULL")

"""The smaller parts of the command: keys, ports, backoff, and what tail prints."""

import re
import socket
import stat
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from chat_core.keys import LOOK_SECONDS
from chat_core.process.logs import redact
from chat_core.settings import Settings, database_url
from chat_core.tokens import InvalidToken, Signer, Verifier
from fechatter import keys
from fechatter.commands import up
from fechatter.commands.psql import _no_pager
from fechatter.commands.tail import Printer
from fechatter.database import environment
from fechatter.errors import CommandError
from fechatter.processes import ports, supervisor


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


# -- keys


def test_a_made_pair_signs_and_verifies_and_is_made_once(settings: Settings) -> None:
    assert keys.make_pair(settings)
    private, public = keys.paths(settings)
    token, claims = Signer(private, "fechatter", 60).sign(1, 2)
    assert Verifier(public, "fechatter").verify(token) == claims
    assert keys.problem(private, public) is None
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o700
    before = private.read_bytes()
    assert not keys.make_pair(settings)
    assert private.read_bytes() == before


def test_a_lost_public_key_is_made_again_from_the_private_one(settings: Settings) -> None:
    keys.make_pair(settings)
    private, public = keys.paths(settings)
    before = public.read_bytes()
    public.unlink()
    assert keys.make_pair(settings)
    assert public.read_bytes() == before
    assert keys.problem(private, public) is None


def test_a_rotated_key_signs_while_the_former_ones_tokens_stay_good(settings: Settings) -> None:
    keys.make_pair(settings)
    private, public = keys.paths(settings)
    signer, verifier = Signer(private, "fechatter", 60), Verifier(public, "fechatter")
    first, secret = signer.sign(1, 2)[0], signer.secret_of("seed")
    tokens = [first]
    for rotation in range(3):
        kids = keys.rotate(private, public, revoke=False)
        assert keys.problem(private, public) is None
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        for file in (verifier._keys, signer._keys):
            assert file.version(time.time() + (rotation + 1) * 2 * LOOK_SECONDS) == rotation + 1
        tokens.append(signer.sign(1, 2)[0])
        assert jwt.get_unverified_header(tokens[-1])["kid"] == kids[0]
        assert [jwk["kid"] for jwk in verifier.jwks["keys"]] == kids
        for token in tokens[-2:]:
            assert verifier.verify(token).session_id == 2
        for token in tokens[:-2]:
            with pytest.raises(InvalidToken):
                verifier.verify(token)
        assert signer.secret_of("seed") == secret, "a retry gets what it got"


def test_a_revoked_keys_tokens_are_refused_even_if_they_were_verified_before(settings: Settings) -> None:
    keys.make_pair(settings)
    private, public = keys.paths(settings)
    verifier = Verifier(public, "fechatter")
    token = Signer(private, "fechatter", 60).sign(1, 2)[0]
    assert verifier.verify(token)
    [kid] = keys.rotate(private, public, revoke=True)
    verifier._keys._look_at = 0.0  # a second later
    with pytest.raises(InvalidToken, match="another key"):
        verifier.verify(token)
    assert [jwk["kid"] for jwk in verifier.jwks["keys"]] == [kid]


def test_a_token_of_before_there_were_kids_is_good_after_a_rotation(settings: Settings) -> None:
    keys.make_pair(settings)
    private, public = keys.paths(settings)
    claims = jwt.decode(Signer(private, "fechatter", 60).sign(1, 2)[0], options={"verify_signature": False})
    token = jwt.encode(claims, private.read_bytes(), algorithm="EdDSA")
    keys.rotate(private, public, revoke=False)
    assert Verifier(public, "fechatter").verify(token).user_id == 1


def test_a_key_file_that_is_being_written_badly_changes_nothing(settings: Settings) -> None:
    keys.make_pair(settings)
    private, public = keys.paths(settings)
    verifier = Verifier(public, "fechatter")
    token = Signer(private, "fechatter", 60).sign(1, 2)[0]
    public.write_text("half a k")
    verifier._keys._look_at = 0.0
    assert verifier.verify(token)


def test_each_thing_wrong_with_a_pair_is_told(settings: Settings, tmp_path: Path) -> None:
    private, public = keys.paths(settings)
    assert "no such file" in str(keys.problem(private, public))
    keys.make_pair(settings)
    private.chmod(0o640)
    assert f"chmod 600 {private}" in str(keys.problem(private, public))
    private.chmod(0o600)
    other = Settings(data_dir=tmp_path / "other")
    keys.make_pair(other)
    assert "does not belong to" in str(keys.problem(private, keys.paths(other)[1]))
    rsa = generate_private_key(65537, 2048)
    private.write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert "must be Ed25519 keys" in str(keys.problem(private, public))
    private.write_text("nonsense")
    assert "must be Ed25519 keys" in str(keys.problem(private, public))


# -- ports


def test_port_0_is_any_free_one_and_two_of_them_differ() -> None:
    place = ports.Wanted("127.0.0.1", 0, "--port", "server.port")
    first, second = ports.choose([place, place])
    assert 0 not in (first, second)
    assert first != second


def test_a_port_is_free_again_after_it_was_tried() -> None:
    (port,) = ports.choose([ports.Wanted("127.0.0.1", 0, "--port", "server.port")])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(CommandError, match="is in use"):
        ports.choose([ports.Wanted("127.0.0.1", port, "--port", "server.port")])


def test_a_held_port_is_for_our_workers_alone_even_when_none_listens() -> None:
    place = ports.Wanted("127.0.0.1", 0, "--port", "server.port")
    (port,) = ports.choose([place])
    wanted = ports.Wanted("127.0.0.1", port, "--port", "server.port")
    with ports.hold("127.0.0.1", port):
        with pytest.raises(CommandError, match="is in use"):
            ports.choose([wanted])
        for _ in range(2):  # workers, one after the other and both at once
            with socket.socket() as first, socket.socket() as second:
                for worker in (first, second):
                    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                    worker.bind(("127.0.0.1", port))
                    worker.listen()
        with pytest.raises(CommandError, match="is in use"):
            ports.choose([wanted])
    assert ports.choose([wanted]) == [port]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),  # noqa: S104
        ("::", "http://[::1]:1"),
        ("chat.example", "http://chat.example:1"),
    ],
)
def test_the_url_of_a_server_can_be_reached(host: str, url: str) -> None:
    assert ports.url(host, 1) == url


# -- the supervisor


def test_backoff_begins_at_nothing_doubles_with_jitter_up_to_a_limit_and_starts_over() -> None:
    backoff = supervisor.Backoff()
    assert backoff.after(1) == 0
    for longest in (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0):
        assert longest / 2 <= backoff.after(1) <= longest
    assert backoff.after(supervisor.STEADY_SECONDS) == 0
    delays = set()
    for _ in range(5):
        backoff = supervisor.Backoff()
        delays.add((backoff.after(1), backoff.after(1)))
    assert len(delays) > 1, "many parts that die together must not come back together"


# -- the servers' environments


def test_only_a_server_that_is_given_the_private_key_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FECHATTER_AUTH__PRIVATE_KEY", "ours.pem")
    monkeypatch.setenv("FECHATTER_LOG__LEVEL", "debug")
    notify = up._environment({"notify.port": 7})
    assert "FECHATTER_AUTH__PRIVATE_KEY" not in notify
    assert (notify["FECHATTER_NOTIFY__PORT"], notify["FECHATTER_LOG__LEVEL"]) == ("7", "debug")
    assert up._environment({"auth.private_key": "given.pem"})["FECHATTER_AUTH__PRIVATE_KEY"] == "given.pem"


# -- database URLs


def test_a_database_is_shown_without_its_password() -> None:
    place = database_url.place
    assert place("postgresql://me:hunter2@db:5432/chat?sslmode=require") == "db:5432/chat"
    assert place("postgresql://postgres@/chat?host=%2Frun%2Fpg") == "/run/pg/chat"
    assert place("postgresql://db/chat?user=me&password=hunter2") == "db/chat"
    assert place("postgresql://me:hunt%40er%2F2@[::1]:5432/chat") == "[::1]:5432/chat"


# Everything behind the first colon is the password, or would be if its characters were percent-encoded.
@pytest.mark.parametrize(
    "password", ["hunter2@rest", "12/34", "hunter2/34", "12?34", "12#34", "hunt:er2", "1/2@3", "12/?a=b", "a@b@c"]
)
def test_a_url_that_two_parsers_could_cut_in_two_places_is_refused_and_not_shown(password: str) -> None:
    url = f"postgresql://me:{password}@db:5432/chat"
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        database_url.check(url)
    for shown in (str(caught.value), database_url.place(url), str(redact(None, "info", {"event": f"lost {url}"}))):
        assert not re.search(r"hunt|er2|12|34|rest|a@b", shown), shown


def test_psql_gets_the_password_where_others_cannot_see_it() -> None:
    bare = "postgresql://me@db:5432/chat?sslmode=require"
    assert database_url.without_secret("postgresql://me:hunt%20er2@db:5432/chat?sslmode=require") == (bare, "hunt er2")
    assert database_url.without_secret(f"{bare}&password=hunt+er2") == (bare, "hunt er2")
    assert database_url.without_secret(bare) == (bare, None)
    in_a_folder = "postgresql://postgres@/chat?host=%2Fhome%2Fmy%20chats"
    assert database_url.without_secret(in_a_folder) == (in_a_folder, None)
    assert environment("hunter2")["PGPASSWORD"] == "hunter2"


@pytest.mark.parametrize("given", [["-c", "x"], ["-Atc", "x"], ["--command=x"], ["-f", "x.sql"], ["--file", "x"]])
def test_a_psql_that_ends_by_itself_has_no_pager(given: list[str]) -> None:
    assert _no_pager(given) == ["-P", "pager=off"]


def test_a_psql_that_somebody_types_into_has_its_pager() -> None:
    assert _no_pager(["-X", "--csv"]) == []


# -- tail


def test_tail_prints_names_and_never_lets_others_control_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    snapshot = {"chats": [{"id": 5, "type": "Group", "name": "lunch", "members": [{"user_id": 3, "fullname": "Ann"}]}]}
    printer.learn(snapshot)
    message = {"id": 9, "chat_id": 5, "seq": 1, "sender_id": 3, "content": "hi\x1b[2J\x07\nyou\x9b"}
    printer.show("NewMessage", message)
    printer.show("UserJoinedChat", {"chat_id": 5, "user_id": 4, "fullname": "Bo", "role": "member"})
    printer.show("ready", {"cursor": "abc.7"})
    printer.show("Unheard\x1b", "no json")
    said, joined, ready, unheard = capsys.readouterr().out.splitlines()
    assert said[9:] == "NewMessage         [lunch] Ann: hi [2J  you "
    assert joined[9:] == "UserJoinedChat     [lunch] Bo role=member"
    assert ready[9:] == "ready              cursor=abc.7"
    assert unheard[9:] == "Unheard            no json"

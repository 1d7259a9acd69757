"""Every rule of the look-up, and the one line that each mistake gets."""

import os
import re
from pathlib import Path

import pytest
import yaml

from chat_core.settings import (
    Settings,
    SettingsError,
    app_yaml,
    check_source,
    config_file,
    load_settings,
    require,
    variable,
)
from chat_core.settings.errors import expected, leaf_keys

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without app.yaml, and none of our variables."""
    for name in [name for name in os.environ if name.upper().startswith(("FECHATTER_", "CHAT_CONFIG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("chat_core.settings.loading.DEFAULT_FILES", (Path("app.yaml"), tmp_path / "etc" / "app.yaml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problem(text: str | None = None) -> str:
    """What is said about this app.yaml."""
    if text is not None:
        Path("app.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- the look-up


def test_without_a_file_the_defaults_hold() -> None:
    assert config_file() is None
    assert load_settings() == Settings()


def test_chat_config_beats_app_yaml_and_app_yaml_beats_etc(empty_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_place / "etc").mkdir()
    (empty_place / "etc" / "app.yaml").write_text("server: {port: 1001}")
    assert load_settings().server.port == 1001
    (empty_place / "app.yaml").write_text("server: {port: 1002}")
    assert load_settings().server.port == 1002
    (empty_place / "named.yaml").write_text("server: {port: 1003}")
    monkeypatch.setenv("CHAT_CONFIG", "named.yaml")
    assert load_settings().server.port == 1003


def test_the_file_that_chat_config_names_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("app.yaml").write_text("")
    monkeypatch.setenv("CHAT_CONFIG", "nowhere.yaml")
    assert problem() == "CHAT_CONFIG: expected the path of a file, but there is no file 'nowhere.yaml'"


def test_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("app.yaml").write_text("server: {port: 1002, host: 10.0.0.1}")
    monkeypatch.setenv("FECHATTER_SERVER__PORT", "1004")
    monkeypatch.setenv("FECHATTER_SERVER__CORS_ORIGINS", "https://a.example, http://b.example:8080")
    monkeypatch.setenv("FECHATTER_SERVER__TRUSTED_PROXIES", '["10.0.0.0/8", "::1"]')
    monkeypatch.setenv("FECHATTER_MODE", "production")
    settings = load_settings()
    assert (settings.server.port, settings.server.host, settings.mode) == (1004, "10.0.0.1", "production")
    assert settings.server.cors_origins == ["https://a.example", "http://b.example:8080"]
    assert settings.server.trusted_proxies == ["10.0.0.0/8", "::1"]


def test_an_empty_variable_or_section_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("app.yaml").write_text("server:\nnotify:\n")
    monkeypatch.setenv("FECHATTER_SERVER__PORT", "")
    assert load_settings() == Settings()


def test_settings_that_are_built_directly_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FECHATTER_SERVER__PORT", "1004")
    Path("app.yaml").write_text("server: {port: 1002}")
    assert Settings().server.port == 6688


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().server.port = 1


# -- mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("server: {port: abc}", "server.port: expected a whole number from 1 to 65535, got 'abc'"),
        ("media: {clamd: clamd}", "media.clamd: expected the path of a socket, or host:port, got 'clamd'"),
        (
            "storage: {x_accel_redirect: /files}",
            "storage.x_accel_redirect: expected a path such as /internal-files/, got '/files'",
        ),
        ("server: {port: 0}", "server.port: expected a whole number from 1 to 65535, got 0"),
        ("server: {port: 65536}", "server.port: expected a whole number from 1 to 65535, got 65536"),
        ("server: {port: 66.5}", "server.port: expected a whole number from 1 to 65535, got 66.5"),
        ("server: {port: yes}", "server.port: expected a whole number from 1 to 65535, got True"),
        ("server: {port: null}", "server.port: expected a whole number from 1 to 65535, got None"),
        ("server: {host: ''}", "server.host: expected a host name or an IP address, got ''"),
        ("server: {prot: 1}", "server.prot: unknown key; did you mean server.port?"),
        ("port: 1", "port: unknown key; did you mean server.port or notify.port or mail.port or delivery.port?"),
        ("serve: {}", "serve: unknown key; did you mean server?"),
        ("zzz: {}", "zzz: unknown key"),
        ("1: {}", "1: unknown key"),
        ("log: 5", "log: expected a section with the keys level, format, got 5"),
        ("log: {level: loud}", "log.level: expected one of debug, info, warning, error, got 'loud'"),
        ("mode: test", "mode: expected one of development, production, got 'test'"),
        ("data_dir: [1]", "data_dir: expected a path, got [1]"),
        ("notify: {poll_seconds: 0}", "notify.poll_seconds: expected a number above 0, up to 86400, got 0"),
        ("auth: {issuer: ''}", "auth.issuer: expected a non-empty text, got ''"),
        (
            "server: {trusted_proxies: [x]}",
            "server.trusted_proxies: expected a list of IP addresses or networks, got 'x'",
        ),
        (
            "notify: {cors_origins: ['https://a.example/']}",
            "notify.cors_origins: expected a list of origins such as https://chat.example.com, without a path, "
            "got 'https://a.example/'",
        ),
        (
            "auth: {providers: {acme: {client_id: a, client_secret: b}}}",
            "auth.providers.acme.issuer: missing; expected an https:// URL without a query, as in the provider's "
            "discovery document (http:// on this machine)",
        ),
        (
            "auth: {providers: {acme: {issuer: http://login.example, client_id: a, client_secret: b}}}",
            "auth.providers.acme.issuer: expected an https:// URL without a query, as in the provider's discovery "
            "document (http:// on this machine), got 'http://login.example'",
        ),
        (
            "auth: {providers: {google: {client_id: a}}}",
            "auth.providers.google.client_secret: expected this or client_secret_file, and not both",
        ),
        (
            "auth: {saml: {corp: {metadata_url: http://login.example/metadata}}}",
            "auth.saml.corp.metadata_url: expected an https:// URL (http:// on this machine), got "
            "'http://login.example/metadata'",
        ),
        (
            "auth: {saml: {corp: {}}}",
            "auth.saml.corp.metadata_file: expected this or metadata_url, and not both",
        ),
        (
            "auth: {saml: {corp: {metadata_file: a, private_key_file: b}}}",
            "auth.saml.corp.private_key_file: expected certificate_file with it",
        ),
        (
            "auth: {saml: {corp: {metadata_file: a, name_id_format: transient}}}",
            "auth.saml.corp.attributes.subject: expected an attribute, since a transient NameID is good once",
        ),
        (
            "auth: {providers: {google: {client_id: a, client_secret: [b]}}}",
            "auth.providers.google.client_secret: expected a text, got something else (a secret, not shown)",
        ),
        (
            "auth: {providers: {google: {client_id: a, client_secret: b, algorithms: [HS256]}}}",
            "auth.providers.google.algorithms.0: expected a list such as [RS256, ES256], got 'HS256'",
        ),
        (
            "auth: {providers: {google: {client_id: a, client_secret: b, scopes: [email]}}}",
            "auth.providers.google.scopes: expected openid among them",
        ),
        (
            "auth: {providers: {google: {client_id: a, client_secret: b, claims: {mail: x}}}}",
            "auth.providers.google.claims.mail: unknown key; did you mean claims.email?",
        ),
        (
            "auth: {providers: {password: {client_id: a, client_secret: b}}}",
            "auth.providers.password: Fechatter itself uses this name: expected another",
        ),
        ("database: {pool_min: 20}", "database.pool_min: expected at most pool_max, which is 10, got 20"),
    ],
)
def test_a_mistake_in_the_file_is_one_line_with_file_key_and_what_was_expected(text: str, said: str) -> None:
    assert problem(text) == f"app.yaml: {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("server: [\n", r"app.yaml:2: expected YAML, but .+"),
        ("mode: production\nmode: development\n", r"app.yaml:2: expected YAML, but the key mode occurs twice"),
        ("server:\n  port: 1\n  port: 2\n", r"app.yaml:3: expected YAML, but the key port occurs twice"),
        ("- server\n", r"app.yaml: expected sections such as `server:`, got \['server'\]"),
        ("mode: \x00", r"app.yaml: expected a YAML file, but it cannot be read: .+"),
    ],
)
def test_broken_yaml_is_one_line_with_its_place(text: str, said: str) -> None:
    assert re.fullmatch(said, problem(text))


def test_a_file_that_is_no_text_is_one_line() -> None:
    Path("app.yaml").write_bytes(b"\xff\xfe\x00")
    assert problem().startswith("app.yaml: expected a YAML file, but it cannot be read: ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "FECHATTER_SERVER__PORT",
            "x",
            "FECHATTER_SERVER__PORT: server.port: expected a whole number from 1 to 65535, got 'x'",
        ),
        (
            "FECHATTER_SERVER__PROT",
            "1",
            "FECHATTER_SERVER__PROT: unknown environment variable, no setting has this name; "
            "did you mean FECHATTER_SERVER__PORT?",
        ),
        ("FECHATTER_SERVER", "{}", "FECHATTER_SERVER: unknown environment variable, no setting has this name"),
        (
            "FECHATTER_SERVER__TRUSTED_PROXIES",
            "[1",
            "FECHATTER_SERVER__TRUSTED_PROXIES: server.trusted_proxies: expected a list of IP addresses or networks, "
            "got '[1'",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("app.yaml").write_text("server: {port: 1}")
    monkeypatch.setenv(name, value)
    assert problem().startswith(said)


def test_a_secret_in_json_that_cannot_be_read_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FECHATTER_AUTH__PROVIDERS", '{"google": {"client_secret": "hunter2"')
    assert problem().startswith("FECHATTER_AUTH__PROVIDERS: auth.providers: expected providers by name")
    assert "hunter2" not in problem()


OURS = ["csv", "list-7", "operator", "organization-12", "passkey", "password", "person", "token", "workspace"]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("section", ["providers", "saml", "ldap", "scim"])
def test_no_way_in_has_a_name_that_says_something_else(section: str, name: str) -> None:
    assert problem(f"auth: {{{section}: {{{name}: {{}}}}}}").endswith(
        f"auth.{section}.{name}: Fechatter itself uses this name: expected another"
    )


@pytest.mark.parametrize("name", ["Acme", "7", "a" * 33])
def test_the_names_of_ways_in_have_a_form(name: str) -> None:
    assert problem(f"auth: {{scim: {{'{name}': {{}}}}}}").endswith(
        f"auth.scim.{name}: expected at most 32 small letters, digits, - and _, a letter first"
    )


@pytest.mark.parametrize("name", ["list", "list-acme", "list-7-old", "organization", "persons"])
def test_names_that_are_like_ours_are_not_refused(name: str) -> None:
    assert check_source(name) == name


def test_google_takes_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FECHATTER_AUTH__PROVIDERS", '{"google": {"client_id": "a", "client_secret": "b"}}')
    google = load_settings().auth.providers["google"]
    assert (google.issuer, google.title, google.secret()) == ("https://accounts.google.com", "Google", "b")


def test_the_port_of_a_database_url_is_a_number() -> None:
    assert problem("database: {url: 'postgresql://me:hunter2@db:abc/chat'}").startswith(
        "app.yaml: database.url: expected"
    )


def test_the_database_url_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = problem("database: {url: 'mysql://me:hunter2@db/chat'}")
    assert said == (
        "app.yaml: database.url: expected postgresql://user:password@host:port/name, "
        "with @ : / ? # of the password as %40 %3A %2F %3F %23, got something else (a secret, not shown)"
    )
    Path("app.yaml").write_text("")
    monkeypatch.setenv("FECHATTER_DATABASE__URL", "postgresql://me:hunter2@db/chat")
    assert "hunter2" not in repr(load_settings())


def test_what_a_command_needs_is_named_with_file_and_variable() -> None:
    settings = Settings(auth={"public_key": "public.pem"})  # type: ignore[arg-type]
    require(settings, ["auth.public_key"], "notify-server")
    with pytest.raises(SettingsError) as caught:
        require(settings, ["auth.public_key", "auth.private_key"], "chat-server")
    assert str(caught.value) == (
        "app.yaml: auth.private_key: missing, and chat-server needs it; expected a path "
        "(or set FECHATTER_AUTH__PRIVATE_KEY)"
    )


# -- app.yaml and Settings stay in step


def test_app_yaml_is_what_the_settings_say() -> None:
    """After a change of chat_core/settings: `make app-yaml`."""
    assert (ROOT / "app.yaml").read_text() == app_yaml.text()


def test_app_yaml_holds_every_setting_with_its_default() -> None:
    assert yaml.safe_load(app_yaml.text()) == Settings().model_dump(mode="json")


def test_every_setting_has_a_description_and_words_for_what_it_expects() -> None:
    schema = Settings.model_json_schema()
    for key in leaf_keys(Settings):
        name, _, field = key.partition(".")
        properties = schema["$defs"][name.capitalize()]["properties"] if field else schema["properties"]
        described = properties[field or name]["description"]
        assert len(described) > 5, key
        assert all(word in described for word in properties[field or name].get("enum", ())), key
        assert expected(key, Settings), key
        assert variable(key) == "FECHATTER_" + key.upper().replace(".", "__")

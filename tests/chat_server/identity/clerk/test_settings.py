"""What the settings of Clerk must be, and what is said of one that is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import Settings, SettingsError, load_settings

CLERK = {"issuer": "https://clerk.example.com", "secret_key_file": "/etc/fechatter/clerk"}


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"clerk": {}}, "auth.clerk.issuer: missing; expected an https:// URL"),
        ({"clerk": {**CLERK, "issuer": "http://clerk.example.com"}}, "auth.clerk.issuer: expected an https:// URL"),
        ({"clerk": {**CLERK, "issuers": "x"}}, "auth.clerk.issuers: unknown key; did you mean issuer?"),
        ({"clerk": {**CLERK, "workspaces": {"acme": 1}}}, "auth.clerk.workspaces: expected ids of organizations"),
        ({"clerk": 7}, "auth.clerk: expected null, or the fields of docs/identity/clerk.md"),
        (
            {
                "clerk": CLERK,
                "providers": {"clerk": {"issuer": CLERK["issuer"], "client_id": "x", "client_secret": "y"}},
            },
            "expected one way in of the name clerk, and not 2",
        ),
    ],
)
def test_a_setting_that_is_wrong(
    auth: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.yaml").write_text(json.dumps({"auth": auth}))
    monkeypatch.setenv("CHAT_CONFIG", str(tmp_path / "app.yaml"))
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert said in str(error.value)


def test_in_the_environment_it_is_json() -> None:
    clerk = Settings.model_validate({"auth": {"clerk": json.dumps(CLERK)}}).auth.clerk
    assert clerk is not None
    assert clerk.issuer == CLERK["issuer"]

"""Where settings come from: the first existing file, and the environment, which takes precedence."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chat_core.settings import errors
from chat_core.settings.errors import SettingsError
from chat_core.settings.model import PREFIX, Settings, variable

DEFAULT_FILES = (Path("app.yaml"), Path("/etc/config/app.yaml"))


def config_file() -> Path | None:
    """The file that `load_settings` reads. Raises SettingsError if `$CHAT_CONFIG` names a missing one."""
    if named := os.environ.get("CHAT_CONFIG"):
        if not Path(named).is_file():
            raise SettingsError(f"CHAT_CONFIG: expected the path of a file, but there is no file {named!r}")
        return Path(named)
    return next((path for path in DEFAULT_FILES if path.is_file()), None)


def load_settings() -> Settings:
    """Reads the file and the environment. Raises SettingsError for the first error."""
    file = config_file()
    _refuse_unknown_variables()
    values = errors.read_yaml(file) if file else {}
    for name, value in _from_environment().items():
        section = values.get(name)
        values[name] = {**section, **value} if isinstance(section, dict) and isinstance(value, dict) else value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = variable(".".join(errors.key_of(first)))
        source = name if name in _variables_set() else str(file)
        raise SettingsError(errors.explain(first, Settings, source)) from None


def require(settings: Settings, keys: Iterable[str], needed_by: str) -> None:
    """Raises SettingsError for the first of `keys` (such as "database.url") that has no value."""
    for key in keys:
        section, _, name = key.partition(".")
        if getattr(getattr(settings, section), name) is None:
            raise SettingsError(
                f"{config_file() or 'app.yaml'}: {key}: missing, and {needed_by} needs it; expected "
                f"{errors.expected(key, Settings)} (or set {variable(key)})"
            )


def _from_environment() -> dict[str, Any]:
    """The values of environment variables, by section, still as text: each type parses its own."""
    given = _variables_set()
    values: dict[str, Any] = {}
    for key in errors.leaf_keys(Settings):
        if (text := given.get(variable(key))) is not None:
            section, _, name = key.rpartition(".")
            (values.setdefault(section, {}) if section else values)[name] = text
    return values


def _variables_set() -> dict[str, str]:
    """Our environment variables, by their names in capitals; an empty one counts as unset."""
    return {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX) and value}


def _refuse_unknown_variables() -> None:
    known = {variable(key): key for key in errors.leaf_keys(Settings)}
    for name in sorted(_variables_set().keys() - known.keys()):
        guess = errors.did_you_mean(name, list(known))
        raise SettingsError(f"{name}: unknown environment variable, no setting has this name{guess}")

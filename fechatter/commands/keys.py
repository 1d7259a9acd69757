"""`fechatter keys`: which keys sign and verify access tokens, and a new one."""

from chat_core.keys import VERIFYING, KeyFileError, thumbprint
from chat_core.settings import Settings
from fechatter import keys
from fechatter.errors import CommandError


def run(settings: Settings, action: str, revoke: bool) -> int:
    private, public = keys.paths(settings)
    try:
        if action == "rotate":
            kids = keys.rotate(private, public, revoke=revoke)
        else:
            kids = [thumbprint(key.public_key()) for key in keys.read_private(private)[:VERIFYING]]
    except OSError as error:
        raise CommandError(f"{error.filename}: {(error.strerror or '').lower()}") from None
    except KeyFileError as error:
        raise CommandError(str(error)) from None
    for kid, use in zip(kids, ("signs and verifies", "verifies"), strict=False):
        print(f"{kid}  {use}")
    if action == "rotate" and revoke:
        print("Access tokens of before are no longer valid: clients get new ones with their refresh tokens.")
        print("Links to files that were made before have ended.")
    return 0

"""The account's second factors."""

from typing import Any

from ..api import Api
from ..models.factors import NewPasskey, PasskeyOptions, RecoveryCodes, SecondFactors, TotpEnrolment


class Factors:
    """All of these but `get` need a fresh sign-in: 403 `reauthentication_required`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self) -> SecondFactors:
        return await self._api.get(SecondFactors, "/auth/factors")

    async def begin_totp(self) -> TotpEnrolment:
        """Begin to enrol an authenticator app; it counts once `confirm_totp` has got a code of it."""
        return await self._api.ask(TotpEnrolment, "POST", "/auth/factors/totp")

    async def confirm_totp(self, code: str) -> list[str] | None:
        """Enrol the app: from here on each sign-in asks for a second factor, and other sessions that have shown none
        end. Returns the recovery codes, which are shown only now; None if earlier ones are still good."""
        path = "/auth/factors/totp/confirm"
        return (await self._api.ask(RecoveryCodes, "POST", path, {"code": code})).recovery_codes

    async def remove_totp(self) -> None:
        await self._api.do("DELETE", "/auth/factors/totp")

    async def passkey_options(self) -> dict[str, Any]:
        """What to ask an authenticator for a new passkey (WebAuthn's PublicKeyCredentialCreationOptionsJSON)."""
        return (await self._api.ask(PasskeyOptions, "POST", "/auth/factors/passkeys/options")).options

    async def add_passkey(self, name: str, passkey: dict[str, Any]) -> NewPasskey:
        """Enrol a passkey; `passkey` is what the authenticator has answered (WebAuthn's RegistrationResponseJSON)."""
        return await self._api.ask(NewPasskey, "POST", "/auth/factors/passkeys", {"name": name, "passkey": passkey})

    async def remove_passkey(self, passkey_id: int) -> None:
        await self._api.do("DELETE", f"/auth/factors/passkeys/{passkey_id}")

    async def renew_recovery_codes(self) -> list[str]:
        """New recovery codes in place of all earlier ones."""
        renewed = await self._api.ask(RecoveryCodes, "POST", "/auth/factors/recovery-codes")
        return renewed.recovery_codes or []

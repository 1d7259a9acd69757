"""The account's second factors."""

from ..api import Api
from ..models.factors import RecoveryCodes, SecondFactors, TotpEnrolment


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

    async def renew_recovery_codes(self) -> list[str]:
        """New recovery codes in place of all earlier ones."""
        renewed = await self._api.ask(RecoveryCodes, "POST", "/auth/factors/recovery-codes")
        return renewed.recovery_codes or []

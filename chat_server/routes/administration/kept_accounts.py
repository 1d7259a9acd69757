"""Accounts that an organisation keeps: what its admins may do with them is refused with any other's."""

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import Problem

ORGANIZATION_KEEPS_ACCOUNTS = query("organization_keeps_accounts", "organization")
ACCOUNT_IS_KEPT = query("account_is_kept", "organization", "person")


async def require_kept_accounts(connection: Connection | Pool, organization_id: int) -> None:
    """Raises Problem 403 unless an operator lets the organisation look after its members' accounts."""
    if not await ORGANIZATION_KEEPS_ACCOUNTS.value(connection, organization=organization_id):
        raise _not_kept()


async def require_kept_account(connection: Connection | Pool, organization_id: int, user_id: int) -> None:
    """Raises Problem 403 unless this person's account is one of these."""
    if not await ACCOUNT_IS_KEPT.value(connection, organization=organization_id, person=user_id):
        raise _not_kept("A guest's, and that of a member of another organisation, is their own.")


def _not_kept(*more: str) -> Problem:
    lets = "An operator lets an organisation look after its members' accounts: SELECT * FROM ops.keep_accounts(id)."
    return Problem(403, "accounts_not_kept", " ".join((lets, *more)))

"""`fechatter clerk reconcile`: what Clerk has now, for the webhooks that never came."""

from chat_core.process.patience import still
from chat_core.settings import Settings
from chat_server.identity.clerk.backend import Backend
from chat_server.identity.outgoing import Outgoing, ProviderUnavailable
from chat_server.provisioning.clerk_reconcile import reconcile
from fechatter import database
from fechatter.errors import CommandError
from fechatter.progress import say


async def run(settings: Settings, *, force: bool) -> int:
    """Prints what has changed. Returns the exit status: 1 if it stopped, since too many would lose something."""
    clerk = settings.auth.clerk
    if clerk is None:
        raise CommandError("auth.clerk is not set: docs/identity/clerk.md says how")
    outgoing = Outgoing()
    try:
        async with database.in_use(settings, say) as url:
            connection = await database.connect(url)
            try:
                with still(say, "asking Clerk, and comparing"):
                    done = await reconcile(connection, clerk, Backend(clerk, outgoing), forced=force)
            finally:
                await connection.close()
    except ProviderUnavailable as error:
        raise CommandError(f"nothing was changed: {error}") from None
    finally:
        await outgoing.close()
    if done.stopped:
        print("nothing was changed, since more than a tenth would go:")
        print("look at ops.synchronisations, then repeat it with --force if that is right")
        return 1
    print(
        f"{done.users} users at Clerk; {done.people_gone} people and {done.sessions_ended} sessions are gone, "
        f"{done.granted} memberships granted, {done.withdrawn} withdrawn"
    )
    return 0

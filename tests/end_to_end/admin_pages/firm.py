"""A firm as it may be: an organisation with its departments, positions and groups, for the pages of administration."""

from dataclasses import dataclass

from tests.end_to_end.system import Person, System

ON = {
    f"features__{name}": True
    for name in (
        "enable_organizations",
        "enable_user_roles",
        "enable_proxy_system",
        "enable_bot_messages",
        "enable_online_statistics",
        "enable_advanced_admin",
    )
}


@dataclass
class Firm:
    lena: Person
    ming: Person
    priya: Person
    siyu: Person
    id: int
    departments: dict[str, int]
    channel: int


async def firm(system: System) -> Firm:
    """Lena owns it, Ming is one of its admins, and the others are members."""
    lena, ming, priya, siyu = await system.team("Lena", "Ming", "Priya", "Siyu")
    for person, name in (
        (lena, "Lena Hoffmann"),
        (ming, "王小明"),
        (priya, "Priya Natarajan"),
        (siyu, "李思雨"),
    ):
        await person.users.update_me(fullname=name)
    await lena.request("PUT", f"/workspaces/{lena.workspace}", json={"name": "Lighthouse 灯塔"})
    calls = lena.organizations
    made = (await calls.create("Lighthouse Studio")).id
    await calls.put_workspace(made, lena.workspace)
    await calls.change_member(made, ming.id, role="admin", manager_id=lena.id)
    await calls.change_member(made, siyu.id, manager_id=ming.id)
    departments: dict[str, int] = {}
    for place, (name, above) in enumerate(
        [
            ("Studio", None),
            ("Design", "Studio"),
            ("Engineering", "Studio"),
            ("Platform", "Engineering"),
            ("Clients 客户端", "Engineering"),
            ("People", None),
        ]
    ):
        parent = departments[above] if above else None
        departments[name] = (await calls.create_department(made, name, parent_id=parent, place=(place + 1) * 100)).id
    head, engineer = [(await calls.create_position(made, name)).id for name in ("Lead", "Engineer 工程师")]
    await calls.appoint(made, ming.id, departments["Engineering"], position_id=head, is_head=True, is_primary=True)
    await calls.appoint(made, siyu.id, departments["Engineering"], position_id=engineer, is_primary=True)
    await calls.appoint(made, priya.id, departments["Design"], position_id=head, is_head=True, is_primary=True)
    oncall = (await calls.create_group(made, "oncall", description="Whoever looks after the servers this week")).id
    await calls.put_group_member(made, oncall, siyu.id)
    everyone = [person.id for person in (ming, priya, siyu)]
    channel = await lena.chats.create("PublicChannel", everyone, name="design", workspace_id=lena.workspace)
    return Firm(lena, ming, priya, siyu, made, departments, channel.id)

"""A team as it may be on some morning: who they are and what they have written, for pictures of the chats."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fechatter_client.models.chats import ChatType
from PIL import Image, ImageDraw, ImageFilter

from tests.end_to_end.system import Person, System

CODE = """The stamp was the client's. With the server's the order is right:

```js
export function order(messages) {
  // by the log, never by a clock
  return messages.toSorted((one, other) => one.seq - other.seq);
}
```"""

PLAN = """> Nobody found the templates.

Shall we put them into the empty board itself?
- three of them, as pictures
- they go once you draw"""


@dataclass
class Scene:
    lena: Person
    ming: Person
    design: int
    general: int
    direct: int
    thread: int
    empty: int
    reported: int


async def scene(system: System) -> Scene:
    """Lena and her team. What she has yet to read is in other chats than the one on design."""
    lena, ming, priya, siyu, tom = await system.team("Lena", "Ming", "Priya", "Siyu", "Tom")
    names = ("Lena Hoffmann", "王小明", "Priya Natarajan", "李思雨", "Tom Okafor")
    for person, name in zip((lena, ming, priya, siyu, tom), names, strict=True):
        await person.users.update_me(fullname=name)
    async with system.sql() as sql:  # where nobody else is called so
        for person in (lena, ming, priya, siyu, tom):
            name = person.email.partition(".")[0]
            taken = await sql.fetchval("SELECT 1 FROM users WHERE lower(username) = $1", name)
            if not taken:
                await sql.execute("UPDATE users SET username = $1 WHERE id = $2", name, person.id)
    await lena.request("PUT", f"/workspaces/{lena.workspace}", json={"name": "Lighthouse 灯塔"})
    everyone = [person.id for person in (ming, priya, siyu, tom)]

    async def channel(name: str, about: str = "", kind: ChatType = "PublicChannel") -> int:
        made = await lena.chats.create(kind, everyone, name=name, workspace_id=lena.workspace, description=about)
        return made.id

    general = await channel("general", "What everyone should know")
    design = await channel("design", "The new board, and how it feels. Sketches welcome")
    launch = await channel("发布计划", "十二月上线：任务、风险与时间表")
    empty = await channel("book club", "One book a month, in whatever language you like")
    private = await channel("hiring", "Who joins us next", "PrivateChannel")
    direct = (await lena.chats.create("Single", [ming.id], workspace_id=lena.workspace)).id
    other = (await lena.chats.create("Single", [priya.id], workspace_id=lena.workspace)).id
    group = (await lena.chats.create("Group", [siyu.id, tom.id], name="", workspace_id=lena.workspace)).id
    await lena.boards.create(lena.workspace, name="Onboarding sketch")
    await lena.boards.create(lena.workspace, name="首页草图")
    await ming.users.set_status("专注中", emoji="🎯")
    await priya.users.set_status("On a train", emoji="🚆")

    days: dict[int, datetime] = {}
    now = datetime.now(UTC)
    noon = now.replace(hour=9, minute=12, second=0, microsecond=0)
    noon = noon if noon < now else now

    async def says(who: Person, chat: int, text: str | None, ago: float = 0, **more: object) -> int:
        sent = await who.messages.post(chat, text, **more)  # type: ignore[arg-type]  # as post has them
        days[sent.id] = noon - timedelta(minutes=ago)
        return sent.id

    async with siyu.listen() as heard:
        photos = [
            (await siyu.files.upload_bytes(lena.workspace, photo(seed), f"{name}.jpg")).id
            for seed, name in enumerate(("harbour", "first light", "海边", "cape", "dunes", "傍晚", "fjord", "冬日"))
        ]
        await heard.until_kind("FileReady", len(photos))
    notes = (
        await tom.files.upload_bytes(lena.workspace, b"%PDF-1.4 not a real one" * 900, "Interviews November.pdf")
    ).id
    at_lena, at_ming = [f"@{(await person.users.me()).username}" for person in (lena, ming)]

    await says(priya, design, "Morning! The first round of interviews is done: **8 people**, two hours each.", 1500)
    await says(priya, design, "All of them found the board without help. Nobody found the _templates_.", 1499)
    await says(tom, design, None, 1470, files=[notes])
    question = await says(siyu, design, "我把首页的三张配图换成了自己拍的，大家看看色调是否合适？", 1380)
    await says(siyu, design, None, 1379, files=photos[:3])
    for who, emoji in ((lena, "😍"), (ming, "😍"), (tom, "😍"), (priya, "👏"), (lena, "👏")):
        await who.reactions.add(design, question, emoji)
    await says(ming, design, "很好看。**第二张**更暖一些，和按钮的颜色更配。", 1370)
    thread = await says(tom, design, "Why do two of my messages swap places after a reconnect?", 64)
    await says(lena, design, CODE, 61)
    await says(ming, design, f"{at_lena} 明白了，日志的序号才是唯一可信的顺序。我今天把测试补上。", 60)
    for who, text, ago in (
        (lena, "Because they were ordered by the clock of the laptop, which was two seconds late.", 57),
        (tom, "Ha! So it was never the network.", 55),
        (siyu, "原来如此，我的电脑也慢了几秒 😅", 50),
    ):
        await says(who, design, text, ago, reply_to=thread)
    await priya.reactions.add(design, thread, "👀")
    await says(priya, design, PLAN, 22)
    last = await says(lena, design, f"Yes, let's try that. {at_ming} could you sketch it until Thursday?", 9)
    for who, emoji in ((ming, "👍"), (priya, "👍"), (siyu, "🎉")):
        await who.reactions.add(design, last, emoji)

    await says(tom, general, "Welcome, everyone. This is the place for what all should know.", 2900)
    await says(siyu, general, "下周一全员会改到上午十点，会议室不变。", 90)
    reported = await says(tom, general, "Cheap watches, just today!!! http://example.com/watches", 20)
    await priya.moderation.report(general, reported, "spam", "He says it was his cat.")
    await says(ming, launch, "设计稿周三前定稿，周四开始联调。", 200)
    await says(ming, launch, f"{at_lena} 发布说明的英文版可以请您看一下吗？", 30)
    await says(siyu, private, "第一轮面试安排在周五下午。", 600)
    await says(ming, direct, "早上好！昨天的问题我找到原因了。", 130)
    await says(lena, direct, "太好了 🎉 Was it the clock?", 128)
    await says(ming, direct, "是的，差了两秒。修复已经提交，您有空看一下？", 12)
    await says(priya, other, "Lunch at the harbour?", 15)
    await says(tom, group, "Tickets are booked for the 12th.", 300)
    for seed, photo_id in enumerate(photos[3:]):
        await says(siyu, general, None, 2000 - seed * 60, files=[photo_id])
    await lena.pins.add(design, last)
    for chat in (design, private, group, general):
        [newest] = (await lena.request("GET", f"/chats/{chat}/messages?limit=1")).json()
        await lena.reading.move_marker(chat, newest["seq"])
    async with system.sql() as sql:
        await sql.execute("SET session_replication_role = replica")  # as if all of it had been written then
        await sql.executemany("UPDATE messages SET created_at = $2 WHERE id = $1", list(days.items()))
    return Scene(lena, ming, design, general, direct, thread, empty, reported)


SKIES = (
    ((24, 42, 84), (232, 142, 96)),
    ((250, 196, 128), (238, 110, 90)),
    ((126, 186, 220), (238, 232, 214)),
    ((40, 62, 100), (140, 170, 190)),
    ((246, 214, 150), (220, 150, 100)),
    ((86, 60, 120), (240, 150, 130)),
    ((90, 130, 150), (200, 214, 208)),
    ((190, 206, 224), (246, 244, 240)),
)


def photo(seed: int) -> bytes:
    """A coast at some hour: sky, sun, hills and sea."""
    width, height = 960, 640
    above, below = SKIES[seed % len(SKIES)]
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        part = min(1, y / (height * 0.62))
        draw.line([(0, y), (width, y)], fill=_between(above, below, part))
    at = (width * (0.25 + 0.11 * (seed % 5)), height * (0.3 + 0.05 * (seed % 3)))
    glow = Image.new("L", (width, height), 0)
    ImageDraw.Draw(glow).ellipse([at[0] - 60, at[1] - 60, at[0] + 60, at[1] + 60], fill=230)
    picture.paste(Image.new("RGB", (width, height), (255, 244, 214)), mask=glow.filter(ImageFilter.GaussianBlur(14)))
    draw = ImageDraw.Draw(picture)
    for layer in range(3):
        base = height * (0.56 + 0.12 * layer)
        shade = _between(below, (18, 34, 46), 0.35 + 0.25 * layer)
        wave = (seed * 37 + layer * 61) % 97 / 97
        points = [
            (x, base - 46 * (1 - layer * 0.3) * (1 + _wave(x / width * (1.6 + layer) + wave)))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([(0, height), *points, (width, height)], fill=shade)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()


def _between(one: tuple[int, ...], other: tuple[int, ...], part: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _wave(at: float) -> float:
    """Smooth hills: a parabola from -1 to 1 and back."""
    part = at % 1
    return 1 - 8 * (part - 0.5) ** 2 if part else -1.0

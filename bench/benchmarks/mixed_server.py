"""chat_server in which each act commits by itself, as all writes but posts did before ADR 92; posts share theirs.

`python -m bench.benchmarks.mixed_server` reads its settings from the environment as chat_server does.
"""

import chat_server.server
from chat_core.settings import load_settings
from chat_server.parts.act import Act
from chat_server.parts.writer import Writer


class ByItself(Writer):
    async def act(self, act: Act) -> str | None:
        return await self._act_alone(act)


def main() -> None:
    vars(chat_server.server)["Writer"] = ByItself  # what it is made of is no setting
    chat_server.server.serve(load_settings())


if __name__ == "__main__":
    main()

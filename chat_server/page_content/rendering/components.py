"""Components as HTML: a function for each kind. The content is anything that an editor has stored, so every value is
looked at before it is used, and every text is escaped."""

import html
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from chat_server.page_content.rendering import addresses

Props = Mapping[str, Any]
# Deeper ones are left out.
DEEPEST = 100
MOST_ROWS, MOST_COLUMNS, MOST_OPTIONS = 1000, 50, 500
# Of a page's HTML. A table of a few bytes has as many cells as a large one; what comes after these is left out.
MOST_CHARACTERS = 8 * 1_048_576


def rendered(content: Any) -> str:
    """The tree of a page as HTML, without the page around it."""
    components = content.get("components") if isinstance(content, dict) else None
    if not isinstance(components, dict):
        return ""
    return _Tree(components).show(_key(content.get("rootId")), 0)


class _Tree:
    def __init__(self, components: dict[str, Any]) -> None:
        self._components = {id_: one for id_, one in components.items() if isinstance(one, dict)}
        self._children: dict[str, list[str]] = {}
        for id_, one in self._components.items():
            self._children.setdefault(_key(one.get("parentId")), []).append(id_)
        self._seen: set[str] = set()
        self._room = MOST_CHARACTERS

    def show(self, id_: str, depth: int) -> str:
        component = self._components.get(id_)
        if component is None or id_ in self._seen or depth > DEEPEST or self._room <= 0:
            return ""
        self._seen.add(id_)
        inner = "".join(self.show(child, depth + 1) for child in self._below(id_, component))
        props = component.get("props")
        show = KINDS.get(str(component.get("name")).lower(), _unknown)
        whole = show(props if isinstance(props, dict) else {}, inner)
        self._room -= len(whole) - len(inner)
        return whole

    def _below(self, id_: str, component: Mapping[str, Any]) -> list[str]:
        """The children: those that the component lists in this order, then the others by their own order."""
        listed = component.get("children")
        named = [_key(child) for child in listed] if isinstance(listed, list) else []
        places = {child: place for place, child in reversed(list(enumerate(named)))}
        known = set(named)
        here = [child for child in self._children.get(id_, ()) if child != id_]
        return sorted(
            dict.fromkeys([*here, *(child for child in named if child in self._components)]),
            key=lambda child: (child not in known, places.get(child, 0), _order(self._components[child])),
        )


def _key(id_: Any) -> str:
    """The member of `components` that an id names."""
    return str(int(id_) if isinstance(id_, float) and id_.is_integer() else id_)


def _order(component: Mapping[str, Any]) -> tuple[int, float, str, int, str]:
    """Numbers before texts; then by id."""
    order, id_ = component.get("order"), component.get("id")
    number = order if isinstance(order, int | float) and not isinstance(order, bool) else 0.0
    number_of_id = id_ if isinstance(id_, int) else 0
    return (isinstance(order, str), number, order if isinstance(order, str) else "", number_of_id, str(id_))


def text(props: Props, *names: str) -> str:
    """The first of these that is a text or a number, escaped."""
    for name in names:
        value = props.get(name)
        if isinstance(value, str) and value:
            return html.escape(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return html.escape(str(value))
    return ""


def _chosen(props: Props, name: str, choices: tuple[str, ...]) -> str:
    value = props.get(name)
    return value if isinstance(value, str) and value in choices else ""


def _align(props: Props) -> str:
    side = _chosen(props, "align", ("left", "center", "right"))
    return f' class="to-{side}"' if side else ""


def _page(props: Props, inner: str) -> str:
    return inner


def _heading(props: Props, inner: str) -> str:
    level = props.get("level")
    # The name of the page is its only first heading.
    size = level if isinstance(level, int) and 1 <= level <= 6 and not isinstance(level, bool) else 2
    tag = f"h{min(size + 1, 6)}"
    return f"<{tag}{_align(props)}>{text(props, 'text', 'title')}</{tag}>{inner}"


def _text(props: Props, inner: str) -> str:
    said = text(props, "text", "content", "value")
    return (f"<p{_align(props)}>{said}</p>" if said else "") + inner


def _image(props: Props, inner: str) -> str:
    source = addresses.picture(props.get("src") or props.get("url"))
    said = text(props, "alt", "label")
    if source is None:
        return f'<p class="missing">{said}</p>{inner}' if said else inner
    caption = text(props, "caption")
    shown = f'<img src="{html.escape(source)}" alt="{said}" loading="lazy" referrerpolicy="no-referrer">'
    return f"<figure>{shown}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>{inner}"


def _button(props: Props, inner: str) -> str:
    said = text(props, "text", "label", "title")
    target = addresses.link(props.get("href") or props.get("url") or props.get("link"))
    if target is None:
        return f'<p><span class="button">{said}</span></p>{inner}'
    rel = "" if target.startswith(("/", "#", "?")) else ' rel="noopener noreferrer nofollow ugc"'
    return f'<p><a class="button" href="{html.escape(target)}"{rel}>{said}</a></p>{inner}'


def _columns(props: Props, inner: str) -> str:
    return f'<div class="columns">{inner}</div>'


def _block(props: Props, inner: str) -> str:
    return f'<div class="block">{inner}</div>'


def _card(props: Props, inner: str) -> str:
    title = text(props, "title")
    return f'<section class="card">{f"<h3>{title}</h3>" if title else ""}{_text(props, "")}{inner}</section>'


def _form(props: Props, inner: str) -> str:
    title = text(props, "title", "label")
    return f"<fieldset disabled>{f'<legend>{title}</legend>' if title else ''}{inner}</fieldset>"


def _input(props: Props, inner: str) -> str:
    kind = _chosen(props, "type", ("text", "number", "email", "date", "tel", "url", "time")) or "text"
    hint = text(props, "placeholder")
    return _field(props, f'<input type="{kind}" placeholder="{hint}" disabled>') + inner


def _textarea(props: Props, inner: str) -> str:
    return _field(props, f'<textarea rows="3" placeholder="{text(props, "placeholder")}" disabled></textarea>') + inner


def _select(props: Props, inner: str) -> str:
    options = props.get("options")
    shown = "".join(
        f"<option>{text(option, 'label', 'text', 'value') if isinstance(option, dict) else _cell(option)}</option>"
        for option in (options[:MOST_OPTIONS] if isinstance(options, list) else ())
    )
    return _field(props, f"<select disabled>{shown}</select>") + inner


def _checkbox(props: Props, inner: str) -> str:
    checked = " checked" if props.get("checked") is True else ""
    return (
        f'<label class="check"><input type="checkbox" disabled{checked}> {text(props, "label", "text")}</label>{inner}'
    )


def _field(props: Props, field: str) -> str:
    return f"<label><span>{text(props, 'label', 'title', 'name')}</span>{field}</label>"


def _divider(props: Props, inner: str) -> str:
    return f"<hr>{inner}"


def _board(props: Props, inner: str) -> str:
    board = props.get("boardId", props.get("board_id"))
    said = text(props, "title", "text") or "Board"
    if isinstance(board, str) and board.isascii() and board.isdigit() and len(board) < 20:
        board = int(board)
    if not isinstance(board, int) or isinstance(board, bool) or board < 1:
        return inner
    return f'<p><a class="board" href="/board/{board}">{said}</a></p>{inner}'


def _table(props: Props, inner: str) -> str:
    rows = _list(props.get("rows", props.get("data")))[:MOST_ROWS]
    columns = _columns_of(props, rows)
    if not columns:
        return inner
    head = "".join(f'<th scope="col">{title}</th>' for _, title in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(_value(row, key))}</td>' for key, _ in columns)}</tr>" for row in rows)
    caption = text(props, "title", "caption")
    return (
        f'<div class="scroll" tabindex="0"><table>{f"<caption>{caption}</caption>" if caption else ""}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{inner}"
    )


def _columns_of(props: Props, rows: list[Any]) -> list[tuple[str | int, str]]:
    """Keys of rows, and their titles: as the table says, or else as its first row has them."""
    named = _list(props.get("columns"))[:MOST_COLUMNS]
    if not named and rows:
        first = rows[0]
        named = list(first) if isinstance(first, dict) else [""] * len(first) if isinstance(first, list) else []
        named = named[:MOST_COLUMNS]
    columns: list[tuple[str | int, str]] = []
    lists = bool(rows) and isinstance(rows[0], list)
    for place, column in enumerate(named):
        if isinstance(column, dict):
            key = column.get("key", column.get("field", column.get("dataIndex")))
            title = text(column, "title", "label", "key", "field")
        else:
            key, title = column, _cell(column)
        columns.append((place if lists or not isinstance(key, str) else key, title))
    return columns


def _list(value: Any) -> list[Any]:
    """A list, or one in a text of JSON."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return []
    return value if isinstance(value, list) else []


def _value(row: Any, key: str | int) -> Any:
    if isinstance(row, dict):
        return row.get(key) if isinstance(key, str) else None
    if isinstance(row, list) and isinstance(key, int) and key < len(row):
        return row[key]
    return None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return html.escape(value)
    try:
        return html.escape(msgspec.json.encode(value).decode())
    except (ValueError, RecursionError):
        return ""


def _unknown(props: Props, inner: str) -> str:
    return f'<div class="block">{_text(props, "")}{inner}</div>'


KINDS: dict[str, Callable[[Props, str], str]] = {
    "page": _page,
    "heading": _heading,
    "text": _text,
    "image": _image,
    "button": _button,
    "columns": _columns,
    "column": _block,
    "container": _block,
    "card": _card,
    "table": _table,
    "form": _form,
    "input": _input,
    "textarea": _textarea,
    "select": _select,
    "checkbox": _checkbox,
    "divider": _divider,
    "board": _board,
}

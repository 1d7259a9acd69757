"""A database's URL: which ones are valid, and which parts may be shown.

In a password, `@ : / ? #` must be percent-encoded (RFC 3986). Otherwise parsers cut the URL at different places, and
what one takes for the host is part of the password for another. Such a URL is refused, so that the displayed parts of a
valid one never contain any of its password.

It may name several hosts, of which one accepts writes: the others are standbys (docs/operations/failover.md).
"""

import urllib.parse

EXPECTED = "postgresql://user:password@host:port/name, with @ : / ? # of the password as %40 %3A %2F %3F %23"


def check(url: str) -> None:
    """Raises ValueError, without any part of the URL, unless it can be read in only one way."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("the scheme is not postgresql")
    userinfo = parts.netloc.rpartition("@")[0]
    if url.count("@") > ("@" in parts.netloc) or "#" in url or userinfo.count(":") > 1:
        raise ValueError("a character of the password is not percent-encoded")
    for host in _hosts(parts):
        _ = urllib.parse.urlsplit(f"//{host}").port  # ValueError if it is not a number


def for_writes(url: str) -> str:
    """The same; of several hosts the one that accepts writes, unless the URL says otherwise."""
    return url if len(each_host(url)) == 1 else _with_target(url, "read-write")


def for_standby(url: str) -> str:
    """The same; a host is used while it is a standby, unless the URL says otherwise."""
    return _with_target(url, "standby")


def _with_target(url: str, kind: str) -> str:
    if "target_session_attrs=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}target_session_attrs={kind}"


def each_host(url: str) -> list[str]:
    """A URL for each of its hosts."""
    parts = urllib.parse.urlsplit(url)
    userinfo, at, _ = parts.netloc.rpartition("@")
    if len(hosts := _hosts(parts)) > 1:
        return [urllib.parse.urlunsplit(parts._replace(netloc=f"{userinfo}{at}{host}")) for host in hosts]
    query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    named = dict(query)
    folders, ports = named.get("host", "").split(","), named.get("port", "").split(",")
    if len(folders) == 1:
        return [url]
    found = []
    for number, folder in enumerate(folders):
        own = {"host": folder, "port": ports[number if len(ports) > 1 else 0]}
        pairs = [(name, own.get(name, value)) for name, value in query]
        found.append(
            urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)))
        )
    return found


def _hosts(parts: urllib.parse.SplitResult) -> list[str]:
    return parts.netloc.rpartition("@")[2].split(",")


def place(url: str) -> str:
    """Host, port and name: the parts that may be shown. If there is no host, the directory of the socket."""
    try:
        check(url)
    except ValueError:
        return "(a database URL that cannot be read)"
    return f"{host(url)}{urllib.parse.urlsplit(url).path}"


def host(url: str) -> str:
    """With its port, if the URL names one. If there is no host, the directory of the socket."""
    parts = urllib.parse.urlsplit(url)
    return parts.netloc.rpartition("@")[2] or urllib.parse.parse_qs(parts.query).get("host", [""])[0]


def without_secret(url: str) -> tuple[str, str | None]:
    """The same URL without its password, and the password; None if it has none."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    in_query = next((value for name, value in query if name == "password"), None)
    others = [(name, value) for name, value in query if name != "password"]
    kept = urllib.parse.urlencode(others, quote_via=urllib.parse.quote)  # libpq does not decode a plus
    userinfo, at, host = parts.netloc.rpartition("@")
    user, colon, password = userinfo.partition(":")
    bare = urllib.parse.urlunsplit(parts._replace(netloc=f"{user}{at}{host}", query=kept))
    return bare, urllib.parse.unquote(password) if colon else in_query

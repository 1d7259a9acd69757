"""Connections to a directory's servers, and searches over them.

This is the module that imports python-ldap, which is the extra fechatter[ldap]; it blocks, so it runs in threads
(directory.py). A connection lives for one question: directories close idle ones, and binding as somebody else would
have to be undone.
"""

import socket
import ssl
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import ldap
from ldap.controls import SimplePagedResultsControl
from ldap.filter import escape_filter_chars

from chat_core.settings import LdapDirectory
from chat_server.identity.ldap.entries import DirectoryUnavailable, Entry

PAGE = 500
# More entries than this in one search are an error: a filter that matches everything must not fill the memory.
MOST_ENTRIES = 200_000

# What a server says of a password, or of an account that may not bind: the answer is no, and another server's would be
# the same.
_REFUSALS = (
    ldap.INVALID_CREDENTIALS,
    ldap.INAPPROPRIATE_AUTH,
    ldap.INSUFFICIENT_ACCESS,
    ldap.NO_SUCH_OBJECT,
    ldap.INVALID_DN_SYNTAX,
    ldap.CONSTRAINT_VIOLATION,
    ldap.UNWILLING_TO_PERFORM,
)


def escaped(value: str) -> str:
    """As a filter needs it (RFC 4515, 3), so that it is nothing but a value there."""
    return str(escape_filter_chars(value))


class Connection:
    """Bound to one server."""

    def __init__(self, server: Any, settings: LdapDirectory) -> None:
        self._server, self._settings = server, settings

    def one(self, base: str, filter: str, attributes: Sequence[str]) -> Entry | None:  # noqa: A002
        """The only entry of this search; None if there is none, or more than one."""
        entries = self._some(2, base, filter, attributes)
        return entries[0] if len(entries) == 1 else None

    def first(self, base: str, filter: str, attributes: Sequence[str]) -> Entry | None:  # noqa: A002
        """Some entry of this search, if there is one."""
        return next(iter(self._some(1, base, filter, attributes)), None)

    def read(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """The entry of this name, if there is one; without a name what the server says of itself (RFC 4512, 5.1)."""
        try:
            found = self._server.search_ext_s(
                dn,
                ldap.SCOPE_BASE,
                "(objectClass=*)",
                list(attributes),
                timeout=self._settings.timeout_seconds,
            )
        except (ldap.NO_SUCH_OBJECT, ldap.INVALID_DN_SYNTAX):
            return None
        except ldap.LDAPError as error:
            raise DirectoryUnavailable(f"{dn} cannot be read: {described(error)}") from None
        return next((Entry(name, values) for name, values, *_ in found if name or not dn), None)

    def _some(self, most: int, base: str, filter: str, attributes: Sequence[str]) -> list[Entry]:  # noqa: A002
        found: list[Any] = []
        try:
            asked = self._server.search_ext(base, ldap.SCOPE_SUBTREE, filter, list(attributes), sizelimit=most)
            seconds = self._settings.timeout_seconds
            with suppress(ldap.SIZELIMIT_EXCEEDED):  # those before it have come
                while (answer := self._server.result(asked, all=0, timeout=seconds))[0] != ldap.RES_SEARCH_RESULT:
                    found += answer[1]
        except ldap.LDAPError as error:
            raise DirectoryUnavailable(f"the search under {base} failed: {described(error)}") from None
        return [Entry(dn, values) for dn, values, *_ in found if dn]  # others are references to other servers

    def all(self, base: str, filter: str, attributes: Sequence[str]) -> Iterator[Entry]:  # noqa: A002
        """Every entry of this search, page by page (RFC 2696). Raises DirectoryUnavailable if one is missing."""
        page = SimplePagedResultsControl(True, size=PAGE, cookie="")
        count = 0
        try:
            while True:
                asked = self._server.search_ext(base, ldap.SCOPE_SUBTREE, filter, list(attributes), serverctrls=[page])
                _, found, _, controls = self._server.result3(asked, timeout=self._settings.timeout_seconds)
                for dn, values, *_ in found:
                    if dn:
                        count += 1
                        yield Entry(dn, values)
                if count > MOST_ENTRIES:
                    raise DirectoryUnavailable(f"the search under {base} finds more than {MOST_ENTRIES} entries")
                answers = [each for each in controls if each.controlType == SimplePagedResultsControl.controlType]
                if not answers or not answers[0].cookie:
                    return
                page.cookie = answers[0].cookie
        except ldap.LDAPError as error:
            raise DirectoryUnavailable(f"the search under {base} failed: {described(error)}") from None


class Servers:
    """The servers of one directory, of which any may answer. The one that did last is asked first."""

    def __init__(self, settings: LdapDirectory) -> None:
        self._settings = settings
        self._urls = list(settings.urls)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """As bind_dn, or anonymously without one. Raises DirectoryUnavailable."""
        settings = self._settings
        try:
            password = settings.password()
        except OSError as error:
            raise DirectoryUnavailable(f"bind_password_file cannot be read: {type(error).__name__}") from None
        if settings.bind_dn is not None and not password:
            raise DirectoryUnavailable("the password of bind_dn is empty")
        server = self._bound(settings.bind_dn or "", password)
        if server is None:
            raise DirectoryUnavailable("the directory does not accept bind_dn and its password")
        try:
            yield Connection(server, settings)
        finally:
            _close(server)

    def proves(self, dn: str, password: str) -> bool:
        """Whether this is the password of the entry. An empty one is never sent: a directory would accept it as an
        anonymous bind (RFC 4513, 5.1.2). Raises DirectoryUnavailable."""
        if not dn or not password or "\0" in password:
            return False
        server = self._bound(dn, password)
        if server is not None:
            _close(server)
        return server is not None

    def _bound(self, dn: str, password: str) -> Any | None:
        """None if the bind is refused."""
        failures = []
        for url in tuple(self._urls):
            try:
                server = opened(url, self._settings)
                try:
                    server.simple_bind_s(dn, password)
                except BaseException:
                    _close(server)
                    raise
            except _REFUSALS:
                return None
            except (ldap.LDAPError, OSError) as error:
                failures.append(f"{url}: {described(error)}")
                continue
            if self._urls[0] != url:
                self._urls = [url, *(other for other in self._urls if other != url)]
            return server
        raise DirectoryUnavailable("; ".join(failures))


def opened(url: str, settings: LdapDirectory) -> Any:
    """A connection that is encrypted, with a verified certificate, unless the settings say otherwise; not bound yet.
    Raises ldap.LDAPError and OSError."""
    _await_answer(url, settings.timeout_seconds)
    server = ldap.initialize(url)
    certificates = settings.ca_file or ssl.get_default_verify_paths().cafile
    for option, value in (
        (ldap.OPT_PROTOCOL_VERSION, ldap.VERSION3),
        (ldap.OPT_REFERRALS, 0),  # another server would get the password
        (ldap.OPT_NETWORK_TIMEOUT, float(settings.timeout_seconds)),
        (ldap.OPT_TIMEOUT, float(settings.timeout_seconds)),
        # A machine that has gone away is noticed after three more times.
        (ldap.OPT_X_KEEPALIVE_IDLE, settings.timeout_seconds),
        (ldap.OPT_X_KEEPALIVE_INTERVAL, settings.timeout_seconds),
        (ldap.OPT_X_KEEPALIVE_PROBES, 2),
        (ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND),
        (ldap.OPT_X_TLS_PROTOCOL_MIN, ldap.OPT_X_TLS_PROTOCOL_TLS1_2),
        *(((ldap.OPT_X_TLS_CACERTFILE, str(certificates)),) if certificates else ()),
        (ldap.OPT_X_TLS_NEWCTX, 0),  # the last one: it applies those before it
    ):
        server.set_option(option, value)
    if settings.starttls and url.startswith("ldap:"):
        try:
            server.start_tls_s()
        except BaseException:
            _close(server)
            raise
    return server


def _await_answer(url: str, seconds: float) -> None:
    """Until the server has been reached, and over `ldaps://` has answered: libldap (2.5) would wait for that without a
    limit, and a server whose process is stopped still accepts connections. Nothing is sent, so its certificate is not
    of interest yet. Raises OSError."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "ldap":
        socket.create_connection((parts.hostname, parts.port or 389), seconds).close()
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((parts.hostname, parts.port or 636), seconds) as plain:
        context.wrap_socket(plain, server_hostname=parts.hostname).close()


def _close(server: Any) -> None:
    try:
        server.unbind_s()
    except ldap.LDAPError:
        return  # it is closed already


def described(error: Exception) -> str:
    """What has gone wrong, in one line: python-ldap's name for it, and the server's own words where there are any."""
    if not isinstance(error, ldap.LDAPError):
        return f"it cannot be reached ({type(error).__name__})"
    if isinstance(error, ldap.CONNECT_ERROR | ldap.SERVER_DOWN):  # it had been reached just before
        return "TLS has failed: its certificate must be of an authority in ca_file, and for the host of the URL"
    details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    said = [str(details[key]).strip() for key in ("desc", "info") if details.get(key)]
    said = [words for words in said if words != "(unknown error code)"]  # what libldap says of GnuTLS
    return ", ".join(said)[:300].replace("\n", " ") or type(error).__name__

"""What must hold for a response before anything in it is believed.

SAML 2.0 Core, 2 and 3.3; Profiles, 4.1.4 (web browser SSO). What is signed is read alone: the whole response if it is
signed, else the assertion.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from chat_server.identity.saml.parsing import NS, at_most_one, only, parsed, tag, text, time_of
from chat_server.identity.saml.person import NameId, Vouched
from chat_server.identity.saml.refusals import InvalidMessage, ProviderSaysNo
from chat_server.identity.saml.signatures import is_signed, signed

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
LONGEST_NAME_ID = 255
MOST_VALUES = 1000
_CONDITIONS = {tag(f"a:{name}") for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")}


@dataclass(frozen=True, slots=True)
class Expected:
    """`provider` and `us` are entity ids; `acs_url` is where responses come; `skew_seconds` how far clocks differ."""

    provider: str
    us: str
    acs_url: str
    certificates: Sequence[x509.Certificate]
    skew_seconds: int


def vouched(document: bytes, expected: Expected) -> Vouched:
    """Whom a response vouches for. Raises InvalidMessage, and ProviderSaysNo."""
    root = parsed(document)
    if root.tag != tag("p:Response"):
        raise InvalidMessage("it is not a response")
    _check_ids(root)
    if is_signed(root):
        response = signed(root, ".", expected.certificates)
        _check_response(response, expected)
        assertion = _only_assertion(response)
    else:
        # Its own word can only refuse; nothing is believed of it.
        _check_response(root, expected)
        response = root
        _only_assertion(root)
        assertion = signed(root, "a:Assertion", expected.certificates)
    result = _read(assertion, expected)
    if response.get("InResponseTo") not in (None, result.in_response_to):
        raise InvalidMessage("it answers two requests")
    return result


def _check_ids(root: etree._Element) -> None:
    """An id names one element, whatever its attribute is called: else the signature of one might cover the other."""
    ids = [
        value
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    ]
    if len(ids) != len(set(ids)):
        raise InvalidMessage("it has an id twice")


def _check_response(response: etree._Element, expected: Expected) -> None:
    destination = response.get("Destination")
    if destination != expected.acs_url and (destination is not None or is_signed(response)):
        raise InvalidMessage("its Destination is another one")
    _check_version(response)
    issuer = at_most_one(response, "a:Issuer")
    if issuer is not None and text(issuer) != expected.provider:
        raise InvalidMessage("its Issuer is another one")
    codes = only(response, "p:Status").iter(tag("p:StatusCode"))
    status = [code.get("Value", "") for code in codes]
    if not status or status[0] != SUCCESS:
        raise ProviderSaysNo(" ".join(code.rpartition(":")[2][:40] for code in status[:2]))


def _only_assertion(response: etree._Element) -> etree._Element:
    if response.find("a:EncryptedAssertion", NS) is not None:
        raise InvalidMessage("its assertion is encrypted: the provider must not encrypt it")
    if len(list(response.iter(tag("a:Assertion")))) != 1:
        raise InvalidMessage("it has not exactly one assertion")
    return only(response, "a:Assertion")


def _read(assertion: etree._Element, expected: Expected) -> Vouched:
    _check_version(assertion)
    now, skew = time.time(), expected.skew_seconds
    if text(only(assertion, "a:Issuer")) != expected.provider:
        raise InvalidMessage("its Issuer is another one")
    issued = time_of(assertion, "IssueInstant")
    if issued is None or issued > now + skew:
        raise InvalidMessage("it is from the future")
    _check_conditions(only(assertion, "a:Conditions"), expected, now)
    subject = only(assertion, "a:Subject")
    in_response_to, expires_at = _confirmed(subject, expected, now)
    statements = assertion.findall("a:AuthnStatement", NS)
    if not statements:
        raise InvalidMessage("it does not say that somebody has signed in")
    _check_times(statements[0], "SessionNotOnOrAfter", None, now, skew)
    context = at_most_one(statements[0], "a:AuthnContext/a:AuthnContextClassRef")
    index = statements[0].get("SessionIndex")
    if index is not None and not 0 < len(index) <= LONGEST_NAME_ID:
        raise InvalidMessage(f"its SessionIndex is not a text of 1 to {LONGEST_NAME_ID} characters")
    return Vouched(
        assertion.get("ID", ""),
        in_response_to,
        expires_at + skew,
        name_id(only(subject, "a:NameID"), expected.provider, expected.us),
        index,
        int(time_of(statements[0], "AuthnInstant") or now),
        "" if context is None else text(context),
        _attributes(assertion),
    )


def _check_version(element: etree._Element) -> None:
    if element.get("Version") != "2.0" or not element.get("ID"):
        raise InvalidMessage("it is not of SAML 2.0")


def _check_conditions(conditions: etree._Element, expected: Expected, now: float) -> None:
    _check_times(conditions, "NotOnOrAfter", "NotBefore", now, expected.skew_seconds)
    if any(condition.tag not in _CONDITIONS for condition in conditions):
        raise InvalidMessage("it has a condition that is not known")
    restrictions = conditions.findall("a:AudienceRestriction", NS)
    audiences = [{text(each) for each in restriction.findall("a:Audience", NS)} for restriction in restrictions]
    if not audiences or any(expected.us not in each for each in audiences):
        raise InvalidMessage("it is for another audience")


def _confirmed(subject: etree._Element, expected: Expected, now: float) -> tuple[str | None, float]:
    """The request that it answers, and when it ends, by the first confirmation that holds."""
    failure = InvalidMessage("it has no confirmation of the kind bearer")
    for confirmation in subject.findall("a:SubjectConfirmation", NS):
        data = confirmation.find("a:SubjectConfirmationData", NS)
        if confirmation.get("Method") != BEARER or data is None:
            continue
        try:
            if data.get("Recipient") != expected.acs_url:
                raise InvalidMessage("its Recipient is another one")
            ends = time_of(data, "NotOnOrAfter")
            if ends is None:
                raise InvalidMessage("its confirmation does not end")
            _check_times(data, "NotOnOrAfter", "NotBefore", now, expected.skew_seconds)
            return data.get("InResponseTo"), ends
        except InvalidMessage as problem:
            failure = problem
    raise failure


def _check_times(element: etree._Element, until: str, since: str | None, now: float, skew: int) -> None:
    ends = time_of(element, until)
    if ends is not None and ends + skew <= now:
        raise InvalidMessage(f"its {until} has passed")
    begins = time_of(element, since) if since else None
    if begins is not None and begins - skew > now:
        raise InvalidMessage(f"its {since} is in the future")


def name_id(element: etree._Element, provider: str, us: str) -> NameId:
    """Raises InvalidMessage."""
    value = text(element, LONGEST_NAME_ID)
    qualifiers = [element.get(name, "") for name in ("Format", "NameQualifier", "SPNameQualifier")]
    if not value or any(len(each) > LONGEST_NAME_ID for each in qualifiers):
        raise InvalidMessage(f"its NameID is not a text of 1 to {LONGEST_NAME_ID} characters")
    kind, qualifier, sp_qualifier = qualifiers
    return NameId(value, kind, "" if qualifier == provider else qualifier, "" if sp_qualifier == us else sp_qualifier)


def _attributes(assertion: etree._Element) -> dict[str, list[str]]:
    """By name: values that are texts, and not empty."""
    found: dict[str, list[str]] = {}
    values = 0
    for attribute in assertion.findall("a:AttributeStatement/a:Attribute", NS):
        kept = found.setdefault(attribute.get("Name", ""), [])
        for value in attribute.findall("a:AttributeValue", NS):
            values += 1
            if values > MOST_VALUES:
                raise InvalidMessage(f"it has more than {MOST_VALUES} values of attributes")
            if len(value) == 0 and (shown := text(value)):
                kept.append(shown)
    return found

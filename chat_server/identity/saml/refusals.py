"""Why something of a provider is not believed, in words of our own."""


class InvalidMessage(Exception):
    """A message of a provider must not be believed. The text says which rule it violates, and quotes nothing of it."""


class InvalidSignature(InvalidMessage):
    """No key that we know has signed it: it is forged, or the key is new."""


class ProviderSaysNo(Exception):
    """The provider has answered, and has signed nobody in. The text is its status code."""

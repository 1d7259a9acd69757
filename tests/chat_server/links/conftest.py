from tests.support.web_certificates import certificate

__all__ = ["certificate"]

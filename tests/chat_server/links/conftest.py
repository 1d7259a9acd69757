from tests.support.services.web_certificates import certificate

__all__ = ["certificate"]

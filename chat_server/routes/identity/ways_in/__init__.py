"""Ways in that prove elsewhere who a user is: a provider of OpenID Connect or SAML, Clerk, a directory."""

#!/bin/sh
# Creates the secrets for compose.yaml, once: passwords in docker/.env; the key pair, and NATS' passwords with its
# configuration, in docker/secrets/. Both are ignored by git. Existing ones are left as they are.
set -eu
umask 077
cd "$(dirname "$0")"
if [ ! -e .env ]; then
    for name in POSTGRES_PASSWORD CHAT_ROLE_PASSWORD NOTIFY_ROLE_PASSWORD DELIVERY_ROLE_PASSWORD; do
        echo "$name=$(openssl rand -hex 24)"
    done > .env.new
    mv .env.new .env
    echo "made docker/.env with four passwords"
fi
mkdir -p secrets
if [ ! -e secrets/private.pem ]; then
    openssl genpkey -algorithm ed25519 -out secrets/private.new
    openssl pkey -in secrets/private.new -pubout -out secrets/public.pem
    # Only the owner can enter the directory; the files are mounted one by one, readable by the containers' user.
    chmod 444 secrets/private.new secrets/public.pem
    mv secrets/private.new secrets/private.pem
    echo "made the key pair in docker/secrets/"
fi
if [ ! -e secrets/nats.conf ]; then
    password=$(openssl rand -hex 24)
    of_chat=$(openssl rand -hex 24)
    printf '%s' "$password" > secrets/nats_password
    printf '%s' "$of_chat" > secrets/nats_chat_password
    cat > secrets/nats.new << END
http: "127.0.0.1:8222"
max_payload: 1MB
authorization {
  users = [
    {user: fechatter, password: "$password", permissions: {publish: "fechatter.>", subscribe: "fechatter.>"}}
    {user: fechatter-chat, password: "$of_chat", permissions: {publish: "fechatter.notices", subscribe: "fechatter.beat"}}
  ]
}
END
    chmod 444 secrets/nats_password secrets/nats_chat_password secrets/nats.new
    mv secrets/nats.new secrets/nats.conf
    echo "made docker/secrets/nats.conf"
fi

#!/bin/sh
# Brings the database of FECHATTER_DATABASE__URL (its owner's) up to date, then the servers' roles, with the passwords
# of CHAT_ROLE_PASSWORD and NOTIFY_ROLE_PASSWORD if they are set. To be run before new servers start; runs as often as
# one likes.
set -eu
cd "$(dirname "$0")/.."
fechatter migrate up
fechatter psql -X -q -v ON_ERROR_STOP=1 -f docker/roles.sql -f docker/passwords.sql
echo "the servers' roles are as docker/roles.sql has them"

-- For psql: sets the passwords of the servers' roles from environment variables, each if it is set. They stay out
-- of the server's log, as far as a superuser can ensure that.
\getenv chat_password CHAT_ROLE_PASSWORD
\getenv notify_password NOTIFY_ROLE_PASSWORD
\getenv delivery_password DELIVERY_ROLE_PASSWORD
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\if :{?chat_password}
ALTER ROLE fechatter_chat PASSWORD :'chat_password';
\endif
\if :{?notify_password}
ALTER ROLE fechatter_notify PASSWORD :'notify_password';
\endif
\if :{?delivery_password}
ALTER ROLE fechatter_delivery PASSWORD :'delivery_password';
\endif

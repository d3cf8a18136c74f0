#!/bin/sh
# Makes the cluster at the first start from POSTGRES_* variables, runs /docker-entrypoint-initdb.d, and becomes the server.
set -eu

fail() {
  echo "postgres: $*" >&2
  exit 1
}

read_setting() { # NAME DEFAULT: from POSTGRES_NAME or the file that POSTGRES_NAME_FILE points to
  eval "value=\${POSTGRES_$1:-} file=\${POSTGRES_${1}_FILE:-}"
  if [ -n "$file" ]; then value=$(cat "$file"); fi
  eval "$1=\${value:-\$2}"
}

make_cluster() {
  read_setting PASSWORD '' && read_setting USER postgres && read_setting DB "$USER"
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$PASSWORD" ] && [ "$method" != trust ]; then
    fail 'POSTGRES_PASSWORD is not set; set it, or POSTGRES_HOST_AUTH_METHOD=trust'
  fi
  password_file=$(mktemp)
  printf '%s\n' "$PASSWORD" >"$password_file"
  set -- --username="$USER" --auth-local=trust --auth-host="$method"
  if [ -n "$PASSWORD" ]; then set -- "$@" --pwfile="$password_file"; fi
  initdb "$@" >/dev/null
  rm -f "$password_file"
  echo "host all all all $method" >>"$PGDATA/pg_hba.conf"
  pg_ctl -w start -o "-c listen_addresses=''" >/dev/null
  if [ "$DB" != postgres ]; then createdb -U "$USER" "$DB"; fi
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) . "$file" ;;
      *.sql) psql -v ON_ERROR_STOP=1 -U "$USER" -d "$DB" -f "$file" ;;
    esac
  done
  pg_ctl -w -m fast stop >/dev/null
}

case ${1:-} in -*) set -- postgres "$@" ;; esac
if [ "${1:-}" != postgres ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then make_cluster; fi
exec "$@"

#!/bin/sh
# Makes the database at the first start from MYSQL_* or MARIADB_* variables, runs /docker-entrypoint-initdb.d, and
# becomes the server. A first start that was cut off begins anew at the next one.
set -eu

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
unfinished=$data/.first-start-unfinished

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) [Entrypoint]: $*" >&2; }
fail() {
  say "ERROR: $*"
  exit 1
}

# Sets NAME from MARIADB_NAME, MYSQL_NAME or the file that NAME_FILE points to.
read_setting() { # NAME
  for prefix in MARIADB_ MYSQL_; do
    eval "value=\${$prefix$1:-} file=\${$prefix${1}_FILE:-}"
    if [ -n "$value" ] && [ -n "$file" ]; then fail "both $prefix$1 and $prefix${1}_FILE are set; set one of them"; fi
    if [ -n "$file" ]; then value=$(cat "$file"); fi
    if [ -n "$value" ]; then break; fi
  done
  eval "$1=\$value"
}

# A text as SQL: in single quotes, with backslashes and quotes escaped.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/\\\\/\\\\\\\\/g; s/'/''/g")"; }
# A name as SQL: in backticks.
named() { printf '`%s`' "$(printf %s "$1" | sed 's/`/``/g')"; }

# The client, as root; the password comes from a file once there is one, so that it is in no argv.
sql() { mariadb "${root_login:---no-defaults}" --protocol=socket --socket="$socket" -uroot "$@"; }

read_settings() {
  for name in ROOT_PASSWORD ROOT_HOST DATABASE USER PASSWORD RANDOM_ROOT_PASSWORD ALLOW_EMPTY_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD; do
    read_setting "$name"
  done
  ROOT_HOST=${ROOT_HOST:-%}
  if [ -z "$ROOT_PASSWORD$RANDOM_ROOT_PASSWORD$ALLOW_EMPTY_PASSWORD$ALLOW_EMPTY_ROOT_PASSWORD" ]; then
    fail "Database is uninitialized and password option is not specified
    You need to specify one of MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD"
  fi
  if [ "$USER" = root ]; then fail "MYSQL_USER=\"root\": that user is there already; use MYSQL_ROOT_PASSWORD"; fi
  if [ -n "$USER" ] && [ -z "$PASSWORD" ]; then fail "MYSQL_USER is set without MYSQL_PASSWORD"; fi
  if [ -z "$ROOT_PASSWORD" ] && [ -n "$RANDOM_ROOT_PASSWORD" ]; then
    ROOT_PASSWORD=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    say "GENERATED ROOT PASSWORD: $ROOT_PASSWORD"
  fi
}

# The statements that make users and the database. Read from stdin by the client, so that no password is in any argv;
# by printf, because echo would take backslashes away.
first_statements() {
  # Users for names that --skip-name-resolve makes useless.
  printf '%s\n' "DELETE FROM mysql.global_priv WHERE User = '' OR Host NOT IN ('localhost');" 'FLUSH PRIVILEGES;'
  if [ "$ROOT_HOST" != localhost ]; then
    printf '%s\n' "CREATE USER 'root'@$(quoted "$ROOT_HOST") IDENTIFIED BY $(quoted "$ROOT_PASSWORD");"
    printf '%s\n' "GRANT ALL ON *.* TO 'root'@$(quoted "$ROOT_HOST") WITH GRANT OPTION;"
  fi
  if [ -n "$DATABASE" ]; then printf '%s\n' "CREATE DATABASE IF NOT EXISTS $(named "$DATABASE");"; fi
  if [ -n "$USER" ]; then
    printf '%s\n' "CREATE USER $(quoted "$USER")@'%' IDENTIFIED BY $(quoted "$PASSWORD");"
    if [ -n "$DATABASE" ]; then
      # An underscore would stand for any letter.
      pattern=$(printf %s "$DATABASE" | sed 's/_/\\_/g')
      printf '%s\n' "GRANT ALL ON $(named "$pattern").* TO $(quoted "$USER")@'%';"
    fi
  fi
  printf '%s\n' "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$ROOT_PASSWORD");"
}

run_initialisation_files() {
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        say "running $file"
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) say "running $file" && sql ${DATABASE:+"$DATABASE"} <"$file" ;;
      *.sql.gz) say "running $file" && gunzip -c "$file" | sql ${DATABASE:+"$DATABASE"} ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) say "ignoring $file" ;;
    esac
  done
}

start_temporary_server() { # COMMAND...: without network, only for this script
  "$@" --skip-networking --socket="$socket" &
  server=$!
  tries=0
  until mariadb-admin --no-defaults --protocol=socket --socket="$socket" -uroot ping >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || fail "the server ended before it answered; see its messages above"
    tries=$((tries + 1))
    if [ "$tries" -ge 600 ]; then fail "the server did not answer within 60 seconds"; fi
    sleep 0.1
  done
}

stop_temporary_server() {
  kill "$server"
  wait "$server" || fail "the server could not be shut down after the first start"
}

make_database() { # COMMAND...
  read_settings
  say "Initializing database files"
  # Nothing of a first start that was cut off is worth keeping: nobody could connect to it.
  find "$data" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
  : >"$unfinished"
  # --force: without it the container's name must be resolvable, for nothing.
  if ! said=$(mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --force 2>&1); then
    echo "$said" >&2
    fail "the database could not be made in $data"
  fi
  start_temporary_server "$@"
  first_statements | sql
  login_file=$(mktemp)
  printf '[client]\npassword="%s"\n' "$(printf %s "$ROOT_PASSWORD" | sed 's/[\\"]/\\&/g')" >"$login_file"
  root_login=--defaults-file=$login_file
  run_initialisation_files
  stop_temporary_server
  rm -f "$login_file" "$unfinished"
  say "init process done. Ready for start up."
}

case ${1:-} in -*) set -- mysqld "$@" ;; esac
case ${1:-} in
  mysqld | mariadbd)
    shift
    set -- mariadbd "$@"
    ;;
  *) exec "$@" ;;
esac
for argument in "$@"; do
  case $argument in '-?' | --help | --print-defaults | -V | --version) exec "$@" ;; esac
done

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$data" /run/mysqld
  find "$data" ! -user mysql -exec chown mysql:mysql {} +
  chown mysql:mysql /run/mysqld
  exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
fi
if [ ! -d "$data/mysql" ] || [ -e "$unfinished" ]; then make_database "$@"; fi
exec "$@"

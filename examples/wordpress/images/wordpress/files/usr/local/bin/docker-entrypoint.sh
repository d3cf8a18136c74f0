#!/bin/sh
# Fills /var/www/html with WordPress at the first start, writes wp-config.php when the environment has WORDPRESS_*
# variables, and becomes the command. Files that are there already are left alone.
set -eu

source=/usr/src/wordpress
say() { echo "wordpress: $*" >&2; }

# The user that owns the site's files: Apache's workers when we are root, else ourselves.
choose_owner() {
  if [ "$(id -u)" = 0 ]; then
    owner=${APACHE_RUN_USER:-www-data} group=${APACHE_RUN_GROUP:-www-data}
  else
    owner=$(id -u) group=$(id -g)
  fi
}

copy_wordpress() {
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u:%g .)" = 0:0 ]; then chown "$owner:$group" .; fi
  say "WordPress not found in $PWD - copying now..."
  # A mounted theme or plugin wins over the copy of the same name.
  kept=$(mktemp)
  for path in "$source"/wp-content/*/*; do
    path=${path#"$source"/}
    if [ -e "$path" ]; then printf './%s\n' "$path"; fi
  done >"$kept"
  if [ "$(id -u)" = 0 ]; then set -- --owner="$owner" --group="$group"; else set --; fi
  tar -C "$source" "$@" --exclude-from="$kept" --anchored --no-wildcards -cf - . |
    tar -xf - --skip-old-files
  rm -f "$kept"
  say "Complete! WordPress has been successfully copied to $PWD"
}

write_config() {
  if [ -e wp-config.php ] || ! env | grep -q '^WORDPRESS_'; then return 0; fi
  say "No 'wp-config.php' found in $PWD, but 'WORDPRESS_...' variables supplied; copying 'wp-config-docker.php'"
  # One new secret for each of the eight places. Written beside its place first: a half-written file would stay.
  php -r '
    $text = file_get_contents($argv[1]);
    echo preg_replace_callback("/put your unique phrase here/", fn() => bin2hex(random_bytes(20)), $text);
  ' "$source/wp-config-docker.php" >wp-config.php.new
  if [ "$(id -u)" = 0 ]; then chown "$owner:$group" wp-config.php.new; fi
  chmod 644 wp-config.php.new
  mv wp-config.php.new wp-config.php
}

case ${1:-} in
  apache2*)
    choose_owner
    # wp-config.php may be mounted alone; these two say that WordPress itself is there.
    if [ ! -e index.php ] || [ ! -e wp-includes/version.php ]; then copy_wordpress; fi
    write_config
    ;;
esac
exec "$@"

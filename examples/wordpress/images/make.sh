#!/bin/sh
# Makes and imports the two images of this example: wordpress:latest and mysql:5.7.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/../../make-image.sh" "$@" "$here/wordpress" "$here/mysql"

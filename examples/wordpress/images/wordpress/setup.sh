# Takes Debian's WordPress apart into the shape of the image on Docker Hub: the files wait in /usr/src/wordpress and are
# copied into the volume at /var/www/html by the entrypoint.
export DEBIAN_FRONTEND=noninteractive

mkdir -p /usr/src/wordpress
# Debian links to shared libraries of scripts and fonts: the copy has the files themselves.
cp -rL /usr/share/wordpress/. /usr/src/wordpress/
if [ -d /var/lib/wordpress/wp-content ]; then
  cp -rL /var/lib/wordpress/wp-content/. /usr/src/wordpress/wp-content/
fi
# Debian's own configuration reads /etc/wordpress; ours reads the environment.
mv /usr/src/wordpress-config.php /usr/src/wordpress/wp-config-docker.php
rm -f /usr/src/wordpress/wp-config.php
mkdir -p /usr/src/wordpress/wp-content/uploads /usr/src/wordpress/wp-content/upgrade
chown -R www-data:www-data /usr/src/wordpress
chmod -R u+rwX,go+rX /usr/src/wordpress

# Only the copy is needed, not the package nor the database client it asks for.
apt-get purge -qq -y wordpress wordpress-theme-twentytwentythree
apt-get autoremove -qq -y --purge
rm -rf /var/lib/wordpress /etc/wordpress

a2enmod -q rewrite expires
a2dissite -q 000-default
a2ensite -q wordpress
a2disconf -q other-vhosts-access-log serve-cgi-bin
rm -rf /var/www/html
mkdir -p /var/www/html
chown www-data:www-data /var/www/html
chmod 1777 /var/www/html
rm -f /var/log/apache2/*
ln -sf /dev/stdout /var/log/apache2/access.log
ln -sf /dev/stderr /var/log/apache2/error.log

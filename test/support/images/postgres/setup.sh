# No cluster of the package's own: the entrypoint makes one in the volume.
rm -rf /var/lib/postgresql/15 /etc/postgresql/15
mkdir -p /var/lib/postgresql/data /var/run/postgresql /docker-entrypoint-initdb.d
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
chmod 1777 /var/lib/postgresql/data
chmod 2777 /var/run/postgresql
sed -i "s/^#\?listen_addresses.*/listen_addresses = '*'/" /usr/share/postgresql/15/postgresql.conf.sample

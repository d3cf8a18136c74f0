# A database server that listens on every address, logs to stderr and finds an empty data directory at the first start.
rm -rf /var/lib/mysql /var/log/mysql
mkdir -p /var/lib/mysql /run/mysqld /docker-entrypoint-initdb.d
chown mysql:mysql /var/lib/mysql /run/mysqld
chmod 1777 /run/mysqld
rm -f /etc/mysql/debian.cnf /etc/mysql/debian-start
sed -i '/^bind-address/d' /etc/mysql/mariadb.conf.d/50-server.cnf

# The places of the image on Docker Hub: configuration in conf.d, pages in /usr/share/nginx/html, logs on the streams.
rm -f /etc/nginx/sites-enabled/default
ln -sf /dev/stdout /var/log/nginx/access.log
ln -sf /dev/stderr /var/log/nginx/error.log

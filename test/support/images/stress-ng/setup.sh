# A root file system of a few megabytes, in the shape of the well-known busybox image.
/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin /etc /tmp /root /home /var/spool/mail /var/www /dev /proc /sys /run
/bin/busybox --install -s /bin
rm -rf /usr/share /usr/lib/x86_64-linux-gnu/gconv /etc/ld.so.conf.d/fakeroot*
chmod 1777 /tmp
chmod 700 /root
ldconfig 2>/dev/null || true
cat >/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
END
cat >/etc/group <<'END'
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
mail:x:8:
wheel:x:10:root
www-data:x:33:
users:x:100:
nogroup:x:65534:
END
printf 'passwd: files\ngroup: files\nhosts: files dns\n' >/etc/nsswitch.conf

#!/bin/bash
# Becomes one made-up machine inside the namespaces record.sh has made: process 1
# of its own process tree, with own copies of every folder its daemons write to.
set -euo pipefail
name=$1 address=$2 work=/mnt

hostname "$name"
mount --make-rprivate /

own=$work/$name/own
mkdir -p "$own"
cp -a /etc "$own/etc"
mkdir -p "$own/home" "$own/root" "$own/srv" "$own/var/log/audit" "$own/var/spool/cron/crontabs" \
	"$own/var/backups" "$own/var/cache" "$own/var/lib/nginx" "$own/var/lib/sudo/lectured" "$own/var/mail" "$own/var/tmp"
cp -a /var/lib/dpkg /var/lib/apt "$own/var/lib/"
ln -s /run "$own/var/run"
chmod 700 "$own/root" "$own/var/lib/sudo"
chown root:crontab "$own/var/spool/cron/crontabs"
chmod 1730 "$own/var/spool/cron/crontabs"
chmod 1777 "$own/var/tmp"

# A device folder of its own, so that /dev/log and terminals are its own too.
dev=$work/$name/dev
mkdir -p "$dev"
mount -t tmpfs -o mode=0755 tmpfs "$dev"
mkdir "$dev/pts" "$dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$dev/pts"
mount -t tmpfs tmpfs "$dev/shm"
for node in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
	set -- $node
	mknod -m 666 "$dev/$1" c "$2" "$3"
done
ln -s pts/ptmx "$dev/ptmx"
ln -s /proc/self/fd "$dev/fd"
ln -s /proc/self/fd/0 "$dev/stdin"
ln -s /proc/self/fd/1 "$dev/stdout"
ln -s /proc/self/fd/2 "$dev/stderr"

rm -f "$own"/etc/cron.*/* "$own/etc/motd" "$own"/etc/update-motd.d/* "$own"/etc/sudoers.d/* "$own/etc/profile.d/"*
printf 'Set disable_coredump false\n' >"$own/etc/sudo.conf"
touch "$own/var/log/lastlog" "$own/var/log/wtmp" "$own/var/log/btmp"
ln -sf /usr/share/zoneinfo/Asia/Ho_Chi_Minh "$own/etc/localtime"
echo Asia/Ho_Chi_Minh >"$own/etc/timezone"
echo "$name" >"$own/etc/hostname"
printf '127.0.0.1 localhost\n10.20.0.11 web01\n10.20.0.12 db01\n10.20.0.5 logs01\n' >"$own/etc/hosts"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$own/etc/nsswitch.conf"
cp "/mnt/stage/audit.rules" "$own/etc/audit.rules"
cp "/mnt/stage/crontab.$name" "$own/etc/crontab"
chmod 644 "$own/etc/crontab"
printf '\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nTZ=Asia/Ho_Chi_Minh\n' >>"$own/etc/environment"

for folder in etc home root srv var; do mount --bind "$own/$folder" "/$folder"; done
mount --bind "$work/audit" /var/log/audit
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/sshd /run/lock /run/sudo/ts /run/portal /run/rsyslog
touch /run/utmp
mount --move "$dev" /dev
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount --bind /bin/true "$(readlink -f /usr/sbin/sendmail || echo /bin/true)" # cron and sudo send no mail
export TZ=Asia/Ho_Chi_Minh PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /mnt/stage/accounts.sh
# All else of the real disk is out of reach for whatever runs here.
mount -o remount,bind,ro /

rsyslogd -n -f "$work/stage/$name.conf" -i /run/rsyslogd.pid &
sleep 1
/usr/sbin/sshd -D -f /etc/ssh/sshd_day.conf &
cron -f &
if [ "$name" = web01 ]; then
	runuser -u www-data -- python3 /mnt/stage/portal.py >>"$work/wire/app.ndjson" 2>/run/portal/errors &
	nginx -c /etc/nginx/day.conf &
fi
sleep 1
touch "$work/$name/ready"
while :; do sleep 1; done

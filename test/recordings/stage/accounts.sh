# Sourced by machine.sh before any daemon is up: accounts, keys, sudo, ssh, web.
# Account names are roles. Every password exists in this recording only.

account() { # name uid password [shell]
	useradd -m -u "$2" -s "${4:-/bin/bash}" "$1"
	printf '%s:%s\n' "$1" "$3" | chpasswd
}
allow_key() { # account home key...
	local who=$1 home=$2
	shift 2
	mkdir -p "$home/.ssh"
	for key in "$@"; do cat "$work/keys/$key.pub"; done >>"$home/.ssh/authorized_keys"
	chmod 700 "$home/.ssh"
	chown -R "$who:" "$home/.ssh"
}

account quantri 1001 'Kx7-quang-truong-41'
account deploy 1002 'Pq2-trien-khai-88'
account saoluu 1003 'saoluu@123'
account vanthu 1004 'Vt9-cong-van-den'
allow_key quantri /home/quantri quantri
allow_key deploy /home/deploy deploy
allow_key saoluu /home/saoluu saoluu
echo 'root:Rz5-khong-doan-duoc-77' | chpasswd

cat >/etc/sudoers <<-'SUDOERS'
	Defaults env_reset, lecture=never, use_pty
	Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	root ALL=(ALL:ALL) ALL
	%sudo ALL=(ALL:ALL) ALL
	quantri ALL=(ALL) NOPASSWD: ALL
	deploy ALL=(root) NOPASSWD: /usr/sbin/nginx
	saoluu ALL=(root) NOPASSWD: /usr/bin/find
	@includedir /etc/sudoers.d
SUDOERS
chmod 440 /etc/sudoers

ssh-keygen -q -t ed25519 -N '' -C "$name" -f /etc/ssh/day_key
cat >/etc/ssh/sshd_day.conf <<-SSHD
	ListenAddress $address
	Port 22
	HostKey /etc/ssh/day_key
	PidFile /run/sshd.pid
	UsePAM yes
	PermitRootLogin $([ "$name" = web01 ] && echo yes || echo prohibit-password)
	PasswordAuthentication yes
	LoginGraceTime 30
	MaxStartups 20:30:60
	UseDNS no
	PrintMotd no
	Subsystem sftp internal-sftp
SSHD

if [ "$name" = web01 ]; then
	mkdir -p /root/.ssh
	cp "$work/keys/lateral" /root/.ssh/id_ed25519
	chmod 600 /root/.ssh/id_ed25519
	mkdir -p /srv/www/static /srv/www/uploads /srv/www/tin-tuc /srv/www/thu-tuc
	for n in $(seq 1 40); do
		printf '<!doctype html><title>Tin %s</title><p>%s\n' "$n" "$(printf 'Thong bao so %d. %.0s' $(seq "$n") $(seq "$n"))" >"/srv/www/tin-tuc/$n.html"
		printf '<!doctype html><title>Thu tuc %s</title>\n' "$n" >"/srv/www/thu-tuc/$n.html"
	done
	echo '<!doctype html><title>Cong dich vu cong</title>' >/srv/www/index.html
	for f in app.css app.js logo.svg; do seq 400 >"/srv/www/static/$f"; done
	chown -R deploy: /srv/www
	chown www-data /srv/www/uploads
	sed "s|@ADDRESS@|$address|" /mnt/stage/nginx.conf >/etc/nginx/day.conf
	mkdir -p /var/log/nginx /run/nginx
	touch /mnt/wire/app.ndjson
	chmod 755 /mnt
else
	allow_key root /root lateral
	mkdir -p /srv/hoso
	for n in $(seq 1 30); do seq "$n" 500 >"/srv/hoso/$n.txt"; done
fi
chmod 1777 /var/backups

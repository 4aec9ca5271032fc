#!/bin/bash
# Records the attack day from real daemons: sshd, sudo, su, cron, auditd, nginx,
# rsyslog and a small web application, on two made-up machines.
#
# Everything happens in private Linux namespaces: a network that has nothing but
# a loopback (whose addresses are the documentation ranges of RFC 5737), own host
# names, own process trees, own copies of /etc, /home, /root, /run and /var. No
# test user, daemon or file of the recording ever exists on the machine itself,
# and nothing can reach a network. The one thing shared is the kernel's audit
# switch: it is turned on with rules for the test users only, and off at the end.
#
# Usage (as root): test/recordings/record.sh [output folder]
# Needs: openssh-server sudo cron auditd nginx rsyslog iproute2 curl python3 tzdata
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/day}
stage=$here/stage

if [ "${RECORDING_STEP:-}" != inside ]; then
	[ "$(id -u)" = 0 ] || { echo "record.sh: run it as root (it makes namespaces)" >&2; exit 1; }
	for tool in sshd sudo su cron crontab nginx rsyslogd ip unshare nsenter curl python3 useradd; do
		command -v "$tool" >/dev/null || { echo "record.sh: $tool is missing; apt-get install openssh-server sudo cron auditd nginx rsyslog iproute2 curl python3" >&2; exit 1; }
	done
	mkdir -p "$out"
	RECORDING_STEP=inside exec unshare --net --mount -- "$here/record.sh" "$(cd "$out" && pwd)"
fi

# From here on: a private network and a private mount table.
mount --make-rprivate /
work=/mnt # an empty one of our own
mount -t tmpfs -o mode=0755 tmpfs "$work"
mount -t tmpfs -o mode=0755 tmpfs /run
cp -r "$stage" "$work/stage"
mkdir -p "$work"/{wire,audit,keys,web01,db01,collector} /run/sshd
chmod 700 "$work/audit" "$work/keys"

audit_was=$(auditctl -s 2>/dev/null | awk '$1=="enabled"{print $2}' || true)
machines=()
daemons=()
cleanup() {
	set +e
	if [ -n "${audit_on:-}" ]; then
		auditctl -D >/dev/null
		auditctl -e "${audit_was:-0}" >/dev/null
	fi
	# unshare takes its machine's process 1, and so the whole machine, with it.
	for p in "${machines[@]}"; do kill -KILL "$p" 2>/dev/null; done
	for p in "${daemons[@]}"; do kill "$p" 2>/dev/null; done
	wait 2>/dev/null
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

ip link set lo up
ip addr add 10.20.0.5/16 dev lo      # the province's network: servers and staff
ip addr add 203.0.113.66/24 dev lo   # the attacker
ip addr add 198.51.100.10/24 dev lo  # citizens
ip addr add 192.0.2.10/24 dev lo     # citizens

# The collector keeps each message exactly as it came in over UDP and TCP.
sed "s|@WIRE@|$work/wire|" "$stage/collector.conf" >"$work/collector/rsyslog.conf"
TZ=Asia/Ho_Chi_Minh rsyslogd -n -f "$work/collector/rsyslog.conf" -i "$work/collector/pid" &
daemons+=($!)

for key in quantri deploy saoluu lateral; do
	ssh-keygen -q -t ed25519 -N '' -C "$key@province" -f "$work/keys/$key"
done

start_machine() { # name address
	unshare --mount --uts --pid --fork --kill-child --mount-proc -- \
		"$work/stage/machine.sh" "$1" "$2" &
	machines+=($!)
	for _ in $(seq 100); do
		[ -e "$work/$1/ready" ] && return
		sleep 0.2
	done
	echo "record.sh: machine $1 did not come up, see its messages above" >&2
	exit 1
}
start_machine db01 10.20.0.12
start_machine web01 10.20.0.11

# auditd must live in the first process namespace, so it runs here and web01's
# rsyslog reads the file it writes. Rules see sessions of the test users only.
if [ "$audit_was" = 0 ]; then
	mkdir "$work/auditd"
	sed "s|@WORK@|$work|" "$stage/auditd.conf" >"$work/auditd/auditd.conf"
	chmod 640 "$work/auditd/auditd.conf"
	auditd -n -c "$work/auditd" &
	daemons+=($!)
	audit_on=yes
	sleep 1
	auditctl -D >/dev/null
	nsenter --mount="/proc/${machines[1]}/ns/mnt" auditctl -R /etc/audit.rules >/dev/null
	auditctl -e 1 >/dev/null
else
	echo "record.sh: kernel audit is ${audit_was:-not here} or in use: the day is recorded without auditd" >&2
fi

# In the background, so that a signal ends the wait and cleanup runs at once.
python3 "$stage/day.py" "$work" &
daemons+=($!)
wait $!

sleep 3
python3 "$stage/pack.py" "$work" "$out"

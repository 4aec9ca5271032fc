"""Turns what the collector wrote into the recording: compressed files and
manifest.json. Refuses to pack what names the recording machine."""
import gzip
import json
import os
import re
import socket
import sys
from datetime import datetime, timedelta, timezone

work, out = sys.argv[1], sys.argv[2]
VIETNAM = timezone(timedelta(hours=7))
# The machines run in private namespaces; this is the name outside them.
OUTSIDE = socket.gethostname()

FILES = [
    ("tcp.log", "syslog.log.gz", "syslog-tcp", "web01 (RFC 5424), db01 (RFC 3164): sshd, sudo, su, cron, accounts, auditd"),
    ("udp.log", "nginx-access.log.gz", "syslog-udp", "web01: nginx access and error log"),
    ("app.ndjson", "app.ndjson.gz", "http-json", "web01: the public service's own log"),
]
# The start and end of the collecting and auditing itself speak of this kernel and
# of the recording, not of the day. The hexadecimal words are "auditctl"
# and "auditd" as command lines.
SETTING_UP = (" rsyslogd", " kernel=", "auditctl", "617564697463746C", 'comm="auditd"', "proctitle=61756469746400", "op=add_rule", "op=remove_rule", "type=CONFIG_CHANGE", "type=DAEMON_")
RFC5424 = re.compile(r"^<\d+>1 (\S+) ")
RFC3164 = re.compile(r"^<\d+>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ")


def moment(line):
    if line.startswith("{"):
        return datetime.fromisoformat(json.loads(line)["time"])
    if m := RFC5424.match(line):
        return datetime.fromisoformat(m[1])
    if m := RFC3164.match(line):
        year = datetime.now(VIETNAM).year
        return datetime.strptime(f"{year} {m[1]}", "%Y %b %d %H:%M:%S").replace(tzinfo=VIETNAM)
    sys.exit(f"pack.py: no time in {line!r}")


files = []
for source, name, how, label in FILES:
    with open(f"{work}/wire/{source}", encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if line]
    lines = [line for line in lines if not any(word in line for word in SETTING_UP)]
    for line in lines:
        if re.search(rf"(?<![\w.-]){re.escape(OUTSIDE)}(?![\w.-])", line):
            sys.exit(f"pack.py: the recording machine's name is in {line!r}")
    moments = [moment(line) for line in lines]
    with open(f"{out}/{name}", "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    files.append({
        "file": name, "input": how, "label": label, "lines": len(lines), "bytes": os.path.getsize(f"{out}/{name}"),
        "first": min(moments).isoformat(), "last": max(moments).isoformat(),
    })
with open(f"{work}/wire/scenes.json") as file:
    scenes = json.load(file)
for scene in scenes:
    for end in ("from", "to"):
        scene[end] = datetime.fromtimestamp(scene[end], VIETNAM).isoformat(timespec="seconds")
with open(f"{out}/manifest.json", "w", encoding="utf-8") as file:
    json.dump({"recorded": datetime.now(VIETNAM).date().isoformat(), "zone": "Asia/Ho_Chi_Minh", "files": files, "attack": scenes}, file, ensure_ascii=False, indent=2)
    file.write("\n")
for entry in files:
    print(entry["file"], entry["lines"], "lines", entry["bytes"], "bytes")

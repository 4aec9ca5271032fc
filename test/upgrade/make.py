#!/usr/bin/env python3
"""Makes the states that upgrades are tested from, by the product of that time.

    make.py LACHAN NN-name FOLDER

runs the binary LACHAN on an empty data folder, lets people, units, tokens, alerts
and whatever else it knows happen through its own API, stops it, and writes

    FOLDER/NN-name.sqlite.sql    the control database
    FOLDER/NN-name.postgres.sql  the same story told to PostgreSQL, where
                                 LACHAN_TEST_POSTGRES names a server
    FOLDER/NN-name.<engine>.tar.gz   the rest of the data folder: spool, segments, keys
    FOLDER/NN-name.<engine>.json     what must be true after the upgrade

A state is made once, from the last commit of a milestone, and never again.
"""
import base64, glob, hashlib, hmac, io, json, os, re, signal, socket, sqlite3, struct, subprocess, sys, tarfile, tempfile, time, urllib.error, urllib.request

binary, name, folder = sys.argv[1:4]
PASSWORD = "rung-bien-nui-song-47"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def totp(secret, at):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    h = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    o = h[19] & 15
    return "%06d" % ((struct.unpack(">I", h[o : o + 4])[0] & 0x7FFFFFFF) % 10**6)


class Server:
    def __init__(self, work, database):
        self.port, self.syslog = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = os.path.join(work, "data")
        config = os.path.join(work, "lachan.yml")
        with open(config, "w") as f:
            f.write(f"http: {{listen: '127.0.0.1:{self.port}'}}\ninputs: [{{kind: syslog, tcp: ['127.0.0.1:{self.syslog}'], units: {{127.0.0.1: so-y-te}}}}]\n")
            if database:
                f.write(f"database: {{url: '{database}'}}\n")
        self.out, self.log = os.path.join(work, "out"), os.path.join(work, "log")
        self.process = subprocess.Popen([binary, "serve", "--data", self.data, "--config", config], stdout=open(self.out, "w"), stderr=open(self.log, "w"))

    def password(self):
        for _ in range(600):
            m = re.search(r"one-time password: +(\S+)$", open(self.out).read(), re.M)
            if m:
                return m.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit("the server printed no password\n" + open(self.log).read())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            sys.exit("the server did not end well\n" + open(self.log).read())


class Client:
    def __init__(self, server, token=None):
        self.server, self.token, self.cookie = server, token, None

    def ask(self, method, path, body=None, kind="application/json", want=range(200, 300)):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        r = urllib.request.Request(self.server.url + path, data=data, method=method)
        if data is not None:
            r.add_header("Content-Type", kind)
        if self.token:
            r.add_header("Authorization", "Bearer " + self.token)
        if self.cookie:
            r.add_header("Cookie", self.cookie)
        try:
            with urllib.request.urlopen(r, timeout=30) as res:
                status, text, cookie = res.status, res.read(), res.headers.get("Set-Cookie")
        except urllib.error.HTTPError as e:
            status, text, cookie = e.code, e.read(), None
        if status not in want:
            sys.exit(f"{method} {path}: {status} {text.decode()}")
        if cookie:
            self.cookie = cookie.split(";")[0]
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    def api(self, method, path, body=None, **more):
        return self.ask(method, "/api/v1" + path, body, **more)

    def sign_in(self, username, one_time, knows):
        self.api("POST", "/session", {"username": username, "password": one_time})
        self.api("POST", "/session/password", {"current": one_time, "new": PASSWORD})
        if not knows("/api/v1/me/totp") or username != "admin":
            return None
        secret = self.api("POST", "/me/totp")["secret"]
        self.api("POST", "/me/totp/confirm", {"code": totp(secret, time.time())})
        return secret


def tell(server):
    """Lets happen what the version knows, and returns what must be true of it."""
    anybody = Client(server)
    one_time = server.password()
    paths = anybody.ask("GET", "/api/openapi.json")["paths"]
    knows = lambda path: path in paths
    admin = Client(server)
    truth = {"password": PASSWORD, "totp": admin.sign_in("admin", one_time, knows), "users": {}, "tokens": {}, "units": {}}

    for unit, title, kind in (("so-y-te", "Sở Y tế", "department"), ("xa-an-phu", "Xã An Phú", "commune")):
        admin.api("POST", "/units", {"id": unit, "name": title})
        truth["units"][unit] = title
    people = {"lan": "trung-tam", "minh": "so-y-te", "nghi": "xa-an-phu"}
    for who, unit in people.items():
        made = admin.api("POST", "/users", {"username": who, "displayName": who.title(), "role": "analyst", "unit": unit})
        one = Client(server)
        one.sign_in(who, made["oneTimePassword"] if "oneTimePassword" in made else made["password"], knows)
        truth["users"][who] = {"id": made.get("id") or made["user"]["id"], "unit": unit, "role": "analyst", "disabled": who == "nghi"}
        if who == "lan":
            lan = one
    admin.api("PATCH", "/users/" + truth["users"]["nghi"]["id"], {"disabled": True})
    for label, unit, scope in (("máy chủ web", "so-y-te", "ingest"), ("báo cáo", "trung-tam", "api"), ("đã mất", "so-y-te", "ingest")):
        days = 365 if scope == "api" and knows("/api/v1/me/totp") else 3650
        made = admin.api("POST", "/tokens", {"name": label, "unit": unit, "scope": scope, "expiresInDays": days})
        truth["tokens"][label] = {"id": made["id"], "secret": made["token"], "unit": unit, "scope": scope, "revoked": label == "đã mất", "until": made["expiresAt"]}
    admin.api("DELETE", "/tokens/" + truth["tokens"]["đã mất"]["id"])

    lines = []
    for attacker in ("203.0.113.7", "203.0.113.8", "203.0.113.9"):
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        user = "svc" + attacker[-1]
        lines.append(f"<38>1 {at} web-{attacker[-1]} sudo 812 - - {user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND=/bin/bash")
        lines += [f"<38>1 {at} web-{attacker[-1]} sshd 812 - - Failed password for root from {attacker} port {40000 + i} ssh2" for i in range(12)]
    with socket.create_connection(("127.0.0.1", server.syslog)) as sender:
        for line in lines:
            sender.sendall(b"%d %s" % (len(line.encode()), line.encode()))
    truth["events"] = len(lines)
    for _ in range(300):
        alerts = lan.api("GET", "/alerts?limit=50")["items"]
        if len(alerts) >= 3:
            break
        time.sleep(0.2)
    else:
        sys.exit("no alerts\n" + open(server.log).read())
    time.sleep(3)
    alerts = sorted(lan.api("GET", "/alerts?limit=50")["items"], key=lambda a: a["id"])
    first, second = alerts[0], alerts[1]
    first = lan.api("PATCH", "/alerts/" + first["id"], {"version": first["version"], "status": "in_progress", "assigneeId": truth["users"]["lan"]["id"], "note": "Đã gọi Sở Y tế."})
    lan.api("PATCH", "/alerts/" + second["id"], {"version": second["version"], "status": "closed", "reason": "false_positive", "note": "Kiểm thử của đơn vị."})

    if knows("/api/v1/search/saved"):
        saved = lan.api("POST", "/search/saved", {"name": "Đăng nhập sai", "query": "sshd", "range": {"from": "now-24h", "to": "now"}, "visibility": "private"})
        truth["saved"] = {"id": saved["id"], "name": "Đăng nhập sai", "query": "sshd"}
    if knows("/api/v1/uploads"):
        up = lan.api("POST", "/uploads?name=cu.log&unit=so-y-te", b"\n".join(l.encode() for l in lines[:2]) + b"\n", kind="application/octet-stream")
        truth["upload"] = up["id"]
        for _ in range(300):
            state = lan.api("GET", "/uploads/" + up["id"])
            if state.get("status") in ("done", "failed"):
                break
            time.sleep(0.2)
        if state["status"] != "done":
            sys.exit(f"the upload did not end: {state}")
        truth["events"] += state["stored"]
    if knows("/api/v1/enrolments"):
        made = admin.api("POST", "/enrolments", {"name": "Tường lửa", "unit": "xa-an-phu", "device": "filebeat", "credential": "token"})
        truth["enrolment"] = made.get("id") or made["enrolment"]["id"]

    truth["alerts"] = {}
    for a in lan.api("GET", "/alerts?limit=50")["items"]:
        full = lan.api("GET", "/alerts/" + a["id"])
        assignee = full["assignee"]
        truth["alerts"][a["id"]] = {
            "title": a["title"], "titleVi": a["titleVi"], "level": a["level"], "status": a["status"], "unit": a["unit"], "count": a["count"],
            "entity": a["entityValue"], "reason": a["reason"], "assignee": assignee["username"] if isinstance(assignee, dict) and "username" in assignee else (assignee or {}).get("id") if isinstance(assignee, dict) else assignee,
            "firstSeen": a["firstSeen"], "history": [[h["action"], h.get("to") or "", h.get("note") or ""] for h in full["history"]],
        }
    for _ in range(100):
        if lan.api("GET", "/sources")["items"]:
            break
        time.sleep(0.2)
    truth["sources"] = len(lan.api("GET", "/sources")["items"])
    return truth


def dump_sqlite(path):
    """A plain dump, without what SQLite keeps for itself."""
    db = sqlite3.connect(path)
    return "\n".join(line for line in db.iterdump() if "sqlite_stat" not in line and "sqlite_sequence" not in line) + "\n"


def dump_postgres(url):
    bin_dir = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    text = subprocess.run([bin_dir + "/pg_dump", "--inserts", "--no-owner", "--no-privileges", "--no-comments", url], check=True, capture_output=True, text=True).stdout
    return "\n".join(line for line in text.splitlines() if line and not line.startswith(("\\", "--"))) + "\n"


def rest_of(data, control):
    """The data folder but the control database, as a reproducible archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=9) as archive:
        for root, dirs, files in os.walk(data):
            dirs.sort()
            for one in sorted(files):
                path = os.path.join(root, one)
                if path.startswith(control) or one.endswith((".lock", ".sock", ".pid")) or one == "lock":
                    continue
                info = archive.gettarinfo(path, os.path.relpath(path, data))
                info.uid = info.gid = info.mtime = 0
                info.uname = info.gname = ""
                with open(path, "rb") as f:
                    archive.addfile(info, f)
    return out.getvalue()


def make(engine, database):
    with tempfile.TemporaryDirectory() as work:
        server = Server(work, database)
        try:
            truth = tell(server)
        finally:
            if server.process.poll() is None:
                server.stop()
        control = glob.glob(os.path.join(server.data, "control", "*.db"))
        text = dump_postgres(database) if database else dump_sqlite(control[0])
        base = os.path.join(folder, f"{name}.{engine}")
        with open(base + ".sql", "w") as f:
            f.write(text)
        with open(base + ".tar.gz", "wb") as f:
            f.write(rest_of(server.data, os.path.join(server.data, "control")))
        with open(base + ".json", "w") as f:
            json.dump(truth, f, ensure_ascii=False, indent=1)
            f.write("\n")
        print(f"{base}: {len(text)} bytes of SQL, {os.path.getsize(base + '.tar.gz')} of files, {len(truth['alerts'])} alerts")


os.makedirs(folder, exist_ok=True)
make("sqlite", None)
if os.environ.get("LACHAN_TEST_POSTGRES"):
    # A database of its own: an older version knows no schemas.
    bin_dir = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    where = os.environ["LACHAN_TEST_POSTGRES"]
    own = "made_" + re.sub(r"\W", "_", name)
    for statement in (f"DROP DATABASE IF EXISTS {own}", f"CREATE DATABASE {own}"):
        subprocess.run([bin_dir + "/psql", "-q", where, "-c", statement], check=True)
    make("postgres", where.replace("/postgres?", f"/{own}?"))

"""The small web application behind nginx on web01: looks up dossiers by code,
signs officials in, takes uploads without checking them (its one mistake).
Writes one JSON object a line to standard output for every request."""
import json
import sys
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

VIETNAM = timezone(timedelta(hours=7))
PASSWORDS = {"tiepnhan": "motcua-2026", "lanhdao": "Ph3-duyet-ho-so", "tracuu": "tracuu"}
failures = {}


class Portal(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def note(self, level, event, message, **more):
        line = {
            "time": datetime.now(VIETNAM).isoformat(timespec="milliseconds"),
            "host": "web01", "category": "application", "service": "dich-vu-cong", "level": level, "event": event,
            "message": message, "src_ip": self.headers.get("X-Real-IP", ""),
            "request": {"method": self.command, "path": urlsplit(self.path).path,
                        "agent": self.headers.get("User-Agent", "")},
            "duration_ms": round((time.monotonic() - self.began) * 1000, 2),
        } | more
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def reply(self, status, body):
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.began = time.monotonic()
        url = urlsplit(self.path)
        code = parse_qs(url.query).get("ma", [""])[0]
        if url.path != "/api/tra-cuu":
            self.reply(404, {"error": "không có"})
            self.note("warning", "not_found", "đường dẫn không tồn tại", outcome="failure")
        elif code.isdigit() and len(code) == 8:
            self.reply(200, {"ma": code, "trang_thai": "đang xử lý"})
            self.note("info", "lookup", "tra cứu hồ sơ", outcome="success", code=code)
        else:
            self.reply(400, {"error": "mã hồ sơ gồm 8 chữ số"})
            self.note("error", "lookup", "mã hồ sơ không hợp lệ", outcome="failure", code=code)

    def do_POST(self):
        self.began = time.monotonic()
        path = urlsplit(self.path).path
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        if path == "/api/dang-nhap":
            form = parse_qs(body.decode("utf-8", "replace"))
            user = form.get("user", [""])[0]
            good = user in PASSWORDS and form.get("password", [""])[0] == PASSWORDS[user]
            failures[user] = 0 if good else failures.get(user, 0) + 1
            self.reply(200 if good else 401, {"ok": good})
            if good:
                self.note("info", "login", "đăng nhập thành công", outcome="success", user=user)
            else:
                self.note("warning", "login", "đăng nhập thất bại", outcome="failure", user=user,
                          failures=failures[user])
        elif path == "/api/tai-len":
            name = parse_qs(urlsplit(self.path).query).get("ten", ["tep"])[0].replace("/", "_")
            with open("/srv/www/uploads/" + name, "wb") as file:
                file.write(body)
            self.reply(201, {"ten": name})
            self.note("info", "upload", "nhận tệp đính kèm", outcome="success", file=name, bytes=len(body))
        else:
            self.reply(404, {"error": "không có"})
            self.note("warning", "not_found", "đường dẫn không tồn tại", outcome="failure")


ThreadingHTTPServer(("127.0.0.1", 9000), Portal).serve_forever()

BEGIN TRANSACTION;
CREATE TABLE alert_history (
    id         TEXT PRIMARY KEY,
    alert_id   TEXT NOT NULL REFERENCES alerts (id),
    at         BIGINT NOT NULL,
    by_name    TEXT NOT NULL,
    action     TEXT NOT NULL,
    from_value TEXT NOT NULL,
    to_value   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL
);
INSERT INTO "alert_history" VALUES('000660e2c4d71e2c37c3d25fb2','000660e2c4a60e467be2478564',1795376941571572,'Lan','status','new','in_progress','','Đã gọi Sở Y tế.');
INSERT INTO "alert_history" VALUES('000660e2c4d71e2d05928a35b6','000660e2c4a60e467be2478564',1795376941571572,'Lan','assign','','000660e2c42f17f6bd2b5c9599','','');
INSERT INTO "alert_history" VALUES('000660e2c4d74c4f707bb69ed2','000660e2c4a60e4b5d78f1f65e',1795376941583380,'Lan','status','new','closed','false_positive','Kiểm thử của đơn vị.');
CREATE TABLE alerts (
    id            TEXT PRIMARY KEY,
    group_key     TEXT NOT NULL,
    rule_id       TEXT NOT NULL,
    title         TEXT NOT NULL,
    title_vi      TEXT NOT NULL,
    level         TEXT NOT NULL,
    level_rank    INTEGER NOT NULL,
    status        TEXT NOT NULL,
    unit          TEXT NOT NULL,
    entity_field  TEXT NOT NULL,
    entity_value  TEXT NOT NULL,
    count         BIGINT NOT NULL,
    first_seen    BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL,
    first_arrival BIGINT NOT NULL,
    last_arrival  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    assignee      TEXT NOT NULL,
    reason        TEXT NOT NULL,
    note          TEXT NOT NULL,
    tags          TEXT NOT NULL,
    version       BIGINT NOT NULL,
    search_text   TEXT NOT NULL
);
INSERT INTO "alerts" VALUES('000660e2c4a60e467be2478564','d567aec17e6f64034fcf7db1528c616d','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'in_progress','so-y-te','user','svc7',1,1795376937000000,1795376937000000,1795376937525714,1795376937525714,1795376938356049,1795376941571572,'000660e2c42f17f6bd2b5c9599','','Đã gọi Sở Y tế.','["attack.privilege-escalation","attack.t1548.003"]',2,'interactive root shell by sudo
mo phien shell root bang sudo
svc7
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89');
INSERT INTO "alerts" VALUES('000660e2c4a60e4b5d78f1f65e','936f7b50f19ff63e19832f829b5ae7b0','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'closed','so-y-te','src_ip','203.0.113.7',12,1795376937000000,1795376937000000,1795376937525714,1795376937530203,1795376938356049,1795376941583380,'','false_positive','Kiểm thử của đơn vị.','["attack.credential-access","attack.t1110.001"]',2,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c');
INSERT INTO "alerts" VALUES('000660e2c4a60e4cf91d0f9e0f','52121d1dc8a975f9be373246163f6724','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc8',1,1795376937000000,1795376937000000,1795376937530203,1795376937530203,1795376938356049,1795376938356049,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc8
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89');
INSERT INTO "alerts" VALUES('000660e2c4a60e4d4f4361d453','5c06b51f2c12c53f68d5827ba8cedd77','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.8',12,1795376937000000,1795376937000000,1795376937530203,1795376937530203,1795376938356049,1795376938356049,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.8
b5c8009a-66cc-4099-b44e-5e19fbe50a0c');
INSERT INTO "alerts" VALUES('000660e2c4a60e4ee271f79090','95e6d74a824fcb0a436810c4e8ce69ec','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc9',1,1795376937000000,1795376937000000,1795376937530203,1795376937530203,1795376938356049,1795376938356049,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc9
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89');
INSERT INTO "alerts" VALUES('000660e2c4a60e4f99d4891c6a','4d76ae514b565dde2fcef3eb0a159861','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.9',12,1795376937000000,1795376937000000,1795376937530203,1795376937530203,1795376938356049,1795376938356049,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.9
b5c8009a-66cc-4099-b44e-5e19fbe50a0c');
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO "audit_head" VALUES(1,21,'ef83b9262624b9748c521c110eef0c8a9acd6392a7e35d8d07225e847cb2ff0c');
CREATE TABLE audit_log (
    seq    INTEGER PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    addr   TEXT NOT NULL,
    hash   TEXT NOT NULL
);
INSERT INTO "audit_log" VALUES(1,1795376927893466,'system','user.create','user:000660e2c40665f70b959f8869','{"role":"administrator","unit":"trung-tam","username":"admin"}','','d2376d4592b7476a723b32aad490cbeb8f153ef56c07a9aaf1e2fa8872c82f92');
INSERT INTO "audit_log" VALUES(2,1795376928519826,'admin','session.create','user:000660e2c40665f70b959f8869','{}','127.0.0.1','fdd3cc94f24d4394af46bf3391ad9e5aee15c382f3dbc51766df1e31ef5778ce');
INSERT INTO "audit_log" VALUES(3,1795376929904049,'admin','user.change-password','user:000660e2c40665f70b959f8869','{}','127.0.0.1','654cd0b0c12b3124974b39b70892ed44a9713829dc29bca18f296063a7ab2ac7');
INSERT INTO "audit_log" VALUES(4,1795376929915055,'admin','unit.create','unit:so-y-te','{"kind":"department","name":"Sở Y tế"}','127.0.0.1','7f88413f6f95d721099118ddc244c905b1fa6dc8b7830f03f8b812b6c1a8dce2');
INSERT INTO "audit_log" VALUES(5,1795376929921422,'admin','unit.create','unit:xa-an-phu','{"kind":"department","name":"Xã An Phú"}','127.0.0.1','29fcd8afd1babc70b128152b3aaf92a2f459ce89640d5dcb46b2e3459f86c53c');
INSERT INTO "audit_log" VALUES(6,1795376930560217,'admin','user.create','user:000660e2c42f17f6bd2b5c9599','{"role":"analyst","unit":"trung-tam","username":"lan"}','127.0.0.1','e77b0eed95d1d2b62d990f3a2165081f16bc67435c11997c4284b34d51dbbdae');
INSERT INTO "audit_log" VALUES(7,1795376931047912,'lan','session.create','user:000660e2c42f17f6bd2b5c9599','{}','127.0.0.1','e1eb4b78d67777a649a4b149bf629a1139e2e6bba1e247709805dfe07e0c26da');
INSERT INTO "audit_log" VALUES(8,1795376932150950,'lan','user.change-password','user:000660e2c42f17f6bd2b5c9599','{}','127.0.0.1','9e29183894f4cb098d1ae2dde7fb6f7564b90383e6ba8e6f87b5a7459eee603b');
INSERT INTO "audit_log" VALUES(9,1795376932895161,'admin','user.create','user:000660e2c452b7dacb2ee7978f','{"role":"analyst","unit":"so-y-te","username":"minh"}','127.0.0.1','78cf55dde433c358f95397662099e7d9bc60f6b727efa160238b7f5ecd3782f6');
INSERT INTO "audit_log" VALUES(10,1795376933669762,'minh','session.create','user:000660e2c452b7dacb2ee7978f','{}','127.0.0.1','111424cc68113b5ec26f36d2a03cd30dd23aae4e4d195602ad8403435cc0d254');
INSERT INTO "audit_log" VALUES(11,1795376934824969,'minh','user.change-password','user:000660e2c452b7dacb2ee7978f','{}','127.0.0.1','0e3bc6e728ae2053924a491548af5dca9c92da31551700c227e6f1dfad6a363e');
INSERT INTO "audit_log" VALUES(12,1795376935550000,'admin','user.create','user:000660e2c47b3acaeb5b0ba77e','{"role":"analyst","unit":"xa-an-phu","username":"nghi"}','127.0.0.1','42e3220561490edca9e990a615efb407a6b28b9dea99563ff1dd5d87456dccf8');
INSERT INTO "audit_log" VALUES(13,1795376936074948,'nghi','session.create','user:000660e2c47b3acaeb5b0ba77e','{}','127.0.0.1','b1cc5a883364520ae2d5575b81d382cc9eea0f57c5ec5f431793b53f3a1c39f6');
INSERT INTO "audit_log" VALUES(14,1795376937465084,'nghi','user.change-password','user:000660e2c47b3acaeb5b0ba77e','{}','127.0.0.1','bdb91a48d26c077db48653ae58b5b3ddfe3127b30fa805850ba340fe7fafee86');
INSERT INTO "audit_log" VALUES(15,1795376937483957,'admin','user.disable','user:000660e2c47b3acaeb5b0ba77e','{"username":"nghi"}','127.0.0.1','2b99ce982aa4cc57e88318671620b23146ca718a7de1c0ffe7cdd422671c51b5');
INSERT INTO "audit_log" VALUES(16,1795376937487153,'admin','token.create','token:000660e2c498ca9cff91d4c1b8','{"name":"máy chủ web","scope":"ingest","unit":"so-y-te"}','127.0.0.1','52494263c2cfdbee04a5fd0ea81e202570278582855322a07e5cffc4d797a022');
INSERT INTO "audit_log" VALUES(17,1795376937489359,'admin','token.create','token:000660e2c498d331069305a53a','{"name":"báo cáo","scope":"api","unit":"trung-tam"}','127.0.0.1','74399585671247e55fceb4d9b958426e90994b4243f235827760c69d49665bb9');
INSERT INTO "audit_log" VALUES(18,1795376937492692,'admin','token.create','token:000660e2c498e04ffc1db60451','{"name":"đã mất","scope":"ingest","unit":"so-y-te"}','127.0.0.1','895c7d7a8c34815238e73da949ff1e525b0c9bed570d1c316b140035dc46269a');
INSERT INTO "audit_log" VALUES(19,1795376937503597,'admin','token.revoke','token:000660e2c498e04ffc1db60451','{}','127.0.0.1','dae2ca34677df6049b44c00f6b493e66adeee4be997d037dfa362809846713c7');
INSERT INTO "audit_log" VALUES(20,1795376941571741,'lan','alert.change','alert:000660e2c4a60e467be2478564','{"assign":" -\u003e 000660e2c42f17f6bd2b5c9599","rule":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","status":"new -\u003e in_progress","unit":"so-y-te"}','127.0.0.1','f99db7ba242b7a19084a788b53dfaf08e1c85f9119cb65b75020d6ed9f2f6469');
INSERT INTO "audit_log" VALUES(21,1795376941583487,'lan','alert.change','alert:000660e2c4a60e4b5d78f1f65e','{"reason":"false_positive","rule":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","status":"new -\u003e closed","unit":"so-y-te"}','127.0.0.1','ef83b9262624b9748c521c110eef0c8a9acd6392a7e35d8d07225e847cb2ff0c');
CREATE TABLE facts (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    body      TEXT NOT NULL,
    delivered BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE goose_alert (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_alert" VALUES(1,0,1,'2026-11-22 19:48:46');
INSERT INTO "goose_alert" VALUES(2,1,1,'2026-11-22 19:48:46');
CREATE TABLE goose_identity (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_identity" VALUES(1,0,1,'2026-11-22 19:48:46');
INSERT INTO "goose_identity" VALUES(2,1,1,'2026-11-22 19:48:46');
CREATE TABLE goose_lake (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_lake" VALUES(1,0,1,'2026-11-22 19:48:45');
INSERT INTO "goose_lake" VALUES(2,1,1,'2026-11-22 19:48:45');
CREATE TABLE goose_module (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_module" VALUES(1,0,1,'2026-11-22 19:48:46');
INSERT INTO "goose_module" VALUES(2,1,1,'2026-11-22 19:48:46');
CREATE TABLE goose_source (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_source" VALUES(1,0,1,'2026-11-22 19:48:46');
INSERT INTO "goose_source" VALUES(2,1,1,'2026-11-22 19:48:46');
CREATE TABLE goose_unit (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_unit" VALUES(1,0,1,'2026-11-22 19:48:46');
INSERT INTO "goose_unit" VALUES(2,1,1,'2026-11-22 19:48:46');
CREATE TABLE lake_block (
	stream    TEXT NOT NULL,
	seq       BIGINT NOT NULL,
	events    BIGINT NOT NULL,
	unparsed  BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	PRIMARY KEY (stream, seq)
);
INSERT INTO "lake_block" VALUES('spool-dn2005vcccwk',1,7,0,1795376938355834);
INSERT INTO "lake_block" VALUES('spool-dn2005vcccwk',2,32,0,1795376938355834);
CREATE TABLE lake_deletion (
	segment_id TEXT PRIMARY KEY,
	reason     TEXT NOT NULL,
	row_count  BIGINT NOT NULL,
	byte_count BIGINT NOT NULL,
	min_time   BIGINT NOT NULL,
	max_time   BIGINT NOT NULL,
	units      TEXT NOT NULL,
	deleted_at BIGINT NOT NULL
);
CREATE TABLE lake_segment (
	id           TEXT PRIMARY KEY,
	level        INTEGER NOT NULL,
	skewed       BOOLEAN NOT NULL,
	state        TEXT NOT NULL,
	reason       TEXT NOT NULL,
	min_time     BIGINT NOT NULL,
	max_time     BIGINT NOT NULL,
	min_received BIGINT NOT NULL,
	max_received BIGINT NOT NULL,
	min_id       TEXT NOT NULL,
	max_id       TEXT NOT NULL,
	row_count    BIGINT NOT NULL,
	byte_count   BIGINT NOT NULL,
	sha256       TEXT NOT NULL,
	units        TEXT NOT NULL,
	field_list   TEXT NOT NULL,
	created_at   BIGINT NOT NULL
);
INSERT INTO "lake_segment" VALUES('01a204cdfd6d3822eba9bdb0',0,0,'live','',1795376937000000,1795376937000000,1795376937525714,1795376937530203,'01a204cdfa351acc8ef0d05400000000','01a204cdfa3a6e5fa47731ce0000001f',39,5239,'9160395735879ed1e5867f0bcdb0cb9505e2d59e3d02c5113ae9a498025f214d','so-y-te','t	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user',1795376938349271);
CREATE TABLE lake_segment_block (
	segment_id TEXT NOT NULL,
	stream     TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	PRIMARY KEY (segment_id, stream, seq)
);
INSERT INTO "lake_segment_block" VALUES('01a204cdfd6d3822eba9bdb0','spool-dn2005vcccwk',1);
INSERT INTO "lake_segment_block" VALUES('01a204cdfd6d3822eba9bdb0','spool-dn2005vcccwk',2);
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    addr       TEXT NOT NULL
);
INSERT INTO "sessions" VALUES('1a14a3581f8f2d330787f8be151f492e60fb76f20c3944c2759e92109e2e1389','000660e2c40665f70b959f8869',1795376927951226,1795376927951226,'127.0.0.1');
INSERT INTO "sessions" VALUES('003e68821c23b787eb15282239a292c59c92beb58c429da31895251776aed1d7','000660e2c42f17f6bd2b5c9599',1795376930571308,1795376930571308,'127.0.0.1');
INSERT INTO "sessions" VALUES('b7a57926e89684c2adb83a35612000053599206cc7ea562a12be0d574ecb2d09','000660e2c452b7dacb2ee7978f',1795376932898195,1795376932898195,'127.0.0.1');
CREATE TABLE sources (
    unit       TEXT NOT NULL,
    input      TEXT NOT NULL,
    peer       TEXT NOT NULL,
    host       TEXT NOT NULL,
    format     TEXT NOT NULL,
    product    TEXT NOT NULL,
    service    TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL,
    unparsed   BIGINT NOT NULL,
    PRIMARY KEY (unit, input, peer, host, format)
);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sudo','linux','sudo',1795376937530203,1795376937530203,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sshd','linux','sshd',1795376937530203,1795376937530203,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sudo','linux','sudo',1795376937530203,1795376937530203,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sshd','linux','sshd',1795376937530203,1795376937530203,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sudo','linux','sudo',1795376937525714,1795376937525714,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sshd','linux','sshd',1795376937530203,1795376937530203,12,0);
CREATE TABLE tokens (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    unit         TEXT NOT NULL,
    scope        TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
INSERT INTO "tokens" VALUES('000660e2c498ca9cff91d4c1b8','máy chủ web','so-y-te','ingest','a4961556d3b80877401af7c7a183aa2dbf777d6ba4edbc6a94443fdcf958a073',1795376937487004,2110736937487004,0,0);
INSERT INTO "tokens" VALUES('000660e2c498d331069305a53a','báo cáo','trung-tam','api','7753cbef80463e7f783e605ecc35385715f40e7e3f583574a70081c57e894f23',1795376937489201,2110736937489201,0,0);
INSERT INTO "tokens" VALUES('000660e2c498e04ffc1db60451','đã mất','so-y-te','ingest','40d6777f900640043f05e2db16b51f3fbe9810287d4efebc7bf6484ec1fdf642',1795376937492559,2110736937492559,1795376937503515,0);
CREATE TABLE units (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "units" VALUES('trung-tam','Trung tâm An ninh mạng tỉnh','centre',1795376926752097);
INSERT INTO "units" VALUES('so-y-te','Sở Y tế','department',1795376929914952);
INSERT INTO "units" VALUES('xa-an-phu','Xã An Phú','department',1795376929921362);
CREATE TABLE unparsed (
    unit      TEXT NOT NULL,
    input     TEXT NOT NULL,
    peer      TEXT NOT NULL,
    host      TEXT NOT NULL,
    bucket    BIGINT NOT NULL,
    count     BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    samples   TEXT NOT NULL,
    PRIMARY KEY (unit, input, peer, host, bucket)
);
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    username      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    unit          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change   BOOLEAN NOT NULL,
    disabled      BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL,
    last_sign_in  BIGINT NOT NULL DEFAULT 0
);
INSERT INTO "users" VALUES('000660e2c40665f70b959f8869','admin','Quản trị viên','administrator','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$rFq9Pu6zQxcrxI5efk+jtw$doWC5sDC00APIMo2QFE11K2Pf1hgy6YYb+jcl8VvQKM',0,0,1795376927892989,1795376927951226);
INSERT INTO "users" VALUES('000660e2c42f17f6bd2b5c9599','lan','Lan','analyst','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$vUkiCxzRYi2/Wh0AX/A1oA$RAVYehrnBGL6A3a7eO5kKjYY+Gbjy+njv0imxoR1DrA',0,0,1795376930559997,1795376930571308);
INSERT INTO "users" VALUES('000660e2c452b7dacb2ee7978f','minh','Minh','analyst','so-y-te','$argon2id$v=19$m=65536,t=3,p=4$I9XyvHgdqzzV10vBROLp9Q$ObVBfqQzhQsvNac41cmzm2FJq2zDg6cePf3IgvkX1Ec',0,0,1795376932894688,1795376932898195);
INSERT INTO "users" VALUES('000660e2c47b3acaeb5b0ba77e','nghi','Nghi','analyst','xa-an-phu','$argon2id$v=19$m=65536,t=3,p=4$iLRo9pEfOQSRFFIa5a0j6w$SVQcEKVQeZv4LOesx7GGLJDHWW/TMRGgMitUMqYqNy8',0,1,1795376935549672,1795376935562369);
CREATE INDEX lake_segment_block_seq ON lake_segment_block (stream, seq);
CREATE INDEX facts_waiting ON facts (id) WHERE delivered = 0;
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX alerts_open ON alerts (group_key) WHERE status <> 'closed';
CREATE INDEX alerts_last_seen ON alerts (last_seen, id);
CREATE INDEX alerts_unit ON alerts (unit, last_seen, id);
CREATE INDEX alert_history_alert ON alert_history (alert_id, id);
CREATE INDEX sources_last_seen ON sources (last_seen);
CREATE INDEX unparsed_bucket ON unparsed (bucket);
COMMIT;

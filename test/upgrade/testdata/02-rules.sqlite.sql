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
INSERT INTO "alert_history" VALUES('000660e2c694412c0cb0950d4b','000660e2c663585b698f791371',1795376970743991,'Lan','status','new','in_progress','','Đã gọi Sở Y tế.');
INSERT INTO "alert_history" VALUES('000660e2c694412e77ba9b18c1','000660e2c663585b698f791371',1795376970743991,'Lan','assign','','000660e2c601ded1833b348fc5','','');
INSERT INTO "alert_history" VALUES('000660e2c6945c4a5940b458ad','000660e2c663587e2fd6132e62',1795376970750992,'Lan','status','new','closed','false_positive','Kiểm thử của đơn vị.');
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
, event_query TEXT NOT NULL DEFAULT '', series TEXT NOT NULL DEFAULT '');
INSERT INTO "alerts" VALUES('000660e2c663585b698f791371','d567aec17e6f64034fcf7db1528c616d','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'in_progress','so-y-te','user','svc7',1,1795376966000000,1795376966000000,1795376966706063,1795376966706063,1795376967538594,1795376970743991,'000660e2c601ded1833b348fc5','','Đã gọi Sở Y tế.','["attack.privilege-escalation","attack.t1548.003"]',2,'interactive root shell by sudo
mo phien shell root bang sudo
svc7
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c663587e2fd6132e62','936f7b50f19ff63e19832f829b5ae7b0','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'closed','so-y-te','src_ip','203.0.113.7',12,1795376966000000,1795376966000000,1795376966712944,1795376966712944,1795376967538594,1795376970750992,'','false_positive','Kiểm thử của đơn vị.','["attack.credential-access","attack.t1110.001"]',2,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
INSERT INTO "alerts" VALUES('000660e2c663587f1f44777c44','52121d1dc8a975f9be373246163f6724','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc8',1,1795376966000000,1795376966000000,1795376966712944,1795376966712944,1795376967538594,1795376967538594,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc8
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c663588088de836b8c','5c06b51f2c12c53f68d5827ba8cedd77','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.8',12,1795376966000000,1795376966000000,1795376966712944,1795376966712944,1795376967538594,1795376967538594,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.8
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
INSERT INTO "alerts" VALUES('000660e2c66358816cc4fb7ef3','95e6d74a824fcb0a436810c4e8ce69ec','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc9',1,1795376966000000,1795376966000000,1795376966712944,1795376966712944,1795376967538594,1795376967538594,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc9
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c6635882f6bfc19e06','4d76ae514b565dde2fcef3eb0a159861','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.9',12,1795376966000000,1795376966000000,1795376966712944,1795376966712944,1795376967538594,1795376967538594,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.9
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO "audit_head" VALUES(1,21,'ea7ccf8ff694253c381e895b010d2c4fca370966ee8ffb2215147ab113612de9');
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
INSERT INTO "audit_log" VALUES(1,1795376958740993,'system','user.create','user:000660e2c5dd183d1f94e4e3ac','{"role":"administrator","unit":"trung-tam","username":"admin"}','','3a8b8aca0fac558a597655d0d2f41f2eb9211e4975934aeee56016f53b8b05c8');
INSERT INTO "audit_log" VALUES(2,1795376959449186,'admin','session.create','user:000660e2c5dd183d1f94e4e3ac','{}','127.0.0.1','9e780bbfb3585db04672b03c57b5ca2dd5e33da080e55cbcc829c0d6f00263d2');
INSERT INTO "audit_log" VALUES(3,1795376960604102,'admin','user.change-password','user:000660e2c5dd183d1f94e4e3ac','{}','127.0.0.1','9ef807c7403dc68a45f2cd3f412aa6604b7c10cee6d3fa2eae77512de85074a7');
INSERT INTO "audit_log" VALUES(4,1795376960610608,'admin','unit.create','unit:so-y-te','{"kind":"department","name":"Sở Y tế"}','127.0.0.1','bdb9cf41565bbe716f4d46333470e6ff6feab5d44db852c1525b23bde3b1b845');
INSERT INTO "audit_log" VALUES(5,1795376960616235,'admin','unit.create','unit:xa-an-phu','{"kind":"department","name":"Xã An Phú"}','127.0.0.1','e59a4f0c1d8325934904dc550d0df9073dc0736f0eab58ec89ecca7193069d11');
INSERT INTO "audit_log" VALUES(6,1795376961151035,'admin','user.create','user:000660e2c601ded1833b348fc5','{"role":"analyst","unit":"trung-tam","username":"lan"}','127.0.0.1','48be574d5e7a174a3fa6ec7afd7afbebbea8ac44ab9e94898db35c545f0a4d41');
INSERT INTO "audit_log" VALUES(7,1795376961526630,'lan','session.create','user:000660e2c601ded1833b348fc5','{}','127.0.0.1','2d139522cacadc88319e2c92e89f30df27bcedf6d4d22a4cb3f588c92477a9d6');
INSERT INTO "audit_log" VALUES(8,1795376962559507,'lan','user.change-password','user:000660e2c601ded1833b348fc5','{}','127.0.0.1','4446bd9bca8fa8c5c929807db92a63cbafe0b6e373679facf4fd2efc01fdc465');
INSERT INTO "audit_log" VALUES(9,1795376963121884,'admin','user.create','user:000660e2c61ff2028d2f84d0ef','{"role":"analyst","unit":"so-y-te","username":"minh"}','127.0.0.1','173fe74c1f657150279a51dfb7f3177d218dfcaf70cf118b9676086ca8501a74');
INSERT INTO "audit_log" VALUES(10,1795376963537997,'minh','session.create','user:000660e2c61ff2028d2f84d0ef','{}','127.0.0.1','27b71c7c60d19f0ea5a762b22f20eb557de5e575de07bf38d5d462bd9119dfc9');
INSERT INTO "audit_log" VALUES(11,1795376964260368,'minh','user.change-password','user:000660e2c61ff2028d2f84d0ef','{}','127.0.0.1','d54261095c00585d8896ad359eab5ddc4cc5fafc1d88b582e3d77bd928c89611');
INSERT INTO "audit_log" VALUES(12,1795376965076334,'admin','user.create','user:000660e2c63dc48e4a5055a860','{"role":"analyst","unit":"xa-an-phu","username":"nghi"}','127.0.0.1','05cdfdf5ec864ef4e370b2a6d1f296544feed659bb1d1f053f8afdca007867dd');
INSERT INTO "audit_log" VALUES(13,1795376965572045,'nghi','session.create','user:000660e2c63dc48e4a5055a860','{}','127.0.0.1','3050ede72e1ede38741e3b584d60011073843ddaf02d6ca26b533030fb26e0a1');
INSERT INTO "audit_log" VALUES(14,1795376966667931,'nghi','user.change-password','user:000660e2c63dc48e4a5055a860','{}','127.0.0.1','559cd8fe70d7e36949c72da8bb2fcb377b5c7fa7805d18b26ad0a2369f9e694a');
INSERT INTO "audit_log" VALUES(15,1795376966674296,'admin','user.disable','user:000660e2c63dc48e4a5055a860','{"username":"nghi"}','127.0.0.1','6c5824dc9e92f8f15d2ff62c0e0961d35370ef809ecc6db6e0f9f4b5489f74d4');
INSERT INTO "audit_log" VALUES(16,1795376966685242,'admin','token.create','token:000660e2c65651a3c832106437','{"name":"máy chủ web","scope":"ingest","unit":"so-y-te"}','127.0.0.1','96cd67b035cb9741e9a8448b710f21c94d833c86265402e609a5c23895d01b76');
INSERT INTO "audit_log" VALUES(17,1795376966688943,'admin','token.create','token:000660e2c6566040fa3c9649ab','{"name":"báo cáo","scope":"api","unit":"trung-tam"}','127.0.0.1','f67b8464be57a87c5f651e7be77af586755a43adfdc2c3b3d6253225ae661448');
INSERT INTO "audit_log" VALUES(18,1795376966701803,'admin','token.create','token:000660e2c656927d5c72840f46','{"name":"đã mất","scope":"ingest","unit":"so-y-te"}','127.0.0.1','63b2f385627a4364ad7de353de902ec7023460baa4f721b6009f190e89682784');
INSERT INTO "audit_log" VALUES(19,1795376966704145,'admin','token.revoke','token:000660e2c656927d5c72840f46','{}','127.0.0.1','d0ad643fe8374164b588bb0866f6335bf2f69776ed7d425976d2930ca75bf90c');
INSERT INTO "audit_log" VALUES(20,1795376970744351,'lan','alert.change','alert:000660e2c663585b698f791371','{"assign":" -\u003e 000660e2c601ded1833b348fc5","rule":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","status":"new -\u003e in_progress","unit":"so-y-te"}','127.0.0.1','fd18da81635a4624af32d5fcbfab766545dcec7c8020f0db95414fd4010c18f7');
INSERT INTO "audit_log" VALUES(21,1795376970751091,'lan','alert.change','alert:000660e2c663587e2fd6132e62','{"reason":"false_positive","rule":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","status":"new -\u003e closed","unit":"so-y-te"}','127.0.0.1','ea7ccf8ff694253c381e895b010d2c4fca370966ee8ffb2215147ab113612de9');
CREATE TABLE correlation_journal (
	seq   BIGINT NOT NULL,
	part  INTEGER NOT NULL,
	whole BOOLEAN NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (seq, part)
);
INSERT INTO "correlation_journal" VALUES(1,0,0,X'28B52FFD64BD269D0A007292362140692B00D842612D560662BCA6EEE8985A7F4E5F3EC33024FDE7A4953FDB6CEB054F431D651E1D9E37B69AB7159A20C78CF0B9C656F3B2421378CC089F6B6C35A3E71B111811FAE231E7830B711461DB93F7F2CBD1C16198A6A135819E954F129680A33FB598D5AA95404C82A32B2C0548532F4F11A6C0170679E5E886E3652C363FE5168E6E38E7E8AC56AD7ACD00060CA22AEAE5EBD1A9931489A9974F1C7D7B2D33061F2B2FBDC8314D76B0B4164C52421B7BD4CDCB375F18E4ABB31C1CDD58BCDAAE6E50B59691C9C803DD8939B9DEBE3C6D18851E5F042D20A003D2623400FCA6E3142AA35085A27A142AA350DB045528D4A35019455528D4A350999944471D85CA28A842A11E85CA28A842A11E85CA28A86D42150AF528A8CC26D15147416514AA50A847416514AA50A847416514AA50A847415516B1E19503EFC8DA98E54692AE66D9CA5038F24143E093680BBC4AAE');
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
INSERT INTO "goose_alert" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_alert" VALUES(2,1,1,'2026-11-22 19:49:18');
INSERT INTO "goose_alert" VALUES(3,2,1,'2026-11-22 19:49:18');
CREATE TABLE goose_identity (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_identity" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_identity" VALUES(2,1,1,'2026-11-22 19:49:18');
CREATE TABLE goose_lake (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_lake" VALUES(1,0,1,'2026-11-22 19:49:17');
INSERT INTO "goose_lake" VALUES(2,1,1,'2026-11-22 19:49:17');
CREATE TABLE goose_module (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_module" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_module" VALUES(2,1,1,'2026-11-22 19:49:18');
CREATE TABLE goose_pipeline (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_pipeline" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_pipeline" VALUES(2,1,1,'2026-11-22 19:49:18');
CREATE TABLE goose_source (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_source" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_source" VALUES(2,1,1,'2026-11-22 19:49:18');
CREATE TABLE goose_unit (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_unit" VALUES(1,0,1,'2026-11-22 19:49:18');
INSERT INTO "goose_unit" VALUES(2,1,1,'2026-11-22 19:49:18');
CREATE TABLE lake_block (
	stream    TEXT NOT NULL,
	seq       BIGINT NOT NULL,
	events    BIGINT NOT NULL,
	unparsed  BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	PRIMARY KEY (stream, seq)
);
INSERT INTO "lake_block" VALUES('spool-dn200kabg19j',1,1,0,1795376967538259);
INSERT INTO "lake_block" VALUES('spool-dn200kabg19j',2,38,0,1795376967538259);
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
INSERT INTO "lake_segment" VALUES('01a204ce6f63edd9df654675',0,0,'live','',1795376966000000,1795376966000000,1795376966706063,1795376966712944,'01a204ce6c32c8b322f0842f00000000','01a204ce6c387aab97ec98c900000025',39,5285,'1a2a385d58f7352e9976263674b91d2130d909819d8ea86615fcd07ffc657d45','so-y-te','t	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user',1795376967523634);
CREATE TABLE lake_segment_block (
	segment_id TEXT NOT NULL,
	stream     TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	PRIMARY KEY (segment_id, stream, seq)
);
INSERT INTO "lake_segment_block" VALUES('01a204ce6f63edd9df654675','spool-dn200kabg19j',1);
INSERT INTO "lake_segment_block" VALUES('01a204ce6f63edd9df654675','spool-dn200kabg19j',2);
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    addr       TEXT NOT NULL
);
INSERT INTO "sessions" VALUES('7fbce7aa32906f6f8ef9d42e218eeda2e0194bc7b8c47828b796c77e4a100aa8','000660e2c5dd183d1f94e4e3ac',1795376958919540,1795376958919540,'127.0.0.1');
INSERT INTO "sessions" VALUES('2047c1bcd9bf591ecdf2794b27d1f77b0559bc1b2a289d8fd572d4906c1f3473','000660e2c601ded1833b348fc5',1795376961158125,1795376961158125,'127.0.0.1');
INSERT INTO "sessions" VALUES('64258852c2862f0c6339dc5c96749d1abcf2d147d316390a2a79f48452ff3c30','000660e2c61ff2028d2f84d0ef',1795376963129726,1795376963129726,'127.0.0.1');
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
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sudo','linux','sudo',1795376966706063,1795376966706063,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sshd','linux','sshd',1795376966712944,1795376966712944,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sudo','linux','sudo',1795376966712944,1795376966712944,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sshd','linux','sshd',1795376966712944,1795376966712944,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sudo','linux','sudo',1795376966712944,1795376966712944,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sshd','linux','sshd',1795376966712944,1795376966712944,12,0);
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
INSERT INTO "tokens" VALUES('000660e2c65651a3c832106437','máy chủ web','so-y-te','ingest','32af939f34ae651116ac6902fc051d6a847d3ec6b56be868191a521bf53271a6',1795376966685091,2110736966685091,0,0);
INSERT INTO "tokens" VALUES('000660e2c6566040fa3c9649ab','báo cáo','trung-tam','api','45d2685398bb3e5d6e0fd0c75960ee9d26f3613ac2d1766b786fe87eb77cc779',1795376966688832,2110736966688832,0,0);
INSERT INTO "tokens" VALUES('000660e2c656927d5c72840f46','đã mất','so-y-te','ingest','dc9f29d04c9be1a4ed9689da7d7daa0542d81d4e617a58b5a2e8bf2ba6d3d40b',1795376966701692,2110736966701692,1795376966704086,0);
CREATE TABLE units (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "units" VALUES('trung-tam','Trung tâm An ninh mạng tỉnh','centre',1795376958138080);
INSERT INTO "units" VALUES('so-y-te','Sở Y tế','department',1795376960610510);
INSERT INTO "units" VALUES('xa-an-phu','Xã An Phú','department',1795376960616111);
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
INSERT INTO "users" VALUES('000660e2c5dd183d1f94e4e3ac','admin','Quản trị viên','administrator','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$e/8s9S1N9vrbyYC/32wT1Q$pf4C9UNypQzb3FH4RzuF+TyjzNXC0ChtDdsoFZuPK4w',0,0,1795376958740547,1795376958919540);
INSERT INTO "users" VALUES('000660e2c601ded1833b348fc5','lan','Lan','analyst','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$56zLgtoSuLlApOWw3WUyCw$4uxKARZWTy1A4KdWMeE7MctG3dUNfRoBqmPLGwGKNDk',0,0,1795376961150679,1795376961158125);
INSERT INTO "users" VALUES('000660e2c61ff2028d2f84d0ef','minh','Minh','analyst','so-y-te','$argon2id$v=19$m=65536,t=3,p=4$m1XC6ud5+1TWqSmSQHmkDQ$YWZUM2o1a4CR7tkj1NRZuO5VEGATGVt/L5AfNbgC5qI',0,0,1795376963121673,1795376963129726);
INSERT INTO "users" VALUES('000660e2c63dc48e4a5055a860','nghi','Nghi','analyst','xa-an-phu','$argon2id$v=19$m=65536,t=3,p=4$6o9SOEsccRsc7HWyMOiA7w$HM8DmsI+AOcjk5EMC93cRKg51F9/I3m32DydrcA2yxQ',0,1,1795376965076117,1795376965089193);
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

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
INSERT INTO "alert_history" VALUES('000660e2cbbfd200a7f0e7da36','000660e2cb8ed2d83d874d343f',1795377057485245,'Lan','status','new','in_progress','','Đã gọi Sở Y tế.');
INSERT INTO "alert_history" VALUES('000660e2cbbfd2039ab061f395','000660e2cb8ed2d83d874d343f',1795377057485245,'Lan','assign','','000660e2cad99fddcfd4a9e8c4','','');
INSERT INTO "alert_history" VALUES('000660e2cbbff607a53d3f41fd','000660e2cb8ed2dce936c7ffde',1795377057494469,'Lan','status','new','closed','false_positive','Kiểm thử của đơn vị.');
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
, event_query TEXT NOT NULL DEFAULT '', series TEXT NOT NULL DEFAULT '', signal TEXT NOT NULL DEFAULT '', details TEXT NOT NULL DEFAULT '', settled_at BIGINT NOT NULL DEFAULT 0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2d83d874d343f','d567aec17e6f64034fcf7db1528c616d','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'in_progress','so-y-te','user','svc7',2,1795377053000000,1795377053000000,1795377053433098,1795377057594787,1795377054274143,1795377058438302,'000660e2cad99fddcfd4a9e8c4','','Đã gọi Sở Y tế.','["attack.privilege-escalation","attack.t1548.003"]',2,'interactive root shell by sudo
mo phien shell root bang sudo
svc7
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2dce936c7ffde','936f7b50f19ff63e19832f829b5ae7b0','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'closed','so-y-te','src_ip','203.0.113.7',12,1795377053000000,1795377053000000,1795377053433098,1795377053435897,1795377054274143,1795377057494469,'','false_positive','Kiểm thử của đơn vị.','["attack.credential-access","attack.t1110.001"]',2,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2dd665f75e922','52121d1dc8a975f9be373246163f6724','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc8',1,1795377053000000,1795377053000000,1795377053435897,1795377053435897,1795377054274143,1795377054274143,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc8
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2de2e51d51ef2','5c06b51f2c12c53f68d5827ba8cedd77','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.8',12,1795377053000000,1795377053000000,1795377053435897,1795377053435897,1795377054274143,1795377054274143,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.8
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2dfe61653f561','95e6d74a824fcb0a436810c4e8ce69ec','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc9',1,1795377053000000,1795377053000000,1795377053435897,1795377053435897,1795377054274143,1795377054274143,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc9
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cb8ed2e04a1103a7ae','4d76ae514b565dde2fcef3eb0a159861','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.9',12,1795377053000000,1795377053000000,1795377053435897,1795377053435897,1795377054274143,1795377054274143,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.9
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','','','',0);
INSERT INTO "alerts" VALUES('000660e2cbce5d27d79afa98fb','936f7b50f19ff63e19832f829b5ae7b0','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.7',1,1795377053000000,1795377053000000,1795377057594787,1795377057594787,1795377058438302,1795377058438302,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','','','',0);
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO "audit_head" VALUES(1,26,'51155e24d407843a0948b9afde6b94e72d57a29bb47c87788560d97af18a7872');
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
INSERT INTO "audit_log" VALUES(1,1795377037723988,'system','user.create','user:000660e2ca9247c5e528762ef1','{"role":"administrator","unit":"trung-tam","username":"admin"}','','5194fede3004f300e53a7da9515faaf4fe9eda89eabf041f6cac97da4ab3a2c5');
INSERT INTO "audit_log" VALUES(2,1795377038675573,'admin','session.create','user:000660e2ca9247c5e528762ef1','{}','127.0.0.1','c7d13e3e277aeea02442a89925989c7ded9c0dc1d88a135534758678a10b1259');
INSERT INTO "audit_log" VALUES(3,1795377041487960,'admin','user.change-password','user:000660e2ca9247c5e528762ef1','{}','127.0.0.1','a0ab15d388f0f1eb846350a5d5cc88a12fe4e57cd75ba36e97c74df665e1f9e8');
INSERT INTO "audit_log" VALUES(4,1795377041508555,'admin','unit.create','unit:so-y-te','{"kind":"department","name":"Sở Y tế"}','127.0.0.1','00048b9420e7d657506932c9380e3f9e36b1b178bdd0c8a6de9aeeda8869ba2c');
INSERT INTO "audit_log" VALUES(5,1795377041518076,'admin','unit.create','unit:xa-an-phu','{"kind":"department","name":"Xã An Phú"}','127.0.0.1','0a4aee2006eac31cb196d505346d0dea445be8ded28b74fa85acf0a963af08b2');
INSERT INTO "audit_log" VALUES(6,1795377042399434,'admin','user.create','user:000660e2cad99fddcfd4a9e8c4','{"role":"analyst","unit":"trung-tam","username":"lan"}','127.0.0.1','c0813534741d7c742287f923b1531c904119c6d73c37c0059d60a001deeae641');
INSERT INTO "audit_log" VALUES(7,1795377043324720,'lan','session.create','user:000660e2cad99fddcfd4a9e8c4','{}','127.0.0.1','edf479ff42620a0a7bc08c1028a64274e722cad46e3a49812a325b4ad06ff64f');
INSERT INTO "audit_log" VALUES(8,1795377045561118,'lan','user.change-password','user:000660e2cad99fddcfd4a9e8c4','{}','127.0.0.1','d3ba123eb9679f876add237c7268dd1b3a58a6eeb16c3cca975aee4cb5670b01');
INSERT INTO "audit_log" VALUES(9,1795377046855736,'admin','user.create','user:000660e2cb1d9f44b5ebfd1959','{"role":"analyst","unit":"so-y-te","username":"minh"}','127.0.0.1','9e7e9f7cebf0b773bcde90e6117ead13badc70afb46e11f5cb62162265b042d0');
INSERT INTO "audit_log" VALUES(10,1795377047824994,'minh','session.create','user:000660e2cb1d9f44b5ebfd1959','{}','127.0.0.1','cc5d8bd7929f6be701fdec27079cbeb2623c7ae95f206ff700cdcc825488cb54');
INSERT INTO "audit_log" VALUES(11,1795377049742190,'minh','user.change-password','user:000660e2cb1d9f44b5ebfd1959','{}','127.0.0.1','d79e1fb76c8243ec210484d9522723a0714cba76e28052503a3098bf8bbd1ae9');
INSERT INTO "audit_log" VALUES(12,1795377051094952,'admin','user.create','user:000660e2cb5e4ebbbfe176968b','{"role":"analyst","unit":"xa-an-phu","username":"nghi"}','127.0.0.1','1d7648a80dba822fdd615ae7f724f05da4384711bc8d1950def03c4543667831');
INSERT INTO "audit_log" VALUES(13,1795377052033898,'nghi','session.create','user:000660e2cb5e4ebbbfe176968b','{}','127.0.0.1','22d6fd818579a9f84ea345ce8147ad672205ec7f435b6d06213e5b1e1f755587');
INSERT INTO "audit_log" VALUES(14,1795377053375474,'nghi','user.change-password','user:000660e2cb5e4ebbbfe176968b','{}','127.0.0.1','7e5827191eb4ff47c0f68058c4260f3724ca4fc3cfd2b19bc425583404875940');
INSERT INTO "audit_log" VALUES(15,1795377053406308,'admin','user.disable','user:000660e2cb5e4ebbbfe176968b','{"username":"nghi"}','127.0.0.1','1d5d5c8ab1a7dfa25d6164e68fcf2ca93a5c1b46afe0cdf24500f347eddb21e3');
INSERT INTO "audit_log" VALUES(16,1795377053423151,'admin','token.create','token:000660e2cb81d57e29d9a58aea','{"name":"máy chủ web","scope":"ingest","unit":"so-y-te"}','127.0.0.1','f2f724934ff562fae2a724d393ba5a65dffe740daf8d1f01888db81875749371');
INSERT INTO "audit_log" VALUES(17,1795377053428257,'admin','token.create','token:000660e2cb81e9e181377f1edf','{"name":"báo cáo","scope":"api","unit":"trung-tam"}','127.0.0.1','c2ec0a743c5950511f5207233b03f5f2bf76889afa924f1899248608c0168cc3');
INSERT INTO "audit_log" VALUES(18,1795377053430220,'admin','token.create','token:000660e2cb81f18297f413da62','{"name":"đã mất","scope":"ingest","unit":"so-y-te"}','127.0.0.1','9b93d4e5af2855eb616a172345229dd3d04a64bce795e7d1bfb4545316149e22');
INSERT INTO "audit_log" VALUES(19,1795377053431871,'admin','token.revoke','token:000660e2cb81f18297f413da62','{}','127.0.0.1','596ca29626b1c1df14517a53efec07aa163ab7f9a3fdaa9dc498906c9eb49c84');
INSERT INTO "audit_log" VALUES(20,1795377057485844,'lan','alert.change','alert:000660e2cb8ed2d83d874d343f','{"assign":" -\u003e 000660e2cad99fddcfd4a9e8c4","rule":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","status":"new -\u003e in_progress","unit":"so-y-te"}','127.0.0.1','a0c748921b1098e8b633504fa6860be529f2335712d84c89cfd8250a5c4216b9');
INSERT INTO "audit_log" VALUES(21,1795377057494584,'lan','alert.change','alert:000660e2cb8ed2dce936c7ffde','{"reason":"false_positive","rule":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","status":"new -\u003e closed","unit":"so-y-te"}','127.0.0.1','8bdfec1e10842badecdd17908a77b34069b667bcd22255dd74027a5fa9a8b62c');
INSERT INTO "audit_log" VALUES(22,1795377057509698,'lan','search.save','search:000660e2cbc02f9790bfb0c8a4','{"visibility":"private"}','127.0.0.1','91df38ca4b9d2534b3f6661f746e3c5c8663723bd5e2d06d552ebc5dca35d226');
INSERT INTO "audit_log" VALUES(23,1795377057567041,'lan','upload.add','upload:000660e2cbc03b13e5c21dffba','{"again":"false","kind":"lines","name":"cu.log","sha256":"6b51992e18ec003192bf7fb7a88daba85cc9b7adb601759f1100f1e338e506fe","size":"224","unit":"so-y-te"}','127.0.0.1','88c2f75aa6c3b82656037d47b44afc6707b707a66801c286b20b684a0194d0a4');
INSERT INTO "audit_log" VALUES(24,1795377058482658,'system','upload.done','upload:000660e2cbc03b13e5c21dffba','{"by":"lan","problems":"0","reason":"","records":"2","sha256":"6b51992e18ec003192bf7fb7a88daba85cc9b7adb601759f1100f1e338e506fe","stored":"2","unit":"so-y-te"}','','873d12dc9aa328ac71f9b83bd228301f82b59108728ca18e5b8405f7f7156fee');
INSERT INTO "audit_log" VALUES(25,1795377058626778,'admin','token.create','token:000660e2cbd13c1622f771c4f8','{"name":"Tường lửa","scope":"ingest","unit":"xa-an-phu"}','127.0.0.1','93e37a19bda36298ba2e94ae044909ef0484f560435e7b004f2013a993d0ed3e');
INSERT INTO "audit_log" VALUES(26,1795377058627282,'admin','enrolment.create','enrolment:000660e2cbd139d8da84cd3940','{"credential":"token","credential-id":"000660e2cbd13c1622f771c4f8","device":"filebeat","name":"Tường lửa","networks":"[]","unit":"xa-an-phu"}','127.0.0.1','51155e24d407843a0948b9afde6b94e72d57a29bb47c87788560d97af18a7872');
CREATE TABLE bundle_keys (
	key      TEXT PRIMARY KEY,
	relay    TEXT NOT NULL,
	unit     TEXT NOT NULL,
	added_at BIGINT NOT NULL,
	retired  INTEGER NOT NULL
);
CREATE TABLE bundles (
	id          TEXT PRIMARY KEY,
	relay       TEXT NOT NULL,
	unit        TEXT NOT NULL,
	imported_by TEXT NOT NULL,
	started_at  BIGINT NOT NULL,
	done_at     BIGINT NOT NULL,
	blocks      BIGINT NOT NULL,
	events      BIGINT NOT NULL,
	from_at     BIGINT NOT NULL,
	to_at       BIGINT NOT NULL
);
CREATE TABLE correlation_journal (
	seq   BIGINT NOT NULL,
	part  INTEGER NOT NULL,
	whole BOOLEAN NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (seq, part)
);
INSERT INTO "correlation_journal" VALUES(1,0,0,X'28B52FFD64BD26450B00A253392140692B00D842D15AAD0CC4B8503A3ABC619D6B0DCE305992FE73D2CA9F6DB6F5028D853635FE201A57CDDB954E44C6E71E3B966A5EAE7422D23DD7D8B154F332938B4D7E4D5D4BD69E3BFA34CEFB989BFB668DB2AA57A9ACC8DA8EBC874F7E108DA22C0B6514A7B1F0332109F8794B8A396D528A4424F8B94252802CCCE129421438E3005F7F6E60F5DC5BA556520B3F37A8E6E79C366D6ACD00064A82593087677E4E1BB4400A7378C5CFB7D5F25AAE716DA83D7E282EB990526EA2498FD5288B875FCE38C0334D72F07383DBC7FAAD3A521F700FF878A01B3123D6DB87A78B52A93C2331209003D2C22007CC241580DF2C4E516514AAA0507182CA2854A1A01E85CA2854A1A01E85CA285431D3E9284651150AF528544641150AF552A838416514AA50548F426514AA98E97414A35085827A142AA3A80A857A142AA3A00A857A148AE5FE3229308BE9E1502C62C3AB0C1EBFD586483224A5C2B295A170F68386C0B7D126EABF45');
INSERT INTO "correlation_journal" VALUES(2,0,0,X'28B52FFD44007200D50600928F2F2150492C00FC8E921C560FB9284F484674353EE90429BBA149D237993C6F00008A06516D67CAEF21BAE2D9FAF16BA89AE25E773293C64B2A7EFCF23D3894D6DACDB311C72B094BC0F7AE604A155CB0879104DF279682A4368F6F042970C8103FBF470E86EEB9060D85EF11E67C6F4099E24900144999C4F3F8E6FB76D242A2CDE39FEF793156AD3DA7A64B0E2A986443B4C4D85392D246737DC8C7D74386F8C6590EBE471E6407738B59E18CC846846A60ADA4543A16AFC777A5B3118702080034E33C70E32D65885486A45AD8B136BC8CD565E07F410A66B44C26');
CREATE TABLE disk_use (
    part  TEXT NOT NULL,   -- lake, spool, database
    day   BIGINT NOT NULL, -- beginning of the day, UTC
    at    BIGINT NOT NULL,
    used  BIGINT NOT NULL,
    PRIMARY KEY (part, day)
);
INSERT INTO "disk_use" VALUES('lake',1795305600000000,1795377036737900,0);
INSERT INTO "disk_use" VALUES('spool',1795305600000000,1795377036737900,880);
INSERT INTO "disk_use" VALUES('database',1795305600000000,1795377036737900,1050416);
CREATE TABLE enrol_credentials (
    id         TEXT PRIMARY KEY,
    enrolment  TEXT NOT NULL REFERENCES enrolments (id),
    kind       TEXT NOT NULL,
    serial     TEXT NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    not_after  BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
INSERT INTO "enrol_credentials" VALUES('000660e2cbd13c1622f771c4f8','000660e2cbd139d8da84cd3940','token','',1795377058627062,1826913058627062,1826913058627062,0);
CREATE TABLE enrol_networks (
    network   TEXT PRIMARY KEY,
    enrolment TEXT NOT NULL REFERENCES enrolments (id),
    unit      TEXT NOT NULL
);
CREATE TABLE enrol_seen (
    enrolment  TEXT PRIMARY KEY,
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    events     BIGINT NOT NULL,
    unparsed   BIGINT NOT NULL,
    peer       TEXT NOT NULL
);
CREATE TABLE enrolments (
    id             TEXT PRIMARY KEY,
    unit           TEXT NOT NULL,
    name           TEXT NOT NULL,
    device         TEXT NOT NULL,
    credential     TEXT NOT NULL,
    life_days      INTEGER NOT NULL,
    address        TEXT NOT NULL,
    note           TEXT NOT NULL,
    search_text    TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    created_by     TEXT NOT NULL,
    expires_at     BIGINT NOT NULL,
    revoked_at     BIGINT NOT NULL,
    revoked_by     TEXT NOT NULL,
    revoked_reason TEXT NOT NULL
);
INSERT INTO "enrolments" VALUES('000660e2cbd139d8da84cd3940','xa-an-phu','Tường lửa','filebeat','token',365,'','','tuong lua
filebeat

000660e2cbd139d8da84cd3940',1795377058626009,'admin',1826913058627062,0,'','');
CREATE TABLE evidence_anchors (
    seq  BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    at   BIGINT NOT NULL
);
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
INSERT INTO "goose_alert" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_alert" VALUES(2,1,1,'2026-11-22 19:50:36');
INSERT INTO "goose_alert" VALUES(3,2,1,'2026-11-22 19:50:36');
INSERT INTO "goose_alert" VALUES(4,3,1,'2026-11-22 19:50:36');
CREATE TABLE goose_enrol (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_enrol" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_enrol" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_evidence (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_evidence" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_evidence" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_identity (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_identity" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_identity" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_lake (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_lake" VALUES(1,0,1,'2026-11-22 19:50:35');
INSERT INTO "goose_lake" VALUES(2,1,1,'2026-11-22 19:50:35');
INSERT INTO "goose_lake" VALUES(3,2,1,'2026-11-22 19:50:35');
CREATE TABLE goose_module (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_module" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_module" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_pipeline (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_pipeline" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_pipeline" VALUES(2,1,1,'2026-11-22 19:50:36');
INSERT INTO "goose_pipeline" VALUES(3,2,1,'2026-11-22 19:50:36');
CREATE TABLE goose_relay (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_relay" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_relay" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_savedsearch (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_savedsearch" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_savedsearch" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_search (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_search" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_search" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_source (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_source" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_source" VALUES(2,1,1,'2026-11-22 19:50:36');
INSERT INTO "goose_source" VALUES(3,2,1,'2026-11-22 19:50:36');
CREATE TABLE goose_unit (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_unit" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_unit" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE goose_upload (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_upload" VALUES(1,0,1,'2026-11-22 19:50:36');
INSERT INTO "goose_upload" VALUES(2,1,1,'2026-11-22 19:50:36');
CREATE TABLE lake_block (
	stream    TEXT NOT NULL,
	seq       BIGINT NOT NULL,
	events    BIGINT NOT NULL,
	unparsed  BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	PRIMARY KEY (stream, seq)
);
INSERT INTO "lake_block" VALUES('spool-dn201kb67d7d',1,3,0,1795377054273961);
INSERT INTO "lake_block" VALUES('spool-dn201kb67d7d',2,36,0,1795377054273961);
INSERT INTO "lake_block" VALUES('spool-dn201kb67d7d',3,2,0,1795377058438211);
CREATE TABLE lake_chain (
	seq   BIGINT PRIMARY KEY,
	entry TEXT NOT NULL,
	hash  TEXT NOT NULL
);
INSERT INTO "lake_chain" VALUES(1,'{"seq":1,"at":"2026-11-22T19:50:54.273248Z","kind":"commit","added":[{"segment":"01a204cfc21d06e8aa5e2df6","level":"flush","sha256":"5e7dbfc4991a881a02c17b4522426389d121b969a71376778e3301bf03f8eb7c","bytes":4998,"events":39,"from":"2026-11-22T19:50:53.000000Z","to":"2026-11-22T19:50:53.000000Z","received":["2026-11-22T19:50:53.433098Z","2026-11-22T19:50:53.435897Z"],"units":["so-y-te"]}],"prev":"0000000000000000000000000000000000000000000000000000000000000000"}','80334ebf16624868a6544ecbc8cf75fefe35bf4345b3114f3773cc4e2d0d827d');
INSERT INTO "lake_chain" VALUES(2,'{"seq":2,"at":"2026-11-22T19:50:58.437917Z","kind":"commit","added":[{"segment":"01a204cfd26db57c5a1fcfdd","level":"flush","sha256":"a5d773dd179d877f1453e1841253217902c1ced5122c4ab572e52f3a512eeb25","bytes":4471,"events":2,"from":"2026-11-22T19:50:53.000000Z","to":"2026-11-22T19:50:53.000000Z","received":["2026-11-22T19:50:57.594787Z","2026-11-22T19:50:57.594787Z"],"units":["so-y-te"]}],"prev":"80334ebf16624868a6544ecbc8cf75fefe35bf4345b3114f3773cc4e2d0d827d"}','a67a01b3fc97f88f5b364b817579e67c4e6a90266ff6ae31e8b958b86962828e');
CREATE TABLE lake_chain_archive (
	first_seq BIGINT PRIMARY KEY,
	last_seq  BIGINT NOT NULL,
	last_hash TEXT NOT NULL,
	entries   BLOB NOT NULL
);
CREATE TABLE lake_chain_head (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	seq  BIGINT NOT NULL,
	hash TEXT NOT NULL
);
INSERT INTO "lake_chain_head" VALUES(1,2,'a67a01b3fc97f88f5b364b817579e67c4e6a90266ff6ae31e8b958b86962828e');
CREATE TABLE lake_deletion (
	segment_id TEXT PRIMARY KEY,
	reason     TEXT NOT NULL,
	row_count  BIGINT NOT NULL,
	byte_count BIGINT NOT NULL,
	min_time   BIGINT NOT NULL,
	max_time   BIGINT NOT NULL,
	units      TEXT NOT NULL,
	deleted_at BIGINT NOT NULL
, unit_counts TEXT NOT NULL DEFAULT '');
CREATE TABLE lake_hold (
	id             TEXT PRIMARY KEY,
	reason         TEXT NOT NULL,
	created_by     TEXT NOT NULL,
	created_at     BIGINT NOT NULL,
	units          TEXT NOT NULL,
	hosts          TEXT NOT NULL,
	query          TEXT NOT NULL,
	from_time      BIGINT NOT NULL,
	to_time        BIGINT NOT NULL,
	released_at    BIGINT NOT NULL,
	released_by    TEXT NOT NULL,
	release_reason TEXT NOT NULL
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
, chain_seq BIGINT NOT NULL DEFAULT 0);
INSERT INTO "lake_segment" VALUES('01a204cfc21d06e8aa5e2df6',0,0,'live','',1795377053000000,1795377053000000,1795377053433098,1795377053435897,'01a204cfbef93fbafd90d86900000000','01a204cfbefb28e291d64b6100000023',39,4998,'5e7dbfc4991a881a02c17b4522426389d121b969a71376778e3301bf03f8eb7c','so-y-te','	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user',1795377054237682,1);
INSERT INTO "lake_segment" VALUES('01a204cfd26db57c5a1fcfdd',0,0,'live','',1795377053000000,1795377053000000,1795377057594787,1795377057594787,'01a204cfcee87d419e808e4f00000000','01a204cfcee87d419e808e4f00000001',2,4471,'a5d773dd179d877f1453e1841253217902c1ced5122c4ab572e52f3a512eeb25','so-y-te','	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user',1795377058413552,2);
CREATE TABLE lake_segment_block (
	segment_id TEXT NOT NULL,
	stream     TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	PRIMARY KEY (segment_id, stream, seq)
);
INSERT INTO "lake_segment_block" VALUES('01a204cfc21d06e8aa5e2df6','spool-dn201kb67d7d',1);
INSERT INTO "lake_segment_block" VALUES('01a204cfc21d06e8aa5e2df6','spool-dn201kb67d7d',2);
INSERT INTO "lake_segment_block" VALUES('01a204cfd26db57c5a1fcfdd','spool-dn201kb67d7d',3);
CREATE TABLE lake_verification (
	at     BIGINT PRIMARY KEY,
	report TEXT NOT NULL
);
CREATE TABLE relay_gaps (
	id       TEXT PRIMARY KEY,
	relay    TEXT NOT NULL,
	unit     TEXT NOT NULL,
	reason   TEXT NOT NULL,
	from_at  BIGINT NOT NULL,
	to_at    BIGINT NOT NULL,
	blocks   BIGINT NOT NULL,
	events   BIGINT NOT NULL,
	bytes    BIGINT NOT NULL,
	noted_at BIGINT NOT NULL
);
CREATE TABLE relayed_blocks (
	unit  TEXT NOT NULL,
	run   TEXT NOT NULL,
	first INTEGER NOT NULL,
	last  INTEGER NOT NULL,
	at    INTEGER NOT NULL,
	PRIMARY KEY (unit, run, first)
) WITHOUT ROWID;
CREATE TABLE relayed_skipped (
	stream TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	part   INTEGER NOT NULL,
	PRIMARY KEY (stream, seq, part)
) WITHOUT ROWID;
CREATE TABLE relays (
	id             TEXT PRIMARY KEY,
	unit           TEXT NOT NULL,
	host           TEXT NOT NULL,
	version        TEXT NOT NULL,
	peer           TEXT NOT NULL,
	first_contact  BIGINT NOT NULL,
	last_contact   BIGINT NOT NULL,
	offset_ms      BIGINT NOT NULL,
	backlog_blocks BIGINT NOT NULL,
	backlog_bytes  BIGINT NOT NULL,
	oldest         BIGINT NOT NULL,
	spool_max      BIGINT NOT NULL,
	disk_free      BIGINT NOT NULL,
	disk_total     BIGINT NOT NULL,
	when_full      TEXT NOT NULL,
	refusing       INTEGER NOT NULL,
	blocks         BIGINT NOT NULL,
	events         BIGINT NOT NULL,
	retired        INTEGER NOT NULL
);
CREATE TABLE retention_rules (
    unit      TEXT NOT NULL,
    format    TEXT NOT NULL,
    input     TEXT NOT NULL,
    class     TEXT NOT NULL,
    keep_days BIGINT NOT NULL,
    note      TEXT NOT NULL,
    set_by    TEXT NOT NULL,
    set_at    BIGINT NOT NULL,
    PRIMARY KEY (unit, format, input)
);
CREATE TABLE saved_searches (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    unit        TEXT NOT NULL,
    visibility  TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    query       TEXT NOT NULL,
    range_from  TEXT NOT NULL,
    range_to    TEXT NOT NULL,
    columns     TEXT NOT NULL,
    view_state  TEXT NOT NULL,
    search_text TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    UNIQUE (owner_id, name)
);
INSERT INTO "saved_searches" VALUES('000660e2cbc02f9790bfb0c8a4','000660e2cad99fddcfd4a9e8c4','trung-tam','private','Đăng nhập sai','','sshd','now-24h','now','[]','','dang nhap sai
',1,1795377057509271,1795377057509271);
CREATE TABLE search_exports (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    unit        TEXT NOT NULL,
    query       TEXT NOT NULL,
    time_from   BIGINT NOT NULL,
    time_to     BIGINT NOT NULL,
    ascending   BOOLEAN NOT NULL,
    format      TEXT NOT NULL,
    columns     TEXT NOT NULL,
    row_limit   BIGINT NOT NULL,
    state       TEXT NOT NULL,
    rows_total  BIGINT NOT NULL,
    rows_done   BIGINT NOT NULL,
    byte_count  BIGINT NOT NULL,
    file_bytes  BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    partial     TEXT NOT NULL,
    error_code  TEXT NOT NULL,
    error_text  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE TABLE search_history (
    user_id    TEXT NOT NULL,
    id         TEXT NOT NULL,
    query      TEXT NOT NULL,
    range_from TEXT NOT NULL,
    range_to   TEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    took_ms    BIGINT NOT NULL,
    hits       BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE TABLE sessions (
    hash       TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    addr       TEXT NOT NULL
);
INSERT INTO "sessions" VALUES('60cad0f2f36ec2007ac02269bf49f6cb80e0cf29c453b03d2e93a0403ef5892e','000660e2ca9247c5e528762ef1',1795377037822509,1795377037822509,'127.0.0.1');
INSERT INTO "sessions" VALUES('8a3e6078a25f6642cb19a378f5cf58bf6440c089f9b8dcf007ee6ac08e9ca146','000660e2cad99fddcfd4a9e8c4',1795377042429691,1795377042429691,'127.0.0.1');
INSERT INTO "sessions" VALUES('29e5c4d2221d9b0e3c0a5fa99936f5d12a8b0fcd3487edead1a84f4159949e31','000660e2cb1d9f44b5ebfd1959',1795377046868984,1795377046868984,'127.0.0.1');
CREATE TABLE source_health (
    id             TEXT PRIMARY KEY,
    learned_to     BIGINT NOT NULL,            -- hours before it are learned
    profile        BYTEA,
    recent         BYTEA,
    state          TEXT NOT NULL DEFAULT '{}', -- JSON: rhythm, volume, share
    score          DOUBLE PRECISION NOT NULL DEFAULT 0,
    due            BIGINT NOT NULL DEFAULT 0,  -- when it will count as silent …
    due_for        BIGINT NOT NULL DEFAULT 0,  -- … if it was last heard then
    silent_since   BIGINT NOT NULL DEFAULT 0,
    volume_since   BIGINT NOT NULL DEFAULT 0,
    skew_since     BIGINT NOT NULL DEFAULT 0,  -- off since; a problem after a while
    skew_problem   BIGINT NOT NULL DEFAULT 0,
    unparsed_since BIGINT NOT NULL DEFAULT 0,
    silent_after   BIGINT NOT NULL DEFAULT 0,  -- seconds, set by a person
    silent_fixed   BOOLEAN NOT NULL DEFAULT FALSE,
    muted_at       BIGINT NOT NULL DEFAULT 0,
    muted_until    BIGINT NOT NULL DEFAULT 0,
    muted_by       TEXT NOT NULL DEFAULT '',
    mute_reason    TEXT NOT NULL DEFAULT '',
    mute_silence   BOOLEAN NOT NULL DEFAULT FALSE -- nothing at all is expected
);
CREATE TABLE source_signals (
    kind  TEXT NOT NULL,
    unit  TEXT NOT NULL,
    about TEXT NOT NULL,
    since BIGINT NOT NULL,
    crowd TEXT NOT NULL DEFAULT '', -- the trouble they share
    input TEXT NOT NULL DEFAULT '',
    severity TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, unit, about)
);
CREATE TABLE source_watch (
    id      INTEGER PRIMARY KEY,
    looked  BIGINT NOT NULL,
    outages TEXT NOT NULL
);
INSERT INTO "source_watch" VALUES(1,1795377036737900,'null');
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
    unparsed   BIGINT NOT NULL, id TEXT NOT NULL DEFAULT '', search_text TEXT NOT NULL DEFAULT '', hour BIGINT NOT NULL DEFAULT 0, hour_events BIGINT NOT NULL DEFAULT 0, hour_unparsed BIGINT NOT NULL DEFAULT 0, hour_pause BIGINT NOT NULL DEFAULT 0, hour_paused_to BIGINT NOT NULL DEFAULT 0, prev_hour BIGINT NOT NULL DEFAULT 0, prev_events BIGINT NOT NULL DEFAULT 0, prev_unparsed BIGINT NOT NULL DEFAULT 0, prev_pause BIGINT NOT NULL DEFAULT 0, prev_paused_to BIGINT NOT NULL DEFAULT 0, skew BIGINT NOT NULL DEFAULT 0, skew_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (unit, input, peer, host, format)
);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sshd','linux','sshd',1795377053435897,1795377053435897,12,0,'645eb3c319de252f96f15952','so-y-te
syslog
127.0.0.1
web-7
sshd
linux
sshd',1795374000000000,12,0,0,1795377053433098,0,0,0,0,0,-435897,1795377053435897);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sudo','linux','sudo',1795377053435897,1795377053435897,1,0,'d0d64f9b582496b166787db1','so-y-te
syslog
127.0.0.1
web-8
sudo
linux
sudo',1795374000000000,1,0,0,1795377053435897,0,0,0,0,0,-435897,1795377053435897);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sshd','linux','sshd',1795377053435897,1795377053435897,12,0,'76e47ed1962c571baea2332a','so-y-te
syslog
127.0.0.1
web-8
sshd
linux
sshd',1795374000000000,12,0,0,1795377053435897,0,0,0,0,0,-435897,1795377053435897);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sudo','linux','sudo',1795377053435897,1795377053435897,1,0,'b80ffcc2a9d85fa6909fbb44','so-y-te
syslog
127.0.0.1
web-9
sudo
linux
sudo',1795374000000000,1,0,0,1795377053435897,0,0,0,0,0,-435897,1795377053435897);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sshd','linux','sshd',1795377053435897,1795377053435897,12,0,'eccc7bad6026097e3d398043','so-y-te
syslog
127.0.0.1
web-9
sshd
linux
sshd',1795374000000000,12,0,0,1795377053435897,0,0,0,0,0,-435897,1795377053435897);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sudo','linux','sudo',1795377053433098,1795377053433098,1,0,'ee7862879bea0bbcda53e9d1','so-y-te
syslog
127.0.0.1
web-7
sudo
linux
sudo',1795374000000000,1,0,0,1795377053433098,0,0,0,0,0,-433098,1795377053433098);
INSERT INTO "sources" VALUES('so-y-te','upload','cu.log','web-7','sshd','linux','sshd',1795377057594787,1795377057594787,1,0,'f95f33c123b1f59837be6f8c','so-y-te
upload
cu.log
web-7
sshd
linux
sshd',1795374000000000,1,0,0,1795377057594787,0,0,0,0,0,-4594787,1795377057594787);
INSERT INTO "sources" VALUES('so-y-te','upload','cu.log','web-7','sudo','linux','sudo',1795377057594787,1795377057594787,1,0,'62e66bdbd24b28b9add76243','so-y-te
upload
cu.log
web-7
sudo
linux
sudo',1795374000000000,1,0,0,1795377057594787,0,0,0,0,0,-4594787,1795377057594787);
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
INSERT INTO "tokens" VALUES('000660e2cb81d57e29d9a58aea','máy chủ web','so-y-te','ingest','864f86f32f7cb9d8e09c8c9c5941767f4ec25455fc120a25068054062e88ec2d',1795377053422973,2110737053422973,0,0);
INSERT INTO "tokens" VALUES('000660e2cb81e9e181377f1edf','báo cáo','trung-tam','api','e5f0ee79d53b3e70844b53e087bb72fd909d5a77647377aba54fb3f86d03c657',1795377053428193,2110737053428193,0,0);
INSERT INTO "tokens" VALUES('000660e2cb81f18297f413da62','đã mất','so-y-te','ingest','44ac518448279edec5a4eef185b13ac5a9b59eac26af3765d4406d5eb2959c35',1795377053430145,2110737053430145,1795377053431829,0);
INSERT INTO "tokens" VALUES('000660e2cbd13c1622f771c4f8','Tường lửa','xa-an-phu','ingest','796d65978a373e0e394f79bab7345fce024020db049c26a301c29546b98b7a8e',1795377058626581,1826913058626581,0,0);
CREATE TABLE units (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "units" VALUES('trung-tam','Trung tâm An ninh mạng tỉnh','centre',1795377036518651);
INSERT INTO "units" VALUES('so-y-te','Sở Y tế','department',1795377041503157);
INSERT INTO "units" VALUES('xa-an-phu','Xã An Phú','department',1795377041517845);
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
CREATE TABLE uploads (
    id           TEXT PRIMARY KEY,
    unit         TEXT NOT NULL,
    name         TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    asked        TEXT NOT NULL,
    status       TEXT NOT NULL,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    bytes_read   BIGINT NOT NULL,
    records      BIGINT NOT NULL,
    stored       BIGINT NOT NULL,
    batches      BIGINT NOT NULL,
    problems     BIGINT NOT NULL,
    problem_list TEXT NOT NULL,
    reason       TEXT NOT NULL,
    detail       TEXT NOT NULL,
    original     TEXT NOT NULL,
    kept_until   BIGINT NOT NULL,
    resumed      BIGINT NOT NULL
);
INSERT INTO "uploads" VALUES('000660e2cbc03b13e5c21dffba','so-y-te','cu.log',224,'6b51992e18ec003192bf7fb7a88daba85cc9b7adb601759f1100f1e338e506fe','lines','auto','done','000660e2cad99fddcfd4a9e8c4','lan',1795377057512240,1795377057568336,1795377058482439,224,2,2,1,0,'[]','','','deleted',0,0);
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
INSERT INTO "users" VALUES('000660e2ca9247c5e528762ef1','admin','Quản trị viên','administrator','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$KmJQamX/U1Tty6I5SaRnxQ$mPrAh3Ks/f1ZTd9BR4dJMO/dst0pFPLYfgstWO53mbM',0,0,1795377037723595,1795377037822509);
INSERT INTO "users" VALUES('000660e2cad99fddcfd4a9e8c4','lan','Lan','analyst','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$7lX9Ikcu3JnzQ+1u/7mGzw$FGCR466n1FCXG8/AEiZbZAWcY8oKlYifruWmyGrGGFY',0,0,1795377042399203,1795377042429691);
INSERT INTO "users" VALUES('000660e2cb1d9f44b5ebfd1959','minh','Minh','analyst','so-y-te','$argon2id$v=19$m=65536,t=3,p=4$Cb6eBPLii1mm7RGt0jpLhA$LcHOwokgdyXiZdhe6l5cd+UK3+bXonjranIHI51XCw4',0,0,1795377046855498,1795377046868984);
INSERT INTO "users" VALUES('000660e2cb5e4ebbbfe176968b','nghi','Nghi','analyst','xa-an-phu','$argon2id$v=19$m=65536,t=3,p=4$X9ExE13iVDBGQA+FUeljhA$8sKR4hrgpBGcBWNU3jCsmJVQqdfdI/y42qxOZoxTCLA',0,1,1795377051094721,1795377051139183);
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
CREATE INDEX alerts_signal ON alerts (group_key, created_at, id) WHERE signal <> '';
CREATE INDEX search_history_newest ON search_history (user_id, asked_at);
CREATE INDEX search_exports_owner ON search_exports (owner_id, created_at);
CREATE INDEX saved_searches_visible ON saved_searches (visibility, unit);
CREATE INDEX sources_last_seen ON sources (last_seen);
CREATE INDEX unparsed_bucket ON unparsed (bucket);
CREATE UNIQUE INDEX sources_id ON sources (id) WHERE id <> '';
CREATE INDEX source_health_score ON source_health (score);
CREATE INDEX enrolments_unit ON enrolments (unit);
CREATE INDEX enrol_credentials_enrolment ON enrol_credentials (enrolment);
CREATE INDEX relay_gaps_relay ON relay_gaps (relay, noted_at);
CREATE INDEX uploads_unit ON uploads (unit, id);
CREATE INDEX uploads_sha256 ON uploads (sha256, unit);
CREATE INDEX uploads_status ON uploads (status, id);
COMMIT;

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
INSERT INTO "alert_history" VALUES('000660e2c903aabd2fe97df7bf','000660e2c8d2b72395c7d6c15e',1795377011600003,'Lan','status','new','in_progress','','Đã gọi Sở Y tế.');
INSERT INTO "alert_history" VALUES('000660e2c903aabf0f58b269cc','000660e2c8d2b72395c7d6c15e',1795377011600003,'Lan','assign','','000660e2c836103bed2cefb4bc','','');
INSERT INTO "alert_history" VALUES('000660e2c903ddb020931878f4','000660e2c8d2b726dc7bbec694',1795377011613035,'Lan','status','new','closed','false_positive','Kiểm thử của đơn vị.');
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
INSERT INTO "alerts" VALUES('000660e2c8d2b72395c7d6c15e','d567aec17e6f64034fcf7db1528c616d','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'in_progress','so-y-te','user','svc7',1,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377011600003,'000660e2c836103bed2cefb4bc','','Đã gọi Sở Y tế.','["attack.privilege-escalation","attack.t1548.003"]',2,'interactive root shell by sudo
mo phien shell root bang sudo
svc7
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c8d2b726dc7bbec694','936f7b50f19ff63e19832f829b5ae7b0','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'closed','so-y-te','src_ip','203.0.113.7',12,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377011613035,'','false_positive','Kiểm thử của đơn vị.','["attack.credential-access","attack.t1110.001"]',2,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.7
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
INSERT INTO "alerts" VALUES('000660e2c8d2b7275403011158','52121d1dc8a975f9be373246163f6724','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc8',1,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377008391844,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc8
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c8d2b728ced5423c80','5c06b51f2c12c53f68d5827ba8cedd77','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.8',12,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377008391844,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.8
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
INSERT INTO "alerts" VALUES('000660e2c8d2b7298d60a4fa1b','95e6d74a824fcb0a436810c4e8ce69ec','0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','Interactive Root Shell By Sudo','Mở phiên shell root bằng sudo','low',2,'new','so-y-te','user','svc9',1,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377008391844,'','','','["attack.privilege-escalation","attack.t1548.003"]',1,'interactive root shell by sudo
mo phien shell root bang sudo
svc9
0a7dc4f5-b205-4034-8a8c-4b0b150ddd89','','');
INSERT INTO "alerts" VALUES('000660e2c8d2b72acaf0a4095a','4d76ae514b565dde2fcef3eb0a159861','b5c8009a-66cc-4099-b44e-5e19fbe50a0c','Failed SSH Password For Root','Thử mật khẩu root qua SSH không thành công','low',2,'new','so-y-te','src_ip','203.0.113.9',12,1795377007000000,1795377007000000,1795377007578144,1795377007578144,1795377008391844,1795377008391844,'','','','["attack.credential-access","attack.t1110.001"]',1,'failed ssh password for root
thu mat khau root qua ssh khong thanh cong
203.0.113.9
b5c8009a-66cc-4099-b44e-5e19fbe50a0c','','');
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO "audit_head" VALUES(1,22,'5360af41b292eba95e85647fbda1fbd9d7a10c1c91c5588c9b94abccd0943d1a');
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
INSERT INTO "audit_log" VALUES(1,1795376992278379,'system','user.create','user:000660e2c7dcd5e6702f9733e3','{"role":"administrator","unit":"trung-tam","username":"admin"}','','56e4c87eb396bc88a5b4f0eac730917a0e948beac4fb5c277807af0d58c9995b');
INSERT INTO "audit_log" VALUES(2,1795376993619847,'admin','session.create','user:000660e2c7dcd5e6702f9733e3','{}','127.0.0.1','4e27443636569c0277f513ac5ca2d02017a4913a453ff68bee7c23a4e26112f9');
INSERT INTO "audit_log" VALUES(3,1795376996783477,'admin','user.change-password','user:000660e2c7dcd5e6702f9733e3','{}','127.0.0.1','1a3d68b699662be0391015e200574f4b4f50df2a65c9841bd1bd885eba33fa09');
INSERT INTO "audit_log" VALUES(4,1795376996794209,'admin','unit.create','unit:so-y-te','{"kind":"department","name":"Sở Y tế"}','127.0.0.1','b4d21fcda823cd44511b3473fbbcde94cfd58d4c60b4682bd0e4f383cfaa7c1e');
INSERT INTO "audit_log" VALUES(5,1795376996800027,'admin','unit.create','unit:xa-an-phu','{"kind":"department","name":"Xã An Phú"}','127.0.0.1','5e6920c50aed9d92270b38cc6f56acb456091488c3458b470b4347369e446f30');
INSERT INTO "audit_log" VALUES(6,1795376998130208,'admin','user.create','user:000660e2c836103bed2cefb4bc','{"role":"analyst","unit":"trung-tam","username":"lan"}','127.0.0.1','1e6a1fa31aa3fe285aa9915cc1961d69673350e068d44b9622ebc2957bc3bb87');
INSERT INTO "audit_log" VALUES(7,1795376998987633,'lan','session.create','user:000660e2c836103bed2cefb4bc','{}','127.0.0.1','9da0b63692c9bc66a64fdebda1f80c5ec62ad2ea14cb25e20ca406e98579e593');
INSERT INTO "audit_log" VALUES(8,1795377000742846,'lan','user.change-password','user:000660e2c836103bed2cefb4bc','{}','127.0.0.1','2b6df172304a0b56631be5e57634f63354e1f95461949b1af577f21b1555a1ca');
INSERT INTO "audit_log" VALUES(9,1795377001541607,'admin','user.create','user:000660e2c86a2ee60ece5ad693','{"role":"analyst","unit":"so-y-te","username":"minh"}','127.0.0.1','bdb47d68172959061a1773c01b57d29b88cd83f5a209b81c19f3c9025fd30420');
INSERT INTO "audit_log" VALUES(10,1795377002409802,'minh','session.create','user:000660e2c86a2ee60ece5ad693','{}','127.0.0.1','a48b305274dd37828615076f5a793cb06f2c15a2f588ca21fd28ebd9fe2b34e6');
INSERT INTO "audit_log" VALUES(11,1795377004219672,'minh','user.change-password','user:000660e2c86a2ee60ece5ad693','{}','127.0.0.1','8bb78242b05c11822fc5df0bc37c51164d20df802a2030a2c3ffa01edb849be6');
INSERT INTO "audit_log" VALUES(12,1795377004949754,'admin','user.create','user:000660e2c89e24fd44f44b6b4e','{"role":"analyst","unit":"xa-an-phu","username":"nghi"}','127.0.0.1','615d685f361566ddcd44afe99cce3efd9c45166047f2050a9b490e2839d9b3f5');
INSERT INTO "audit_log" VALUES(13,1795377005977874,'nghi','session.create','user:000660e2c89e24fd44f44b6b4e','{}','127.0.0.1','be0acba8ee9953c0653dc43d318f2ce46f6aca0ae66bd0c6a67015da0d6ad183');
INSERT INTO "audit_log" VALUES(14,1795377007477315,'nghi','user.change-password','user:000660e2c89e24fd44f44b6b4e','{}','127.0.0.1','c603f8ecb581931ae3261e4345180d05e27625f0bb819cd49341516114c736c2');
INSERT INTO "audit_log" VALUES(15,1795377007498501,'admin','user.disable','user:000660e2c89e24fd44f44b6b4e','{"username":"nghi"}','127.0.0.1','fabab138435b62bb8de47895b9f641bc572e8262408a2f91546a0423beebd0cc');
INSERT INTO "audit_log" VALUES(16,1795377007505155,'admin','token.create','token:000660e2c8c52e5994508fb102','{"name":"máy chủ web","scope":"ingest","unit":"so-y-te"}','127.0.0.1','3b83ebe8c22ca8f4e58ff92258502b23289bdd61b9d8b4b4075ed8eb1ea0bd04');
INSERT INTO "audit_log" VALUES(17,1795377007509086,'admin','token.create','token:000660e2c8c53e2122a2dc6e29','{"name":"báo cáo","scope":"api","unit":"trung-tam"}','127.0.0.1','56591475cd762cab01143314cd08daba8be2f07133e79e1637a549a946c5d8c9');
INSERT INTO "audit_log" VALUES(18,1795377007574993,'admin','token.create','token:000660e2c8c63f4a56dfb08223','{"name":"đã mất","scope":"ingest","unit":"so-y-te"}','127.0.0.1','462058be4977449c0c90e3e06abcb690f5d6058eb7f1ece7c3364c49038b16e6');
INSERT INTO "audit_log" VALUES(19,1795377007576749,'admin','token.revoke','token:000660e2c8c63f4a56dfb08223','{}','127.0.0.1','ae3192f28536acb342b80b422ff7db93c0a7bd0fb5464a1e0f98197f733d5ddd');
INSERT INTO "audit_log" VALUES(20,1795377011600213,'lan','alert.change','alert:000660e2c8d2b72395c7d6c15e','{"assign":" -\u003e 000660e2c836103bed2cefb4bc","rule":"0a7dc4f5-b205-4034-8a8c-4b0b150ddd89","status":"new -\u003e in_progress","unit":"so-y-te"}','127.0.0.1','1208a0d253469ad506b6f23780d7d2480b0c8676f36c9d1fb964cf9c2e5ea38c');
INSERT INTO "audit_log" VALUES(21,1795377011613158,'lan','alert.change','alert:000660e2c8d2b726dc7bbec694','{"reason":"false_positive","rule":"b5c8009a-66cc-4099-b44e-5e19fbe50a0c","status":"new -\u003e closed","unit":"so-y-te"}','127.0.0.1','6fa51324eb4c248d5cb157208b51cfa1ceb90a2c329b3fcce62ddfe5bef43d98');
INSERT INTO "audit_log" VALUES(22,1795377011615585,'lan','search.save','search:000660e2c903e689fb9f2be76e','{"visibility":"private"}','127.0.0.1','5360af41b292eba95e85647fbda1fbd9d7a10c1c91c5588c9b94abccd0943d1a');
CREATE TABLE correlation_journal (
	seq   BIGINT NOT NULL,
	part  INTEGER NOT NULL,
	whole BOOLEAN NOT NULL,
	body  BLOB NOT NULL,
	PRIMARY KEY (seq, part)
);
INSERT INTO "correlation_journal" VALUES(1,0,0,X'28B52FFD64BD269D0A008292362140692B00D842612D5606625C527774CCCF3AD71A9C61489EF673D2CA9F6DB6F5020D663654FE201A6FAC97E2557426C801E1738DF552BC4CE7430E099F6BAC973A8DF3BE061BD2AC1B495A26C752A45749DEC72B3F886659186656C5696C7C92A004FCDCA5C59C362D454212FC5C41294098FAF8892005CE38C4D39F1BA083DDFC1C4B6EE1E706D7FC9CD3A64D4E3180C192A88BFAF8FAF3D9A0055AEAE3153F5FB596BB9F63EA90830C91ECA3D15A2F41C964ED66938F67CE38C4D74639F8B94131E4D71CBFD4362E8B90079442CCA8A9558F9FCC42E771462D20A003D2623400FCA6E3142AA35085A27A142AA350050515275446A10A45F5285446A18A994E47310A5528A847A1320A5528A847A1320A5528A89742C509955150C5A6D3518C822A14EA51A88C822A14EA51A88C822A14EA51A88C82AA2262C32B021EBFB586C83524DDC2B295A170E48386C027D1CB186585');
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
INSERT INTO "goose_alert" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_alert" VALUES(2,1,1,'2026-11-22 19:49:50');
INSERT INTO "goose_alert" VALUES(3,2,1,'2026-11-22 19:49:50');
CREATE TABLE goose_evidence (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_evidence" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_evidence" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_identity (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_identity" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_identity" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_lake (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_lake" VALUES(1,0,1,'2026-11-22 19:49:49');
INSERT INTO "goose_lake" VALUES(2,1,1,'2026-11-22 19:49:49');
INSERT INTO "goose_lake" VALUES(3,2,1,'2026-11-22 19:49:49');
CREATE TABLE goose_module (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_module" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_module" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_pipeline (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_pipeline" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_pipeline" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_savedsearch (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_savedsearch" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_savedsearch" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_search (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_search" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_search" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_source (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_source" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_source" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE goose_unit (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_unit" VALUES(1,0,1,'2026-11-22 19:49:50');
INSERT INTO "goose_unit" VALUES(2,1,1,'2026-11-22 19:49:50');
CREATE TABLE lake_block (
	stream    TEXT NOT NULL,
	seq       BIGINT NOT NULL,
	events    BIGINT NOT NULL,
	unparsed  BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	PRIMARY KEY (stream, seq)
);
INSERT INTO "lake_block" VALUES('spool-dn200yz5eqe6',1,39,0,1795377008391737);
CREATE TABLE lake_chain (
	seq   BIGINT PRIMARY KEY,
	entry TEXT NOT NULL,
	hash  TEXT NOT NULL
);
INSERT INTO "lake_chain" VALUES(1,'{"seq":1,"at":"2026-11-22T19:50:08.391400Z","kind":"commit","added":[{"segment":"01a204cf0efd5530214806ac","level":"flush","sha256":"1ce5767df1cbbd86e13403fa32554d9ac65fcd0fee17426635eafe517442eb9c","bytes":4967,"events":39,"from":"2026-11-22T19:50:07.000000Z","to":"2026-11-22T19:50:07.000000Z","received":["2026-11-22T19:50:07.578144Z","2026-11-22T19:50:07.578144Z"],"units":["so-y-te"]}],"prev":"0000000000000000000000000000000000000000000000000000000000000000"}','92313fa6cf91386a5261ad9d1b58b7aaa46c71084e97299505ac24d36d126bed');
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
INSERT INTO "lake_chain_head" VALUES(1,1,'92313fa6cf91386a5261ad9d1b58b7aaa46c71084e97299505ac24d36d126bed');
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
INSERT INTO "lake_segment" VALUES('01a204cf0efd5530214806ac',0,0,'live','',1795377007000000,1795377007000000,1795377007578144,1795377007578144,'01a204cf0bda4dc4454c696800000000','01a204cf0bda4dc4454c696800000026',39,4967,'1ce5767df1cbbd86e13403fa32554d9ac65fcd0fee17426635eafe517442eb9c','so-y-te','	auth_method	command	facility	hostname	message	outcome	pid	program	pwd	severity	src_ip	src_port	target_user	ttym	user',1795377008381766,1);
CREATE TABLE lake_segment_block (
	segment_id TEXT NOT NULL,
	stream     TEXT NOT NULL,
	seq        BIGINT NOT NULL,
	PRIMARY KEY (segment_id, stream, seq)
);
INSERT INTO "lake_segment_block" VALUES('01a204cf0efd5530214806ac','spool-dn200yz5eqe6',1);
CREATE TABLE lake_verification (
	at     BIGINT PRIMARY KEY,
	report TEXT NOT NULL
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
INSERT INTO "saved_searches" VALUES('000660e2c903e689fb9f2be76e','000660e2c836103bed2cefb4bc','trung-tam','private','Đăng nhập sai','','sshd','now-24h','now','[]','','dang nhap sai
',1,1795377011615368,1795377011615368);
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
INSERT INTO "sessions" VALUES('7e4f31dcf8d4fccf7848790cb8642827dc02bb03852ece0716b045c21653a270','000660e2c7dcd5e6702f9733e3',1795376992432017,1795376992432017,'127.0.0.1');
INSERT INTO "sessions" VALUES('8347d8db450b6504d0f5155182da9d356830699cde06e1ceb4fa5dcd85999cad','000660e2c836103bed2cefb4bc',1795376998135464,1795376998135464,'127.0.0.1');
INSERT INTO "sessions" VALUES('4a728b0ca992492afe80109e0bd637dc9a21eb8f1d1c6a4ed339aa1cc311fec1','000660e2c86a2ee60ece5ad693',1795377001550822,1795377001550822,'127.0.0.1');
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
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sudo','linux','sudo',1795377007578144,1795377007578144,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-9','sshd','linux','sshd',1795377007578144,1795377007578144,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sudo','linux','sudo',1795377007578144,1795377007578144,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-7','sshd','linux','sshd',1795377007578144,1795377007578144,12,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sudo','linux','sudo',1795377007578144,1795377007578144,1,0);
INSERT INTO "sources" VALUES('so-y-te','syslog','127.0.0.1','web-8','sshd','linux','sshd',1795377007578144,1795377007578144,12,0);
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
INSERT INTO "tokens" VALUES('000660e2c8c52e5994508fb102','máy chủ web','so-y-te','ingest','f590a78a5219e76480f62487d60067740ccabe810833607da51408f6902d26a2',1795377007504985,2110737007504985,0,0);
INSERT INTO "tokens" VALUES('000660e2c8c53e2122a2dc6e29','báo cáo','trung-tam','api','96344151e5b38c7e87cf9b7e2033c65e0dfdad7eca84480d15bd7475f039da40',1795377007509025,2110737007509025,0,0);
INSERT INTO "tokens" VALUES('000660e2c8c63f4a56dfb08223','đã mất','so-y-te','ingest','036b6e26464a7898b6ec2dfb4c20b9bf8e04569f70df4bcee9d1ad32a83a39dc',1795377007574858,2110737007574858,1795377007576711,0);
CREATE TABLE units (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "units" VALUES('trung-tam','Trung tâm An ninh mạng tỉnh','centre',1795376990111512);
INSERT INTO "units" VALUES('so-y-te','Sở Y tế','department',1795376996794096);
INSERT INTO "units" VALUES('xa-an-phu','Xã An Phú','department',1795376996799969);
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
INSERT INTO "users" VALUES('000660e2c7dcd5e6702f9733e3','admin','Quản trị viên','administrator','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$vEeXkyiI+BCPUgF9D5O7kg$R7TnHCvjCsnRw1PsVdemC0vSdt+dwKmtlzMz/G3pvhY',0,0,1795376992277997,1795376992432017);
INSERT INTO "users" VALUES('000660e2c836103bed2cefb4bc','lan','Lan','analyst','trung-tam','$argon2id$v=19$m=65536,t=3,p=4$4s43q1/411QUFE5+8Dc0GQ$L33uXJaQG72zmRkS/zOuPt8JCAcUM/DytQ0MH8LZBA4',0,0,1795376998125633,1795376998135464);
INSERT INTO "users" VALUES('000660e2c86a2ee60ece5ad693','minh','Minh','analyst','so-y-te','$argon2id$v=19$m=65536,t=3,p=4$1KM5nNGmdJSBbpowfWTCEg$UiywyClvfZcfWlE8Vn253fpotxqTMMZKPgOVDx6zXpw',0,0,1795377001541356,1795377001550822);
INSERT INTO "users" VALUES('000660e2c89e24fd44f44b6b4e','nghi','Nghi','analyst','xa-an-phu','$argon2id$v=19$m=65536,t=3,p=4$DxcAGe3csCi4Ewl4mzHZwg$y1qP+6BIcyuz4XfxrQ9IdPE2woD2weykgmPmj5yFc0I',0,1,1795377004946691,1795377004959094);
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
CREATE INDEX search_history_newest ON search_history (user_id, asked_at);
CREATE INDEX search_exports_owner ON search_exports (owner_id, created_at);
CREATE INDEX saved_searches_visible ON saved_searches (visibility, unit);
CREATE INDEX sources_last_seen ON sources (last_seen);
CREATE INDEX unparsed_bucket ON unparsed (bucket);
COMMIT;

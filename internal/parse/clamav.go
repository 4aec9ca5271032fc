package parse

import "strings"

var clamavFields = []string{"Filename", "Signature", "action", "level", "database", "version", "md5", "src_ip"}

// parseClamAV reads what clamd, clamonacc, clamscan, clamav-milter and freshclam
// write, from syslog or from their own logs:
//
//	Mon Mar  2 11:59:50 2026 -> /srv/up/x.php: Php.Trojan.Agent-1 FOUND
//	/srv/up/x.php: Win.Test.EICAR_HDB-1(44d88612fea8a8f36de82e1278abb02f:68) FOUND
//	instream(203.0.113.7@50122): Eicar-Signature FOUND
func (p *Parser) parseClamAV(r *record) bool {
	m := r.text
	tagged := r.program != ""
	dated := false
	if i := strings.Index(m, " -> "); i == 24 {
		if t, n := bsdTime(m[4:24], p.zone, r.ref); n == 20 {
			r.setTime(t)
			m, dated = m[28:], true
		}
	}
	found := strings.TrimSuffix(m, " FOUND")
	path, signature, isFound := cutLast(found, ": ")
	isFound = isFound && found != m
	if !tagged && !dated && (!isFound || !isPath(path)) {
		return false
	}
	src := &r.event.Source
	src.Product, src.Category, src.Service = "linux", "", "clamav"
	if isFound {
		src.Category = "antivirus"
		p.clamavFound(path, signature)
		return true
	}
	if level, rest, ok := strings.Cut(m, ": "); ok && (level == "WARNING" || level == "ERROR" || level == "LibClamAV Warning" || level == "LibClamAV Error") {
		p.sink.text("level", level)
		m = rest
	}
	// "daily.cld updated (version: 27200, sigs: 2053291, f-level: 90, builder: raynman)"
	if name, rest, ok := strings.Cut(m, " "); ok && (strings.HasPrefix(rest, "updated (version: ") || strings.HasPrefix(rest, "database is up-to-date (version: ")) {
		p.sink.text("action", "update")
		p.sink.text("database", name)
		p.optional("version", between(rest, "version: ", ","))
	}
	return true
}

func (p *Parser) clamavFound(path, signature string) {
	p.sink.text("action", "found")
	path = strings.TrimPrefix(path, "ScanOnAccess: ")
	if stream, ok := strings.CutPrefix(path, "instream("); ok {
		ip, _, _ := strings.Cut(strings.TrimSuffix(stream, ")"), "@")
		if isAddress(ip) {
			p.sink.text("src_ip", ip)
		}
	}
	p.sink.text("Filename", path)
	if name, rest, ok := strings.Cut(signature, "("); ok {
		signature = name
		if md5, _, ok := strings.Cut(rest, ":"); ok && len(md5) == 32 {
			p.sink.text("md5", md5)
		}
	}
	p.sink.text("Signature", signature)
}

// isPath tells what a scanner found something in from other text.
func isPath(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "instream(") || strings.HasPrefix(s, "ScanOnAccess: ") || len(s) > 3 && s[1] == ':' && s[2] == '\\'
}

// cutLast cuts s at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

package parse

import (
	"strings"
	"time"
	"unicode/utf8"
)

// auditdFields: the fields of a record keep the names the audit system gives
// them (type, exe, comm, key, auid, a0…, SYSCALL…), which are those of Sigma's
// rules; only these are ours.
var auditdFields = []string{"type", "node", "audit_id", "SYSCALL", "CommandLine", "Image", "*"}

// parseAuditd reads "type=SYSCALL msg=audit(1700000000.123:42): arch=…", as in
// audit.log, with "node=" before it, or as the kernel prints it without auditd,
// "audit: type=1400 audit(…): …".
func (p *Parser) parseAuditd(r *record) bool {
	s := r.text
	node := ""
	if rest, ok := strings.CutPrefix(s, "node="); ok {
		node, s, _ = strings.Cut(rest, " ")
	}
	if rest, ok := strings.CutPrefix(s, "["); ok { // the kernel's time since boot
		if _, after, ok := strings.Cut(rest, "] "); ok {
			s = after
		}
	}
	s = strings.TrimPrefix(s, "audit: ")
	rest, ok := strings.CutPrefix(s, "type=")
	if !ok {
		return false
	}
	kind, rest, ok := strings.Cut(rest, " ")
	if !ok || kind == "" {
		return false
	}
	rest = strings.TrimPrefix(rest, "msg=")
	rest, ok = strings.CutPrefix(rest, "audit(")
	if !ok {
		return false
	}
	id, rest, ok := strings.Cut(rest, ")")
	if !ok {
		return false
	}
	at, serial, ok := strings.Cut(id, ":")
	if !ok || !isNumber(serial) {
		return false
	}
	t, ok := auditTime(at)
	if !ok {
		return false
	}
	r.setTime(t)
	if name, ok := auditTypes[kind]; ok {
		kind = name
	}
	if node != "" {
		p.sink.text("node", node)
		r.event.Host = node
	}
	p.sink.text("type", kind)
	p.sink.text("audit_id", serial)
	src := &r.event.Source
	src.Product, src.Service = "linux", "auditd"
	rest = strings.TrimPrefix(rest, ":")
	// An enriched record says everything again in words, after a separator.
	raw, words, _ := strings.Cut(rest, "\x1d")
	a := auditRecord{p: p, kind: kind}
	a.pairs(raw, 0)
	a.pairs(words, 0)
	switch kind {
	case "SYSCALL":
		if !a.hasSyscall {
			if name := syscallName(a.arch, a.syscall); name != "" {
				p.sink.text("SYSCALL", name)
			}
		}
	case "EXECVE":
		src.Category = "process_creation"
		a.addCommandLine()
	case "PROCTITLE":
		if a.proctitle != "" {
			src.Category = "process_creation"
			p.sink.text("CommandLine", a.proctitle)
		}
	}
	return true
}

// auditTime reads "1700000000.123".
func auditTime(s string) (time.Time, bool) {
	dot := strings.IndexByte(s, '.')
	if dot < 0 {
		dot = len(s)
	}
	if dot == 0 || dot > 12 {
		return time.Time{}, false
	}
	var sec, nsec int64
	for i, c := range []byte(s) {
		if i == dot {
			continue
		}
		if c-'0' > 9 || i > dot+9 {
			return time.Time{}, false
		}
		if i < dot {
			sec = sec*10 + int64(c-'0')
		} else {
			nsec = nsec*10 + int64(c-'0')
		}
	}
	for i := len(s) - dot - 1; i < 9; i++ {
		nsec *= 10
	}
	if dot == len(s) {
		nsec = 0
	}
	return time.Unix(sec, nsec), true
}

// auditRecord is what the fields of one record tell about each other.
type auditRecord struct {
	p          *Parser
	kind       string
	arch       string
	syscall    string
	hasSyscall bool
	proctitle  string
}

// pairs adds every name=value of s. The user space part, msg='…', is pairs
// again, one level deep.
func (a *auditRecord) pairs(s string, level int) {
	k := pairs{p: a.p, rest: s}
	for k.next() {
		if k.name == "msg" && k.quoted && level == 0 {
			a.pairs(k.value, 1)
			continue
		}
		value := k.value
		if !k.quoted && a.encoded(k.name) {
			value = a.decode(k.name, value)
		}
		switch k.name {
		case "arch":
			a.arch = value
		case "syscall":
			a.syscall = value
		case "SYSCALL":
			a.hasSyscall = true
		case "proctitle":
			a.proctitle = value
		}
		if k.name == "key" {
			a.addKeys(value)
			continue
		}
		a.p.sink.text(clipName(k.name), value)
	}
}

// addKeys adds one field per key: several keys of a rule come joined by byte 1.
func (a *auditRecord) addKeys(value string) {
	if value == "(null)" {
		a.p.sink.text("key", "")
		return
	}
	for more := true; more; {
		var one string
		one, value, more = strings.Cut(value, "\x01")
		a.p.sink.text("key", one)
	}
}

// encoded reports whether a bare value of the field may be hexadecimal: the
// audit system encodes text from outside if it holds a blank, a quote or a
// control character. The a0… of SYSCALL are plain numbers, those of EXECVE text.
func (a *auditRecord) encoded(name string) bool {
	switch name {
	case "proctitle", "comm", "exe", "name", "cwd", "key", "acct", "data", "cmd", "path", "dir", "file", "vm", "saddr_path", "grp", "new_group", "ocomm":
		return true
	}
	return a.kind == "EXECVE" && len(name) > 1 && name[0] == 'a' && name[1]-'0' <= 9
}

// decode undoes the hexadecimal form; what is not in it stays. Zero bytes,
// which part the words of a proctitle, become blanks.
func (a *auditRecord) decode(name, s string) string {
	if len(s) < 2 || len(s)%2 != 0 {
		return s
	}
	for _, c := range []byte(s) {
		// Only capital letters: the audit system writes no others, and so the
		// word "deadbeef" stays a word.
		if c-'0' > 9 && c-'A' > 5 {
			return s
		}
	}
	out := a.p.arena.room(len(s) / 2)
	for i := 0; i < len(s); i += 2 {
		hi, _ := hexValue(s[i])
		lo, _ := hexValue(s[i+1])
		c := hi<<4 | lo
		if c == 0 && name == "proctitle" {
			c = ' '
		}
		out = append(out, c)
	}
	if !utf8.Valid(out) {
		return strings.ToValidUTF8(string(out), "\uFFFD")
	}
	return strings.TrimRight(a.p.arena.keep(out), "\x00 ")
}

// addCommandLine joins the arguments of an EXECVE record the way rules of
// category process_creation want them.
func (a *auditRecord) addCommandLine() {
	out := a.p.scratch[:0]
	first := ""
	for _, f := range a.p.sink.fields {
		if len(f.Name) < 2 || f.Name[0] != 'a' || !isNumber(f.Name[1:]) {
			continue
		}
		if f.Name == "a0" {
			first = f.Value
		} else {
			out = append(out, ' ')
		}
		out = append(out, f.Value...)
	}
	a.p.scratch = out
	if len(out) == 0 {
		return
	}
	a.p.sink.text("CommandLine", a.p.arena.copyOf(out))
	if first != "" && first[0] == '/' {
		a.p.sink.text("Image", first)
	}
}

// auditTypes names the numeric types that the kernel prints when no daemon
// listens (linux/audit.h).
var auditTypes = map[string]string{
	"1100": "USER_AUTH", "1101": "USER_ACCT", "1103": "CRED_ACQ", "1104": "CRED_DISP", "1105": "USER_START",
	"1106": "USER_END", "1107": "USER_AVC", "1108": "USER_CHAUTHTOK", "1109": "USER_ERR", "1110": "CRED_REFR",
	"1112": "USER_LOGIN", "1114": "ADD_USER", "1115": "DEL_USER", "1116": "ADD_GROUP", "1117": "DEL_GROUP",
	"1123": "USER_CMD", "1124": "USER_TTY", "1130": "SERVICE_START", "1131": "SERVICE_STOP",
	"1300": "SYSCALL", "1302": "PATH", "1303": "IPC", "1304": "SOCKETCALL", "1305": "CONFIG_CHANGE",
	"1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE", "1319": "TTY", "1320": "EOE", "1321": "BPRM_FCAPS",
	"1325": "NETFILTER_CFG", "1326": "SECCOMP", "1327": "PROCTITLE", "1334": "BPF",
	"1400": "AVC", "1401": "SELINUX_ERR", "1403": "MAC_POLICY_LOAD", "1404": "MAC_STATUS",
	"1700": "ANOM_PROMISCUOUS", "1701": "ANOM_ABEND",
}

// syscallName names a system call that rules ask for, where the record only has
// its number; "" for the many nobody asks for.
func syscallName(arch, number string) string {
	switch arch {
	case "c000003e":
		return syscallsX86[number]
	case "c00000b7":
		return syscallsARM[number]
	}
	return ""
}

var syscallsX86 = map[string]string{
	"0": "read", "1": "write", "2": "open", "41": "socket", "42": "connect", "43": "accept", "49": "bind", "50": "listen",
	"56": "clone", "57": "fork", "58": "vfork", "59": "execve", "62": "kill", "76": "truncate", "77": "ftruncate",
	"82": "rename", "83": "mkdir", "84": "rmdir", "85": "creat", "86": "link", "87": "unlink", "88": "symlink",
	"90": "chmod", "91": "fchmod", "92": "chown", "93": "fchown", "94": "lchown", "99": "sysinfo", "101": "ptrace",
	"103": "syslog", "105": "setuid", "106": "setgid", "113": "setreuid", "117": "setresuid", "133": "mknod",
	"153": "vhangup", "155": "pivot_root", "159": "adjtimex", "161": "chroot", "164": "settimeofday", "165": "mount",
	"166": "umount2", "169": "reboot", "170": "sethostname", "171": "setdomainname", "175": "init_module",
	"176": "delete_module", "188": "setxattr", "227": "clock_settime", "246": "kexec_load", "257": "openat",
	"258": "mkdirat", "259": "mknodat", "263": "unlinkat", "264": "renameat", "268": "fchmodat", "260": "fchownat",
	"272": "unshare", "288": "accept4", "308": "setns", "310": "process_vm_readv", "311": "process_vm_writev",
	"313": "finit_module", "316": "renameat2", "319": "memfd_create", "320": "kexec_file_load", "321": "bpf",
	"322": "execveat", "323": "userfaultfd", "425": "io_uring_setup",
}

var syscallsARM = map[string]string{
	"5": "setxattr", "33": "mknodat", "34": "mkdirat", "35": "unlinkat", "38": "renameat", "39": "umount2", "40": "mount",
	"41": "pivot_root", "45": "truncate", "46": "ftruncate", "51": "chroot", "52": "fchmod", "53": "fchmodat",
	"54": "fchownat", "55": "fchown", "56": "openat", "63": "read", "64": "write", "97": "unshare", "104": "kexec_load",
	"105": "init_module", "106": "delete_module", "112": "clock_settime", "116": "syslog", "117": "ptrace", "129": "kill",
	"142": "reboot", "145": "setreuid", "146": "setuid", "147": "setresuid", "161": "sethostname", "162": "setdomainname",
	"170": "settimeofday", "171": "adjtimex", "179": "sysinfo", "198": "socket", "200": "bind", "201": "listen",
	"202": "accept", "203": "connect", "220": "clone", "221": "execve", "242": "accept4", "268": "setns",
	"270": "process_vm_readv", "271": "process_vm_writev", "273": "finit_module", "276": "renameat2",
	"279": "memfd_create", "280": "bpf", "281": "execveat", "294": "kexec_file_load", "425": "io_uring_setup",
}

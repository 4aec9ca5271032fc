package retro

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/query"
)

// Kind says what an indicator is.
type Kind string

// The kinds of indicators.
const (
	Address  Kind = "address"
	Network  Kind = "network"
	Domain   Kind = "domain"
	URL      Kind = "url"
	Hash     Kind = "hash" // MD5, SHA-1 or SHA-256
	FileName Kind = "file"
	FilePath Kind = "path"
)

// Indicator is one thing to look for.
type Indicator struct {
	Line  int // of the list, from 1; of a STIX bundle, the number of the object
	Kind  Kind
	Value string // in one form: small letters where case does not count, nothing defanged
	Note  string // what the list says of it

	network netip.Prefix // of an address or network
	host    string       // of a URL: with a port that is not the scheme's own
	path    string       // of a URL: what follows the host
}

// Problem is a line of a list that is no indicator.
type Problem struct {
	Line   int
	Text   string
	Reason string
	Remedy string
}

func (p Problem) Error() string {
	return fmt.Sprintf("line %d: %q: %s; %s", p.Line, p.Text, p.Reason, p.Remedy)
}

// maxIndicatorBytes bounds one indicator.
const maxIndicatorBytes = 2048

// forms are how lists keep addresses from being clicked, and what they mean.
var forms = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[:]", ":", "[://]", "://", "[/]", "/", "[@]", "@")

// newIndicator reads one indicator. hint is the kind the list states, "" if it
// states none. The error says what is wrong and what would be right.
func newIndicator(text string, hint Kind) (Indicator, error) {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if hint == "" {
		for _, k := range []Kind{Address, Network, Domain, URL, Hash, FileName, FilePath} {
			if rest, ok := strings.CutPrefix(text, string(k)+":"); ok && !strings.HasPrefix(rest, "//") {
				hint, text = k, strings.TrimSpace(rest)
				break
			}
		}
	}
	text = forms.Replace(text)
	if low := strings.ToLower(text); strings.HasPrefix(low, "hxxp") || strings.HasPrefix(low, "h**p") {
		text = "http" + text[4:]
	}
	switch {
	case text == "":
		return Indicator{}, fmt.Errorf("nothing to look for; remove the line")
	case len(text) > maxIndicatorBytes:
		return Indicator{}, fmt.Errorf("longer than %d bytes; shorten it", maxIndicatorBytes)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return Indicator{}, fmt.Errorf("not text; write it in UTF-8")
	}
	kinds := []Kind{Network, Hash, URL, FilePath, FileName, Domain}
	switch hint {
	case "":
	case Address, Network:
		kinds = []Kind{Network}
	default:
		kinds = []Kind{hint}
	}
	for _, k := range kinds {
		if in, ok := readers[k](text, hint != ""); ok {
			return in, nil
		}
	}
	if hint != "" {
		return Indicator{}, fmt.Errorf("not of the kind %q; correct it or leave the kind out", hint)
	}
	return Indicator{}, fmt.Errorf("neither an address, network, domain, URL, hash nor file name; correct it, or write the kind before it, as in file:name")
}

// readers try to read a text as an indicator of a kind; sure says that the list
// states the kind.
var readers = map[Kind]func(text string, sure bool) (Indicator, bool){
	Network: readNetwork, Hash: readHash, URL: readURL, FilePath: readPath, FileName: readName, Domain: readDomain,
}

func readNetwork(text string, _ bool) (Indicator, bool) {
	if block, err := netip.ParsePrefix(text); err == nil {
		if a := block.Addr(); a.Is4In6() {
			if block.Bits() < 96 {
				return Indicator{}, false
			}
			block = netip.PrefixFrom(a.Unmap(), block.Bits()-96)
		}
		if block = block.Masked(); !block.IsSingleIP() {
			return Indicator{Kind: Network, Value: block.String(), network: block}, true
		}
		text = block.Addr().String()
	}
	if at, err := netip.ParseAddrPort(text); err == nil {
		text = at.Addr().String()
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil || a.Zone() != "" {
		return Indicator{}, false
	}
	a = a.Unmap()
	return Indicator{Kind: Address, Value: a.String(), network: netip.PrefixFrom(a, a.BitLen())}, true
}

func readHash(text string, _ bool) (Indicator, bool) {
	low := strings.ToLower(text)
	return Indicator{Kind: Hash, Value: low}, isHash(low)
}

// isHash reports whether a text in small letters is the hexadecimal form of a hash.
func isHash(s string) bool {
	switch len(s) {
	case 32, 40, 64:
		return strings.Trim(s, "0123456789abcdef") == ""
	}
	return false
}

// ownPorts are those that a URL of the scheme need not write.
var ownPorts = map[string]string{"http": "80", "https": "443", "ftp": "21"}

func readURL(text string, sure bool) (Indicator, bool) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "", text
		if !sure && strings.IndexByte(text, '/') <= 0 {
			return Indicator{}, false
		}
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	host = query.Fold(host[strings.LastIndexByte(host, '@')+1:])
	if name, port, ok := strings.Cut(host, ":"); ok && !strings.HasPrefix(host, "[") {
		if strings.Trim(port, "0123456789") != "" {
			return Indicator{}, false
		}
		if host = name; port != "" && port != ownPorts[strings.ToLower(scheme)] {
			host = name + ":" + port
		}
	}
	bare, _, _ := strings.Cut(host, ":")
	if _, err := netip.ParseAddr(bare); err != nil && (!isDomain(bare) || !found && !sure && isFileName(bare)) {
		return Indicator{}, false
	}
	path, _, _ = strings.Cut(path, "#")
	if path == "/" {
		path = ""
	}
	return Indicator{Kind: URL, Value: host + path, host: host, path: path}, true
}

func readPath(text string, _ bool) (Indicator, bool) {
	if strings.Contains(text, "://") || strings.ContainsAny(text, "<>|\"") || !strings.ContainsAny(text, `/\`) {
		return Indicator{}, false
	}
	value := slashes(query.Fold(text))
	return Indicator{Kind: FilePath, Value: value}, strings.Trim(value, `\`) != ""
}

// slashes writes a path in one way.
func slashes(path string) string { return strings.ReplaceAll(path, "/", `\`) }

func readName(text string, sure bool) (Indicator, bool) {
	low := query.Fold(text)
	if strings.ContainsAny(low, `/\<>|"`) || !sure && !isFileName(low) {
		return Indicator{}, false
	}
	return Indicator{Kind: FileName, Value: low}, true
}

// fileEnds are the endings by which a bare name is taken for a file and not for a
// domain. Endings that are also top-level domains people use (com, sh, pl) are not
// among them: the list says file:run.sh.
var fileEnds = func() map[string]bool {
	m := map[string]bool{}
	for _, e := range strings.Fields(`7z aspx asp ace apk bak bat bin cab chm cmd cpl dat dll dmg doc docm docx dot dotm drv elf exe gz hta img
		inf ini iso jar jpg js jse jsp jspx lnk log msi msp ocx pdf php pif png ppt pptx ps1 psd1 psm1 rar reg rtf scr sct so swf sys
		tar temp tmp txt url vbe vbs vhd vhdx war wsf wsh xll xls xlsb xlsm xlsx xml zip`) {
		m[e] = true
	}
	return m
}()

func isFileName(low string) bool {
	at := strings.LastIndexByte(low, '.')
	return at > 0 && fileEnds[low[at+1:]]
}

func readDomain(text string, _ bool) (Indicator, bool) {
	low := strings.TrimPrefix(strings.Trim(query.Fold(text), "."), "*.")
	return Indicator{Kind: Domain, Value: low}, isDomain(low)
}

// isDomain reports whether a text in small letters is a name of at least two
// labels, the last no number.
func isDomain(low string) bool {
	if len(low) > maxHost || strings.IndexByte(low, '.') <= 0 || strings.ContainsFunc(low, func(r rune) bool { return !isHostRune(r) }) {
		return false
	}
	labels := strings.Split(low, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(last) > 1 && strings.ContainsFunc(last, unicode.IsLetter)
}

func isHostRune(r rune) bool {
	return r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 0x80 && (unicode.IsLetter(r) || unicode.IsMark(r))
}

package scan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

type nucleiResult struct {
	Template string `json:"template-id"`
	Info     struct {
		Name           text `json:"name"`
		Severity       text `json:"severity"`
		Remediation    text `json:"remediation"`
		Classification struct {
			CVE  texts `json:"cve-id"`
			CVSS text  `json:"cvss-score"`
		} `json:"classification"`
	} `json:"info"`
	Matcher   string `json:"matcher-name"`
	Host      string `json:"host"`
	IP        string `json:"ip"`
	Port      text   `json:"port"`
	Matched   string `json:"matched-at"`
	Extracted texts  `json:"extracted-results"`
	At        string `json:"timestamp"`
}

// readNuclei reads JSON lines, or the array that -json-export writes.
func readNuclei(r *reader) error {
	r.report.Tool = "nuclei"
	r.silent = true // it does not say where it found nothing
	lines := bufio.NewReaderSize(r.src, 64<<10)
	first, err := lines.Peek(1)
	for err == nil && strings.ContainsRune(" \t\r\n", rune(first[0])) {
		_, _ = lines.ReadByte() // what was peeked is there
		first, err = lines.Peek(1)
	}
	if err == nil && first[0] == '[' {
		if err := r.rewind(); err != nil {
			return err
		}
		r.openJSON()
		return r.array(func() error {
			var x nucleiResult
			if err := r.value(&x); err != nil {
				return err
			}
			return r.nuclei(&x)
		})
	}
	scan := bufio.NewScanner(lines)
	scan.Buffer(nil, maxItem)
	for {
		r.src.marked = 0
		if !scan.Scan() {
			break
		}
		r.line++
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var x nucleiResult
		if err := json.Unmarshal(scan.Bytes(), &x); err != nil {
			return err
		}
		if err := r.nuclei(&x); err != nil {
			return err
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		r.line++
		return bad("longer than %d MB", maxItem>>20)
	}
	return scan.Err()
}

func (r *reader) nuclei(x *nucleiResult) error {
	if x.Template == "" {
		r.problem("a result without template-id is left out: %s", x.Matched)
		return nil
	}
	f := Finding{Rule: "nuclei:" + x.Template, Title: string(x.Info.Name), Evidence: x.Matched, Remedy: string(x.Info.Remediation), Seen: stamp(x.At)}
	if x.Matcher != "" {
		f.Rule += ":" + x.Matcher
	}
	if len(x.Extracted) > 0 {
		f.Evidence += "\n" + strings.Join(x.Extracted, "\n")
	}
	host, port := x.Host, string(x.Port)
	for _, where := range []string{x.Host, x.Matched} {
		if u, err := url.Parse(where); err == nil && u.Hostname() != "" {
			host = u.Hostname()
			if port == "" {
				port = u.Port()
			}
			if port == "" {
				port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
			}
			break
		}
		if name, p, ok := strings.Cut(where, ":"); ok && !strings.Contains(p, ":") && port == "" {
			host, port = name, p
		}
	}
	f.at(host)
	f.at(x.IP)
	f.Port, _ = strconv.Atoi(port) // none where it is none
	f.Protocol = "tcp"
	f.CVSS, _ = strconv.ParseFloat(string(x.Info.Classification.CVSS), 64)
	f.Severity = severityOf(string(x.Info.Severity), f.CVSS)
	if x.At != "" && f.Seen.After(r.report.Ended) {
		r.report.Ended = f.Seen
	}
	return r.found(&f, x.Info.Classification.CVE)
}

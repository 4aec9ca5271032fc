package scan

import (
	"bufio"
	"errors"
	"strings"
)

// readLynis reads lynis-report.dat: a key and a value on each line.
func readLynis(r *reader) error {
	r.report.Tool, r.targeted = "lynis", true
	scan := bufio.NewScanner(r.src)
	scan.Buffer(nil, maxItem)
	type held struct {
		severity Severity
		value    string
	}
	var items []held
	for {
		r.src.marked = 0
		if !scan.Scan() {
			break
		}
		r.line++
		key, value, ok := strings.Cut(scan.Text(), "=")
		if !ok {
			continue
		}
		switch strings.TrimSpace(key) {
		case "hostname":
			r.report.Target = value
		case "lynis_version":
			r.report.Release = value
		case "report_datetime_start":
			r.report.Started = stamp(value)
		case "report_datetime_end":
			r.report.Ended = stamp(value)
		case "warning[]":
			items = append(items, held{Medium, value})
		case "suggestion[]":
			items = append(items, held{Low, value})
		case "vulnerable_package[]":
			items = append(items, held{High, "PKGS-VULNERABLE|" + value})
		case "installed_packages_array":
			for part := range strings.SplitSeq(value, "|") {
				if n, v, ok := strings.Cut(part, ","); ok && n != "" {
					if err := r.component(&Component{Name: n, Version: v}); err != nil {
						return err
					}
				}
			}
		}
		if len(items) > MaxFindings {
			return bad("more than %d findings", MaxFindings)
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		r.line++
		return bad("longer than %d MB", maxItem>>20)
	}
	if scan.Err() != nil {
		return scan.Err()
	}
	for _, x := range items {
		parts := strings.SplitN(x.value, "|", 5)
		for len(parts) < 4 {
			parts = append(parts, "-")
		}
		for i := range parts {
			if parts[i] == "-" {
				parts[i] = ""
			}
		}
		f := Finding{Rule: "lynis:" + parts[0], Title: parts[1], Evidence: parts[2], Remedy: strings.TrimPrefix(parts[3], "text:"), Severity: x.severity}
		if parts[0] == "" {
			f.Rule = ""
		}
		if parts[0] == "PKGS-VULNERABLE" {
			f.Package, f.Place = parts[1], parts[1]
		}
		if err := r.found(&f, nil); err != nil {
			return err
		}
	}
	return nil
}

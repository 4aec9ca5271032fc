// Command knowledge writes a vulnerability database for Grype that knows a few published
// weaknesses, for where the one that everybody uses cannot be fetched: Grype itself, its
// matching and its reports are the real ones.
//
//	knowledge FOLDER    writes FOLDER/6/vulnerability.db
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	db "github.com/anchore/grype/grype/db/v6"
	"github.com/spf13/afero"
)

// weakness is one that was published, in the words of its advisory.
type weakness struct {
	id, cve, ecosystem, name, kind, below, severity, vector, text string
	exploited                                                     bool
}

var weaknesses = []weakness{
	{"GHSA-35jh-r3h4-6jhm", "CVE-2021-23337", "npm", "lodash", "semver", "4.17.21", "high", "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", "Command Injection in lodash", false},
	{"GHSA-xvch-5gv4-984h", "CVE-2021-44906", "npm", "minimist", "semver", "1.2.6", "critical", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "Prototype Pollution in minimist", false},
	{"GHSA-j8r2-6x86-q33q", "CVE-2023-32681", "python", "requests", "python", "2.31.0", "medium", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N", "Unintended leak of Proxy-Authorization header in requests", false},
	{"GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228", "java-archive", "org.apache.logging.log4j:log4j-core", "maven", "2.15.0", "critical", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "Remote code injection in Log4j", true},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: knowledge FOLDER")
		os.Exit(2)
	}
	if err := write(filepath.Join(os.Args[1], "6")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	w, err := db.NewWriter(db.Config{DBDirPath: dir, CacheSizeKiB: 4096})
	if err != nil {
		return err
	}
	now := time.Now()
	from := &db.Provider{ID: "github", Version: "1", Processor: "knowledge", DateCaptured: &now, InputDigest: "none"}
	nvd := &db.Provider{ID: "nvd", Version: "1", Processor: "knowledge", DateCaptured: &now, InputDigest: "none"}
	for _, x := range weaknesses {
		grave := []db.Severity{{Scheme: db.SeveritySchemeCVSS, Value: db.CVSSSeverity{Vector: x.vector, Version: "3.1"}, Rank: 2}}
		words := append([]db.Severity{{Scheme: db.SeveritySchemeCHML, Value: x.severity, Rank: 1}}, grave...)
		v := &db.VulnerabilityHandle{Name: x.id, Status: db.VulnerabilityActive, Provider: from,
			BlobValue: &db.VulnerabilityBlob{ID: x.id, Description: x.text, Aliases: []string{x.cve}, Severities: words}}
		cve := &db.VulnerabilityHandle{Name: x.cve, Status: db.VulnerabilityActive, Provider: nvd,
			BlobValue: &db.VulnerabilityBlob{ID: x.cve, Description: x.text, Severities: grave}}
		if err := w.AddVulnerabilities(v, cve); err != nil {
			return err
		}
		if err := w.AddAffectedPackages(&db.AffectedPackageHandle{Vulnerability: v, Package: &db.Package{Ecosystem: x.ecosystem, Name: x.name},
			BlobValue: &db.PackageBlob{CVEs: []string{x.cve}, Ranges: []db.Range{{
				Version: db.Version{Type: x.kind, Constraint: "<" + x.below}, Fix: &db.Fix{Version: x.below, State: db.FixedStatus}}}}}); err != nil {
			return err
		}
		if x.exploited {
			if err := w.AddKnownExploitedVulnerabilities(&db.KnownExploitedVulnerabilityHandle{Cve: x.cve, BlobValue: &db.KnownExploitedVulnerabilityBlob{Cve: x.cve, Product: x.name}}); err != nil {
				return err
			}
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := db.Hydrater()(dir); err != nil {
		return err
	}
	_, err = db.WriteImportMetadata(afero.NewOsFs(), dir, "knowledge")
	return err
}

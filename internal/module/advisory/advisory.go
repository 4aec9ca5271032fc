// Package advisory keeps what the world publishes about vulnerabilities, what
// units declared they run, and who therefore is concerned.
//
// Advisories (CSAF 2.0, CVE records), the catalogue of known exploited
// vulnerabilities (KEV) and the scores of EPSS come as files that somebody
// uploads, or from addresses that an administrator entered and the node asks
// regularly; without a line to the internet files are all that is needed. What a
// file means is package internal/advisory's to say.
//
// The list of software has three origins: what a unit declared by hand or by a sheet
// (vendor, product, version, where, how many), the inventory of the register, and the
// bills of materials that scanners wrote. The latter two are not ours: a [Lister] knows
// them, and the list is brought in step soon after they changed (listed.go).
//
// A [Match] says that a piece of software has a vulnerability: certainly
// (product and version are in a published range) or possibly, with the reason, for
// a person to decide. What the publisher excludes by version is no match. A bill of
// materials names thousands of small packages, so a name alone proves nothing there: it
// matches by package URL, by CPE, or by vendor and name.
// Matches are worked out in the transaction that changes either side.
//
// Invariants. An advisory is kept once, by publisher and number; an older revision
// never replaces a newer one. The advisories are the same for everybody; software
// and matches are a unit's own, and a principal counts only the units he sees.
// The node fetches nothing but the addresses of [Source], over HTTPS, never from
// a network that the configuration does not name.
//
// Start reading at [Service.Import], then rematch in match.go.
package advisory

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Advisory is one document as it is kept.
type Advisory struct {
	ID         string
	Document   advisory.Document
	File       string
	Source     string // "" uploaded
	ImportedAt time.Time
	ChangedAt  time.Time // when the content last became another
	ImportedBy string
	Units      int64 // that run what is affected, of those the caller sees
	Possible   int64 // that may
	Known      bool  // one of its vulnerabilities is known to be exploited
	EPSS       float64
	CVSS       float64
	CVEs       []string
}

// Vulnerability is one weakness with all that is known of it.
type Vulnerability struct {
	ID          string
	Title       string
	Description string
	Weakness    string
	CVSS        advisory.CVSS
	Rejected    bool
	Published   time.Time
	Updated     time.Time
	KEV         *Exploited
	EPSS        *Likelihood
	Units       int64 // that run what is affected, of those the caller sees
	Possible    int64 // that may
}

// Exploited is what the KEV catalogue says.
type Exploited struct {
	Added      time.Time
	Due        time.Time
	Action     string
	Ransomware bool
}

// Likelihood is the EPSS score.
type Likelihood struct {
	Score      float64
	Percentile float64
	At         time.Time
}

// Origin is who says that a unit runs something.
type Origin string

// The origins.
const (
	OriginDeclared   Origin = "declared"   // somebody, on the page or with a sheet
	OriginInventory  Origin = "inventory"  // the assets of the register
	OriginComponents Origin = "components" // a bill of materials
)

// Software is one line of what a unit runs.
type Software struct {
	ID        string
	Unit      event.UnitID
	Origin    Origin
	Part      string // what it is a part of where it was listed: a system's id, a target; "" of a declared one
	Product   advisory.Product
	Release   string // its version
	Place     string // which system or where
	Count     int64
	Note      string
	UpdatedAt time.Time
	UpdatedBy string
	Version   int64 // of the line
}

// Bounds of a line.
const (
	maxName     = 200 // letters
	maxPlace    = 300
	maxNote     = 1000
	maxCount    = 1_000_000
	maxPerUnit  = 20_000 // lines
	maxReleased = 100
)

// bad refuses a value of a line.
func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, field+": "+format, args...).WithCode("advisory.bad-field").OnField("body." + field)
}

// check mends harmless differences and refuses what cannot be stored.
func (x *Software) check() error {
	p := &x.Product
	p.Vendor, p.Name, p.CPE = module.OneLine(p.Vendor), module.OneLine(p.Name), module.OneLine(p.CPE)
	x.Release, x.Place, x.Note = module.OneLine(x.Release), module.OneLine(x.Place), strings.TrimSpace(x.Note)
	if p.CPE != "" {
		c, ok := advisory.ParseCPE(p.CPE)
		if !ok {
			return bad("cpe", "not a CPE name; write one like cpe:2.3:a:microsoft:exchange_server:2019:*:*:*:*:*:*:*, or leave it empty")
		}
		if p.Name == "" {
			p.Vendor, p.Name = strings.ReplaceAll(c.Vendor, "_", " "), strings.ReplaceAll(c.Product, "_", " ")
		}
		if x.Release == "" {
			x.Release = c.Version
		}
	}
	if x.Count == 0 {
		x.Count = 1
	}
	switch {
	case p.Name == "":
		return bad("product", "name the product")
	case long(p.Name, maxName):
		return bad("product", "at most %d letters", maxName)
	case long(p.Vendor, maxName):
		return bad("vendor", "at most %d letters", maxName)
	case long(x.Release, maxReleased):
		return bad("release", "at most %d letters", maxReleased)
	case long(x.Place, maxPlace):
		return bad("place", "at most %d letters", maxPlace)
	case long(x.Note, maxNote):
		return bad("note", "at most %d letters", maxNote)
	case x.Count < 1 || x.Count > maxCount:
		return bad("count", "1 to %d", maxCount)
	}
	return nil
}

func long(s string, n int) bool {
	return utf8.RuneCountInString(s) > n || !utf8.ValidString(s) || strings.ContainsRune(s, 0)
}

// identity is what makes two lines of a unit the same: a second one is an update.
func (x *Software) identity() string {
	parts := []string{advisory.VendorKey(x.Product.Vendor), advisory.ProductKey(x.Product.Vendor, x.Product.Name), strings.ToLower(x.Release)}
	if x.Origin == OriginDeclared {
		return strings.Join(append(parts, module.Fold(x.Place)), "\x1f")
	}
	// It stands in an index, and a package URL is long.
	sum := sha256.Sum256([]byte(strings.Join(append(parts, string(x.Origin), x.Part, x.Product.CPE, x.Product.PURL), "\x1f")))
	return hex.EncodeToString(sum[:])
}

// Name is the line as people read it.
func (x *Software) Name() string {
	return module.OneLine(x.Product.Vendor + " " + x.Product.Name + " " + x.Release)
}

// Reason is why a line matches.
type Reason string

// The reasons, besides those of package internal/advisory.
const (
	ReasonName     Reason = "name"     // the vendor is missing on one side, or not quite the same
	ReasonPackaged Reason = "packaged" // a package of an operating system, which may have the fix in an older version
)

// Match says that a piece of software has a vulnerability.
type Match struct {
	Software      Software
	Vulnerability string
	Title         string
	Certain       bool
	Reason        Reason
	Versions      string // which are affected, as the advisory says
	Advisory      string // id; "kev" for the catalogue
	FoundAt       time.Time
	Known         bool
	CVSS          float64
	EPSS          float64
}

// claim is what one advisory says of one product and vulnerability.
type claim struct {
	advisory string
	affected advisory.Affected
}

// judge puts together what all advisories say of one vulnerability in x. What is
// certain wins; else that a publisher excludes the version wins over what is
// merely possible, unless the names are less alike.
func judge(x *Software, claims []claim) (best Match, found bool) {
	var alike, excluded advisory.Likeness
	for i := range claims {
		c := &claims[i]
		like := x.Product.Is(c.affected.Product)
		if like == advisory.Different || x.Origin == OriginComponents && like != advisory.Same {
			continue
		}
		v := c.affected.Judge(x.Release)
		m := Match{Reason: Reason(v.Reason), Versions: v.Range, Advisory: c.advisory}
		switch {
		case v.Status == advisory.StatusUnaffected:
			excluded = max(excluded, like)
			continue
		case v.Status == advisory.StatusAffected && like == advisory.Same && packaged(x, c):
			m.Reason = ReasonPackaged
		case v.Status == advisory.StatusAffected && like == advisory.Same:
			m.Certain = true
		case v.Status == advisory.StatusAffected:
			m.Reason = ReasonName
		}
		if !found || m.Certain && !best.Certain || like > alike && !best.Certain {
			best, alike, found = m, like, true
		}
	}
	return best, found && (best.Certain || excluded < alike)
}

// packaged tells whether x is the package of an operating system, and c speaks of the
// product it was made from.
func packaged(x *Software, c *claim) bool {
	u, ok := advisory.ParsePURL(x.Product.PURL)
	return ok && u.Distributed() && keysOf(c.affected.Product).purl == ""
}

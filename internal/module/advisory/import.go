package advisory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Outcome is what an import did.
type Outcome struct {
	Format   advisory.Format `json:"format"`
	Number   string          `json:"number"` // of an advisory; of a catalogue its version, of scores their date
	ID       string          `json:"id"`     // of the advisory, "" otherwise
	Title    string          `json:"title"`
	What     string          `json:"what"` // new, changed, unchanged, older
	Entries  int             `json:"entries"`
	New      int             `json:"new"`
	Changed  int             `json:"changed"`
	Units    int             `json:"units"` // that match now and did not before
	Problems []string        `json:"problems,omitempty"`
}

// What became of a file.
const (
	WhatNew       = "new"
	WhatChanged   = "changed"
	WhatUnchanged = "unchanged"
	WhatOlder     = "older" // a newer edition is here already; nothing was changed
)

const ofKEV = "kev" // in place of an advisory's id

// Import reads a file of any of the formats. What is here already changes only
// where the file says something new. Errors: Denied, Invalid naming file, place and
// remedy, TooLarge, Busy.
func (s *Service) Import(ctx context.Context, file string, data []byte) (Outcome, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAdvisoryImport); err != nil {
		return Outcome{}, err
	}
	if !s.importing.TryLock() {
		return Outcome{}, fault.New(fault.Busy, "another file is being imported; try again in a moment").WithCode("advisory.busy")
	}
	defer s.importing.Unlock()
	return s.take(ctx, file, "", data)
}

// take imports a file of a source, "" for an upload; importing is held.
func (s *Service) take(ctx context.Context, file, source string, data []byte) (Outcome, error) {
	switch advisory.Sniff(data) {
	case advisory.FormatKEV:
		return s.takeKEV(ctx, file, source, data)
	case advisory.FormatEPSS:
		return s.takeEPSS(ctx, file, source, data)
	}
	return s.takeDocument(ctx, file, source, data)
}

func (s *Service) entry(file, source string, out Outcome) module.Entry {
	object := "advisory:" + out.ID
	if out.ID == "" {
		object = "catalogue:" + string(out.Format)
	}
	return module.Entry{Action: "advisory.import", Object: object, Detail: map[string]string{
		"file": module.Text(file, 200), "source": source, "format": string(out.Format), "number": out.Number, "what": out.What,
		"new": strconv.Itoa(out.New), "changed": strconv.Itoa(out.Changed), "units": strconv.Itoa(out.Units),
	}}
}

func (s *Service) takeDocument(ctx context.Context, file, source string, data []byte) (Outcome, error) {
	d, err := advisory.Read(file, data)
	if err != nil {
		return Outcome{}, err
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	content, err := json.Marshal(d)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Format: d.Format, Number: d.ID, Title: d.Title, What: WhatNew, Entries: len(d.Vulnerabilities), Problems: d.Problems}
	now := s.Now()
	err = s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.store.byNumber(ctx, tx, d)
		if err != nil {
			return err
		}
		r := advisoryRow{
			ID: module.NewID(), Format: string(d.Format), Publisher: d.Publisher, Number: d.ID, Title: d.Title, Severity: d.Severity, TLP: d.TLP, Revision: d.Revision,
			Published: sqldb.MicrosOf(d.Published), Updated: sqldb.MicrosOf(d.Updated), SHA256: hash, Content: string(content), File: module.Text(file, 255), Source: source,
			ImportedAt: sqldb.MicrosOf(now), ChangedAt: sqldb.MicrosOf(now), ImportedBy: module.PrincipalOf(ctx).DisplayName, SearchText: searchText(d),
		}
		if old != nil {
			r.ID, r.ImportedAt, out.ID = old.ID, old.ImportedAt, old.ID
			switch {
			case old.Content == r.Content:
				out.What = WhatUnchanged
				return nil
			case r.Updated != 0 && r.Updated < old.Updated:
				out.What = WhatOlder
				return nil
			}
			out.What = WhatChanged
		}
		out.ID = r.ID
		if err := s.store.put(ctx, tx, &r, old == nil); err != nil {
			return err
		}
		if err := s.describe(ctx, tx, d, &out, now); err != nil {
			return err
		}
		var rows []affectedRow
		for i := range d.Vulnerabilities {
			more, err := affectedRows(r.ID, d.Vulnerabilities[i].ID, d.Vulnerabilities[i].Affected)
			if err != nil {
				return err
			}
			rows = append(rows, more...)
		}
		fresh, err := s.changeAffected(ctx, tx, r.ID, rows)
		if err != nil {
			return err
		}
		if d.Format == advisory.FormatCVE && d.Vulnerabilities[0].Rejected {
			// Whatever other advisories say of it.
			if _, err := tx.NewDelete().Model((*matchRow)(nil)).Where("vulnerability = ?", d.ID).Exec(ctx); err != nil {
				return err
			}
		}
		if out.Units, err = s.tell(ctx, tx, fresh); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, s.entry(file, source, out))
	})
	return out, err
}

func searchText(d *advisory.Document) string {
	text := d.ID + "\n" + d.Title + "\n" + d.Publisher
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		text += "\n" + v.ID
		for j := range v.Affected {
			if len(text) > maxSearchText {
				return module.Fold(module.Text(text, maxSearchText))
			}
			text += "\n" + v.Affected[j].Vendor + " " + v.Affected[j].Name
		}
	}
	return module.Fold(module.Text(text, maxSearchText))
}

const maxSearchText = 20_000 // bytes

// describe puts together what the document and others say of its vulnerabilities.
// A CVE record is what counts for a CVE; a publisher's document fills what is
// missing.
func (s *Service) describe(ctx context.Context, tx bun.Tx, d *advisory.Document, out *Outcome, now time.Time) error {
	ids := make([]string, 0, len(d.Vulnerabilities))
	for i := range d.Vulnerabilities {
		ids = append(ids, d.Vulnerabilities[i].ID)
	}
	known, err := s.store.vulnerabilities(ctx, tx, ids)
	if err != nil {
		return err
	}
	scores, err := s.scored(ctx, tx, ids)
	if err != nil {
		return err
	}
	put := map[string]*vulnerabilityRow{}
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		r := known[v.ID]
		if r == nil {
			r = scores.row(v.ID)
			known[v.ID] = r
			out.New++
		}
		before := *r
		r.take(v, d.Format == advisory.FormatCVE)
		if before != *r || put[v.ID] == nil && before.ChangedAt == 0 {
			if before.ChangedAt != 0 {
				out.Changed++
			}
			r.ChangedAt = sqldb.MicrosOf(now)
			put[v.ID] = r
		}
	}
	return s.store.putVulnerabilities(ctx, tx, slices.Collect(maps.Values(put)))
}

// scoring is what EPSS says, and when it said it.
type scoring struct {
	scores map[string][2]int64
	at     sqldb.Micros
}

func (s *Service) scored(ctx context.Context, tx bun.Tx, ids []string) (scoring, error) {
	scores, err := s.store.scores(ctx, tx, ids)
	if err != nil {
		return scoring{}, err
	}
	feed, err := s.store.feed(ctx, tx, string(advisory.FormatEPSS))
	return scoring{scores, feed.At}, err
}

// row is a vulnerability nothing is known of but its score.
func (x scoring) row(id string) *vulnerabilityRow {
	r := &vulnerabilityRow{ID: id, EPSS: notScored}
	if score, ok := x.scores[id]; ok {
		r.EPSS, r.Percentile, r.EPSSAt = score[0], score[1], x.at
	}
	return r
}

func (r *vulnerabilityRow) take(v *advisory.Vulnerability, record bool) {
	set := func(to *string, value string, n int) {
		if value = module.Text(value, n); value != "" && (record || *to == "") {
			*to = value
		}
	}
	set(&r.Title, v.Title, 500)
	set(&r.Description, v.Description, 20_000)
	set(&r.Weakness, v.Weakness, 20)
	if v.CVSS.Version != "" && (record || r.CVSSVersion == "") {
		r.CVSS, r.CVSSVersion, r.Vector, r.Severity = int64(v.CVSS.Score*10+0.5), v.CVSS.Version, v.CVSS.Vector, v.CVSS.Severity
	}
	if record {
		r.Rejected = v.Rejected
	}
	if r.Published == 0 || record && !v.Published.IsZero() {
		r.Published = sqldb.MicrosOf(v.Published)
	}
	r.Updated = max(r.Updated, sqldb.MicrosOf(v.Updated))
	r.SearchText = module.Fold(module.Text(r.ID+"\n"+r.Title+"\n"+r.Description, 4000))
}

// changeAffected makes what an advisory says of products what rows say, and works
// out whom that concerns. It returns the matches that are new.
func (s *Service) changeAffected(ctx context.Context, tx bun.Tx, of string, rows []affectedRow) ([]matchRow, error) {
	var before []affectedRow
	if err := tx.NewSelect().Model(&before).Where("advisory = ?", of).Scan(ctx); err != nil {
		return nil, err
	}
	// Of the catalogue, most is as it was.
	type said struct{ vulnerability, body string }
	kept := map[said]bool{}
	for _, r := range before {
		kept[said{r.Vulnerability, r.Body}] = true
	}
	keys, only := map[string]bool{}, map[string]bool{}
	note := func(r affectedRow) {
		keys[r.NameKey], keys[r.CPEKey], keys[r.PURLKey], only[r.Vulnerability] = true, true, true, true
	}
	for _, r := range rows {
		if x := (said{r.Vulnerability, r.Body}); kept[x] {
			delete(kept, x)
		} else {
			note(r)
		}
	}
	for _, r := range before {
		if kept[said{r.Vulnerability, r.Body}] {
			note(r)
		}
	}
	if len(rows) == 0 && len(before) == 0 {
		return nil, nil
	}
	if err := s.store.replaceAffected(ctx, tx, of, rows); err != nil {
		return nil, err
	}
	delete(keys, "")
	lines, err := s.store.softwareNamed(ctx, tx, nil, slices.Sorted(maps.Keys(keys)))
	if err != nil {
		return nil, err
	}
	return s.rematch(ctx, tx, lines, only)
}

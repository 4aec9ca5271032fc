package advisory

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

func (s *Service) takeKEV(ctx context.Context, file, source string, data []byte) (Outcome, error) {
	entries := map[string]advisory.Known{}
	head, err := advisory.ReadKEV(file, data, func(k advisory.Known) error { entries[k.CVE] = k; return nil })
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Format: advisory.FormatKEV, Number: head.Version, Title: "Known Exploited Vulnerabilities", What: WhatUnchanged, Entries: head.Count}
	now := s.Now()
	err = s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		feed, err := s.store.feed(ctx, tx, ofKEV)
		if err != nil {
			return err
		}
		if feed.At != 0 && !head.Released.IsZero() && sqldb.MicrosOf(head.Released) < feed.At {
			out.What = WhatOlder
			return nil
		}
		ids := slices.Sorted(maps.Keys(entries))
		var listed []string // before, and no more
		if err := tx.NewSelect().Model((*vulnerabilityRow)(nil)).Column("id").Where("kev = ?", true).Scan(ctx, &listed); err != nil {
			return err
		}
		listed = slices.DeleteFunc(listed, func(id string) bool { _, ok := entries[id]; return ok })
		known, err := s.store.vulnerabilities(ctx, tx, slices.Concat(ids, listed))
		if err != nil {
			return err
		}
		scores, err := s.scored(ctx, tx, ids)
		if err != nil {
			return err
		}
		var put []*vulnerabilityRow
		var rows []affectedRow
		added := map[string]bool{}
		for _, id := range ids {
			k := entries[id]
			r := known[id]
			if r == nil {
				r = scores.row(id)
			}
			before := *r
			r.KEV, r.KEVAdded, r.KEVDue, r.KEVAction, r.Ransomware = true, sqldb.MicrosOf(k.Added), sqldb.MicrosOf(k.Due), k.Action, k.Ransomware
			r.take(&advisory.Vulnerability{ID: id, Title: k.Name, Description: k.Text, Weakness: k.Weakness}, false)
			if *r != before {
				if before.ChangedAt == 0 {
					out.New++
				} else {
					out.Changed++
				}
				r.ChangedAt, added[id] = sqldb.MicrosOf(now), !before.KEV
				put = append(put, r)
			}
			if k.Product != "" {
				more, err := affectedRows(ofKEV, id, []advisory.Affected{{Product: advisory.Product{Vendor: k.Vendor, Name: k.Product}, Default: advisory.StatusUnknown}})
				if err != nil {
					return err
				}
				rows = append(rows, more...)
			}
		}
		for _, id := range listed {
			r := known[id]
			r.KEV, r.KEVAdded, r.KEVDue, r.KEVAction, r.Ransomware, r.ChangedAt = false, 0, 0, "", false, sqldb.MicrosOf(now)
			put = append(put, r)
			out.Changed++
		}
		if out.New+out.Changed > 0 {
			out.What = WhatChanged
		}
		if feed.ImportedAt == 0 {
			out.What = WhatNew
		}
		if err := s.store.putVulnerabilities(ctx, tx, put); err != nil {
			return err
		}
		fresh, err := s.changeAffected(ctx, tx, ofKEV, rows)
		if err != nil {
			return err
		}
		// What units have for long may have been added to the catalogue now.
		more, err := s.store.matchesOfVulnerabilities(ctx, tx, added)
		if err != nil {
			return err
		}
		if out.Units, err = s.tell(ctx, tx, append(fresh, more...)); err != nil {
			return err
		}
		if err := s.store.setFeed(ctx, tx, &feedRow{Kind: ofKEV, At: sqldb.MicrosOf(head.Released), Revision: head.Version, Entries: int64(head.Count), ImportedAt: sqldb.MicrosOf(now)}); err != nil {
			return err
		}
		if out.What == WhatUnchanged {
			return nil
		}
		return s.Trail.Append(ctx, tx, s.entry(file, source, out))
	})
	return out, err
}

package rule

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Version is a text that a rule was loaded with.
type Version struct {
	Hash     string // SHA-256 of the rule's YAML, hexadecimal
	LoadedAt time.Time
	By       string // who had the rules read again; "system": the centre itself, which saw that files changed
	Pack     string
	File     string
	Title    string
	Text     string // "" of a rule too long to keep
}

const (
	versionsKept    = 20 // of one rule
	maxVersionBytes = 256 << 10
	maxNamedChanges = 20 // in an audit record
)

// Loaded notes the rules that are new or have changed since they were loaded last.
// A start that finds the same files writes nothing. It is called by who loads
// rules, after they are in force; without a principal in ctx the centre itself did.
func (s *Service) Loaded(ctx context.Context, set *detect.Set) error {
	if module.PrincipalOf(ctx).Role == "" {
		ctx = module.WithPrincipal(ctx, module.System())
	}
	by, now := module.PrincipalOf(ctx).Name, s.now()
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		known, err := s.store.newest(ctx, tx)
		if err != nil {
			return err
		}
		var rows []versionRow
		var changed []string
		for _, r := range set.Rules() {
			hash, old := known[r.ID]
			if hash == r.Hash {
				continue
			}
			row := versionRow{
				ID: module.NewID(), RuleID: module.Text(r.ID, 200), Hash: r.Hash, LoadedAt: sqldb.MicrosOf(now), By: by, Pack: r.Pack,
				File: module.Text(place(r), 1000), Title: module.Text(r.Title, 1000),
			}
			if len(r.Text) <= maxVersionBytes {
				row.Body = module.Text(r.Text, maxVersionBytes)
			}
			rows = append(rows, row)
			if old {
				changed = append(changed, r.ID)
			}
		}
		if len(rows) == 0 {
			return nil
		}
		if err := s.store.addVersions(ctx, tx, rows); err != nil {
			return err
		}
		for _, id := range changed {
			if err := s.store.prune(ctx, tx, id, versionsKept); err != nil {
				return err
			}
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "rule.version", Object: "rules", Detail: map[string]string{
			"new": strconv.Itoa(len(rows) - len(changed)), "changed": strconv.Itoa(len(changed)),
			"changedIds": strings.Join(changed[:min(len(changed), maxNamedChanges)], " "),
		}})
	})
}

// Versions returns the texts a rule was loaded with, the newest first.
// Errors: Denied, NotFound.
func (s *Service) Versions(ctx context.Context, id string) ([]Version, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRuleRead); err != nil {
		return nil, err
	}
	found, err := s.store.versions(ctx, id)
	if err == nil && len(found) == 0 {
		if set, _ := s.catalogue.Current(); set.Rule(id) == nil {
			return nil, fault.New(fault.NotFound, "no such rule is loaded").WithCode("rule.unknown")
		}
	}
	return found, err
}

// place is where in its pack a rule's file lies; where packs lie on the server's
// disk is nobody's business.
func place(r *detect.Rule) string {
	if _, in, ok := strings.Cut(filepath.ToSlash(r.File), "/rules/"+r.Pack+"/"); ok {
		return in
	}
	return r.File
}

package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/sigma"
)

// rulebook holds the rules in force and replaces them while the node runs: a new
// set is built beside the old one and swapped in whole, or not at all.
type rulebook struct {
	config    RulesConfig
	installed string // folder of installed packs
	log       *slog.Logger
	now       func() time.Time

	decisions decisions // nil: nobody decides

	current  atomic.Pointer[detect.Set]
	loadedAt atomic.Int64 // Unix nanoseconds

	reloading  sync.Mutex
	seen       string             // state of the installed packs at the last load
	exclusions []detect.Exclusion // in force
}

// decisions are what people decide about rules, and what is kept of them.
type decisions interface {
	// Off returns which rules are switched off, and for whom. It does no I/O.
	Off() map[string]*detect.Off
	// Loaded is told of rules that are in force now.
	Loaded(context.Context, *detect.Set) error
}

func newRulebook(c RulesConfig, installed string, log *slog.Logger, now func() time.Time) *rulebook {
	b := &rulebook{config: c, installed: installed, log: log, now: now}
	b.current.Store(detect.Compile(nil, detect.Options{Mapping: sigma.DefaultMapping(), Each: OnAllCores}))
	return b
}

// Current returns the rules in force and when they were loaded.
func (b *rulebook) Current() (*detect.Set, time.Time) {
	return b.current.Load(), time.Unix(0, b.loadedAt.Load())
}

// Rule returns a loaded rule, nil if there is none of that id.
func (b *rulebook) Rule(id string) *detect.Rule { return b.current.Load().Rule(id) }

// Reload reads all rules again. On an error the old ones stay in force.
func (b *rulebook) Reload(ctx context.Context) (*detect.Set, error) {
	b.reloading.Lock()
	defer b.reloading.Unlock()
	b.seen = b.state()
	files, err := b.config.readAll(b.installed)
	if err != nil {
		return nil, err
	}
	pipelines, warnings, err := ReadPipelines(b.config.Pipelines)
	if err != nil {
		return nil, err
	}
	for _, p := range warnings {
		b.log.Warn("rule pipeline", "file", p.File, "line", p.Line, "reason", p.Reason, "remedy", p.Remedy)
	}
	begun := time.Now()
	set := detect.Compile(files, detect.Options{
		Mapping: sigma.DefaultMapping(), Placeholders: b.config.Placeholders, Pipelines: pipelines, Each: OnAllCores,
	})
	if len(files) > 0 && len(set.Rules()) == 0 {
		return nil, fault.New(fault.Invalid, "none of %d rule files loads; the rules in force stay", len(files))
	}
	// One whose rule is gone excludes nothing; its page says so.
	set, _ = set.Excluding(b.exclusions)
	if b.decisions != nil {
		set.Switch(b.decisions.Off())
	}
	b.current.Store(set)
	b.loadedAt.Store(b.now().UnixNano())
	if b.decisions != nil {
		if err := b.decisions.Loaded(ctx, set); err != nil {
			b.log.Error("what changed in the rules cannot be noted", "error", err)
		}
	}
	b.log.Info("rules loaded", "rules", len(set.Rules()), "refused", set.Refused(), "took", time.Since(begun).Round(time.Millisecond))
	for i, p := range set.Problems() {
		if i == maxProblemsLogged {
			b.log.Warn("more rules have problems; the page of rules lists all", "more", len(set.Problems())-i)
			break
		}
		if p.Severity == sigma.Error {
			b.log.Warn("rule refused", "file", p.File, "line", p.Line, "reason", p.Reason, "remedy", p.Remedy)
		}
	}
	return set, nil
}

// Switched puts in force what was decided about rules since they were loaded.
func (b *rulebook) Switched() {
	b.reloading.Lock()
	defer b.reloading.Unlock()
	b.current.Load().Switch(b.decisions.Off())
}

const (
	maxProblemsLogged = 20
	watchInterval     = 2 * time.Second
)

// Watch loads packs that `lachan rules update` installs, and what changes in the
// configured folders and pipelines, until ctx ends.
func (b *rulebook) Watch(ctx context.Context) error {
	return every(ctx, watchInterval, false, func() {
		b.reloading.Lock()
		changed := b.state() != b.seen
		b.reloading.Unlock()
		if !changed {
			return
		}
		if _, err := b.Reload(ctx); err != nil {
			b.log.Error("the rules changed but do not load; the rules in force stay", "error", err)
		}
	})
}

// state tells one state of the rules on disk from another: the names of the
// installed packs and when each was put in place as a whole; name, size and time
// of each file in the configured folders, where people edit, and of each
// pipeline.
func (b *rulebook) state() string {
	sum := fnv.New128a()
	note := func(path string, info fs.FileInfo) {
		fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano())
	}
	packs, _ := os.ReadDir(b.installed) // none is installed before the first update
	for _, p := range packs {
		path := filepath.Join(b.installed, p.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() && p.Name()[0] != '.' {
			note(path, info)
		}
	}
	for _, dir := range b.config.Dirs {
		// What cannot be read ends the walk here; reading the rules says why.
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !IsRuleFile(d.Name()) {
				return err
			}
			info, err := d.Info()
			if err == nil {
				note(path, info)
			}
			return err
		})
	}
	for _, path := range b.config.Pipelines {
		if info, err := os.Stat(path); err == nil {
			note(path, info)
		}
	}
	return string(sum.Sum(nil))
}

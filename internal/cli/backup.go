package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lachan-vn/lachan/internal/app"
	"github.com/lachan-vn/lachan/internal/backup"
	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

type backupCmd struct {
	Create backupCreateCmd `cmd:"" default:"withargs" help:"Copy a data folder into a repository, while the server runs; only what is new is copied."`
	List   backupListCmd   `cmd:"" help:"List the snapshots of a repository."`
	Verify backupVerifyCmd `cmd:"" help:"Read everything in a repository and compare it with its hashes."`
	Prune  backupPruneCmd  `cmd:"" help:"Remove all but the newest snapshots, and the files only they needed."`
}

// repository is the argument of every backup command.
type repository struct {
	Repository string `arg:"" help:"Folder of the backups, best on another disk or machine." type:"path"`
}

type backupCreateCmd struct {
	repository
	Data    string `help:"Data folder; a server may be running on it." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config  string `help:"YAML configuration of the node, if it has one." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
	Secrets bool   `help:"Copy private keys and the passwords of the configuration too; keep such a repository as safe as the server."`
	Quiet   bool   `short:"q" help:"No progress bar."`
}

// Run makes a snapshot and says what it holds.
func (c *backupCreateCmd) Run(ctx context.Context, s std) (err error) {
	src, err := c.source()
	if err != nil {
		return err
	}
	if within(c.Repository, c.Data) {
		return fault.New(fault.Invalid, "the repository %s lies inside the data folder; a backup there is lost with it", c.Repository)
	}
	repo, err := backup.WriteRepository(c.Repository)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	begun := time.Now()
	bar := newProgress(s.err, c.Quiet, 0)
	made, err := repo.Create(ctx, src, bar.bytes)
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "snapshot %s: %d events, %d files, %s; new: %d files, %s, in %v\n", made.ID, made.Events, len(made.Files), mebibytes(made.Bytes()),
		made.NewFiles, mebibytes(made.NewBytes), time.Since(begun).Round(time.Millisecond))
	if !made.Secrets {
		left := "private keys"
		if made.Masked > 0 {
			left += fmt.Sprintf(", %d secrets of the configuration", made.Masked)
		}
		fmt.Fprintf(s.out, "left out: %s (--secrets copies them)\n", left)
	}
	for _, p := range made.Problems {
		fmt.Fprintln(s.err, "problem:", p)
	}
	if len(made.Problems) > 0 {
		return errRefused
	}
	return nil
}

func (c *backupCreateCmd) source() (backup.Source, error) {
	node, err := app.LoadConfig(c.Config)
	if err != nil {
		return backup.Source{}, err
	}
	src := backup.Source{
		Folder: c.Data, DSN: node.Database.URL.Reveal(), Secrets: c.Secrets, Version: version, Now: time.Now(),
		Extra: node.Files(),
	}
	if c.Config == "" {
		return src, nil
	}
	text, err := os.ReadFile(c.Config)
	if err != nil {
		return src, fault.New(fault.Invalid, "configuration: %w", err)
	}
	if src.Config = text; !c.Secrets {
		src.Config, src.Masked, err = config.Mask(text, node)
	}
	return src, err
}

// within reports whether a folder lies in another.
func within(inner, outer string) bool {
	rel, err := filepath.Rel(outer, inner)
	return err == nil && filepath.IsLocal(rel)
}

type backupListCmd struct{ repository }

// Run lists the snapshots.
func (c *backupListCmd) Run(s std) error {
	repo, err := backup.OpenRepository(c.Repository)
	if err != nil {
		return err
	}
	all, err := repo.Snapshots()
	if len(all) == 0 && err == nil {
		fmt.Fprintln(s.err, "no snapshot yet")
	}
	for _, snap := range all {
		fmt.Fprintf(s.out, "%s  %s  %10d events  %10s  %s\n", snap.ID, snap.Created.Local().Format("02/01/2006 15:04:05"), snap.Events, mebibytes(snap.Bytes()), snap.Folder)
		for _, p := range snap.Problems {
			fmt.Fprintln(s.out, "  problem:", p)
		}
	}
	return err
}

type backupVerifyCmd struct {
	repository
	Snapshot string `arg:"" optional:"" help:"Beginning of a snapshot's name, or latest; without it all snapshots."`
	Quiet    bool   `short:"q" help:"No progress bar."`
}

// Run names everything that is missing or altered.
func (c *backupVerifyCmd) Run(ctx context.Context, s std) error {
	repo, err := backup.OpenRepository(c.Repository)
	if err != nil {
		return err
	}
	var snapshots []*backup.Snapshot
	var unread error
	if c.Snapshot != "" {
		snap, err := repo.Snapshot(c.Snapshot)
		if err != nil {
			return err
		}
		snapshots = append(snapshots, snap)
	} else {
		snapshots, unread = repo.Snapshots()
	}
	bar := newProgress(s.err, c.Quiet, 0)
	problems, err := repo.Verify(ctx, snapshots, bar.bytes)
	bar.end()
	for _, p := range problems {
		fmt.Fprintln(s.out, "BAD", p)
	}
	if err := errors.Join(err, unread); err != nil {
		return err
	}
	if len(problems) > 0 {
		return errRefused
	}
	fmt.Fprintf(s.out, "ok: %d snapshots, every file is what was written\n", len(snapshots))
	return nil
}

type backupPruneCmd struct {
	repository
	Keep int `help:"Newest snapshots to keep." default:"14"`
}

// Run says what it removed.
func (c *backupPruneCmd) Run(s std) (err error) {
	repo, err := backup.WriteRepository(c.Repository)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, repo.Close()) }()
	out, err := repo.Prune(c.Keep)
	for _, id := range out.Snapshots {
		fmt.Fprintln(s.out, "removed", id)
	}
	fmt.Fprintf(s.out, "%d snapshots and %d files removed, %s freed\n", len(out.Snapshots), out.Files, mebibytes(out.Bytes))
	return err
}

type restoreCmd struct {
	repository
	Snapshot string `arg:"" optional:"" help:"Beginning of a snapshot's name; without it the newest."`
	Data     string `help:"Folder to restore into; it must be missing or empty." default:"${data}" type:"path" env:"LACHAN_DATA"`
	Config   string `help:"YAML configuration that names the PostgreSQL database to fill, where the snapshot has one." type:"existingfile" env:"LACHAN_CONFIG" placeholder:"FILE"`
	Quiet    bool   `short:"q" help:"No progress bar."`
}

// Run restores and says what remains to be done.
func (c *restoreCmd) Run(ctx context.Context, s std) error {
	node, err := app.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	repo, err := backup.OpenRepository(c.Repository)
	if err != nil {
		return err
	}
	snap, err := repo.Snapshot(c.Snapshot)
	if err != nil {
		return err
	}
	bar := newProgress(s.err, c.Quiet, 0)
	err = repo.Restore(ctx, snap, backup.Target{Folder: c.Data, DSN: node.Database.URL.Reveal()}, bar.bytes)
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "restored %s (%s) into %s: %d events, %d files, %s\n", snap.ID, snap.Created.Local().Format("02/01/2006 15:04:05"), c.Data,
		snap.Events, len(snap.Files), mebibytes(snap.Bytes()))
	for _, p := range snap.Problems {
		fmt.Fprintln(s.err, "the backup said:", p)
	}
	for _, f := range snap.Files {
		if f.Kind == backup.KindConfig {
			fmt.Fprintf(s.out, "configuration and what it names: %s\n", filepath.Join(c.Data, "restored"))
			break
		}
	}
	if !snap.Secrets {
		fmt.Fprintln(s.out, "private keys were left out: the server makes new ones, which senders over TLS have to be given")
		if snap.Masked > 0 {
			fmt.Fprintf(s.out, "%d secrets of the configuration read *** and have to be written again\n", snap.Masked)
		}
	}
	fmt.Fprintf(s.out, "next: lachan evidence verify --data %s, then lachan serve --data %s\n", c.Data, c.Data)
	return nil
}

package incident

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	// defaultMaxFile bounds one file: the memory of a server is the largest thing
	// people bring; it can be split.
	defaultMaxFile = 4 << 30
	// diskReserve is what files leave of the disk to everything else.
	diskReserve  = 2 << 30
	maxReceiving = 4
)

// Load makes the folder of files, reads what an administrator changed of the
// catalogue, and completes incidents that an earlier version stored.
func (s *Service) Load(ctx context.Context) error {
	if err := s.vault.open(); err != nil {
		return err
	}
	if err := s.loadCatalogue(ctx); err != nil {
		return err
	}
	return s.store.complete(ctx)
}

// Bringing is a file that somebody brings.
type Bringing struct {
	Name string
	Note string
	TLP  TLP   // "": as the incident
	Size int64 // -1: not known
	Body io.Reader
}

func secret() error {
	return fault.New(fault.Conflict, "the matter bears a state-secrecy mark: nothing is entered about it here").WithCode("incident.secret")
}

// check returns what keeps a file out of an incident, and completes it.
func (b *Bringing) check(i *Incident, sight Sight) error {
	if b.TLP == "" {
		b.TLP = i.TLP
	}
	b.Name, b.Note = module.FileName(b.Name), strings.TrimSpace(b.Note)
	switch {
	case i.Secrecy != "":
		return secret()
	case i.MergedInto != "":
		return fault.New(fault.Conflict, "the incident was merged into another; work on that one").WithCode("incident.merged")
	case len([]rune(b.Note)) > maxText:
		return bad("note", "long", "at most %d letters", maxText)
	case !slices.Contains(marks, b.TLP) || !sight.Shows(b.TLP):
		return bad("tlp", "tlp", "you could not read what is marked TLP:%s yourself", b.TLP)
	}
	return nil
}

// Bring adds a file to an incident. It is on disk once Bring has returned. Who was
// shared the incident with may add one. Errors: Denied, NotFound, Conflict, Invalid,
// TooLarge, Busy.
func (s *Service) Bring(ctx context.Context, id string, b Bringing) (File, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return File{}, err
	}
	i, sight, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return File{}, err
	}
	if sight.Summary && !sight.All {
		return File{}, fault.New(fault.Denied, "only the summary was shared with you").WithCode("permission.denied")
	}
	if err := b.check(&i, sight); err != nil {
		return File{}, err
	}
	return s.bring(ctx, &i, b)
}

// bring receives a file in the name of ctx's principal, who may.
func (s *Service) bring(ctx context.Context, i *Incident, b Bringing) (_ File, err error) {
	select {
	case s.receiving <- struct{}{}:
		defer func() { <-s.receiving }()
	default:
		return File{}, fault.New(fault.Busy, "%d files are being received; try again in a moment", maxReceiving).WithCode("incident.file-busy")
	}
	if err := s.room(b.Size); err != nil {
		return File{}, err
	}
	x, err := s.vault.receive(b.Body, s.MaxFile)
	if err != nil {
		return File{}, err
	}
	p, now := module.PrincipalOf(ctx), s.Now()
	f := File{ID: module.NewID(), Incident: i.ID, Name: b.Name, Size: x.size, SHA256: x.sum, Detected: x.detected.String(), TLP: b.TLP, Note: b.Note,
		AddedAt: now, ByID: p.ID, By: p.DisplayName, CheckedAt: now, Intact: true}
	f.Declared, f.Mismatch = typesOf(f.Name, x.detected)
	s.files.Lock()
	defer s.files.Unlock()
	if err := s.vault.keep(x); err != nil {
		return File{}, errors.Join(err, os.Remove(x.part))
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// Counted here: whoever comes in at the same time waits for this transaction.
		have, err := tx.NewSelect().Table("incident_files").Where("incident = ?", i.ID).Count(ctx)
		if err != nil {
			return err
		}
		if have >= maxFiles {
			return fault.New(fault.Conflict, "an incident has at most %d files; pack some together", maxFiles).WithCode("incident.too-many")
		}
		r := fileRowOf(&f)
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return err
		}
		c := Custody{ID: module.NewID(), File: f.ID, At: now, Kind: Received, Why: b.Note, Intact: true, Found: f.SHA256, ByID: p.ID, By: p.DisplayName}
		c.Why = string([]rune(c.Why)[:min(len([]rune(c.Why)), maxTitle)])
		if err := s.store.addCustody(ctx, tx, &c); err != nil {
			return err
		}
		detail := map[string]string{"file": f.ID, "name": f.Name, "sha256": f.SHA256, "size": strconv.FormatInt(f.Size, 10), "type": f.Detected}
		if f.Mismatch {
			detail["mismatch"] = f.Declared
		}
		if err := s.noteOf(ctx, tx, i, f.TLP, "file.received", detail); err != nil {
			return err
		}
		return s.told(ctx, tx, i, "file.received", detail)
	})
	if err != nil {
		if n, counted := s.store.holders(ctx, s.DB, f.SHA256); counted == nil && n == 0 {
			err = errors.Join(err, s.vault.remove(f.SHA256))
		}
		return File{}, err
	}
	s.Wake()
	return f, nil
}

// room refuses a file the disk has no place for.
func (s *Service) room(size int64) error {
	if size > s.MaxFile {
		return fault.New(fault.TooLarge, "the file is larger than %d MiB; split it", s.MaxFile>>20).WithCode("incident.file-too-large")
	}
	free, err := s.DiskFree()
	if err != nil {
		return err
	}
	if max(size, 0)+diskReserve > free {
		return fault.New(fault.Busy, "there is no room for the file: %d MiB of the disk are free", free>>20).WithCode("incident.file-disk")
	}
	return nil
}

// Files returns the files of an incident that the principal sees. Errors: Denied,
// NotFound.
func (s *Service) Files(ctx context.Context, id string) ([]File, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := s.store.files(ctx, s.DB, i.ID)
	return slices.DeleteFunc(list, func(f File) bool { return !sight.Shows(f.TLP) }), err
}

// oneFile returns a file the principal sees, its incident and how much of that he
// sees.
func (s *Service) oneFile(ctx context.Context, id, file string) (Incident, Sight, File, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return i, sight, File{}, err
	}
	f, ok, err := s.store.file(ctx, s.DB, i.ID, file)
	if err == nil && (!ok || !sight.Shows(f.TLP)) {
		err = fault.New(fault.NotFound, "no such file").WithCode("incident.file-unknown")
	}
	return i, sight, f, err
}

// File returns a file with its chain of custody, which only the incident's own unit
// is told. Errors: Denied, NotFound.
func (s *Service) File(ctx context.Context, id, file string) (File, []Custody, error) {
	_, sight, f, err := s.oneFile(ctx, id, file)
	if err != nil || !sight.All {
		return f, nil, err
	}
	list, err := s.store.custody(ctx, s.DB, f.ID)
	return f, list, err
}

// Download gives the bytes of a file, which the caller closes. They are held
// against the hash first, and what they were is in the chain of custody before the
// first of them leaves. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Download(ctx context.Context, id, file, why string) (File, io.ReadCloser, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return File{}, nil, err
	}
	i, sight, f, err := s.oneFile(ctx, id, file)
	if err != nil {
		return f, nil, err
	}
	if i.Secrecy != "" && !sight.All {
		return f, nil, secret()
	}
	if n := len([]rune(strings.TrimSpace(why))); n == 0 || n > maxTitle {
		return f, nil, bad("why", "reason", "say in at most %d letters what the copy is for", maxTitle)
	}
	return s.take(ctx, &i, f, Handling{Kind: Downloaded, Why: strings.TrimSpace(why)})
}

// take opens a file to be copied and records that.
func (s *Service) take(ctx context.Context, i *Incident, f File, h Handling) (File, io.ReadCloser, error) {
	if !f.Destroyed.IsZero() {
		return f, nil, destroyed()
	}
	open, c, err := s.examine(ctx, &f, h)
	if err != nil {
		return f, nil, err
	}
	if err := s.record(ctx, i, &f, c); err != nil || open == nil {
		if open != nil {
			err = errors.Join(err, open.Close())
		} else if err == nil {
			err = damaged()
		}
		return f, nil, err
	}
	return f, open, nil
}

// examine holds the bytes of a file against its hash; the file is nil if they are
// not what they should be.
func (s *Service) examine(ctx context.Context, f *File, h Handling) (*os.File, Custody, error) {
	p := module.PrincipalOf(ctx)
	open, found, err := s.vault.verified(f.SHA256)
	return open, Custody{ID: module.NewID(), File: f.ID, At: s.Now(), Kind: h.Kind, Whom: h.Whom, Why: h.Why, Intact: open != nil, Found: found,
		ByID: p.ID, By: p.DisplayName}, err
}

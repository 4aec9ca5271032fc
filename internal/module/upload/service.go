package upload

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Units knows the register of agencies.
type Units interface {
	Exists(event.UnitID) bool
	Name(event.UnitID) string
}

// Node is where the records go.
type Node interface {
	// Sink is the spool.
	Sink() input.Sink
	// Stored waits until the blocks first to last are searchable, and counts the
	// events in them.
	Stored(ctx context.Context, first, last uint64) (int64, error)
	// Has tells whether an event is stored, once what the spool holds is processed.
	Has(ctx context.Context, id event.ID) (bool, error)
	// Lag is how long events wait for being searchable now.
	Lag(ctx context.Context) time.Duration
	// DiskFree is how much the disk takes still.
	DiskFree() (int64, error)
	// Meter counts what goes into the spool.
	Meter(name string) *input.Meter
}

// Live tells open consoles.
type Live interface {
	Publish(unit event.UnitID, name string, data any) error
}

// Options is what the service needs.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Units  Units
	Node   Node
	Live   Live
	Log    *slog.Logger
	Now    func() time.Time
	Dir    string // for the files
	Config Config
}

// Service takes files and imports them.
type Service struct {
	Options
	store     store
	wake      chan struct{}
	receiving chan struct{} // slots

	mu      sync.Mutex
	coming  int64              // bytes of files that are being received
	running string             // id of the upload that is being imported
	stop    context.CancelFunc // ends its import
}

const (
	maxReceiving = 4
	// maxOpen bounds the uploads that wait.
	maxOpen = 100
	// reserve is what uploads leave of the disk to everything else.
	reserve = 1 << 30
)

// New makes the service; call Load before it is used.
func New(o Options) *Service {
	return &Service{Options: o, store: store{o.DB}, wake: make(chan struct{}, 1), receiving: make(chan struct{}, maxReceiving)}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "upload", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "uploads", Run: s.run}, {Name: "upload-originals", Run: s.runExpiry}},
	}
}

// Load removes files that no upload knows: those that a killed process was
// receiving, and those it was about to delete.
func (s *Service) Load(ctx context.Context) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	known, err := s.store.onDisk(ctx)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for i := range known {
		keep[filepath.Base(s.path(&known[i]))] = true
	}
	files, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !keep[f.Name()] {
			if err := os.Remove(filepath.Join(s.Dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// path is where the original lies. Archives are known by their name there.
func (s *Service) path(u *Upload) string {
	if isArchive(u.Name) {
		return filepath.Join(s.Dir, u.ID+".zip")
	}
	return filepath.Join(s.Dir, u.ID)
}

// Request is a file that somebody brings.
type Request struct {
	Unit  event.UnitID
	Name  string
	As    logfile.As
	Again bool // although the same bytes were brought before
	// Drill is the exercise the records are part of, "": they are real. Whoever leads
	// exercises may bring them; the same bytes may come again.
	Drill string
	Max   int64 // bytes; 0: as configured
	Size  int64 // -1: not known
	Body  io.Reader
}

// Add takes a file. It is on disk, and will be imported, once Add has returned.
// Errors: Denied, Invalid, Conflict (upload.repeated), TooLarge, Busy.
func (s *Service) Add(ctx context.Context, r Request) (Upload, error) {
	p := module.PrincipalOf(ctx)
	action := module.ActionUploadAdd
	if r.Drill != "" {
		action = module.ActionDrillManage
	}
	if err := p.Require(action); err != nil {
		return Upload{}, err
	}
	if r.Max <= 0 || r.Max > int64(s.Config.MaxBytes) {
		r.Max = int64(s.Config.MaxBytes)
	}
	if !p.Sees(r.Unit) || !s.Units.Exists(r.Unit) {
		return Upload{}, fault.New(fault.Invalid, "unit: %q is not registered", r.Unit).WithCode("unit.unknown").OnField("query.unit")
	}
	if r.Size > r.Max {
		return Upload{}, tooLarge(r.Max)
	}
	select {
	case s.receiving <- struct{}{}:
		defer func() { <-s.receiving }()
	default:
		return Upload{}, fault.New(fault.Busy, "%d files are being received; try again in a moment", maxReceiving).WithCode("upload.busy")
	}
	room := r.Size
	if room < 0 {
		room = r.Max
	}
	done, err := s.reserve(ctx, room)
	if err != nil {
		return Upload{}, err
	}
	defer done()
	u := Upload{
		ID: module.NewID(), Unit: r.Unit, Name: cleanName(r.Name), Asked: r.As, Status: Waiting,
		ByID: p.ID, By: p.Name, CreatedAt: s.Now(), Original: true, Drill: r.Drill,
	}
	if err := s.receive(&u, r.Body, r.Max); err != nil {
		return u, err
	}
	if err := s.register(ctx, &u, r.Again || r.Drill != ""); err != nil {
		return u, errors.Join(err, os.Remove(s.path(&u)))
	}
	s.tell(&u)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return u, nil
}

func tooLarge(most int64) error {
	return fault.New(fault.TooLarge, "the file is larger than %v; pack it, or split it", config.Size(most)).WithCode("upload.too-large")
}

// reserve makes sure of room for a file of a size.
func (s *Service) reserve(ctx context.Context, size int64) (done func(), err error) {
	there, err := s.store.onDisk(ctx)
	if err != nil {
		return nil, err
	}
	total, open := size, 0
	for i := range there {
		total += there[i].Size
		if !there[i].Status.over() {
			open++
		}
	}
	if open >= maxOpen {
		return nil, fault.New(fault.Busy, "%d uploads wait for their import; try again later", open).WithCode("upload.busy")
	}
	free, err := s.Node.DiskFree()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if total+s.coming > int64(s.Config.MaxTotal) || size+s.coming+reserve > free {
		return nil, fault.New(fault.Busy, "there is no room for the file: uploads.maxTotal is %v, and %d MiB of the disk are free", s.Config.MaxTotal, free>>20).WithCode("upload.disk")
	}
	s.coming += size
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.coming -= size
	}, nil
}

// receive writes the file to disk, takes its hash and finds out what it is. Where
// it fails nothing stays.
func (s *Service) receive(u *Upload, body io.Reader, most int64) (err error) {
	target := s.path(u)
	f, err := os.OpenFile(target+".part", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(target + ".part") // one of them is there
			_ = os.Remove(target)
		}
	}()
	hash := sha256.New()
	source := &bodyReader{r: io.LimitReader(body, most+1)}
	u.Size, err = io.Copy(io.MultiWriter(f, hash), source)
	switch {
	case err != nil && source.failed:
		return fault.New(fault.Invalid, "the file did not arrive whole: %w", err).WithCode("upload.broken-off")
	case err != nil:
		return fmt.Errorf("upload: %w", err)
	case u.Size > most:
		return tooLarge(most)
	case u.Size == 0:
		return fault.New(fault.Invalid, "the file is empty").WithCode("upload.empty")
	}
	u.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if err := f.Sync(); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	if err := os.Rename(target+".part", target); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	u.Kind, err = s.recognise(u)
	return err
}

// bodyReader tells an error of reading from one of writing.
type bodyReader struct {
	r      io.Reader
	failed bool
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.failed = err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// recognise opens the file to see whether it can be read at all.
func (s *Service) recognise(u *Upload) (kind string, err error) {
	unknown := func(err error) error {
		return fault.New(fault.Invalid, "%s", strings.ReplaceAll(err.Error(), s.path(u), u.Name)).WithCode("upload.unknown-format")
	}
	files, err := logfile.Find([]string{s.path(u)})
	if err != nil {
		return "", err
	}
	if isArchive(u.Name) && (len(files) != 1 || files[0].Entry != "") {
		if len(files) == 0 {
			return "", unknown(errors.New("the archive holds no file"))
		}
		return kindArchive, nil
	}
	src, err := logfile.OpenAs(files[0], u.as())
	if err != nil {
		return "", unknown(err)
	}
	defer src.Close()
	if src.Binary {
		return "", unknown(errors.New("the file is neither a Windows event log nor text"))
	}
	return string(src.Kind), nil
}

// register makes the upload known, unless the same was brought before.
func (s *Service) register(ctx context.Context, u *Upload, again bool) error {
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if !again {
			old, found, err := s.store.before(ctx, tx, u.SHA256, u.Unit)
			if err != nil {
				return err
			}
			if found {
				return fault.New(fault.Conflict, "the same file was uploaded before, as %q by %s at %s", old.Name, old.By, old.CreatedAt.UTC().Format(time.RFC3339)).
					WithCode("upload.repeated").OnField("upload." + old.ID)
			}
		}
		if err := s.store.insert(ctx, tx, u); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "upload.add", Object: u.object(), Detail: map[string]string{
			"unit": string(u.Unit), "name": u.Name, "size": strconv.FormatInt(u.Size, 10), "sha256": u.SHA256, "kind": u.Kind, "again": strconv.FormatBool(again), "drill": u.Drill,
		}})
	})
}

// Get returns an upload. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Upload, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUploadRead); err != nil {
		return Upload{}, err
	}
	u, err := s.store.get(ctx, s.DB, id)
	if err == nil && !p.Sees(u.Unit) {
		return Upload{}, module.Outside(fault.New(fault.NotFound, "there is no upload %q", id).WithCode("upload.not-found"))
	}
	return u, err
}

// List returns uploads, newest first. Errors: Denied.
func (s *Service) List(ctx context.Context, f Filter) ([]Upload, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionUploadRead); err != nil {
		return nil, err
	}
	return s.store.list(ctx, p, f)
}

// Cancel ends an upload; what is stored stays. Errors: Denied, NotFound, Conflict.
func (s *Service) Cancel(ctx context.Context, id string) (Upload, error) {
	u, err := s.Get(ctx, id)
	if err != nil {
		return u, err
	}
	if err := module.PrincipalOf(ctx).Require(module.ActionUploadAdd); err != nil {
		return u, err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if u, err = s.store.get(ctx, tx, id); err != nil {
			return err
		}
		if u.Status.over() {
			return fault.New(fault.Conflict, "the upload is over").WithCode("upload.ended")
		}
		return s.end(ctx, tx, &u, Cancelled, "", "")
	})
	if err != nil {
		return u, err
	}
	s.mu.Lock()
	running := s.running == id
	if running {
		s.stop() // the worker puts the file away
	}
	s.mu.Unlock()
	if running {
		s.tell(&u)
	} else {
		s.finish(&u)
	}
	return u, nil
}

// end writes the last state of an upload and the audit record.
func (s *Service) end(ctx context.Context, tx bun.Tx, u *Upload, status Status, reason, detail string) error {
	u.Status, u.Reason, u.Detail, u.Ended = status, reason, module.Text(detail, maxDetail), s.Now()
	if s.Config.Keep > 0 {
		u.KeptUntil = u.Ended.Add(s.Config.Keep)
	}
	saved, err := s.store.save(ctx, tx, u)
	if err != nil {
		return err
	}
	if !saved {
		return errOver
	}
	actions := map[Status]string{Done: "upload.done", Failed: "upload.fail", Cancelled: "upload.cancel"}
	return s.Trail.Append(ctx, tx, module.Entry{Action: actions[status], Object: u.object(), Detail: map[string]string{
		"unit": string(u.Unit), "sha256": u.SHA256, "records": strconv.FormatInt(u.Records, 10), "stored": strconv.FormatInt(u.Stored, 10),
		"problems": strconv.FormatInt(u.Problems, 10), "reason": reason, "by": u.By,
	}})
}

// errOver says that somebody ended the upload meanwhile.
var errOver = errors.New("the upload is over")

// finish deletes the original, if it is not to be kept, and tells consoles.
func (s *Service) finish(u *Upload) {
	if s.Config.Keep == 0 {
		s.deleteOriginal(context.Background(), u)
	}
	s.tell(u)
}

func (s *Service) deleteOriginal(ctx context.Context, u *Upload) {
	err := os.Remove(s.path(u))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = s.store.forgetOriginal(ctx, u.ID)
	}
	if err != nil {
		s.Log.Warn("the original of an upload stays on disk; it is tried again", "upload", u.ID, "error", err)
		return
	}
	u.Original = false
}

// tell sends the state to open consoles.
func (s *Service) tell(u *Upload) {
	v := s.view(u)
	v.ProblemList = []LineProblem{}
	if err := s.Live.Publish(u.Unit, "upload", v); err != nil {
		s.Log.Warn("live message of an upload", "error", err)
	}
}

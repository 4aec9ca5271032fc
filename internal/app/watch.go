package app

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// sourceSignals makes alerts of what is wrong with sources and the node.
type sourceSignals struct{ alerts *alert.Service }

// Raise implements [source.Signals].
func (s sourceSignals) Raise(ctx context.Context, x source.Signal) error {
	return s.alerts.Signal(ctx, alert.Signal{Kind: x.Kind, Unit: x.Unit, About: x.About, Severity: x.Severity, Details: x.Details, Query: x.Query, At: x.At})
}

// Settle implements [source.Signals].
func (s sourceSignals) Settle(ctx context.Context, kind string, unit event.UnitID, about string) error {
	return s.alerts.Settle(ctx, kind, unit, about)
}

// watch tells module source how the node is, and what it stands on.
type watch struct {
	node *Node

	mu       sync.Mutex
	disks    []source.DiskUse
	diskedAt time.Time
	floor    uint64 // of the spool, when last asked
	floorAt  time.Time
}

const (
	// behindAfter is how long events may wait, or the process loop stand still,
	// before nothing can be said of who is silent.
	behindAfter = time.Minute
	// disksFor is how long a measurement of the disks is good enough.
	disksFor = 10 * time.Minute
)

// Behind implements [source.Watch].
func (w *watch) Behind(ctx context.Context) (bool, error) {
	state, err := w.node.bus.State(ctx)
	if err != nil {
		return true, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if state.Pending == 0 || state.AckFloor != w.floor || w.floorAt.IsZero() {
		w.floor, w.floorAt = state.AckFloor, now
	}
	return state.Pending > 0 && (w.node.pipeline.Lag() > behindAfter || now.Sub(w.floorAt) > behindAfter), nil
}

// Disks implements [source.Watch]. A control database elsewhere is left out: its
// disk is not ours to measure.
func (w *watch) Disks(ctx context.Context) ([]source.DiskUse, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.diskedAt.IsZero() && time.Since(w.diskedAt) < disksFor {
		return slices.Clone(w.disks), nil
	}
	dir := w.node.store.Dir
	parts := []struct{ name, path string }{{"lake", dir.Path("lake")}, {"spool", dir.Path("spool")}}
	if sqldb.Dialect(w.node.store.DB) == "sqlite" {
		parts = append(parts, struct{ name, path string }{"database", dir.Path("control")})
	}
	var out []source.DiskUse
	for _, p := range parts {
		used, err := folderSize(ctx, p.path)
		if err != nil {
			return nil, err
		}
		free, _, err := diskSpace(p.path)
		if err != nil {
			return nil, err
		}
		var st syscall.Stat_t
		if err := syscall.Stat(p.path, &st); err != nil {
			return nil, fmt.Errorf("%s: %w", p.path, err)
		}
		out = append(out, source.DiskUse{Part: p.name, Path: dir.Path(), Disk: fmt.Sprint(st.Dev), Used: used, Free: free})
		if i := slices.IndexFunc(out, func(o source.DiskUse) bool { return o.Disk != out[0].Disk }); i >= 0 {
			out[len(out)-1].Path = p.path // of a disk of its own
		}
	}
	w.disks, w.diskedAt = out, time.Now()
	return slices.Clone(out), nil
}

// folderSize adds up what the files below path take. Files come and go meanwhile.
func folderSize(ctx context.Context, path string) (bytes int64, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// expiredFor is how long an expired client certificate is still told of; then its
// device is taken for gone.
const (
	expiredFor = 30 * 24 * time.Hour
	renewsDays = 45
)

// Certificates implements [source.Watch]: those of the data folder, which the node
// renews itself, the one the configuration names, and those of the enrolments, of
// which devices renew the short-lived ones themselves.
func (w *watch) Certificates(context.Context) ([]source.Certificate, error) {
	files, err := filepath.Glob(w.node.store.Dir.Path("tls", "*.pem"))
	if err != nil {
		return nil, err
	}
	var out []source.Certificate
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".pem")
		c := source.Certificate{Name: "tls/" + name, Kind: "server", Unit: event.CentreUnit, Renews: true}
		if strings.HasSuffix(name, "ca") {
			c.Kind, c.Renews = "authority", false
		}
		if c.Expires, err = expiryOf(file); err != nil {
			return nil, err
		}
		if !c.Expires.IsZero() {
			out = append(out, c)
		}
	}
	if http := w.node.o.Config.HTTP; http.TLS == "files" {
		c := source.Certificate{Name: "http.cert", Kind: "server", Unit: event.CentreUnit}
		if c.Expires, err = expiryOf(http.Cert); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	for _, e := range w.node.modules.enrol.Expiries() {
		if time.Since(e.At) < expiredFor {
			out = append(out, source.Certificate{Name: e.Name + " (" + e.Enrolment + ")", Kind: "client", Unit: e.Unit, Expires: e.At,
				Renews: e.Credential == enrol.KindCertificate && e.LifeDays <= renewsDays})
		}
	}
	return out, nil
}

// expiryOf reads when the first certificate of a PEM file expires; zero if it
// holds none.
func expiryOf(file string) (time.Time, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return time.Time{}, err
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return time.Time{}, fmt.Errorf("%s: %w", file, err)
		}
		return cert.NotAfter, nil
	}
	return time.Time{}, nil
}

// Signals implements [source.Watch]: what the node itself has to tell.
func (w *watch) Signals(context.Context) []source.Signal {
	alarm := w.node.store.Lake.RetentionAlarm()
	if alarm == "" {
		return nil
	}
	return []source.Signal{{Kind: "lake.retention", Unit: event.CentreUnit, About: w.node.store.Dir.Path("lake"), Details: map[string]string{"reason": alarm}}}
}

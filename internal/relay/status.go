package relay

import (
	"context"
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/fault"
)

// linkState is what is known of the link.
type linkState struct {
	up       bool
	since    time.Time // of up, or of down
	contact  time.Time // last answer of a centre that took what it got
	offset   time.Duration
	err      string
	errAt    time.Time
	notUntil time.Time // the centre asked for a rest
}

// Status is how a relay is, for its administrator.
type Status struct {
	Centre      string        `json:"centre"`
	Link        string        `json:"link"` // "up", "down", or "none" where no centre is configured
	Since       *time.Time    `json:"since,omitempty"`
	LastContact *time.Time    `json:"lastContact,omitempty"`
	LastError   string        `json:"lastError,omitempty"`
	LastErrorAt *time.Time    `json:"lastErrorAt,omitempty"`
	ClockOffset time.Duration `json:"clockOffset"` // nanoseconds this clock is behind the centre's

	BacklogBlocks uint64     `json:"backlogBlocks"`
	BacklogBytes  int64      `json:"backlogBytes"`
	Oldest        *time.Time `json:"oldest,omitempty"`
	// CatchUp is how long the backlog will take at the pace of the last requests;
	// 0 where there is none, or none is known.
	CatchUp time.Duration `json:"catchUp"`

	SpoolMaxBytes int64      `json:"spoolMaxBytes"`
	WhenFull      string     `json:"whenFull"`
	Refusing      bool       `json:"refusing"` // senders are being pushed back
	DiskFree      int64      `json:"diskFree"`
	DiskTotal     int64      `json:"diskTotal"`
	GapsToReport  int        `json:"gapsToReport"`
	DroppedEvents int        `json:"droppedEvents"` // since the start of the process
	SetAside      int        `json:"setAside"`      // blocks in the folder "refused"
	Version       string     `json:"version"`
	ReportedAt    *time.Time `json:"reportedAt,omitempty"`
}

// refusingFor is how long after a refusal a relay says that it refuses.
const refusingFor = time.Minute

// Status tells how the relay is.
func (f *Forwarder) Status(ctx context.Context) Status {
	contents := f.refresh(ctx)
	toReport, dropped := f.gaps.counts()
	aside := f.setAsideCount()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Status{
		Centre: f.o.Config.Centre, Link: "none", Version: f.o.Version, WhenFull: f.o.Config.WhenFull,
		BacklogBlocks: contents.Blocks, BacklogBytes: contents.Bytes, Oldest: optional(contents.Oldest),
		SpoolMaxBytes: contents.MaxBytes, DiskFree: contents.Free, DiskTotal: contents.Disk,
		Refusing: f.refusing(), GapsToReport: toReport, DroppedEvents: dropped, SetAside: aside,
	}
	if n := uint64(len(f.arrived)); n <= s.BacklogBlocks {
		s.BacklogBlocks -= n // at the centre, to be deleted in a moment
	}
	if f.o.Link != nil {
		s.Link = "down"
		if f.state.up {
			s.Link = "up"
		}
		s.Since, s.LastContact = optional(f.state.since), optional(f.state.contact)
		s.LastError, s.LastErrorAt, s.ClockOffset = f.state.err, optional(f.state.errAt), f.state.offset
		if f.state.up && f.drain > 0 {
			s.CatchUp = time.Duration(float64(contents.Bytes) / f.drain * float64(time.Second)).Round(time.Second)
		}
	}
	return s
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// refusing is called with f.mu held.
func (f *Forwarder) refusing() bool {
	return !f.refused.IsZero() && f.o.Now().Sub(f.refused) < refusingFor
}

// refresh asks the spool, at most once a second.
func (f *Forwarder) refresh(ctx context.Context) bus.Contents {
	f.mu.Lock()
	last := f.now
	f.mu.Unlock()
	if now := f.o.Now(); last.at.IsZero() || now.Sub(last.at).Abs() >= time.Second {
		c, err := f.o.Store.Contents(ctx)
		if err != nil {
			return last.contents
		}
		last = lastReport{now, c}
		f.mu.Lock()
		f.now = last
		f.mu.Unlock()
		f.metrics.observe(c, now)
	}
	return last.contents
}

// report is what the next request says.
func (f *Forwarder) report(lane string) *Report {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.now.contents
	return &Report{
		Version: f.o.Version, Host: f.o.Host, Lane: lane,
		BacklogBlocks: c.Blocks, BacklogBytes: c.Bytes, Oldest: optional(c.Oldest),
		SpoolMaxBytes: c.MaxBytes, DiskFree: c.Free, DiskTotal: c.Disk,
		WhenFull: f.o.Config.WhenFull, Refusing: f.refusing(),
	}
}

// note takes down how a request went.
func (f *Forwarder) note(err error, a Answer, ended bool) {
	if ended {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.o.Now()
	was := f.state.up
	reached := err == nil || isBusy(err) || a.Refused != ""
	if reached {
		f.state.contact = now
		if a.Time.After(time.Time{}) {
			f.state.offset = a.Offset
		}
	}
	f.state.notUntil = time.Time{}
	if err == nil || a.Refused != "" {
		f.state.up = true
		if !was {
			f.state.since = now
			f.o.Log.Info("relay: the link to the centre is up", "centre", f.o.Config.Centre)
		}
		f.metrics.up.Set(1)
		return
	}
	f.state.err, f.state.errAt = err.Error(), now
	if failed, ok := errors.AsType[*sendError](err); ok && failed.after > 0 {
		f.state.notUntil = now.Add(failed.after)
	}
	if isBusy(err) {
		return // it is there, and asks for patience
	}
	f.state.up = false
	f.metrics.up.Set(0)
	if was || f.state.since.IsZero() {
		f.state.since = now
		f.o.Log.Warn("relay: the link to the centre is down; what comes in waits on disk", "err", err)
	} else {
		f.o.Log.Debug("relay: the link is still down", "err", err)
	}
}

func (f *Forwarder) up() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state.up
}

// retryAfter is how long the centre still wants to be left alone.
func (f *Forwarder) retryAfter() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(f.state.notUntil.Sub(f.o.Now()), 0)
}

// Ready says why the relay would lose or refuse events, nil if it would not.
func (f *Forwarder) Ready(ctx context.Context) error {
	s := f.Status(ctx)
	switch {
	case s.Refusing:
		return fault.New(fault.Busy, "the spool is full: senders are pushed back")
	case s.SetAside > 0 && s.Link == "up" && s.GapsToReport > 0:
		return fault.New(fault.Conflict, "blocks that the centre refused were set aside")
	}
	return nil
}

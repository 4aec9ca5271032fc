package enrol

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Observation is what one credential or address brought within one commit.
type Observation struct {
	Unit       event.UnitID
	Credential string // as in event.Batch
	Peer       string
	Events     int64
	Unparsed   int64
	Last       time.Time // newest arrival
}

// Seen adds what a commit stored to the enrolments it came by, within the
// transaction of the commit. It returns what to hand to Heard after it.
func (s *Service) Seen(ctx context.Context, tx bun.Tx, list []Observation) ([]string, error) {
	x := s.index.Load()
	found := map[string]*seenRow{}
	for _, o := range list {
		id := x.of(o.Credential, o.Peer, o.Unit)
		if id == "" {
			continue
		}
		at := sqldb.MicrosOf(o.Last)
		r := found[id]
		if r == nil {
			r = &seenRow{Enrolment: id, FirstSeen: at}
			found[id] = r
		}
		if at >= r.LastSeen {
			r.LastSeen, r.Peer = at, module.Text(o.Peer, maxAddress)
		}
		r.FirstSeen = min(r.FirstSeen, at)
		r.Events += o.Events
		r.Unparsed += o.Unparsed
	}
	if len(found) == 0 {
		return nil, nil
	}
	rows := make([]seenRow, 0, len(found))
	for _, r := range found {
		rows = append(rows, *r)
	}
	// One order for all, so that two writers never wait for each other.
	slices.SortFunc(rows, func(a, b seenRow) int { return strings.Compare(a.Enrolment, b.Enrolment) })
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].Enrolment
	}
	return ids, s.store.addSeen(ctx, tx, rows)
}

// HeardView is the live message "enrolment": the first event of one has arrived.
type HeardView struct {
	ID   string       `json:"id"`
	Unit event.UnitID `json:"unit"`
}

// Heard tells open consoles, after the commit, of enrolments that were heard for
// the first time.
func (s *Service) Heard(ids []string) {
	x := s.index.Load()
	for _, id := range ids {
		if _, known := s.heard.LoadOrStore(id, true); known {
			continue
		}
		unit := x.enrolments[id].unit
		if err := s.hub.Publish(unit, "enrolment", HeardView{ID: id, Unit: unit}); err != nil {
			s.log.Warn("enrolment: live message", "error", err)
		}
	}
}

// Refusal is why something that came by an enrolment was not taken.
type Refusal struct {
	Code  string // "certificate.expired", "token.revoked"
	Count int64
	At    time.Time // the last time
}

const (
	// maxRefusals bounds the enrolments that refusals are kept of, and refusalCodes
	// the codes of each; they are a help, not a record.
	maxRefusals  = 10_000
	refusalCodes = 8
	refusalAge   = 24 * time.Hour
)

// Refused keeps that something of the enrolment was refused.
func (s *Service) Refused(enrolment, code string) {
	now := s.now()
	s.refusalsMu.Lock()
	defer s.refusalsMu.Unlock()
	list, known := s.refusals[enrolment]
	if !known && len(s.refusals) >= maxRefusals {
		return
	}
	for i := range list {
		if list[i].Code == code {
			list[i].Count++
			list[i].At = now
			return
		}
	}
	if len(list) < refusalCodes {
		s.refusals[enrolment] = append(list, Refusal{Code: code, Count: 1, At: now})
	}
}

// RefusedToken is Refused by the id of a token, which may be of no enrolment.
func (s *Service) RefusedToken(token, code string) {
	if id := s.index.Load().tokens[token]; id != "" {
		s.Refused(id, code)
	}
}

// refusalsOf returns what was refused lately, the last first.
func (s *Service) refusalsOf(enrolment string) []Refusal {
	s.refusalsMu.Lock()
	defer s.refusalsMu.Unlock()
	old := s.now().Add(-refusalAge)
	list := slices.DeleteFunc(slices.Clone(s.refusals[enrolment]), func(r Refusal) bool { return r.At.Before(old) })
	slices.SortFunc(list, func(a, b Refusal) int { return b.At.Compare(a.At) })
	return list
}

// forgetRefusals drops what is old.
func (s *Service) forgetRefusals() {
	s.refusalsMu.Lock()
	defer s.refusalsMu.Unlock()
	old := s.now().Add(-refusalAge)
	for id, list := range s.refusals {
		list = slices.DeleteFunc(list, func(r Refusal) bool { return r.At.Before(old) })
		if len(list) == 0 {
			delete(s.refusals, id)
		} else {
			s.refusals[id] = list
		}
	}
}

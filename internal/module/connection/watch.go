package connection

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	lookEvery = 15 * time.Second
	atOnce    = 16  // checks
	ofLook    = 500 // checks of one look
)

// watch makes the checks that are due until ctx ends.
func (s *Service) watch(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "connections could not be checked; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look makes the checks that are due now, some at a time.
func (s *Service) look(ctx context.Context) error {
	list, err := s.store.due(ctx, s.Now(), ofLook)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for i := range list {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			if _, err := s.check(ctx, &list[i]); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "what a check told could not be kept", "connection", list[i].ID, "error", err)
			}
		})
	}
	wait.Wait()
	return nil
}

// betweenAsked is the least time between two checks that people ask for.
const betweenAsked = 10 * time.Second

// CheckNow makes the check of a connection at once. Errors: Denied, NotFound, Conflict
// (none is set), Busy (it was checked just now).
func (s *Service) CheckNow(ctx context.Context, id string) (Connection, error) {
	c, err := s.mine(ctx, module.PrincipalOf(ctx), id)
	if err != nil {
		return c, err
	}
	if c.Check.Kind == checkNone {
		return c, fault.New(fault.Conflict, "no check is set for this connection").WithCode("connection.no-check")
	}
	if s.Now().Sub(c.Health.Checked) < betweenAsked {
		return c, fault.New(fault.Conflict, "it was checked just now; wait %d seconds", int(betweenAsked.Seconds())).WithCode("connection.just-checked")
	}
	return s.check(module.WithPrincipal(ctx, module.System()), &c)
}

// check makes one check, keeps what it told and tells people when the connection went down
// or came back.
func (s *Service) check(ctx context.Context, c *Connection) (Connection, error) {
	r := s.prober.probe(ctx, c.Check)
	if ctx.Err() != nil {
		return *c, ctx.Err() // the server stops: that is no outage
	}
	now := s.Now()
	next := *c
	next.Health = c.Health.after(r, now)
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ok, err := s.store.keepHealth(ctx, tx, &next, now.Add(c.Check.every()))
		if err != nil || !ok {
			return err // changed or taken away meanwhile: what was checked is no more
		}
		switch was, is := c.Health.State, next.Health.State; {
		case is == Down && was != Down:
			if err := s.store.begin(ctx, tx, &next); err != nil {
				return err
			}
			return s.tell(ctx, tx, &next)
		case is == Up && was == Down:
			if err := s.store.end(ctx, tx, c.ID, now); err != nil {
				return err
			}
			return s.tell(ctx, tx, &next)
		}
		return nil
	})
	return next, err
}

// tell has the people of both sides told how the connection is now.
func (s *Service) tell(ctx context.Context, tx bun.Tx, c *Connection) error {
	names, err := s.Systems.Some(ctx, []string{c.System, c.Other})
	if err != nil {
		return err
	}
	own, other := names[c.System], c.Partner
	if c.Other != "" {
		other = names[c.Other].Name
	}
	kind, level, vi, en := "connection.down", "high", "Mất kết nối: %s – %s", "A connection is down: %s – %s"
	if c.Kind == "population" {
		level = "critical"
	}
	if c.Health.State == Up {
		kind, level, vi, en = "connection.up", "informational", "Kết nối đã hoạt động lại: %s – %s", "A connection works again: %s – %s"
	}
	var facts []module.Fact
	for _, unit := range c.units() {
		about := c.System
		if unit != c.Unit && unit != c.Operator {
			about = c.Other
		}
		n := module.Notice{Kind: kind, Level: level, Object: "system:" + about, TitleVi: fmt.Sprintf(vi, own.Name, other), Title: fmt.Sprintf(en, own.Name, other),
			Told: module.Responsible()}
		f, err := n.Fact(unit)
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	return module.Emit(ctx, tx, facts)
}

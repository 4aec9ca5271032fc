package notification

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

func caller(ctx context.Context) (module.Principal, error) {
	p := module.PrincipalOf(ctx)
	return p, p.Require(module.ActionNotificationOwn)
}

// Inbox returns what the caller was told, newest first, before the id before if
// it is not "". Errors: Denied.
func (s *Service) Inbox(ctx context.Context, unread bool, before string, limit int64) ([]inboxItem, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.inbox(ctx, p.ID, unread, before, limit)
}

// Unread counts what the caller has not read. Errors: Denied.
func (s *Service) Unread(ctx context.Context) (int64, error) {
	p, err := caller(ctx)
	if err != nil {
		return 0, err
	}
	return s.store.unread(ctx, p.ID)
}

// MarkRead marks the caller's items of these ids, or all up to an id, as read.
// It is his own reading and no change anybody audits. Errors: Denied, Invalid.
func (s *Service) MarkRead(ctx context.Context, ids []string, upTo string) error {
	p, err := caller(ctx)
	if err != nil {
		return err
	}
	if len(ids) == 0 && upTo == "" {
		return bad("ids", "ids: name some, or upTo")
	}
	if err := s.store.markRead(ctx, p.ID, ids, upTo, s.Now()); err != nil {
		return err
	}
	s.tellConsoles(p.ID)
	return nil
}

// Preferences returns the caller's. Errors: Denied.
func (s *Service) Preferences(ctx context.Context) (Preferences, error) {
	p, err := caller(ctx)
	if err != nil {
		return Preferences{}, err
	}
	return s.store.preferences(ctx, p.ID)
}

// SetPreferences stores the caller's. Errors: Denied, Invalid, Conflict if the
// version is another.
func (s *Service) SetPreferences(ctx context.Context, next Preferences) (Preferences, error) {
	p, err := caller(ctx)
	if err != nil {
		return Preferences{}, err
	}
	if err := next.check(); err != nil {
		return Preferences{}, err
	}
	maps.DeleteFunc(next.Address, func(_, to string) bool { return to == "" })
	for name, to := range next.Address {
		k, ok := s.kindOf(name)
		if !ok {
			return Preferences{}, bad("address", "address: there is no kind of channel %q", name)
		}
		if err := s.checkAddress(k, to); err != nil {
			return Preferences{}, fault.New(fault.Invalid, "%w", err).WithCode("notify.bad-address").OnField("body.address." + name)
		}
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.store.preferences(ctx, p.ID)
		if err != nil {
			return err
		}
		if old.Version != next.Version {
			return changed()
		}
		next.Version++
		if err := s.store.setPreferences(ctx, tx, p.ID, &next, s.Now()); err != nil {
			return err
		}
		// What waits for the end of quiet hours that are no more need not wait.
		if err := s.store.retime(ctx, tx, p.ID, func(b *bucket) { b.again(s.Now(), &next, s.when()) }); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "notification.preferences", Object: "user:" + p.ID,
			Detail: map[string]string{"ways": strings.Join(slices.Sorted(maps.Keys(next.Address)), ", ")}})
	})
	if err != nil {
		return Preferences{}, err
	}
	s.people.forget()
	s.poke()
	return next, nil
}

// Deliveries returns what was sent or is waiting, newest first, of the units the
// caller sees. Errors: Denied.
func (s *Service) Deliveries(ctx context.Context, f DeliveryFilter) ([]delivery, error) {
	p, err := reader(ctx)
	if err != nil {
		return nil, err
	}
	return s.store.list(ctx, p, f)
}

// Resend makes a message that was given up, sent, or waits for its next attempt
// go again now, under the same id. Errors: Denied, NotFound, Conflict.
func (s *Service) Resend(ctx context.Context, id string) (delivery, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionNotificationManage); err != nil {
		return delivery{}, err
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		d, ok, err := s.store.deliveryOf(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "no such message").WithCode("notify.unknown-delivery")
		}
		if ok, err := s.store.again(ctx, tx, id, s.Now()); err != nil || !ok {
			if err == nil {
				err = fault.New(fault.Conflict, "the message is about to be sent").WithCode("notify.waiting")
			}
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "notification.resend", Object: "delivery:" + id,
			Detail: map[string]string{"unit": string(d.Unit), "channel": d.Channel, "was": d.State}})
	})
	if err != nil {
		return delivery{}, err
	}
	s.poke()
	d, _, err := s.store.deliveryOf(ctx, s.DB, p, id)
	return d, err
}

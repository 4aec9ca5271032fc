package notification

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
)

// The states of a delivery.
const (
	stateWaiting  = "waiting"
	stateSent     = "sent"
	stateDead     = "dead"
	stateWithheld = "withheld" // it is never sent
)

// delivery is one message on its way.
type delivery struct {
	ID        string
	Bucket    string
	Channel   string
	Person    string
	Address   string
	Unit      event.UnitID
	Kind      string // "" for several
	Level     string
	Subject   string
	Message   notify.Message
	Total     int
	State     string
	Attempts  int
	NextAt    time.Time
	Code      string
	Reason    string
	CreatedAt time.Time
	SentAt    time.Time
}

const (
	sendAtOnce   = 20
	sendTogether = 4
	firstRetry   = 30 * time.Second
	lastRetry    = time.Hour
	codeGone     = "notify.channel-gone"
	codeDrill    = "notify.drill"
	deadGroup    = time.Hour
)

// send makes one attempt at everything that is due.
func (s *Service) send(ctx context.Context) error {
	due, err := s.store.dueDeliveries(ctx, s.Now(), sendAtOnce)
	if err != nil {
		return err
	}
	var wait sync.WaitGroup
	turn := make(chan struct{}, sendTogether)
	errs := make(chan error, len(due))
	for i := range due {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			errs <- s.sendOne(ctx, &due[i])
		})
	}
	wait.Wait()
	close(errs)
	for e := range errs {
		if e != nil {
			err = e
		}
	}
	return err
}

// sendOne claims a delivery, makes an attempt and writes down what came of it.
// The claim runs out, so that a sender that was killed holds nothing for ever.
func (s *Service) sendOne(ctx context.Context, d *delivery) error {
	c := s.settings.Load().channels[d.Channel]
	if c != nil && !s.limiter(c).AllowN(s.Now(), 1) {
		return s.store.postpone(ctx, d.ID, s.Now().Add(time.Minute/time.Duration(c.PerMinute)+time.Second))
	}
	mine, err := s.store.claim(ctx, d.ID, s.Now(), s.Now().Add(2*s.Config.Timeout+time.Minute))
	if err != nil || !mine {
		return err
	}
	failure := s.attempt(ctx, c, d.Message)
	if ctx.Err() != nil && failure != nil {
		// Stopping; the attempt does not count.
		return s.store.postpone(context.WithoutCancel(ctx), d.ID, s.Now())
	}
	s.outcome(d, failure)
	// What was sent is sent, even if the node is stopping.
	if err := s.store.record(context.WithoutCancel(ctx), d); err != nil {
		return err
	}
	if d.State == stateDead {
		return s.tellDead(context.WithoutCancel(ctx), d)
	}
	return nil
}

func (s *Service) attempt(ctx context.Context, c *Channel, m notify.Message) *notify.Failure {
	if c == nil || !c.Enabled {
		return notify.Failed(codeGone, true, "the channel was removed or switched off")
	}
	sender, err := s.open(c)
	if err == nil {
		err = sender.Send(ctx, m)
	}
	if err == nil {
		return nil
	}
	return notify.FailureOf(err)
}

// open makes the sender of a channel.
func (s *Service) open(c *Channel) (notify.Sender, error) {
	k, ok := s.kindOf(c.Kind)
	if !ok {
		return nil, notify.Failed(notify.CodeSettings, true, "this version does not know channels of kind "+c.Kind)
	}
	secret, err := s.Vault.Open(c.ID, c.Sealed)
	if err != nil {
		return nil, err
	}
	sender, err := k.Open(c.Settings, secret, s.Env)
	if err != nil {
		return nil, notify.Failed(notify.CodeSettings, false, notify.Hide(err.Error(), secret))
	}
	return sender, nil
}

// outcome decides what an attempt means.
func (s *Service) outcome(d *delivery, f *notify.Failure) {
	now := s.Now()
	d.Attempts++
	switch {
	case f == nil:
		d.State, d.SentAt, d.Code, d.Reason = stateSent, now, "", ""
	case f.Final || d.Attempts >= s.Config.Attempts:
		d.State, d.Code, d.Reason = stateDead, f.Code, f.Reason
	default:
		d.Code, d.Reason = f.Code, f.Reason
		d.NextAt = now.Add(max(backoff(d.Attempts, s.jitter()), f.After))
	}
}

// backoff doubles from attempt to attempt, a quarter up or down by luck, so that
// messages that failed together do not come back together.
func backoff(attempts int, luck float64) time.Duration {
	d := lastRetry
	if attempts < 8 {
		d = min(lastRetry, firstRetry<<(attempts-1))
	}
	return time.Duration(float64(d) * (0.75 + luck/2))
}

// tellDead lets the administrators of the channel's unit know, in their inbox
// alone: another message might fail, too.
func (s *Service) tellDead(ctx context.Context, d *delivery) error {
	c := s.settings.Load().channels[d.Channel]
	if c == nil {
		return nil
	}
	people, err := s.everyone(ctx)
	if err != nil {
		return err
	}
	var items []*inboxItem
	for i := range people {
		p := &people[i]
		if p.Role != module.RoleAdministrator || p.Unit != c.Unit {
			continue
		}
		items = append(items, &inboxItem{User: p.ID, Group: KindDead + "|" + c.ID, Total: 1, Item: Item{
			Kind: KindDead, Level: "high", Unit: c.Unit, Object: "delivery:" + d.ID, At: s.Now(),
			Title: "The channel " + c.Name + " could not deliver a message", TitleVi: "Kênh «" + c.Name + "» không gửi được thông báo",
		}})
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.store.addInbox(ctx, tx, items, s.Now()) })
	for _, it := range items {
		if err == nil {
			s.tellConsoles(it.User)
		}
	}
	return err
}

func encode(m notify.Message) string {
	text, err := json.Marshal(m)
	if err != nil {
		return "{}" // strings and JSON that was marshalled before
	}
	return string(text)
}

package notification

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/time/rate"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
)

//go:embed migrations
var migrations embed.FS

// People are those who can be told.
type People interface {
	// Everyone returns the accounts of persons that are not disabled.
	Everyone(ctx context.Context) ([]module.Principal, error)
}

// Units is the register of agencies.
type Units interface {
	Name(id event.UnitID) string
	Exists(id event.UnitID) bool
	Below(id event.UnitID) []event.UnitID
	// DutyMail is the address of the unit's duty contact, "" for none.
	DutyMail(ctx context.Context, id event.UnitID) string
}

// Live tells one person's open consoles that something of his changed.
type Live interface {
	PublishTo(user, name string, data any) error
}

// Options is what the service needs; all are required.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	People  People
	Units   Units
	Live    Live
	Kinds   []notify.Kind
	Env     notify.Env
	Vault   *notify.Vault
	Config  Config
	Console string // address of the console, without a slash at the end
	Zone    *time.Location
	Log     *slog.Logger
	Now     func() time.Time
}

// Service tells people what concerns them.
type Service struct {
	Options

	store    store
	settings atomic.Pointer[settings]
	wake     chan struct{} // there may be something due
	people   peopleCache
	limits   sync.Map // channel id to *rate.Limiter
	jitter   func() float64
}

// settings are all channels, rules and plans; few, and read for every fact.
type settings struct {
	channels map[string]*Channel
	rules    []*Rule
	plans    map[string]*Plan
}

// New makes the service; call Load before serving.
func New(o Options) *Service {
	s := &Service{Options: o, store: store{o.DB}, wake: make(chan struct{}, 1), jitter: rand.Float64}
	s.settings.Store(&settings{})
	return s
}

// Load reads the settings into memory.
func (s *Service) Load(ctx context.Context) error {
	all, err := s.store.settings(ctx)
	if err == nil {
		s.settings.Store(all)
	}
	return err
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "notification", Migrations: sub, Routes: s.routes,
		Take: &module.Taker{Kinds: factKinds, Take: s.take},
		Workers: []module.Worker{
			{Name: "notification-sender", Run: s.run},
			{Name: "notification-cleanup", Run: s.runCleanup},
		},
	}
}

// kindOf returns the way of sending of that name.
func (s *Service) kindOf(name string) (notify.Kind, bool) {
	for _, k := range s.Kinds {
		if k.Name == name {
			return k, true
		}
	}
	return notify.Kind{}, false
}

// poke makes the sender look at once.
func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

const (
	runEvery     = time.Second
	reloadEvery  = 15 * time.Second // finds changes of another process
	cleanupEvery = time.Hour
)

// run turns what is due into messages and sends them, until ctx ends.
func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(runEvery)
	defer tick.Stop()
	loaded := s.Now()
	for {
		if s.Now().Sub(loaded) > reloadEvery {
			if err := s.Load(ctx); err != nil && ctx.Err() == nil {
				return err
			}
			loaded = s.Now()
		}
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// round does everything that is due now.
func (s *Service) round(ctx context.Context) error {
	if err := s.escalate(ctx); err != nil {
		return err
	}
	if err := s.compose(ctx); err != nil {
		return err
	}
	return s.send(ctx)
}

func (s *Service) runCleanup(ctx context.Context) error {
	tick := time.NewTicker(cleanupEvery)
	defer tick.Stop()
	for {
		if err := s.store.prune(ctx, s.Now().Add(-s.Config.Keep)); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// limiter keeps a channel to its rate.
func (s *Service) limiter(c *Channel) *rate.Limiter {
	per := rate.Limit(float64(c.PerMinute) / 60)
	l, _ := s.limits.LoadOrStore(c.ID, rate.NewLimiter(per, c.PerMinute))
	limiter := l.(*rate.Limiter)
	if limiter.Limit() != per {
		limiter.SetLimit(per)
		limiter.SetBurst(c.PerMinute)
	}
	return limiter
}

// peopleCache keeps who there is for some seconds: a flood asks thousands of
// times.
type peopleCache struct {
	mu   sync.Mutex
	at   time.Time
	list []person
}

type person struct {
	module.Principal

	prefs Preferences
}

const peopleFresh = 5 * time.Second

func (s *Service) everyone(ctx context.Context) ([]person, error) {
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	if now := s.Now(); now.Sub(s.people.at) < peopleFresh && s.people.list != nil {
		return s.people.list, nil
	}
	all, err := s.Options.People.Everyone(ctx)
	if err != nil {
		return nil, err
	}
	prefs, err := s.store.allPreferences(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]person, len(all))
	for i, p := range all {
		list[i] = person{p, defaultPreferences()}
		if chosen, ok := prefs[p.ID]; ok {
			list[i].prefs = chosen
		}
	}
	s.people.list, s.people.at = list, s.Now()
	return list, nil
}

// forget makes the next look at people read again.
func (c *peopleCache) forget() {
	c.mu.Lock()
	c.list = nil
	c.mu.Unlock()
}

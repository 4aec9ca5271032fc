// Package module is what every part of the control side is made of.
//
// A [Module] owns its tables, routes, workers and what it does about other
// modules' facts; app/modules.go lists them all. Modules never import each
// other. They share the words declared here: who acts ([Principal]) and what
// that allows (permission.go, the one table), facts told through an [Outbox]
// in the transaction of the change they speak of, the audit [Trail], the live
// [Hub], and the shapes several modules put on the wire (view.go).
//
// Inside a module, <name>.go holds types and rules without I/O, service.go use
// cases and permission checks, store.go the only SQL, api.go the only huma.
//
// Invariants. Every use case starts with a permission check of the Principal in
// its context; no principal means nothing is allowed. Every change writes an
// audit record in its own transaction. What a principal may not see is
// reported as fault.NotFound, like what does not exist.
package module

import (
	"context"
	"io/fs"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
)

// Module is one part of the control side.
type Module struct {
	Name       string
	Migrations fs.FS // see sqldb.Migrate; nil if it owns no table
	Routes     func(huma.API)
	Workers    []Worker
	// On is called for facts of other modules, at least once each and in order.
	On map[FactKind]func(context.Context, Fact) error
	// Take is for who keeps what facts come to: many at once, each once.
	Take *Taker
}

// Taker takes facts in the transaction that marks them as delivered.
type Taker struct {
	Kinds []FactKind
	// Take gets facts in their order and writes with tx only. An error rolls
	// everything back and the same facts come again. after, unless nil, is called
	// once what was written can be read by others; a crash may leave it out.
	Take func(ctx context.Context, tx bun.Tx, facts []Fact) (after func(), err error)
}

// Worker is a loop that app starts after the migrations and waits for at the end.
type Worker struct {
	Name string
	// Run returns nil when ctx ends. Any other return is a failure that app logs
	// and restarts with back-off.
	Run func(ctx context.Context) error
}

// FactKind names what happened: "incident.opened".
type FactKind string

// Fact is something that happened, told to other modules.
type Fact struct {
	ID   string // for recognising a second delivery
	Kind FactKind
	At   time.Time
	Unit event.UnitID
	Body []byte // JSON, its shape documented beside the kind
}

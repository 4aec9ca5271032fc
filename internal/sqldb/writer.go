package sqldb

import (
	"context"
	"database/sql/driver"
	"sync"
)

// SQLite lets one transaction write at a time. Left alone, a second writer
// sleeps and polls until the lock is free: slow, and unfair enough that under
// steady load one may starve past its busy timeout. The connector below gives
// all write transactions of the pool one turn instead. A waiting goroutine is
// woken when its turn comes, in order of arrival, and leaves when its context
// ends. Statements outside a transaction (rare, by house rule only reads and
// single updates) still rely on the busy timeout, which also covers another
// process on the same file.
//
// Keeping one connection for everything would be simpler, but then readers
// would wait for writers, and a read on the pool inside a transaction would
// wait for itself.
type connector struct {
	driver driver.Driver
	dsn    string
	turn   chan struct{} // holds one value while a write transaction is open
}

// take waits for the turn. Errors: ctx's.
func (c *connector) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Connect(context.Context) (driver.Conn, error) {
	inner, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return &conn{sqliteConn: inner.(sqliteConn), connector: c}, nil
}

// sqliteConn is what the driver's connections offer to database/sql.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type conn struct {
	sqliteConn
	connector *connector
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts.ReadOnly {
		return c.sqliteConn.BeginTx(ctx, opts)
	}
	if err := c.connector.take(ctx); err != nil {
		return nil, err
	}
	inner, err := c.sqliteConn.BeginTx(ctx, opts)
	if err != nil {
		<-c.connector.turn
		return nil, err
	}
	return &tx{Tx: inner, turn: c.connector.turn}, nil
}

type tx struct {
	driver.Tx
	turn chan struct{}
	once sync.Once
}

func (t *tx) Commit() error {
	err := t.Tx.Commit()
	// A commit that failed leaves the transaction open in SQLite, and
	// database/sql never calls Rollback after Commit.
	if err != nil {
		_ = t.Tx.Rollback()
	}
	t.once.Do(func() { <-t.turn })
	return err
}

func (t *tx) Rollback() error {
	err := t.Tx.Rollback()
	t.once.Do(func() { <-t.turn })
	return err
}

package sqldb

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// Transactions have one pool of connections, queries outside them another.
//
// Modules that ask one another read beside the transaction they are in. With one
// bounded pool, transactions that hold all its connections and each want one more
// wait for each other for ever; it takes no more than a busy morning. Of two pools
// the second is held only for as long as a query runs, so whoever waits for it is
// served.
//
// This covers what bun builds (NewSelect, NewRaw and the like). ExecContext and
// QueryContext of the [bun.DB] itself run on the pool of transactions and are for
// use outside them.
const (
	// sqliteConns bounds queries that run at one time.
	sqliteConns = 8
	// sqliteWriters is how many connections transactions leave open for the next: one
	// writes at a time, and each that is open keeps its pages.
	sqliteWriters = 2
	// postgresConns bounds the connections of each of the two pools to PostgreSQL.
	postgresConns = 16
)

// queryPool resolves to the pool of queries outside transactions.
type queryPool struct{ *sql.DB }

func besides(queries *sql.DB) bun.DBOption { return bun.WithConnResolver(queryPool{queries}) }

// ResolveConn is asked for queries that have no connection of their own yet; those of a
// transaction have.
func (p queryPool) ResolveConn(context.Context, bun.Query) bun.IConn { return p.DB }

package lake

import (
	"embed"
	"io/fs"
)

// migrationFiles hold the manifest's tables for both dialects, in goose's form; app
// applies them before Open.
//
//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrationFiles embed.FS

// Migrations holds the folders sqlite and postgres.
var Migrations = sub()

func sub() fs.FS {
	f, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the pattern above is wrong
	}
	return f
}

package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Store is a data folder opened for searching: its lock, control database and
// lake, and nothing that changes them.
type Store struct {
	Dir  *DataDir
	DB   *bun.DB
	Lake *lake.Lake
}

func openStore(ctx context.Context, path string, self Holder, c Config, log *slog.Logger, metrics prometheus.Registerer, pressure func() float64) (_ *Store, err error) {
	s := &Store{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.Dir, err = OpenDataDir(path, self); err != nil {
		return nil, err
	}
	if s.DB, err = sqldb.Open(ctx, sqldb.Options{DSN: c.Database.URL.Reveal(), Dir: s.Dir.Path("control"), Log: log}); err != nil {
		return nil, err
	}
	if err = sqldb.Migrate(ctx, s.DB, "lake", lake.Migrations); err != nil {
		return nil, err
	}
	s.Lake, err = lake.Open(ctx, lake.Options{Dir: s.Dir.Path("lake"), DB: s.DB, Log: log, Metrics: metrics, Now: time.Now, Config: c.Lake, Pressure: pressure})
	return s, err
}

// Close lets go of everything, last opened first.
func (s *Store) Close() error {
	var errs []error
	if s.Lake != nil {
		errs = append(errs, s.Lake.Close())
	}
	if s.DB != nil {
		errs = append(errs, s.DB.Close())
	}
	if s.Dir != nil {
		errs = append(errs, s.Dir.Close())
	}
	return errors.Join(errs...)
}

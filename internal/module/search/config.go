package search

import (
	"errors"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Config bounds what searching leaves on the disk.
type Config struct {
	// ExportKeep is how long an exported file can be downloaded.
	ExportKeep time.Duration `yaml:"exportKeep"`
	// ExportDisk is how much all exported files may take, compressed as they are.
	ExportDisk config.Size `yaml:"exportDisk"`
}

// DefaultConfig keeps files for a day.
func DefaultConfig() Config { return Config{ExportKeep: 24 * time.Hour, ExportDisk: 4 << 30} }

// Validate refuses what cannot work.
func (c Config) Validate() error {
	var errs []error
	if c.ExportKeep < time.Minute || c.ExportKeep > 30*24*time.Hour {
		errs = append(errs, fault.New(fault.Invalid, "search.exportKeep: %v; use 1m to 720h", c.ExportKeep).OnField("search.exportKeep"))
	}
	if c.ExportDisk < 1<<20 {
		errs = append(errs, fault.New(fault.Invalid, "search.exportDisk: %v; use 1MiB or more", c.ExportDisk).OnField("search.exportDisk"))
	}
	return errors.Join(errs...)
}

// Package readiness keeps what must stand around an information system before and
// while it operates.
//
// Three things, each about systems of the register. The four-layer model: local
// force, professional monitoring, independent assessment, feeds to the centre; of
// each layer a test says whether it is done and, if not, what is missing. The go-live
// gate: a system goes into operation when its level is approved, its internal
// regulation issued and its security plan fully deployed, or by a decision that is
// written down with who, why and until when. The list of systems critical to national
// security, whose yearly self-check it tells package obligation of.
//
// Invariants. Whether a layer is done is never stored: it is worked out from what was
// written, what was heard of the feeds, and today. A decision ends by itself, and
// nothing of it is deleted.
//
// Start reading at layer.go and gate.go.
package readiness

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed data
var data embed.FS

// Model is the four-layer model with the numbers of its tests.
type Model struct {
	Basis           string      `yaml:"basis"`
	Verify          string      `yaml:"verify"`
	MinShare        int         `yaml:"minShare"`
	CycleMonths     map[int]int `yaml:"cycleMonths"`
	MonitoringHours int         `yaml:"monitoringHours"`
	MalwareHours    int         `yaml:"malwareHours"`
	Layers          []LayerName `yaml:"layers"`
}

// LayerName names a layer.
type LayerName struct {
	ID int    `yaml:"id"`
	Vi string `yaml:"vi"`
	En string `yaml:"en"`
}

// Files is what is shipped.
func Files() fs.FS { return module.Folder(data, "data") }

// ReadModel reads layers.yaml. Errors name the file and what is wrong.
func ReadModel(files fs.FS) (*Model, error) {
	m := &Model{}
	if err := config.LoadFS(files, "layers.yaml", m); err != nil {
		return nil, err
	}
	for level := 1; level <= 5; level++ {
		if m.CycleMonths[level] <= 0 {
			return nil, fmt.Errorf("layers.yaml: no cycle of level %d", level)
		}
	}
	if len(m.Layers) != 4 || m.MinShare < 1 || m.MinShare > 100 || m.MonitoringHours <= 0 || m.MalwareHours <= 0 {
		return nil, fmt.Errorf("layers.yaml: four layers, a share of 1 to 100 percent, and hours above 0")
	}
	return m, nil
}

// Mark is who did something, and when.
type Mark struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

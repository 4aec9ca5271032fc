package input

import (
	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/config"
)

// Kind is one sort of input; app lists them all.
type Kind struct {
	Name string
	// Defaults returns the section as it is where nothing is written.
	Defaults func() Config
	// Check reads the section strictly and validates it, and opens nothing: a
	// bad configuration is refused before anything starts.
	Check func(file string, section *yaml.Node) error
	// Open makes an input of a section. It may read files; it listens only in
	// Run.
	Open func(file string, section *yaml.Node, env Env) (Input, error)
}

// Config is the section of one kind.
type Config interface {
	// Validate names the key at fault, with kind fault.Invalid.
	Validate() error
}

// NewKind makes a Kind of a typed configuration. defaults returns a fresh value,
// over which the section is read; unknown keys are refused with file and line.
func NewKind[C Config](name string, defaults func() C, open func(C, Env) (Input, error)) Kind {
	read := func(file string, section *yaml.Node) (C, error) {
		c := defaults()
		if err := config.DecodeSection(file, section, &c); err != nil {
			return c, err
		}
		return c, c.Validate()
	}
	return Kind{
		Name:     name,
		Defaults: func() Config { return defaults() },
		Check: func(file string, section *yaml.Node) error {
			_, err := read(file, section)
			return err
		},
		Open: func(file string, section *yaml.Node, env Env) (Input, error) {
			c, err := read(file, section)
			if err != nil {
				return nil, err
			}
			return open(c, env.WithDefaults())
		},
	}
}

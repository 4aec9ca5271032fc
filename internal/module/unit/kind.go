package unit

import (
	_ "embed"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/module"
)

// Kind is the id of a type of agency; data/types.yaml lists them.
type Kind string

// The kinds that code knows by name.
const (
	KindCentre     Kind = "centre"
	KindProvince   Kind = "province"
	KindDepartment Kind = "department"
	KindOther      Kind = "other"
)

// Type is a type of agency.
type Type struct {
	ID       Kind     `yaml:"id"`
	Group    string   `yaml:"group"`
	Vi       string   `yaml:"vi"`
	En       string   `yaml:"en"`
	Prefixes []string `yaml:"prefixes"`
}

//go:embed data/types.yaml
var typesFile []byte

// types reads the file of types once.
var types = sync.OnceValue(func() []Type {
	var list []Type
	if err := yaml.Unmarshal(typesFile, &list); err != nil {
		panic(err) // the file is embedded
	}
	return list
})

// typeOf returns the type with the id, nil if there is none.
func typeOf(id Kind) *Type {
	for i := range types() {
		if t := &types()[i]; t.ID == id {
			return t
		}
	}
	return nil
}

// kindOfName guesses the type of a unit from its name: KindOther if no prefix fits.
func kindOfName(name string) Kind {
	folded, best, kind := module.Fold(name)+" ", 0, KindOther
	for _, t := range types() {
		for _, p := range t.Prefixes {
			if prefix := module.Fold(p) + " "; len(prefix) > best && strings.HasPrefix(folded, prefix) {
				best, kind = len(prefix), t.ID
			}
		}
	}
	return kind
}

// kindOfText reads a type as people write it: its id, or its name in either
// language.
func kindOfText(text string) (Kind, bool) {
	folded := module.Fold(strings.TrimSpace(text))
	for _, t := range types() {
		if folded == string(t.ID) || folded == module.Fold(t.Vi) || folded == module.Fold(t.En) {
			return t.ID, true
		}
	}
	return "", false
}

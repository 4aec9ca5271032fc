package assessment

import (
	_ "embed"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed data/rules.yaml
var rulesFile []byte

//go:embed data/checklists.yaml
var checklistsFile []byte

// noticeRule is how long before a visit its unit is told.
type noticeRule struct {
	ID    string `yaml:"id"`
	Hours int    `yaml:"hours"`
	Basis string `yaml:"basis"`
	Vi    string `yaml:"vi"`
	En    string `yaml:"en"`
}

type ruleSet struct {
	Notice []noticeRule `yaml:"notice"`
	Cycles struct {
		Verify string      `yaml:"verify"`
		Months map[int]int `yaml:"months"`
	} `yaml:"cycles"`
	Independence struct {
		Basis  string `yaml:"basis"`
		Verify string `yaml:"verify"`
	} `yaml:"independence"`
}

// Group is a part of the checklist.
type Group struct {
	ID    string  `yaml:"id"`
	Vi    string  `yaml:"vi"`
	En    string  `yaml:"en"`
	Kinds []Kind  `yaml:"kinds"`
	Items []Asked `yaml:"items"`
}

// Asked is one thing that is asked.
type Asked struct {
	ID      string `yaml:"id"`
	Article string `yaml:"article"` // or the code of the standard
	Vi      string `yaml:"vi"`
	En      string `yaml:"en"`
}

var rules = sync.OnceValue(func() (r ruleSet) {
	if err := yaml.Unmarshal(rulesFile, &r); err != nil {
		panic(err) // the file is embedded
	}
	return r
})

var checklist = sync.OnceValue(func() (groups []Group) {
	if err := yaml.Unmarshal(checklistsFile, &groups); err != nil {
		panic(err) // the file is embedded
	}
	return groups
})

// asked are the groups a kind of visit asks.
func asked(k Kind) (list []Group) {
	for _, g := range checklist() {
		if slices.Contains(g.Kinds, k) {
			list = append(list, g)
		}
	}
	return list
}

// isAsked tells whether a kind of visit asks the item.
func isAsked(k Kind, item string) bool {
	for _, g := range asked(k) {
		for _, i := range g.Items {
			if i.ID == item {
				return true
			}
		}
	}
	return false
}

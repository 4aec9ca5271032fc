package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
)

type tree struct {
	Listen string `yaml:"listen"`
	Spool  struct {
		MaxBytes Size          `yaml:"maxBytes"`
		Keep     time.Duration `yaml:"keep"`
	} `yaml:"spool"`
	Password Secret    `yaml:"password"`
	Section  yaml.Node `yaml:"section"`
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"unknown key", "listen: a\nspol:\n  keep: 1s\n", `lachan.yml:2: unknown key "spol"; did you mean "spool"?`},
		{"unknown nested key", "spool:\n  maxbytes: 1\n", `lachan.yml:2: unknown key "maxbytes"; did you mean "maxBytes"?`},
		{"far from everything", "zzzzzzzzzz: 1\n", `lachan.yml:1: unknown key "zzzzzzzzzz"; see`},
		{"wrong type", "listen: [1]\n", "lachan.yml:1: cannot unmarshal"},
		{"not YAML", "listen: 'a\n", "lachan.yml:"},
		{"bad size", "spool: {maxBytes: 12 apples}\n", `"12 apples" is not a size`},
		{"two documents", "listen: a\n---\nlisten: b\n", "a second YAML document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v tree
			err := Decode("lachan.yml", []byte(c.src), &v)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q in it", err, c.want)
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %v, want invalid", fault.KindOf(err))
			}
		})
	}
}

func TestDefaultsStayWhereTheFileIsSilent(t *testing.T) {
	v := tree{Listen: "127.0.0.1:8080"}
	if err := Decode("f", []byte("spool: {maxBytes: 2GiB, keep: 90s}\n"), &v); err != nil {
		t.Fatal(err)
	}
	if v.Listen != "127.0.0.1:8080" || v.Spool.MaxBytes != 2<<30 || v.Spool.Keep != 90*time.Second {
		t.Errorf("got %+v", v)
	}
	if err := Decode("f", nil, &v); err != nil {
		t.Errorf("an empty file is a file without settings: %v", err)
	}
}

func TestSectionsAreStrictToo(t *testing.T) {
	var v tree
	if err := Decode("f", []byte("listen: a\nsection:\n  keep: 1s\n  kep: 2s\n"), &v); err != nil {
		t.Fatal(err)
	}
	var section struct {
		Keep time.Duration `yaml:"keep"`
	}
	err := DecodeSection("f", &v.Section, &section)
	if err == nil || !strings.Contains(err.Error(), `f:4: unknown key "kep"; did you mean "keep"?`) {
		t.Fatalf("got %v", err)
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	v := tree{Password: "hunter2hunter2"}
	asYAML, _ := yaml.Marshal(v)
	asJSON, _ := json.Marshal(v.Password)
	for _, shown := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v.Password), string(asYAML), string(asJSON)} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("secret shown: %s", shown)
		}
	}
	if v.Password.Reveal() != "hunter2hunter2" {
		t.Error("Reveal hides it too")
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"0": 0, "17": 17, "17B": 17, "64KiB": 64 << 10, "512MiB": 512 << 20, "20GiB": 20 << 30, "3 TiB": 3 << 40} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q = %d, %v; want %d", text, s, err, want)
		}
	}
	for _, bad := range []string{"", "MiB", "-1", "1.5GiB", "9999999999999TiB", "10MB"} {
		var s Size
		if err := s.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q accepted as %d", bad, s)
		}
	}
}

func TestATableOfAFileSystemIsRead(t *testing.T) {
	type table struct {
		Hours int    `yaml:"hours"`
		Basis string `yaml:"basis"`
	}
	for name, c := range map[string]struct{ text, said string }{
		"as it is":         {"hours: 72\nbasis: Điều 8\n", ""},
		"empty":            {" \n", "rules.yaml: the file is empty"},
		"another type":     {"hours: many\n", "rules.yaml:1: cannot unmarshal"},
		"a misspelt key":   {"hour: 72\n", `rules.yaml:1: unknown key "hour"; did you mean "hours"?`},
		"a key of nothing": {"basis: x\ncolour: red\n", `rules.yaml:2: unknown key "colour"; see the shipped file`},
	} {
		var got table
		err := LoadFS(fstest.MapFS{"rules.yaml": {Data: []byte(c.text)}}, "rules.yaml", &got)
		switch {
		case c.said == "" && (err != nil || got.Hours != 72):
			t.Errorf("%s: %+v, %v", name, got, err)
		case c.said != "" && (fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.said)):
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := LoadFS(fstest.MapFS{}, "rules.yaml", &table{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

package app

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate", page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documented returns what stands in code marks in the first column of the tables
// of a text, and the row it stands in.
func documented(text string) map[string]string {
	code := regexp.MustCompile("`([^`]+)`")
	out := map[string]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range code.FindAllStringSubmatch(cells[1], -1) {
			out[m[1]] = line
		}
	}
	return out
}

// keysOf walks a configuration and yields every key with its default.
func keysOf(v reflect.Value, prefix string, each func(key string, def reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() {
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if option == "inline" {
			keysOf(v.Field(i), prefix, each)
			continue
		}
		key := prefix + name
		if f.Type.Kind() == reflect.Struct {
			keysOf(v.Field(i), key+".", each)
			continue
		}
		each(key, v.Field(i))
	}
}

// TestEveryKeyIsDocumentedWithItsDefault compares the page with the code: what
// comes before the first "`kind: …`" is the node's own configuration, and each such
// line begins the section of a kind of input.
func TestEveryKeyIsDocumentedWithItsDefault(t *testing.T) {
	parts := strings.Split(readPage(t, "config.md"), "\n`kind: ")
	compareKeys(t, "lachan.yaml", documented(parts[0]), reflect.ValueOf(DefaultConfig()))
	sections := map[string]string{}
	for _, text := range parts[1:] {
		name, rest, _ := strings.Cut(text, "`")
		sections[name] = rest
	}
	for _, k := range kinds() {
		text, ok := sections[k.Name]
		if !ok {
			t.Errorf("docs/operate/config.md has no section `kind: %s`", k.Name)
			continue
		}
		delete(sections, k.Name)
		compareKeys(t, "kind "+k.Name, documented(text), reflect.ValueOf(k.Defaults()))
	}
	for name := range sections {
		t.Errorf("docs/operate/config.md has a section `kind: %s`, which is no kind", name)
	}
}

func compareKeys(t *testing.T, part string, page map[string]string, config reflect.Value) {
	t.Helper()
	known := map[string]bool{}
	keysOf(config, "", func(key string, def reflect.Value) {
		if key == "inputs" { // a list, each with the keys of its kind
			return
		}
		known[key] = true
		row, ok := page[key]
		if !ok {
			t.Errorf("docs/operate/config.md does not name the key %s of %s", key, part)
			return
		}
		switch def.Kind() {
		case reflect.Slice, reflect.Map:
			return
		}
		if text := defaultText(def); text != "" && !strings.Contains(strings.Split(row, "|")[2], "`"+text+"`") {
			t.Errorf("docs/operate/config.md: the default of %s of %s is %s; the page says %s", key, part, text, strings.TrimSpace(strings.Split(row, "|")[2]))
		}
	})
	for key := range page {
		if !known[key] {
			t.Errorf("docs/operate/config.md names %s, which is no key of %s", key, part)
		}
	}
}

// zeroUnits are the "0m0s" that time.Duration writes after hours and minutes.
var zeroUnits = regexp.MustCompile(`([hm])(?:0m)?0s$`)

// defaultText writes a value as a person writes it in the file.
func defaultText(v reflect.Value) string {
	text := fmt.Sprint(v.Interface())
	switch _, isDuration := v.Interface().(time.Duration); {
	case v.Type() == reflect.TypeFor[bus.Fsync]():
	case v.IsZero() && v.CanInt():
		text = "0"
	case isDuration:
		text = zeroUnits.ReplaceAllString(text, "$1")
	}
	return text
}

func TestEveryMetricIsDocumented(t *testing.T) {
	page := documented(readPage(t, "metrics.md"))
	log, err := telemetry.NewLog(os.Stderr, telemetry.Config{Level: "error", Format: "text"})
	if err != nil {
		t.Fatal(err)
	}
	config := DefaultConfig()
	config.Audit.Syslog = "tcp://127.0.0.1:514" // the node is not started: nobody is called
	n, err := Open(t.Context(), Options{Data: t.TempDir(), Config: config, Command: "test", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.handler(); err != nil {
		t.Fatal(err)
	}
	descs := make(chan *prometheus.Desc)
	go func() {
		defer close(descs)
		n.registry.Describe(descs)
	}()
	fqName := regexp.MustCompile(`fqName: "(lachan_[a-z0-9_]+)"`)
	known := map[string]bool{}
	for d := range descs {
		if m := fqName.FindStringSubmatch(d.String()); m != nil {
			known[m[1]] = true
			if _, ok := page[m[1]]; !ok {
				t.Errorf("docs/operate/metrics.md does not name %s", d)
			}
		}
	}
	for name := range page {
		if strings.HasPrefix(name, "lachan_") && !strings.ContainsAny(name, " =") && !known[name] {
			t.Errorf("docs/operate/metrics.md names %s, which no part registers", name)
		}
	}
}

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
	"github.com/lachan-vn/lachan/internal/input/syslog"
	"github.com/lachan-vn/lachan/internal/telemetry"
)

// documented returns what stands in code marks in the first column of the tables
// of a page below docs/operate, and the row it stands in.
func documented(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate", page))
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("`([^`]+)`")
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
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
		key := prefix + strings.Split(f.Tag.Get("yaml"), ",")[0]
		if f.Type.Kind() == reflect.Struct {
			keysOf(v.Field(i), key+".", each)
			continue
		}
		each(key, v.Field(i))
	}
}

func TestEveryKeyIsDocumentedWithItsDefault(t *testing.T) {
	page := documented(t, "config.md")
	known := map[string]bool{}
	check := func(key string, def reflect.Value) {
		known[key] = true
		row, ok := page[key]
		if !ok {
			t.Errorf("docs/operate/config.md does not name the key %s", key)
			return
		}
		switch def.Kind() {
		case reflect.Slice, reflect.Map:
			return
		}
		if text := defaultText(def); text != "" && !strings.Contains(strings.Split(row, "|")[2], "`"+text+"`") {
			t.Errorf("docs/operate/config.md: the default of %s is %s; the page says %s", key, text, strings.TrimSpace(strings.Split(row, "|")[2]))
		}
	}
	config := DefaultConfig()
	keysOf(reflect.ValueOf(config), "", func(key string, def reflect.Value) {
		if key != "inputs" { // a list, each with the keys of its kind
			check(key, def)
		}
	})
	input := syslog.DefaultConfig()
	keysOf(reflect.ValueOf(input), "", check)
	for key := range page {
		if !known[key] {
			t.Errorf("docs/operate/config.md names %s, which is no key", key)
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
	page := documented(t, "metrics.md")
	log, err := telemetry.NewLog(os.Stderr, telemetry.Config{Level: "error", Format: "text"})
	if err != nil {
		t.Fatal(err)
	}
	config := DefaultConfig()
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

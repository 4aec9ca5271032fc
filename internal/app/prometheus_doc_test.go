package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The example files for Prometheus are YAML of the shape it reads, and name only
// metrics that docs/operate/metrics.md does.
func TestPrometheusExamples(t *testing.T) {
	read := func(name string, into any) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate", "prometheus", name))
		if err != nil {
			t.Fatal(err)
		}
		d := yaml.NewDecoder(strings.NewReader(string(data)))
		d.KnownFields(true)
		if err := d.Decode(into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return string(data)
	}
	var scrape struct {
		ScrapeConfigs []struct {
			JobName        string `yaml:"job_name"`
			ScrapeInterval string `yaml:"scrape_interval"`
			MetricsPath    string `yaml:"metrics_path"`
			Scheme         string
			Authorization  map[string]string
			TLSConfig      map[string]string `yaml:"tls_config"`
			StaticConfigs  []struct {
				Targets []string
			} `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
		RuleFiles []string `yaml:"rule_files"`
	}
	read("scrape.yml", &scrape)
	if len(scrape.ScrapeConfigs) != 1 || scrape.ScrapeConfigs[0].MetricsPath != "/metrics" || len(scrape.RuleFiles) != 1 {
		t.Fatalf("%+v", scrape)
	}
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For string
				Labels           map[string]string
				Annotations      map[string]string
			}
		}
	}
	read(scrape.RuleFiles[0], &rules)
	known := documented(readPage(t, "metrics.md"))
	metric := regexp.MustCompile(`lachan_[a-z_]+`)
	seen := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Expr == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
				t.Errorf("%+v lacks something", r)
			}
			if open, end := strings.Count(r.Expr, "("), strings.Count(r.Expr, ")"); open != end {
				t.Errorf("%s: %s", r.Alert, r.Expr)
			}
			for _, m := range metric.FindAllString(r.Expr, -1) {
				seen++
				if _, ok := known[m]; !ok {
					t.Errorf("%s: docs/operate/metrics.md does not name %s", r.Alert, m)
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d metrics are looked at", seen)
	}
}

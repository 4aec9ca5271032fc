package archtest

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// wellFormed reads XML to its end.
func wellFormed(text string) error {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// What people copy from the page about Windows is whole: the subscription is XML
// with a query that Windows takes, the configurations are YAML with the keys that
// matter.
func TestConfigurationForWindowsIsWhole(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate", "windows.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)```(yaml|xml)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks[m[1]] = append(blocks[m[1]], m[2])
	}
	if len(blocks["xml"]) != 1 || len(blocks["yaml"]) != 2 {
		t.Fatalf("%d blocks of XML, %d of YAML", len(blocks["xml"]), len(blocks["yaml"]))
	}

	var subscription struct {
		XMLName        xml.Name `xml:"http://schemas.microsoft.com/2006/03/windows/events/subscription Subscription"`
		SubscriptionID string   `xml:"SubscriptionId"`
		Type           string   `xml:"SubscriptionType"`
		Enabled        bool
		Query          string
		LogFile        string
		Allowed        string `xml:"AllowedSourceDomainComputers"`
	}
	if err := errors.Join(wellFormed(blocks["xml"][0]), xml.Unmarshal([]byte(blocks["xml"][0]), &subscription)); err != nil {
		t.Fatal(err)
	}
	if s := subscription; s.SubscriptionID == "" || s.Type != "SourceInitiated" || !s.Enabled || s.LogFile != "ForwardedEvents" || !strings.HasPrefix(s.Allowed, "O:") {
		t.Errorf("%+v", s)
	}
	var list struct {
		XMLName xml.Name `xml:"QueryList"`
		Selects []struct {
			Path  string `xml:"Path,attr"`
			XPath string `xml:",chardata"`
		} `xml:"Query>Select"`
	}
	if err := errors.Join(wellFormed(subscription.Query), xml.Unmarshal([]byte(strings.TrimSpace(subscription.Query)), &list)); err != nil {
		t.Fatal(err)
	}
	const mostConditions = 22 // of one XPath, in Windows
	for _, s := range list.Selects {
		if n := strings.Count(s.XPath, "="); s.Path == "" || !strings.HasPrefix(s.XPath, "*") || n > mostConditions || strings.Count(s.XPath, "[") != strings.Count(s.XPath, "]") {
			t.Errorf("%s: %d conditions: %s", s.Path, n, s.XPath)
		}
	}
	if len(list.Selects) < 5 {
		t.Errorf("%d channels", len(list.Selects))
	}

	for _, b := range blocks["yaml"] {
		var c map[string]any
		if err := yaml.Unmarshal([]byte(b), &c); err != nil {
			t.Errorf("%v:\n%s", err, b)
			continue
		}
		if _, ours := c["inputs"]; ours {
			continue
		}
		output, _ := c["output.elasticsearch"].(map[string]any)
		logs, _ := c["winlogbeat.event_logs"].([]any)
		if len(logs) != 1 || output["hosts"] == nil || output["ssl.certificate_authorities"] == nil || c["setup.ilm.enabled"] != false || c["setup.template.enabled"] != false {
			t.Errorf("%v", c)
		}
	}
}

package enrol

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/lachan-vn/lachan/internal/config"
)

//go:embed devices.yaml templates
var catalogueFiles embed.FS

// Text is for people, in both languages.
type Text struct {
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"en"`
}

// Device is one entry of the catalogue: a device or shipper, and how it is made to
// send. Names of files and steps are templates, too; see kitData.
type Device struct {
	ID    string `yaml:"id"`
	Name  Text   `yaml:"name"`
	Group string `yaml:"group"` // see groups
	// Credentials it can send by, the best first.
	Credentials []Kind `yaml:"credentials"`
	// Via are the ways in it can use, as protocol/transport, the best first.
	Via []string `yaml:"via"`
	// CA, Cert and Key are where the device expects its files. Without Cert a
	// certificate is handed over, and nothing refers to it.
	CA   string `yaml:"ca"`
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
	// Files are pieces of configuration.
	Files []DeviceFile `yaml:"files"`
	Steps []Text       `yaml:"steps"`
}

// DeviceFile is one piece of configuration.
type DeviceFile struct {
	Name     string `yaml:"name"`     // where it goes
	Template string `yaml:"template"` // file below templates/
}

// groups are the headings of the catalogue, in the order they are shown.
var groups = []string{"linux", "windows", "network", "security", "application", "collector", "relay"}

// standardPorts are assumed for a way in that is not configured.
var standardPorts = map[string]int{
	"syslog/udp": 514, "syslog/tcp": 514, "syslog/tls": 6514, "ingest/https": 443, "elastic/https": 9200, "otlp/https": 4318,
	"gelf/udp": 12201, "gelf/tcp": 12201, "gelf/tls": 12201, "gelf/https": 443, "lumberjack/tls": 5044, "splunk/https": 8088,
	"loki/https": 3100, "netflow/udp": 2055, "sflow/udp": 6343, "relay/tls": 4222,
}

// catalogue is the list of devices with their templates, parsed.
type catalogue struct {
	devices   []Device
	byID      map[string]*Device
	templates *template.Template
	steps     map[string][]stepTemplates
}

type stepTemplates struct{ vi, en *template.Template }

// loadCatalogue reads the embedded files. An error is a mistake in the program.
func loadCatalogue() (*catalogue, error) {
	c := &catalogue{byID: map[string]*Device{}, steps: map[string][]stepTemplates{}}
	if err := config.LoadFS(catalogueFiles, "devices.yaml", &c.devices); err != nil {
		return nil, err
	}
	var err error
	root := template.New("").Option("missingkey=error").Funcs(template.FuncMap{"indent": indent})
	if c.templates, err = root.ParseFS(catalogueFiles, "templates/*"); err != nil {
		return nil, err
	}
	for i := range c.devices {
		d := &c.devices[i]
		if err := c.add(d); err != nil {
			return nil, fmt.Errorf("devices.yaml: %s: %w", d.ID, err)
		}
	}
	return c, nil
}

func (c *catalogue) add(d *Device) error {
	if c.byID[d.ID] != nil {
		return fmt.Errorf("is there twice")
	}
	c.byID[d.ID] = d
	if !slices.Contains(groups, d.Group) {
		return fmt.Errorf("unknown group %q", d.Group)
	}
	for _, v := range d.Via {
		if standardPorts[v] == 0 {
			return fmt.Errorf("unknown way in %q", v)
		}
	}
	for _, f := range d.Files {
		if c.templates.Lookup(f.Template) == nil {
			return fmt.Errorf("no template %q", f.Template)
		}
	}
	for n, s := range d.Steps {
		var t stepTemplates
		var err error
		if t.vi, err = template.New("vi").Option("missingkey=error").Parse(s.Vi); err != nil {
			return fmt.Errorf("step %d: %w", n+1, err)
		}
		if t.en, err = template.New("en").Option("missingkey=error").Parse(s.En); err != nil {
			return fmt.Errorf("step %d: %w", n+1, err)
		}
		c.steps[d.ID] = append(c.steps[d.ID], t)
	}
	return nil
}

// indent puts the text n spaces to the right, for blocks of YAML.
func indent(n int, text string) string {
	pad := strings.Repeat(" ", n)
	return pad + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+pad)
}

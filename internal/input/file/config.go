package file

import (
	"regexp"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Config is the section of one file input.
type Config struct {
	// Name tells this input's positions from those of other file inputs.
	Name string `yaml:"name"`
	// Include are patterns of absolute paths: * and ? within a name, [a-z], {a,b},
	// ** for any folders. What matches Exclude as well is left out; an Exclude
	// without a slash is matched against the base name.
	Include []string `yaml:"include"`
	Exclude []string `yaml:"exclude"`
	// Unit owns what the files say.
	Unit event.UnitID `yaml:"unit"`
	// From is where a file begins that is there at the very first start:
	// "beginning" or "end". Files that appear later are read from their beginning.
	From string `yaml:"from"`
	// Compressed: "ignore", or "once" to read the compressed files that are there
	// at the very first start.
	Compressed string `yaml:"compressed"`
	// Encoding: "auto" tells UTF-16 by its byte order mark and takes the rest as
	// it is; "utf-16le" and "utf-16be" are for files without a mark.
	Encoding  string    `yaml:"encoding"`
	Multiline Multiline `yaml:"multiline"`
	// Poll is how often files are looked at, Rescan how often the patterns are.
	Poll   time.Duration `yaml:"poll"`
	Rescan time.Duration `yaml:"rescan"`
	// PartialAfter is how long a last line without its end is waited for.
	PartialAfter time.Duration `yaml:"partialAfter"`
	// MaxOpen bounds open files, MaxFiles those that are followed.
	MaxOpen  int `yaml:"maxOpen"`
	MaxFiles int `yaml:"maxFiles"`
}

// Multiline joins lines into records.
type Multiline struct {
	// Start is a pattern (RE2) that the first line of every record matches; lines
	// that do not are added to the record before them. "": every line is a record.
	Start string `yaml:"start"`
	// MaxLines ends a record; the rest of it becomes another.
	MaxLines int `yaml:"maxLines"`
}

// DefaultConfig follows nothing and gives everything to the centre.
func DefaultConfig() Config {
	return Config{
		Name: "default", Unit: event.CentreUnit, From: "beginning", Compressed: "ignore", Encoding: "auto",
		Multiline: Multiline{MaxLines: 500},
		Poll:      500 * time.Millisecond, Rescan: 5 * time.Second, PartialAfter: 5 * time.Second,
		MaxOpen: 256, MaxFiles: 10_000,
	}
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,47}$`)

// Validate names the key at fault.
func (c Config) Validate() error {
	bad := func(field, format string, args ...any) error {
		return fault.New(fault.Invalid, "file: "+format, args...).OnField(field)
	}
	if !nameForm.MatchString(c.Name) {
		return bad("name", "name: %q; use small letters, digits and -, at most 48", c.Name)
	}
	if len(c.Include) == 0 {
		return bad("include", "include: no file to follow; write patterns such as /var/log/nginx/*.log")
	}
	for _, p := range c.Include {
		if !doublestar.ValidatePathPattern(p) {
			return bad("include", "include: %q is not a pattern; write for example /var/log/nginx/*.log", p)
		}
		if !strings.HasPrefix(p, "/") {
			return bad("include", "include: %q; write an absolute path", p)
		}
	}
	for _, p := range c.Exclude {
		if p == "" || !doublestar.ValidatePathPattern(p) {
			return bad("exclude", "exclude: %q is not a pattern; write for example *.gz", p)
		}
	}
	switch {
	case c.Unit == "":
		return bad("unit", "unit must not be empty")
	case c.From != "beginning" && c.From != "end":
		return bad("from", "from: %q; use beginning or end", c.From)
	case c.Compressed != "ignore" && c.Compressed != "once":
		return bad("compressed", "compressed: %q; use ignore or once", c.Compressed)
	case c.Multiline.MaxLines < 2 || c.Multiline.MaxLines > 10_000:
		return bad("multiline.maxLines", "multiline.maxLines: %d; use 2 to 10000", c.Multiline.MaxLines)
	case c.Poll < 50*time.Millisecond || c.Poll > time.Minute:
		return bad("poll", "poll: %v; use 50ms to 1m", c.Poll)
	case c.Rescan < c.Poll || c.Rescan > time.Hour:
		return bad("rescan", "rescan: %v; use poll (%v) to 1h", c.Rescan, c.Poll)
	case c.PartialAfter < 100*time.Millisecond || c.PartialAfter > time.Hour:
		return bad("partialAfter", "partialAfter: %v; use 100ms to 1h", c.PartialAfter)
	case c.MaxOpen < 1 || c.MaxOpen > 100_000:
		return bad("maxOpen", "maxOpen: %d; use 1 to 100000", c.MaxOpen)
	case c.MaxFiles < 1 || c.MaxFiles > 1_000_000:
		return bad("maxFiles", "maxFiles: %d; use 1 to 1000000", c.MaxFiles)
	}
	if _, ok := encodings[c.Encoding]; !ok {
		return bad("encoding", "encoding: %q; use auto, utf-8, utf-16le or utf-16be", c.Encoding)
	}
	if _, err := regexp.Compile(c.Multiline.Start); err != nil {
		return bad("multiline.start", "multiline.start: %w", err)
	}
	return nil
}

package lake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// FindCaseAltered: what case.json says is not what the bundle holds.
const FindCaseAltered = "case-altered"

// BundleReport is the outcome of verifying a bundle.
type BundleReport struct {
	Case     BundleCase
	Files    int
	Bytes    int64
	Events   int    // lines of events.ndjson
	Sums     string // SHA-256 of SHA256SUMS
	Findings []Finding
}

// Limits of what a bundle may hold that is kept in memory.
const (
	maxBundleFiles = 1000
	maxBundleMeta  = 64 << 20 // case.json, SHA256SUMS, a line of the chain
)

// VerifyBundle checks a bundle by itself: every file against SHA256SUMS, the way
// of hashes in chain.ndjson up to the head in case.json, and that it registers
// every segment the events come from. progress, if not nil, gets the bytes read.
// The error is fault.Invalid for what is no bundle.
func VerifyBundle(ctx context.Context, path string, progress func(done int64)) (*BundleReport, error) {
	c := newBundleCheck()
	err := eachBundleFile(path, func(name string, r io.Reader) error {
		return c.file(name, contextReader{ctx, r}, progress)
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return c.finish()
}

type bundleCheck struct {
	report *BundleReport
	sums   map[string]string // of the files as they are
	meta   map[string][]byte // case.json, SHA256SUMS

	last     string // hash of the last line of the chain
	lines    int
	segments map[string]string // of the chain: ID to SHA-256
}

func newBundleCheck() *bundleCheck {
	return &bundleCheck{report: &BundleReport{}, sums: map[string]string{}, meta: map[string][]byte{}, segments: map[string]string{}}
}

func (c *bundleCheck) found(kind, file, format string, args ...any) {
	if len(c.report.Findings) < maxFindings {
		c.report.Findings = append(c.report.Findings, Finding{Kind: kind, File: file, Detail: fmt.Sprintf(format, args...)})
	}
}

// file takes in one file. The order of files does not matter.
func (c *bundleCheck) file(name string, r io.Reader, progress func(int64)) error {
	if c.report.Files++; c.report.Files > maxBundleFiles {
		return fault.New(fault.Invalid, "bundle: more than %d files", maxBundleFiles)
	}
	if _, twice := c.sums[name]; twice {
		c.found(FindFileUnlisted, name, "a second file of this name")
		return nil
	}
	h := sha256.New()
	in := io.TeeReader(r, io.MultiWriter(h, counter{&c.report.Bytes, progress}))
	var err error
	switch name {
	case bundleCase, bundleSums:
		c.meta[name], err = io.ReadAll(io.LimitReader(in, maxBundleMeta))
	case bundleChain:
		err = eachLine(in, c.entry)
	case bundleEvents:
		err = countLines(in, &c.report.Events)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, in)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if err != nil { // a damaged archive
		c.found(FindFileAltered, name, "the file cannot be read to its end: %v", err)
	}
	c.sums[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}

// counter counts bytes.
type counter struct {
	n     *int64
	after func(int64)
}

func (c counter) Write(b []byte) (int, error) {
	*c.n += int64(len(b))
	if c.after != nil {
		c.after(*c.n)
	}
	return len(b), nil
}

func eachLine(r io.Reader, each func(line string)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxBundleMeta)
	for lines.Scan() {
		each(lines.Text())
	}
	return lines.Err()
}

func countLines(r io.Reader, n *int) error {
	buffer := make([]byte, 256<<10)
	for {
		k, err := r.Read(buffer)
		*n += bytes.Count(buffer[:k], []byte("\n"))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// entry takes in one line of the chain: it names the hash of the one before it.
func (c *bundleCheck) entry(line string) {
	c.lines++
	var e ChainEntry
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		c.found(FindEntryAltered, bundleChain, "line %d cannot be read: %v", c.lines, err)
	} else if c.lines > 1 && e.Prev != c.last && e.Back != c.last {
		c.found(FindEntryAltered, bundleChain, "line %d (entry %d) does not follow the line before it: one of the two was altered", c.lines, e.Seq)
	}
	for _, s := range e.Added {
		c.segments[s.ID] = s.SHA256
	}
	c.last = chainHash(line)
}

// finish compares the parts with each other.
func (c *bundleCheck) finish() (*BundleReport, error) {
	for _, name := range []string{bundleCase, bundleSums, bundleChain, bundleEvents} {
		if _, ok := c.sums[name]; !ok && (name == bundleCase || name == bundleSums) {
			return nil, fault.New(fault.Invalid, "bundle: %s is missing; this is no bundle of evidence", name)
		} else if !ok {
			c.found(FindFileMissing, name, "the file is missing")
		}
	}
	c.report.Sums = c.sums[bundleSums]
	listed := map[string]bool{bundleSums: true}
	for line := range strings.Lines(string(c.meta[bundleSums])) {
		sum, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  ")
		if !ok || listed[name] {
			c.found(FindFileAltered, bundleSums, "a line that is no checksum: %.100q", line)
			continue
		}
		listed[name] = true
		switch is, ok := c.sums[name]; {
		case !ok:
			c.found(FindFileMissing, name, "the file is missing")
		case is != sum:
			c.found(FindFileAltered, name, "the file was altered: its SHA-256 is %s, SHA256SUMS says %s", is, sum)
		}
	}
	for name := range c.sums {
		if !listed[name] {
			c.found(FindFileUnlisted, name, "the file is not in SHA256SUMS")
		}
	}
	c.checkCase()
	slices.SortStableFunc(c.report.Findings, func(a, b Finding) int { return strings.Compare(a.File, b.File) })
	return c.report, nil
}

func (c *bundleCheck) checkCase() {
	d := &c.report.Case
	if err := json.Unmarshal(c.meta[bundleCase], d); err != nil {
		c.found(FindCaseAltered, bundleCase, "it cannot be read: %v", err)
		return
	}
	if d.Format != bundleFormat {
		c.found(FindCaseAltered, bundleCase, "its format is %q; this program knows %q", d.Format, bundleFormat)
	}
	if d.Head.Hash != c.last {
		c.found(FindHeadAltered, bundleChain, "the chain ends with %s, case.json says %s", c.last, d.Head.Hash)
	}
	events := 0
	for _, s := range d.Segments {
		events += s.Events
		if sum, ok := c.segments[s.ID]; !ok {
			c.found(FindSegmentMissing, bundleChain, "no entry registers segment %s", s.ID)
		} else if sum != s.SHA256 {
			c.found(FindSegmentAltered, bundleCase, "segment %s has SHA-256 %s in case.json, %s in the chain", s.ID, s.SHA256, sum)
		}
	}
	if d.Events != c.report.Events || d.Events != events {
		c.found(FindCaseAltered, bundleCase, "it tells of %d events, %d by segments; events.ndjson holds %d", d.Events, events, c.report.Events)
	}
}

package advisory

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	maxScores    = 2_000_000
	maxScoreLine = 200      // bytes
	maxUnpacked  = 96 << 20 // bytes of an EPSS file
)

// ReadEPSS reads the scores of EPSS, plain or packed with gzip, and hands them to
// each, which may end it with an error. Errors: fault.Invalid, TooLarge, those of r
// and of each.
func ReadEPSS(file string, r io.Reader, each func(Score) error) (Scores, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return Scores{}, bad(file, "", "packed, and damaged (%v); download it again", err)
		}
		in = bufio.NewReaderSize(z, 64<<10)
	}
	bounded := &io.LimitedReader{R: in, N: maxUnpacked + 1}
	lines := bufio.NewScanner(bounded)
	lines.Buffer(make([]byte, maxScoreLine), maxScoreLine)
	var head Scores
	named := false
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimRight(lines.Bytes(), "\r ")
		place := func() string { return fmt.Sprintf("line %d", number) }
		switch {
		case len(line) == 0:
			continue
		case line[0] == '#':
			head.comment(string(line[1:]))
			continue
		case !named:
			if string(line) != "cve,epss,percentile" {
				return head, bad(file, place(), "not the heading cve,epss,percentile of an EPSS file")
			}
			named = true
			continue
		}
		s, why := readScore(line)
		if why != "" {
			return head, bad(file, place(), "%s; download the file again", why)
		}
		if head.Count++; head.Count > maxScores {
			return head, bad(file, place(), "more than %d scores", maxScores)
		}
		if err := each(s); err != nil {
			return head, err
		}
	}
	switch err := lines.Err(); {
	case bounded.N <= 0:
		return head, fault.New(fault.TooLarge, "%s: unpacked more than %d MB", clip(file, maxName), maxUnpacked>>20).WithCode("advisory.too-large")
	case errors.Is(err, bufio.ErrTooLong):
		return head, bad(file, fmt.Sprintf("line %d", number+1), "longer than %d bytes; this is no EPSS file", maxScoreLine)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
		return head, bad(file, fmt.Sprintf("line %d", number+1), "the packed file is damaged or cut off; download it again")
	case err != nil:
		if number > 0 && strings.HasPrefix(err.Error(), "flate:") {
			return head, bad(file, fmt.Sprintf("line %d", number+1), "the packed file is damaged; download it again")
		}
		return head, err
	case head.Count == 0:
		return head, bad(file, "", "no score in it; an EPSS file has a line for every CVE")
	}
	return head, nil
}

// comment reads #model_version:v2025.03.14,score_date:2026-11-22T12:55:00Z.
func (h *Scores) comment(text string) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, ":")
		switch strings.TrimSpace(name) {
		case "model_version":
			h.Model = clip(value, 40)
		case "score_date":
			value = strings.TrimSpace(value)
			if h.Date = moment(value); h.Date.IsZero() {
				h.Date = moment(strings.TrimSuffix(value, "+0000") + "Z")
			}
		}
	}
}

func readScore(line []byte) (s Score, why string) {
	id, rest, ok := bytes.Cut(line, []byte{','})
	score, percentile, ok2 := bytes.Cut(rest, []byte{','})
	if !ok || !ok2 {
		return s, "not three values"
	}
	if !isCVEBytes(id) {
		return s, fmt.Sprintf("%q is no CVE number", clip(string(id), 40))
	}
	s.CVE = string(id)
	var err error
	if s.Score, err = strconv.ParseFloat(string(score), 64); err != nil || !(s.Score >= 0 && s.Score <= 1) {
		return s, fmt.Sprintf("the score %q is not from 0 to 1", clip(string(score), 40))
	}
	if s.Percentile, err = strconv.ParseFloat(string(percentile), 64); err != nil || !(s.Percentile >= 0 && s.Percentile <= 1) {
		return s, fmt.Sprintf("the percentile %q is not from 0 to 1", clip(string(percentile), 40))
	}
	return s, ""
}

// isCVEBytes is IsCVE without a regular expression, for a quarter of a million
// lines.
func isCVEBytes(id []byte) bool {
	if len(id) < 13 || len(id) > 21 || string(id[:4]) != "CVE-" || id[8] != '-' {
		return false
	}
	for i, c := range id[4:] {
		if i != 4 && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

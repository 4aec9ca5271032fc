package cli

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestFollowingPrintsWholeMessagesOnly(t *testing.T) {
	var out, errs bytes.Buffer
	f := &tailReader{out: bufio.NewWriter(&out), err: &errs, ndjson: true}
	err := f.read(strings.NewReader("retry: 2000\n\nid: 7\nevent: ready\ndata: {\"cursor\":\"7\"}\n\n: ping\nid: 8\n\n" +
		"id: 9\nevent: events\ndata: {\"events\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"skipped\":12,\"cursor\":\"9\"}\n\n" +
		"id: 10\nevent: gap\ndata: {}\n\n" +
		"id: 11\nevent: events\ndata: {\"events\":[{\"id\":\"cut off\"}]"))
	if err != nil || out.String() != "{\"id\":\"a\"}\n{\"id\":\"b\"}\n" || f.id != "10" {
		t.Errorf("%q, then goes on from %q: %v", out.String(), f.id, err)
	}
	if !strings.Contains(errs.String(), "12 events skipped") || !strings.Contains(errs.String(), "away for too long") {
		t.Errorf("%q", errs.String())
	}
	err = f.read(strings.NewReader("event: problem\ndata: {\"status\":429,\"detail\":\"too broad\"}\n\n"))
	if fault.KindOf(err) != fault.Busy || !strings.Contains(err.Error(), "too broad") {
		t.Error(err)
	}
}

package telemetry

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestLogConfig(t *testing.T) {
	var out bytes.Buffer
	log, err := NewLog(&out, Config{Level: "warn", Format: "json"})
	if err != nil {
		t.Fatal(err)
	}
	log.Info("quiet")
	log.Warn("loud", "n", 1)
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, `"msg":"loud","n":1`) {
		t.Errorf("log says %s", got)
	}
	for _, bad := range []Config{{Level: "chatty", Format: "text"}, {Level: "info", Format: "xml"}} {
		if _, err := NewLog(&out, bad); err == nil {
			t.Errorf("%+v accepted", bad)
		}
	}
}

func TestMeterForgets(t *testing.T) {
	now := time.Unix(1000, 0)
	m := NewMeter(func() time.Time { return now })
	m.Add(50)
	if r := m.PerSecond(); r != 0 {
		t.Errorf("the running second counts already: %v", r)
	}
	now = now.Add(time.Second)
	m.Add(50)
	now = now.Add(time.Second)
	if r := m.PerSecond(); r != 10 {
		t.Errorf("rate %v, want 10", r)
	}
	now = now.Add(9 * time.Second)
	if r := m.PerSecond(); r != 5 {
		t.Errorf("rate %v, want 5", r)
	}
	now = now.Add(time.Hour)
	if r := m.PerSecond(); r != 0 {
		t.Errorf("rate %v, want 0", r)
	}
}

func TestHealthNamesWhatFails(t *testing.T) {
	var h Health
	h.Add("spool", func(context.Context) error { return nil })
	h.Add("lake", func(context.Context) error { return errors.New("disk full") })
	failed := h.Run(t.Context())
	if len(failed) != 1 || failed["lake"] == nil {
		t.Errorf("failed: %v", failed)
	}
	h.Add("lake", func(context.Context) error { return nil })
	if failed := h.Run(t.Context()); len(failed) != 0 {
		t.Errorf("failed: %v", failed)
	}
}

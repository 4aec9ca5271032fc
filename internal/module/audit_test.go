package module

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// What a reader asks of the trail, in words; each line is a filter and the
// numbers of the records that fit it, oldest first.
func TestFindNarrowsTheTrail(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		trail := NewTrail(db)
		who := func(name, addr string) context.Context {
			return WithPrincipal(context.Background(), Principal{ID: name, Name: name, Role: RoleAnalyst, Address: addr})
		}
		appendEntry(who("lan", "10.0.0.1"), t, db, Entry{Action: "alert.close", Object: "alert:1", Detail: map[string]string{"reason": "Báo động giả"}})
		appendEntry(who("minh", "10.0.0.2"), t, db, Entry{Action: "user.create", Object: "user:7"})
		appendEntry(who("lan", "10.0.0.2"), t, db, Entry{Action: "user.disable", Object: "user:7"})
		appendEntry(who("hoa", "10.0.0.3"), t, db, Entry{Action: "username", Object: "100%_sure"})
		all, err := trail.Find(context.Background(), RecordFilter{}, true, 10)
		if err != nil || len(all) != 4 {
			t.Fatal(all, err)
		}
		for name, c := range map[string]struct {
			f    RecordFilter
			want string
		}{
			"nothing asked":         {RecordFilter{}, "1 2 3 4"},
			"one actor":             {RecordFilter{Actor: "lan"}, "1 3"},
			"an area":               {RecordFilter{Actions: []string{"user.*"}}, "2 3"},
			"two actions":           {RecordFilter{Actions: []string{"user.create", "alert.close"}}, "1 2"},
			"an object":             {RecordFilter{Object: "user:7"}, "2 3"},
			"an address":            {RecordFilter{Addr: "10.0.0.2"}, "2 3"},
			"text of a detail":      {RecordFilter{Text: "động"}, "1"},
			"wildcards are letters": {RecordFilter{Text: "100%_"}, "4"},
			"text nowhere":          {RecordFilter{Text: "1%"}, ""},
			"behind a record":       {RecordFilter{After: 2}, "3 4"},
			"before a record":       {RecordFilter{Before: 2}, "1"},
			"from a moment":         {RecordFilter{From: all[2].At}, "3 4"},
			"until a moment":        {RecordFilter{To: all[2].At}, "1 2"},
			"all of it at once":     {RecordFilter{Actor: "lan", Actions: []string{"user.*"}, Addr: "10.0.0.2", Text: "disable"}, "3"},
			"a quote is a letter":   {RecordFilter{Actor: "' OR 1=1 --"}, ""},
		} {
			found, err := trail.Find(context.Background(), c.f, true, 10)
			if err != nil {
				t.Fatal(name, err)
			}
			var got []string
			for _, r := range found {
				got = append(got, fmt.Sprint(r.Seq))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: found %v, want %s", name, got, c.want)
			}
		}
		actors, err := trail.Actors(context.Background(), RecordFilter{}, 2)
		if err != nil || len(actors) != 2 || actors[0] != (Counted{"lan", 2}) {
			t.Errorf("actors %v %v", actors, err)
		}
	})
}

// A head noted elsewhere finds a chain that was written anew as a whole, which
// nothing inside the database can.
func TestANotedHeadFindsARewrittenTrail(t *testing.T) {
	db := migrated(t, sqldbtest.SQLite(t))
	trail := NewTrail(db)
	for i := range 3 {
		appendEntry(admin, t, db, Entry{Action: fmt.Sprint("a", i)})
	}
	noted, err := trail.Head(context.Background())
	if err != nil || noted.Seq != 3 || noted.Hash == "" || noted.At.IsZero() {
		t.Fatal(noted, err)
	}
	appendEntry(admin, t, db, Entry{Action: "later"})
	if head, err := trail.VerifyNoted(context.Background(), noted, nil); err != nil || head.Seq != 4 {
		t.Fatal(head, err)
	}
	if _, err := db.Exec("DROP TRIGGER audit_log_no_update; DROP TRIGGER audit_log_no_delete; DELETE FROM audit_log; UPDATE audit_head SET seq = 0, hash = ''"); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		appendEntry(admin, t, db, Entry{Action: fmt.Sprint("forged", i)})
	}
	if n, err := trail.Verify(context.Background()); n != 4 || err != nil {
		t.Fatalf("the forged chain fits in itself: %d %v", n, err)
	}
	if _, err := trail.VerifyNoted(context.Background(), noted, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the noted head is not missed: %v", err)
	}
}

// A copy of the trail proves itself line by line, without the database.
func TestACopyOfTheTrailProvesItself(t *testing.T) {
	db := migrated(t, sqldbtest.SQLite(t))
	trail := NewTrail(db)
	for i := range 5 {
		appendEntry(admin, t, db, Entry{Action: "x", Object: fmt.Sprint(i), Detail: map[string]string{"tên": "Sở <Y tế> & \u2028", "b": "2"}})
	}
	records, err := trail.Find(context.Background(), RecordFilter{}, true, 10)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range records {
		line, err := records[i].Line()
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	syslog := "<109>1 2026-11-22T03:20:58.000000Z trung-tam lachan - audit - "
	for name, c := range map[string]struct {
		copy []string
		want string // of the report, or of the error
	}{
		"all of it":           {lines, "5 records, 0 gaps, 0 repeated"},
		"as a collector does": {[]string{syslog + lines[0], syslog + lines[1], syslog + lines[1]}, "2 records, 0 gaps, 1 repeated"},
		"a filtered export":   {[]string{lines[0], lines[3]}, "2 records, 1 gaps, 0 repeated"},
		"nothing":             {nil, "0 records, 0 gaps, 0 repeated"},
		"a changed line":      {[]string{lines[0], strings.Replace(lines[1], `"actor":"lan"`, `"actor":"minh"`, 1)}, "line 2: audit record 2 was changed"},
		"a changed detail":    {[]string{strings.Replace(lines[0], `"2"`, `"3"`, 1)}, "line 1: audit record 1 was changed"},
		"a wrong order":       {[]string{lines[1], lines[0]}, "line 2: audit record 1 stands behind record 2"},
		"not a record":        {[]string{lines[0], "", "hello"}, "line 3 is no audit record"},
		"cut short":           {[]string{lines[0][:40]}, "line 1 is no audit record"},
	} {
		report, err := VerifyLines(strings.NewReader(strings.Join(c.copy, "\n")))
		got := fmt.Sprintf("%d records, %d gaps, %d repeated", report.Records, report.Gaps, report.Repeated)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func FuzzVerifyLines(f *testing.F) {
	f.Add([]byte(`<109>1 - - - - - - {"seq":1,"at":"2026-11-22T03:20:58.000000Z","detail":{},"hash":"","prev":""}` + "\n{"))
	f.Add([]byte("{}\n\n{\"seq\":9223372036854775807}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		report, err := VerifyLines(bytes.NewReader(text))
		if err == nil && report.Records > 0 && report.Last.Hash == "" {
			t.Errorf("%+v", report)
		}
	})
}

// A thousand refusals are two records: the first at once, the rest as a number.
func TestNotesCountWhatRepeats(t *testing.T) {
	db := migrated(t, sqldbtest.SQLite(t))
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	notes := NewNotes(NewTrail(db), slog.New(slog.NewTextHandler(io.Discard, nil)), func() time.Time { return now })
	lan := WithPrincipal(context.Background(), Principal{ID: "1", Name: "lan", Role: RoleAnalyst, Address: "10.0.0.1"})
	minh := WithPrincipal(context.Background(), Principal{ID: "2", Name: "minh", Role: RoleAnalyst, Address: "10.0.0.1"})
	denied := Entry{Action: "access.denied", Object: "operation:create-user"}
	for range 1000 {
		if err := notes.Write(lan, denied, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := notes.Write(minh, denied, ""); err != nil {
		t.Fatal(err)
	}
	if err := notes.Write(minh, denied, "of another kind"); err != nil {
		t.Fatal(err)
	}
	told := func() string {
		t.Helper()
		records, err := NewTrail(db).Find(context.Background(), RecordFilter{}, true, 100)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, r := range records {
			fmt.Fprintf(&b, "%s %s %s;", r.Actor, r.Action, r.Detail["repeated"])
		}
		return b.String()
	}
	first := "lan access.denied ;minh access.denied ;minh access.denied ;"
	notes.flush(lan, false)
	if got := told(); got != first {
		t.Fatalf("inside the window: %s", got)
	}
	now = now.Add(notesWindow)
	notes.flush(context.Background(), false)
	if got := told(); got != first+"lan access.denied 999;" {
		t.Fatalf("behind the window: %s", got)
	}
	if err := notes.Write(lan, denied, ""); err != nil {
		t.Fatal(err)
	}
	if got := told(); got != first+"lan access.denied 999;lan access.denied ;" {
		t.Fatalf("in the next window: %s", got)
	}
}

// Who invents ever new kinds of attempts does not fill memory or the trail.
func TestNotesAreBounded(t *testing.T) {
	db := migrated(t, sqldbtest.SQLite(t))
	notes := NewNotes(NewTrail(db), slog.New(slog.DiscardHandler), time.Now)
	ctx := WithPrincipal(context.Background(), Principal{ID: "1", Name: "lan", Role: RoleAnalyst})
	for i := range notesKept {
		notes.open[[32]byte{byte(i), byte(i >> 8), 1}] = &noted{since: time.Now()}
	}
	for i := range 50 {
		if err := notes.Write(ctx, Entry{Action: "access.outside", Object: fmt.Sprint(i)}, ""); err != nil {
			t.Fatal(err)
		}
	}
	n, err := NewTrail(db).Verify(context.Background())
	if err != nil || n != 1 || len(notes.open) > notesKept+1 {
		t.Errorf("%d records, %d kept, %v", n, len(notes.open), err)
	}
}

func TestOutsideLooksLikeWhatItStandsFor(t *testing.T) {
	unknown := fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
	hidden := Outside(unknown)
	if fault.KindOf(hidden) != fault.NotFound || hidden.Error() != unknown.Error() || !IsOutside(fmt.Errorf("all: %w", hidden)) || IsOutside(unknown) {
		t.Errorf("%v", hidden)
	}
}

func TestManyRecordsAreOneChainInTheirOrder(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		migrated(t, db)
		trail := NewTrail(db)
		ctx := WithPrincipal(context.Background(), Principal{ID: "lan", Name: "lan", Role: RoleAnalyst})
		appendEntry(ctx, t, db, Entry{Action: "first", Object: "x"})
		entries := make([]Entry, 2*auditChunk+1)
		for i := range entries {
			entries[i] = Entry{Action: "many", Object: fmt.Sprint(i)}
		}
		for _, list := range [][]Entry{entries, nil, {{Action: "last", Object: "x"}}} {
			if err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return trail.AppendAll(ctx, tx, list) }); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := trail.Verify(ctx); err != nil || n != int64(len(entries)+2) {
			t.Fatalf("%d records are whole, %v", n, err)
		}
		all, err := trail.Find(ctx, RecordFilter{}, true, 1000)
		if err != nil || all[1].Object != "0" || all[len(entries)].Object != fmt.Sprint(len(entries)-1) || all[len(entries)+1].Action != "last" {
			t.Errorf("%+v %v", all[len(all)-1], err)
		}
	})
}

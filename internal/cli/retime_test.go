package cli

import (
	"testing"
	"time"
)

func TestRewriteMovesEveryTimeOfTheDay(t *testing.T) {
	zone := time.FixedZone("+07", 7*3600)
	r := &recording{zone: zone, first: time.Date(2026, 11, 22, 11, 0, 0, 0, zone), last: time.Date(2026, 11, 22, 11, 10, 0, 0, zone)}
	// Ten minutes become ten hours, ending at 20:00 on 3 December.
	move := r.stretch(time.Date(2026, 12, 3, 20, 0, 0, 0, zone), 10*time.Hour)
	for _, c := range []struct{ in, want string }{
		{"<38>Nov 22 11:05:00 db01 sshd[1]: x", "<38>Dec  3 15:00:00 db01 sshd[1]: x"},
		{"<38>1 2026-11-22T11:10:00.5+07:00 web01 su - - - x", "<38>1 2026-12-03T20:00:30.000000+07:00 web01 su - - - x"},
		{`<190>Nov 22 11:00:00 web01 nginx: 192.0.2.1 - - [22/Nov/2026:11:00:00 +0700] "GET / HTTP/1.1" 200 1`, `<190>Dec  3 10:00:00 web01 nginx: 192.0.2.1 - - [03/Dec/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 1`},
		{"2026/11/22 11:00:00 [error] 7#7: open() failed", "2026/12/03 10:00:00 [error] 7#7: open() failed"},
		{"type=USER_END msg=audit(1795320000.250:7): pid=1", "type=USER_END msg=audit(1796266815.000:7): pid=1"},
		{`{"time": "2026-11-22T11:10:00+07:00", "until": "2030-01-01T00:00:00Z"}`, `{"time": "2026-12-03T20:00:00.000000+07:00", "until": "2030-01-01T00:00:00Z"}`},
		{"no time at all", "no time at all"},
	} {
		if got := string(r.rewrite([]byte(c.in), move)); got != c.want {
			t.Errorf("rewrite(%q)\n got %q\nwant %q", c.in, got, c.want)
		}
	}
}

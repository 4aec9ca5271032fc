package module

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// recordLine is a record outside the database: a line of an export, and what is
// forwarded by syslog. It holds all that its hash was made of.
type recordLine struct {
	Seq    int64           `json:"seq"`
	At     string          `json:"at"` // RFC 3339 in UTC with microseconds
	Actor  string          `json:"actor"`
	Action string          `json:"action"`
	Object string          `json:"object"`
	Detail json.RawMessage `json:"detail"`
	Addr   string          `json:"addr"`
	Hash   string          `json:"hash"`
	Prev   string          `json:"prev"`
}

const lineTime = "2006-01-02T15:04:05.000000Z"

// Line writes r as one JSON object, without a line end.
func (r *Record) Line() ([]byte, error) {
	detail, err := json.Marshal(r.Detail) // as Append wrote it: names in order
	if err != nil {
		return nil, err
	}
	return json.Marshal(recordLine{
		Seq: r.Seq, At: r.At.UTC().Format(lineTime), Actor: r.Actor, Action: r.Action, Object: r.Object,
		Detail: detail, Addr: r.Addr, Hash: r.Hash, Prev: r.Prev,
	})
}

// LineReport is what a copy of the trail proves.
type LineReport struct {
	Records     int64
	First, Last Head
	Gaps        int64 // places where records are left out
	Repeated    int64 // records that came more than once in a row
}

const maxRecordLine = 1 << 20

// VerifyLines checks a copy of the trail: an export in NDJSON, or lines of syslog
// that hold such an object each. Errors: Conflict naming the line that does not
// fit, Invalid for a line that is none.
func VerifyLines(in io.Reader) (LineReport, error) {
	var report LineReport
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRecordLine)
	number := 0
	for lines.Scan() {
		number++
		text := lines.Bytes()
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		start := bytes.IndexByte(text, '{')
		if start < 0 {
			return report, notALine(number, errors.New("no JSON object"))
		}
		var l recordLine
		if err := json.Unmarshal(text[start:], &l); err != nil {
			return report, notALine(number, err)
		}
		at, err := time.Parse(lineTime, l.At)
		if err != nil {
			return report, notALine(number, err)
		}
		row := auditRow{
			Seq: l.Seq, At: sqldb.MicrosOf(at), Actor: l.Actor, Action: l.Action, Object: l.Object,
			Detail: string(l.Detail), Addr: l.Addr,
		}
		last := report.Last
		switch {
		case l.Hash != row.hashAfter(l.Prev):
			return report, broken("line %d: audit record %d was changed: its hash does not fit", number, l.Seq)
		case report.Records > 0 && l.Seq == last.Seq && l.Hash == last.Hash:
			report.Repeated++
			continue
		case report.Records > 0 && l.Seq <= last.Seq:
			return report, broken("line %d: audit record %d stands behind record %d; sort the lines by seq", number, l.Seq, last.Seq)
		case report.Records > 0 && l.Seq == last.Seq+1 && l.Prev != last.Hash:
			return report, broken("line %d: audit record %d does not follow the record %d of this copy", number, l.Seq, last.Seq)
		case report.Records > 0 && l.Seq > last.Seq+1:
			report.Gaps++
		}
		report.Records++
		report.Last = Head{Seq: l.Seq, At: at, Hash: l.Hash}
		if report.Records == 1 {
			report.First = report.Last
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return report, notALine(number+1, errors.New("longer than 1 MiB"))
	}
	return report, lines.Err()
}

func notALine(number int, why error) error {
	return fault.New(fault.Invalid, "line %d is no audit record: %w; give an NDJSON export of the trail, or its copy from syslog", number, why)
}

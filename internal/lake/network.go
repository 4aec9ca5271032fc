package lake

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/netip"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/lachan-vn/lachan/internal/query"
)

// octet is one of IPv4's four numbers as query.InNetwork reads it: without
// leading zeros.
const octet = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`

// within writes that x is an address in the block. What has a colon may be an
// IPv6 address, of which there are too many spellings for SQL: query.InNetwork
// is asked. Anything else is a matter of texts.
func (w *where) within(x string, block netip.Prefix) {
	ask := func() {
		w.sql(inNetworkSQL, "(", x, ", ")
		w.arg(block.String())
		w.sql(")")
	}
	if block.Addr().Is6() {
		w.sql("contains(", x, ", ':') AND ")
		ask()
		return
	}
	start, pattern := ipv4Texts(block)
	w.sql("CASE WHEN contains(", x, ", ':') THEN ")
	ask()
	w.sql(" ELSE ")
	if start != "" {
		w.sql("starts_with(", x, ", ")
		w.arg(start)
		w.sql(") AND ")
	}
	w.sql("regexp_full_match(", x, ", ")
	w.arg(pattern)
	w.sql(") END")
}

// ipv4Texts returns what every dotted address of the block starts with, and the
// expression that fits these addresses and nothing else.
func ipv4Texts(block netip.Prefix) (start, pattern string) {
	addr, bits := block.Addr().As4(), block.Bits()
	var p strings.Builder
	for i := range 4 {
		if i > 0 {
			p.WriteString(`\.`)
		}
		switch free := 8 - min(max(bits-8*i, 0), 8); free {
		case 0:
			n := strconv.Itoa(int(addr[i]))
			p.WriteString(n)
			start += n
			if i < 3 {
				start += "."
			}
		case 8:
			p.WriteString(octet)
		default:
			p.WriteString("(?:")
			for n := range 1 << free {
				if n > 0 {
					p.WriteByte('|')
				}
				p.WriteString(strconv.Itoa(int(addr[i]) + n))
			}
			p.WriteByte(')')
		}
	}
	return start, p.String()
}

// inNetworkSQL is query.InNetwork in the search engine.
const inNetworkSQL = "lachan_in_network"

type inNetwork struct{ text, boolean duckdb.TypeInfo }

func (f inNetwork) Config() duckdb.ScalarFuncConfig {
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{f.text, f.text}, ResultTypeInfo: f.boolean}
}

func (f inNetwork) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(v []driver.Value) (any, error) {
		text, _ := v[0].(string)
		in, _ := v[1].(string)
		block, err := netip.ParsePrefix(in)
		return err == nil && query.InNetwork(block, text), nil
	}}
}

// registerFunctions gives the search engine our own functions.
func registerFunctions(ctx context.Context, db *sql.DB) error {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return err
	}
	boolean, err := duckdb.NewTypeInfo(duckdb.TYPE_BOOLEAN)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(duckdb.RegisterScalarUDF(conn, inNetworkSQL, inNetwork{text, boolean}), conn.Close())
}

package module

import (
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// maxCursorID is enough for two ids and what stands between them.
const maxCursorID = 130

// Cursor is the text after which a list sorted by a moment goes on: the moment of its
// last row and the id that tells rows of one moment apart.
func Cursor(at sqldb.Micros, id string) string { return strconv.FormatInt(int64(at), 10) + "." + id }

// ReadCursor reads what Cursor wrote. Anything else is fault.Invalid with the code.
func ReadCursor(text, code string) (at sqldb.Micros, id string, err error) {
	head, id, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(head, 10, 64)
	if !ok || err != nil || len(id) > maxCursorID {
		return 0, "", fault.New(fault.Invalid, "the cursor is not one that a list gave").WithCode(code).OnField("query.after")
	}
	return sqldb.Micros(n), id, nil
}

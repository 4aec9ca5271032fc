package unit

import (
	"strconv"
	"strings"

	"github.com/lachan-vn/lachan/internal/sheet"
)

const maxSheetBytes = 8 << 20

// sheets is a workbook as read.
type sheets struct {
	*sheet.Problems

	units  *sheet.Table
	people *sheet.Table // without columns if the workbook has no such sheet
}

// readSheets reads a workbook. What is wrong in it becomes problems; an error is
// for what is no workbook. Errors: Invalid, TooLarge.
func readSheets(data []byte) (*sheets, error) {
	w := sheetWords()
	r := sheet.Reader{MaxBytes: maxSheetBytes, MaxUnpacked: 48 << 20, MaxRows: 20_000, MaxColumns: 64, Code: "unit.bad-workbook", Large: "unit.workbook-too-large", Words: w.Problems}
	b, err := r.Read(data, sheet.Wanted{Name: w.Sheets["units"], Columns: w.Units, Must: "name"}, sheet.Wanted{Name: w.Sheets["people"], Columns: w.People, Must: "id", Optional: true})
	if err != nil {
		return nil, err
	}
	return &sheets{&b.Problems, &b.Tables[0], &b.Tables[1]}, nil
}

// phoneOfCell mends what a spreadsheet does to telephone numbers: the leading zero
// goes, and large numbers become powers of ten. mended: people should look at it.
func phoneOfCell(text string) (phone string, mended bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 && n < 1e15 && strings.ContainsAny(text, "eE.") {
		text = strconv.FormatFloat(n, 'f', 0, 64)
	}
	if (len(text) == 9 || len(text) == 10) && text[0] >= '1' && text[0] <= '9' && strings.Trim(text, "0123456789") == "" && !strings.HasPrefix(text, "1") {
		return "0" + text, true
	}
	return text, false
}

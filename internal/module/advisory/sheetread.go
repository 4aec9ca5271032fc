package advisory

import "github.com/lachan-vn/lachan/internal/sheet"

const maxSheetBytes = 8 << 20

// readSheet reads a workbook or a CSV file of software. What is wrong in it becomes
// problems; an error is for what is neither. Errors: Invalid, TooLarge.
func readSheet(data []byte) (*sheet.Book, error) {
	w := sheetWords()
	r := sheet.Reader{MaxBytes: maxSheetBytes, MaxUnpacked: 48 << 20, MaxRows: 20_000, MaxColumns: 64, CSV: true, Code: "advisory.bad-sheet", Large: "advisory.sheet-too-large", Words: w.Problems}
	return r.Read(data, sheet.Wanted{Name: w.Sheet, Columns: w.Columns, Must: "product"})
}

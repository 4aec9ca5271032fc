package paper

import (
	"fmt"
	"strings"
)

// Of a page on its side.
const (
	wideMargin = 1134 // 20 mm
	wideWidth  = pageHeight - 2*wideMargin
	sizeWide   = 19 // 9½ points, of its tables
)

// page is how a page lies.
type page struct {
	width   int // of the text
	table   int // size of a table's letters
	padding int // at both sides of a cell
}

var (
	upright = page{textWidth, sizeTable, 85}
	wide    = page{wideWidth, sizeWide, 45}
)

// section says how the pages that end here lie; titled: the first has no number.
func (p page) section(titled bool) string {
	var b strings.Builder
	b.WriteString(`<w:sectPr>`)
	if titled {
		b.WriteString(`<w:headerReference w:type="first" r:id="rId3"/>`)
	}
	b.WriteString(`<w:headerReference w:type="default" r:id="rId4"/>`)
	if p == wide {
		fmt.Fprintf(&b, `<w:pgSz w:w="%d" w:h="%d" w:orient="landscape"/>`, pageHeight, pageWidth)
		fmt.Fprintf(&b, `<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/>`, marginTop, wideMargin, marginTop, wideMargin)
	} else {
		fmt.Fprintf(&b, `<w:pgSz w:w="%d" w:h="%d"/>`, pageWidth, pageHeight)
		fmt.Fprintf(&b, `<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/>`, marginTop, marginRight, marginTop, marginSide)
	}
	if titled {
		b.WriteString(`<w:titlePg/>`)
	}
	b.WriteString(`</w:sectPr>`)
	return b.String()
}

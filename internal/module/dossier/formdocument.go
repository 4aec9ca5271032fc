package dossier

import (
	"bytes"
	"strconv"

	"github.com/lachan-vn/lachan/internal/paper"
)

// columnWidths are how wide the twelve columns are beside one another.
var columnWidths = []float64{1, 3.2, 2.4, 2.4, 1.2, 2, 2.6, 2.6, 2, 2.2, 2, 2}

// document writes the report as a document to be numbered and signed: the counters,
// and the list in its twelve columns on pages that lie on their side.
func (s *Service) document(f *Form08) ([]byte, error) {
	plain := func(texts ...string) []paper.Cell {
		cells := make([]paper.Cell, len(texts))
		for i, t := range texts {
			cells[i] = paper.Cell{{Text: t}}
		}
		return cells
	}
	counters := [][]paper.Cell{plain("TT", "Chỉ tiêu", "Giá trị")}
	for i, c := range f.All.counters() {
		counters = append(counters, plain(strconv.Itoa(i+1), c[0], c[1]))
	}
	lines := [][]paper.Cell{plain(columns...)}
	for i := range f.Lines {
		lines = append(lines, plain(s.cells(i+1, &f.Lines[i])...))
	}
	d := &paper.Document{
		Agency: "…", Symbol: "BC-…", Place: "…", Kind: "Báo cáo", Abstract: "Công tác bảo đảm an ninh mạng theo cấp độ năm " + strconv.Itoa(f.Period.Year),
		Basis: []string{"Căn cứ Nghị định số 331/2026/NĐ-CP, Điều 35 và Mẫu số 08"},
		Body: []paper.Block{
			{Kind: paper.Paragraph, Runs: []paper.Run{{Text: f.period() + "."}}},
			{Kind: paper.Table, Head: true, Rows: counters, Widths: []float64{1, 8, 3}},
		},
		Signers: []paper.Signer{{Lines: []string{"THỦ TRƯỞNG ĐƠN VỊ"}}},
		Appendices: []paper.Appendix{{Title: "Danh sách hệ thống thông tin", Landscape: true,
			Body: []paper.Block{{Kind: paper.Table, Head: true, Rows: lines, Widths: columnWidths}}}},
	}
	var out bytes.Buffer
	err := paper.WriteDOCX(&out, d)
	return out.Bytes(), err
}

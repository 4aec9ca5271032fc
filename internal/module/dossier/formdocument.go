package dossier

import (
	"bytes"
	"cmp"
	"context"
	"strconv"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// columnWidths are how wide the twelve columns are beside one another.
var columnWidths = []float64{1, 3.2, 2.4, 2.4, 1.2, 2, 2.6, 2.6, 2, 2.2, 2, 2}

// unitWidths are those of a unit and its seven counters.
var unitWidths = []float64{3, 1.4, 1.4, 1.6, 1.6, 1.6, 1.8, 2.4}

// Head is what the papers of a unit begin and end with.
type Head struct {
	Parent, Agency, Short, Place string
	SignLines                    []string
	Signer, Archive              string
}

// head is the letterhead of the unit whose report it is, of all units that of whoever
// draws it up.
func (s *Service) head(ctx context.Context, f *Form08) (Head, error) {
	if s.Head == nil {
		return Head{Agency: "…", Short: "…", Place: "…", SignLines: []string{"THỦ TRƯỞNG ĐƠN VỊ"}}, nil
	}
	return s.Head(ctx, cmp.Or(f.Unit, module.PrincipalOf(ctx).Unit))
}

func plain(texts []string) []paper.Cell {
	cells := make([]paper.Cell, len(texts))
	for i, t := range texts {
		cells[i] = paper.Cell{{Text: t}}
	}
	return cells
}

// lying is an appendix of one table on pages that lie on their side.
func lying(title string, rows [][]string, widths []float64) paper.Appendix {
	cells := make([][]paper.Cell, len(rows))
	for i, r := range rows {
		cells[i] = plain(r)
	}
	return paper.Appendix{Title: title, Landscape: true, Body: []paper.Block{{Kind: paper.Table, Head: true, Rows: cells, Widths: widths}}}
}

// document writes the report as a document to be numbered and signed: the counters,
// those of each unit where there are several, and the list in its twelve columns.
func (s *Service) document(ctx context.Context, f *Form08) ([]byte, error) {
	head, err := s.head(ctx, f)
	if err != nil {
		return nil, err
	}
	counters := [][]paper.Cell{plain([]string{"TT", "Chỉ tiêu", "Giá trị"})}
	for i, c := range f.All.counters() {
		counters = append(counters, plain([]string{strconv.Itoa(i + 1), c[0], c[1]}))
	}
	lines := [][]string{columns}
	for i := range f.Lines {
		lines = append(lines, s.cells(i+1, &f.Lines[i]))
	}
	d := &paper.Document{
		Parent: head.Parent, Agency: head.Agency, Symbol: "BC-" + head.Short, Place: head.Place, Kind: "Báo cáo",
		Abstract: "Công tác bảo đảm an ninh mạng theo cấp độ năm " + strconv.Itoa(f.Period.Year),
		Basis:    []string{"Căn cứ Nghị định số 331/2026/NĐ-CP, Điều 35 và Mẫu số 08"},
		Body: []paper.Block{
			{Kind: paper.Paragraph, Runs: []paper.Run{{Text: f.period() + "."}}},
			{Kind: paper.Table, Head: true, Rows: counters, Widths: []float64{1, 8, 3}},
		},
		Signers: []paper.Signer{{Lines: head.SignLines, Name: head.Signer}},
		Archive: head.Archive,
	}
	if len(f.Order) > 1 {
		d.Appendices = append(d.Appendices, lying("Số liệu theo đơn vị", s.unitRows(f), unitWidths))
	}
	d.Appendices = append(d.Appendices, lying("Danh sách hệ thống thông tin", lines, columnWidths))
	var out bytes.Buffer
	err = paper.WriteDOCX(&out, d)
	return out.Bytes(), err
}

package sheet

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
)

// sortedZip is a workbook with its parts in the order of their
// names, which the library that wrote it may not keep: the same parts always give the
// same bytes. The list of parts comes first, as its readers expect; "[" sorts before
// letters.
func sortedZip(packed []byte) ([]byte, error) {
	parts, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(parts.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range parts.File {
		if err := z.Copy(part); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return out.Bytes(), err
}

//go:build e2e

// Command signpdf writes two papers for the browser journeys into the folder it is given:
// signed.pdf, and changed.pdf, the same with one byte of what was signed turned over. Who
// signs and who vouches for it are those of package signaturetest, made anew each time.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/signature/signaturetest"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	var plain bytes.Buffer
	if err := paper.WritePDF(&plain, &paper.Document{Agency: signaturetest.Agency, Symbol: "QĐ-STN", Place: "Đà Lạt", Kind: "Quyết định", Abstract: "Về việc phê duyệt thiết kế",
		Body: []paper.Block{{Kind: paper.Paragraph, Runs: []paper.Run{{Text: "Điều 1. Phê duyệt thiết kế."}}}}}); err != nil {
		return err
	}
	a, err := signaturetest.New("CA thử")
	if err != nil {
		return err
	}
	signed, err := a.Sign(plain.Bytes())
	if err != nil {
		return err
	}
	changed := bytes.Clone(signed)
	changed[plain.Len()/2] ^= 1
	for name, file := range map[string][]byte{"signed.pdf": signed, "changed.pdf": changed} {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
			return err
		}
	}
	return nil
}

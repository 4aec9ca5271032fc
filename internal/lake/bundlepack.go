package lake

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/fault"
)

// PackBundle writes the files of a bundle's folder to w as "zip" or "tar.zst".
func PackBundle(dir, format string, w io.Writer) error {
	var add func(name string, info fs.FileInfo) (io.Writer, error)
	var end func() error
	switch format {
	case "zip":
		z := zip.NewWriter(w)
		add = func(name string, info fs.FileInfo) (io.Writer, error) {
			method := zip.Deflate
			if strings.HasSuffix(name, segmentSuffix) {
				method = zip.Store // it is compressed
			}
			return z.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: info.ModTime()})
		}
		end = z.Close
	case "tar.zst":
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return err
		}
		t := tar.NewWriter(z)
		add = func(name string, info fs.FileInfo) (io.Writer, error) {
			return t, t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: 0o644, ModTime: info.ModTime().Truncate(time.Second)})
		}
		end = func() error { return errors.Join(t.Close(), z.Close()) }
	default:
		return fault.New(fault.Invalid, "a bundle is packed as zip or tar.zst, not %q", format).OnField("body.format")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := packFile(filepath.Join(dir, e.Name()), e.Name(), add); err != nil {
			return fmt.Errorf("packing %s: %w", e.Name(), err)
		}
	}
	return end()
}

func packFile(path, name string, add func(string, fs.FileInfo) (io.Writer, error)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w, err := add(name, info)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// eachBundleFile calls each for every file of a bundle: a folder, a .zip or a
// .tar.zst.
func eachBundleFile(path string, each func(name string, r io.Reader) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	if info.IsDir() {
		return eachOfFolder(path, each)
	}
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	defer f.Close()
	switch {
	case strings.HasSuffix(path, ".zip"):
		return eachOfZip(f, info.Size(), each)
	case strings.HasSuffix(path, ".tar.zst"):
		return eachOfTar(f, each)
	}
	return fault.New(fault.Invalid, "bundle: %s is no folder, .zip or .tar.zst", path)
}

func eachOfFolder(path string, each func(string, io.Reader) error) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	for _, e := range entries {
		f, err := os.Open(filepath.Join(path, e.Name()))
		if err != nil {
			return fault.New(fault.Invalid, "bundle: %w", err)
		}
		if err := errors.Join(each(e.Name(), f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func eachOfZip(r io.ReaderAt, size int64, each func(string, io.Reader) error) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	for _, e := range z.File {
		f, err := e.Open()
		if err != nil {
			return fault.New(fault.Invalid, "bundle: %s: %w", e.Name, err)
		}
		if err := errors.Join(each(e.Name, f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func eachOfTar(r io.Reader, each func(string, io.Reader) error) error {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return fault.New(fault.Invalid, "bundle: %w", err)
	}
	defer z.Close()
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Invalid, "bundle: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			return fault.New(fault.Invalid, "bundle: %s is no file", h.Name)
		}
		if err := each(h.Name, t); err != nil {
			return err
		}
	}
}

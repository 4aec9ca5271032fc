package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// hashFiles reads the file of every segment of the chain, by size and name of
// the chain: the manifest may lie.
func (v *verifier) hashFiles(ctx context.Context) error {
	segs := make([]chainedSegment, 0, len(v.live))
	for _, s := range v.live {
		segs = append(segs, s)
		v.total += s.Bytes
	}
	slices.SortFunc(segs, func(a, b chainedSegment) int { return cmp.Compare(a.ID, b.ID) })
	for _, s := range segs {
		if err := v.hashFile(ctx, s); err != nil {
			return err
		}
		v.report.Segments++
	}
	return nil
}

func (v *verifier) hashFile(ctx context.Context, s chainedSegment) error {
	name := filepath.Join(s.Level, s.ID+segmentSuffix)
	if !isSegmentID(s.ID) || !slices.Contains(levelNames[:], s.Level) {
		v.found(Finding{Kind: FindEntryAltered, Entry: s.seq, Segment: s.ID, Detail: "the entry names an impossible segment"})
		return nil
	}
	before := v.report.Bytes
	sum, err := v.sum(ctx, filepath.Join(v.Dir, name))
	v.report.Bytes = before + s.Bytes
	f := Finding{Entry: s.seq, Segment: s.ID, File: name}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		if v.Running { // merged or deleted since
			n, err := v.DB.NewSelect().Model((*segmentRow)(nil)).Where("id = ?", s.ID).Count(ctx)
			if err != nil || n == 0 {
				return err
			}
		}
		f.Kind, f.Detail = FindFileMissing, fmt.Sprintf("the file of %d events is missing", s.Events)
	case err != nil:
		f.Kind, f.Detail = FindFileAltered, "the file cannot be read: "+err.Error()
	case sum != s.SHA256:
		f.Kind, f.Detail = FindFileAltered, fmt.Sprintf("the file was altered: its SHA-256 is %s, the chain says %s", sum, s.SHA256)
	default:
		return nil
	}
	v.found(f)
	return nil
}

// sum hashes a file with a pause after each MiB.
func (v *verifier) sum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if v.buffer == nil {
		v.buffer = make([]byte, 1<<20)
	}
	h := sha256.New()
	for {
		start := time.Now()
		n, err := io.ReadFull(f, v.buffer)
		h.Write(v.buffer[:n])
		v.report.Bytes += int64(n)
		if v.Progress != nil {
			v.Progress("files", min(v.report.Bytes, v.total), v.total)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
		if v.Pause != nil {
			v.Pause(time.Since(start))
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
}

// findUnlisted names files that no entry tells of. Those of removed segments are
// not named: a reader may hold them, and the next start removes them.
func (v *verifier) findUnlisted(ctx context.Context) error {
	return v.eachFile(func(level, name string) error {
		id, isSegment := strings.CutSuffix(name, segmentSuffix)
		s, live := v.live[id]
		if isSegment && (v.gone[id] || live && s.Level == level) {
			return nil
		}
		path := filepath.Join(level, name)
		if v.Running && (strings.HasSuffix(name, tempSuffix) || isSegment && !live) {
			if known, err := v.written(ctx, id, filepath.Join(v.Dir, path)); known || err != nil {
				return err
			}
		}
		v.found(Finding{Kind: FindFileUnlisted, File: path, Detail: "a file that no entry of the chain lists: left by an interrupted write, or put there; searches do not read it"})
		return nil
	})
}

// eachFile calls each for all that stands in the folders of the segments.
func (v *verifier) eachFile(each func(level, name string) error) error {
	for _, level := range levelNames {
		entries, err := os.ReadDir(filepath.Join(v.Dir, level))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if err := each(level, e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeTime is longer than a segment takes from its first byte to its entry.
const writeTime = 10 * time.Minute

// written tells whether a file may be one that is being written, or was
// registered since the snapshot.
func (v *verifier) written(ctx context.Context, id, path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && time.Since(info.ModTime()) < writeTime {
		return true, nil
	}
	n, err := v.DB.NewSelect().Model((*segmentRow)(nil)).Where("id = ?", id).Count(ctx)
	return n > 0, err
}

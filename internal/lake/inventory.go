package lake

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// File is a segment's file as the manifest lists it.
type File struct {
	Path   string // below the lake's folder, parted by slashes
	SHA256 string // hex
	Bytes  int64
	Events int64
	Broken bool // known to differ from what was written
}

// Inventory lists the segments of a manifest that is not open as a Lake: that
// of a copy, for instance.
func Inventory(ctx context.Context, db bun.IDB) ([]File, error) {
	var rows []segmentRow
	err := db.NewSelect().Model(&rows).Column("id", "level", "state", "sha256", "byte_count", "row_count").Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("lake manifest: %w", err)
	}
	out := make([]File, len(rows))
	for i, r := range rows {
		if r.Level < 0 || r.Level >= levels {
			return nil, fmt.Errorf("lake manifest: segment %s has level %d; it was written by a newer version", r.ID, r.Level)
		}
		out[i] = File{
			Path: levelNames[r.Level] + "/" + r.ID + segmentSuffix, SHA256: r.SHA256,
			Bytes: r.Bytes, Events: r.Rows, Broken: r.State == stateBroken,
		}
	}
	return out, nil
}

package backup

import (
	"strings"
	"testing"
	"time"
)

func sample(path string) *Snapshot {
	return &Snapshot{
		Format: formatVersion, Created: time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC), Database: "sqlite",
		Files: []File{{KindSegment, path, strings.Repeat("ab", 32), 5}},
	}
}

func TestASnapshotCannotLeadOutOfTheFolder(t *testing.T) {
	for path, fine := range map[string]bool{
		"lake/day/x.parquet": true, "../x": false, "/etc/passwd": false, "a/../../x": false, "": false, `..\x`: false,
	} {
		text, id, err := sample(path).encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeSnapshot(id, text); (err == nil) != fine {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	text, _, err := sample("lake/a.parquet").encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		// The name of whatever it says, so that the hash is not all that is tested.
		id := snapshotID(time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC), text)
		s, err := decodeSnapshot(id, text)
		if err != nil {
			return
		}
		for _, file := range s.Files {
			if !isLocal(file.Path) || len(file.SHA256) != 64 || file.Bytes < 0 {
				t.Errorf("accepted %+v", file)
			}
		}
	})
}

package incident

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func (f *fixture) brought(ctx context.Context, i Incident, name, text string, mark TLP) File {
	f.t.Helper()
	x, err := f.Bring(ctx, i.ID, Bringing{Name: name, Size: -1, TLP: mark, Body: strings.NewReader(text)})
	if err != nil {
		f.t.Fatal(err)
	}
	return x
}

// told returns the kinds of what people were told of, with whom alone.
func (f *fixture) notices() (out []string) {
	f.t.Helper()
	var bodies []string
	if err := f.DB.NewRaw("SELECT body FROM facts WHERE kind IN ('notice', 'notice[]') ORDER BY id").Scan(context.Background(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	for _, b := range bodies {
		for _, part := range strings.Split(b, `"kind":"`)[1:] {
			kind, rest, _ := strings.Cut(part, `"`)
			if _, user, ok := strings.Cut(rest, `"user":"`); ok {
				kind += " to " + user[:strings.IndexByte(user, '"')]
			}
			out = append(out, kind)
		}
	}
	return out
}

func custodyKinds(list []Custody) (out []string) {
	for _, c := range list {
		out = append(out, c.Kind)
	}
	return out
}

const exe = "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"

func TestFilesAndTheirCustody(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		x := f.brought(officer, i, `C:\Users\minh\nhat-ky.log`, "dòng nhật ký\n", "")
		if x.Name != "nhat-ky.log" || x.SHA256 != "21653ab8b1063bc38ff89eee790e03e3e36ba8db554b2116c16d21de98178a5e" || x.Mismatch || x.TLP != Green || x.Size != 17 {
			t.Errorf("brought: %+v", x)
		}
		again := f.brought(officer, i, "ban-sao.log", "dòng nhật ký\n", "")
		f.clock = f.clock.Add(1e9)
		got, body, err := f.Download(analyst, i.ID, x.ID, "Phân tích ở máy cách ly")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err = errors.Join(err, body.Close()); err != nil || string(text) != "dòng nhật ký\n" || !got.Intact {
			t.Errorf("downloaded: %v %q", err, text)
		}
		for _, h := range []Handling{{Kind: Checked}, {HandedOver, "Phòng An ninh mạng", "Giám định"}, {Returned, "Kho chứng cứ", "Xong giám định"}, {Kind: Destroyed, Why: "Hết thời hạn lưu"}} {
			f.clock = f.clock.Add(1e9)
			if _, err := f.Handle(analyst, i.ID, x.ID, h); err != nil {
				t.Fatalf("%s: %v", h.Kind, err)
			}
		}
		now, custody, err := f.File(officer, i.ID, x.ID)
		if want := []string{Received, Downloaded, Checked, HandedOver, Returned, Destroyed}; err != nil || !slices.Equal(custodyKinds(custody), want) || now.Destroyed.IsZero() {
			t.Errorf("custody: %v %v %+v", err, custodyKinds(custody), now)
		}
		if c := custody[3]; c.Whom != "Phòng An ninh mạng" || c.By != "LAN" || !c.Intact || c.Found != x.SHA256 {
			t.Errorf("a line of it: %+v", c)
		}
		if _, _, err := f.Download(analyst, i.ID, x.ID, "x"); code(err) != "incident.file-destroyed" {
			t.Errorf("after it was destroyed: %v", err)
		}
		// The other file has the same bytes still.
		if _, body, err = f.Download(analyst, i.ID, again.ID, "Đối chiếu"); err != nil {
			t.Fatal(err)
		}
		_ = body.Close()
		if _, err := f.Handle(analyst, i.ID, again.ID, Handling{Kind: Destroyed, Why: "Trùng"}); err != nil {
			t.Fatal(err)
		}
		if path, _ := f.vault.path(x.SHA256); exists(path) {
			t.Error("the bytes outlive the last file that had them")
		}
		entries, _ := f.Timeline(officer, i.ID)
		if k := kinds(entries); !slices.Contains(k, "file.received") || !slices.Contains(k, "file.downloaded") || !slices.Contains(k, "file.destroyed") {
			t.Errorf("timeline: %v", k)
		}
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestBytesThatChangedAreSaidLoudly(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"changed": func(path string) error { return os.WriteFile(path, []byte("khác"), 0o600) },
		"gone":    os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sqldbtest.SQLite(t))
			i := f.opened(analyst, Opening{})
			x := f.brought(analyst, i, "a.log", "chứng cứ", "")
			path, err := f.vault.path(x.SHA256)
			if err == nil {
				err = spoil(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := f.Download(analyst, i.ID, x.ID, "Xem"); code(err) != "incident.file-damaged" {
				t.Fatalf("a download: %v", err)
			}
			f.clock = f.clock.Add(1e9)
			got, err := f.Handle(analyst, i.ID, x.ID, Handling{Kind: Checked})
			if err != nil || got.Intact {
				t.Errorf("a check: %v %+v", err, got)
			}
			_, custody, _ := f.File(analyst, i.ID, x.ID)
			if len(custody) != 3 || custody[1].Intact || custody[1].Found == x.SHA256 || custody[1].Kind != Downloaded {
				t.Errorf("custody: %+v", custody)
			}
			entries, _ := f.Timeline(analyst, i.ID)
			if n := strings.Count(strings.Join(kinds(entries), " "), "file.damaged"); n != 1 {
				t.Errorf("%d times in the timeline", n)
			}
			if !slices.Contains(f.notices(), "incident.file-damaged") {
				t.Errorf("nobody was told: %v", f.notices())
			}
			// The same bytes brought again mend it.
			f.brought(analyst, i, "a.log", "chứng cứ", "")
			if got, err := f.Handle(analyst, i.ID, x.ID, Handling{Kind: Checked}); err != nil || !got.Intact {
				t.Errorf("after it was brought again: %v %+v", err, got)
			}
		})
	}
}

func TestWhoMayHaveAFile(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Green}})
		green, red := f.brought(analyst, i, "a.log", "một", Green), f.brought(analyst, i, "b.log", "hai", Red)
		if _, err := f.Files(stranger, i.ID); code(err) != "incident.unknown" {
			t.Errorf("a stranger's list: %v", err)
		}
		if _, err := f.Bring(stranger, i.ID, Bringing{Name: "x", Body: strings.NewReader("x")}); code(err) != "incident.unknown" {
			t.Errorf("a stranger's file: %v", err)
		}
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartAll, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		if list, err := f.Files(stranger, i.ID); err != nil || len(list) != 1 || list[0].ID != green.ID {
			t.Errorf("what was shared: %v %+v", err, list)
		}
		if _, _, err := f.Download(stranger, i.ID, red.ID, "x"); code(err) != "incident.file-unknown" {
			t.Errorf("a file of a higher mark: %v", err)
		}
		if _, custody, err := f.File(stranger, i.ID, green.ID); err != nil || len(custody) != 0 {
			t.Errorf("its custody: %v %v", err, custody)
		}
		if _, err := f.Handle(stranger, i.ID, green.ID, Handling{Kind: Destroyed, Why: "x"}); code(err) != "permission.denied" {
			t.Errorf("a stranger destroys it: %v", err)
		}
		if _, err := f.Bring(stranger, i.ID, Bringing{Name: "c.log", TLP: Red, Body: strings.NewReader("x")}); code(err) != "incident.tlp" {
			t.Errorf("of a mark one could not read: %v", err)
		}
		f.brought(stranger, i, "c.log", "ba", Green)
		if _, _, err := f.Download(auditor, i.ID, green.ID, "x"); code(err) != "permission.denied" {
			t.Errorf("an auditor takes a copy: %v", err)
		}
	})
}

func TestFilesThatCannotBe(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.opened(analyst, Opening{})
	for _, c := range []struct {
		name string
		b    Bringing
		want string
	}{
		{"empty", Bringing{Body: strings.NewReader("")}, "incident.file-empty"},
		{"too large, and says so", Bringing{Size: 2 << 20, Body: strings.NewReader("")}, "incident.file-too-large"},
		{"too large, and does not", Bringing{Size: -1, Body: strings.NewReader(strings.Repeat("x", 1<<20+1))}, "incident.file-too-large"},
		{"broken off", Bringing{Body: io.MultiReader(strings.NewReader("x"), broken{})}, "incident.file-broken-off"},
		{"no such mark", Bringing{TLP: "PINK", Body: strings.NewReader("x")}, "incident.tlp"},
	} {
		if _, err := f.Bring(analyst, i.ID, c.b); code(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	f.free = diskReserve
	if _, err := f.Bring(analyst, i.ID, Bringing{Size: 1, Body: strings.NewReader("x")}); code(err) != "incident.file-disk" {
		t.Errorf("a full disk: %v", err)
	}
	f.free = 1 << 40
	left, err := filepath.Glob(filepath.Join(f.Dir, "*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v %v", err, left)
	}
	x := f.brought(analyst, i, "a.log", "x", "")
	for _, h := range []Handling{{Kind: Downloaded, Why: "x"}, {Kind: Opened}, {Kind: HandedOver, Why: "x"}, {Kind: Opened, Why: "x", Whom: "y"}} {
		if _, err := f.Handle(analyst, i.ID, x.ID, h); err == nil {
			t.Errorf("%+v was taken", h)
		}
	}
	f.changed(officer, i, `{"secrecy": "mat"}`)
	if _, err := f.Bring(analyst, i.ID, Bringing{Body: strings.NewReader("x")}); code(err) != "incident.secret" {
		t.Errorf("of a state secret: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the line is gone") }

// Two who bring and destroy the same bytes at once never lose them.
func TestTheSameBytesAtOnce(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	i := f.opened(analyst, Opening{})
	f.MaxFile = 1 << 20
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			var err error
			for n := range 5 {
				x, bringErr := f.Bring(analyst, i.ID, Bringing{Name: fmt.Sprint(n), Body: strings.NewReader("cùng")})
				if err = bringErr; err != nil {
					break
				}
				if _, body, err2 := f.Download(analyst, i.ID, x.ID, "xem"); err2 != nil {
					err = err2
					break
				} else {
					_ = body.Close()
				}
				if _, err = f.Handle(analyst, i.ID, x.ID, Handling{Kind: Destroyed, Why: "trùng"}); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestTypesOfFiles(t *testing.T) {
	elf := "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00"
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	for _, c := range []struct {
		name, bytes, declared string
		mismatch              bool
	}{
		{"bao-cao.pdf", "%PDF-1.7\n", "application/pdf", false},
		{"bao-cao.PDF", "%PDF-1.7\n", "application/pdf", false},
		{"bao-cao.pdf", exe, "application/pdf", true},
		{"bao-cao.pdf", "chỉ là chữ", "application/pdf", true},
		{"anh.jpg", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/jpeg", true},
		{"anh.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png", false},
		{"chay.exe", exe, "application/vnd.microsoft.portable-executable", false},
		{"bao-cao.pdf.exe", exe, "application/vnd.microsoft.portable-executable", true},
		{"bao-cao.docx          .scr", exe, "application/vnd.microsoft.portable-executable", true},
		{"van-ban.txt", "chào", "text/plain", false},
		{"van-ban.txt", exe, "text/plain", true},
		{"web.php", "<?php echo 1;", "text/plain", false},
		{"goi.zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00", "application/zip", false},
		{"bang.xlsx", "PK\x03\x04\x14\x00\x00\x00\x08\x00", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
		{"bang.xlsx", ole, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
		{"bang.xls", ole, "application/vnd.ms-excel", false},
		{"bang.xlsx", exe, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true},
		{"mau.vir", exe, "", true},
		{"mau", elf, "", false},
		{"la.xyz", "gì đó", "", false},
	} {
		declared, mismatch := typesOf(c.name, mimetype.Detect([]byte(c.bytes)))
		if declared != c.declared || mismatch != c.mismatch {
			t.Errorf("%s (%s): says %q, lies %v; want %q, %v", c.name, mimetype.Detect([]byte(c.bytes)), declared, mismatch, c.declared, c.mismatch)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add(`..\..\a.pdf`, []byte("%PDF"))
	f.Add("\u202efdp.exe", []byte(exe))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		clean := module.FileName(name)
		if clean == "" || strings.ContainsAny(clean, "/\\\x00\r\n\u202e") || len([]rune(clean)) > maxTitle {
			t.Fatalf("%q became %q", name, clean)
		}
		if module.Text(clean, 4*maxTitle) != clean {
			t.Fatalf("%q does not fit a column", clean)
		}
		typesOf(clean, mimetype.Detect(content))
	})
}

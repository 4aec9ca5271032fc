package incident

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Chain is the hash chain of evidence. An export that stands in it cannot be denied,
// nor altered, afterwards.
type Chain interface {
	NoteExport(ctx context.Context, tx bun.Tx, note map[string]string) error
}

//go:embed dossier.md
var dossierText []byte

// dossierFormat is that of incident.json; docs/format/incident.md describes it.
const dossierFormat = "lachan-incident/1"

// IncidentExportView is everything of an incident that the caller sees.
type IncidentExportView struct {
	Format      string                   `json:"format" example:"lachan-incident/1"`
	ExportedAt  module.Time              `json:"exportedAt"`
	ExportedBy  string                   `json:"exportedBy"`
	Incident    IncidentDetailView       `json:"incident"`
	Alerts      []IncidentAlertView      `json:"alerts" nullable:"false"`
	Tasks       []IncidentTaskView       `json:"tasks" nullable:"false"`
	Timeline    []IncidentEntryView      `json:"timeline" nullable:"false"`
	Observables []IncidentObservableView `json:"observables" nullable:"false"`
	Sightings   []IncidentSightingView   `json:"sightings" nullable:"false"`
	Files       []IncidentFileDetailView `json:"files" nullable:"false"`
	Relations   []IncidentRelationView   `json:"relations" nullable:"false"`
	Shares      []IncidentShareView      `json:"shares" nullable:"false"`
}

// Export returns everything of an incident that the principal sees, in one order.
// Errors: Denied, NotFound.
func (s *Service) Export(ctx context.Context, id string) (IncidentExportView, error) {
	p := module.PrincipalOf(ctx)
	v := IncidentExportView{Format: dossierFormat, ExportedAt: module.Time{Time: s.Now()}, ExportedBy: p.DisplayName}
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return v, err
	}
	alerts, err := s.Joined(ctx, id)
	tasks, err2 := s.Tasks(ctx, id)
	entries, err3 := s.Timeline(ctx, id)
	seen, err4 := s.Observables(ctx, id)
	files, err5 := s.Files(ctx, id)
	related, err6 := s.Relations(ctx, id)
	shares, err7 := s.Shares(ctx, id)
	sightings, err8 := s.Sightings(ctx, id)
	if err := errors.Join(err, err2, err3, err4, err5, err6, err7, err8); err != nil {
		return v, err
	}
	ids := []string{i.Lead}
	for _, t := range tasks {
		ids = append(ids, t.Owner)
	}
	for _, r := range related {
		ids = append(ids, r.Other.Lead)
	}
	n, err := s.names(ctx, ids...)
	if err != nil {
		return v, err
	}
	now := s.Now()
	v.Incident = s.detail(p, n, &i, sight)
	v.Alerts = module.ListOf(alerts, joinedView).Items
	v.Tasks = module.ListOf(tasks, func(t Task) IncidentTaskView { return s.taskView(n, &t, now) }).Items
	v.Timeline = module.ListOf(entries, func(e Entry) IncidentEntryView { return entryView(&e) }).Items
	v.Observables = module.ListOf(seen, observableView).Items
	v.Sightings = module.ListOf(sightings, s.sightingView).Items
	v.Relations = module.ListOf(related, func(r Relation) IncidentRelationView {
		return IncidentRelationView{r.ID, r.Kind, r.Inverse, s.view(n, &r.Other), r.Reason, module.Time{Time: r.At}, r.By}
	}).Items
	v.Shares = module.ListOf(shares, s.shareView).Items
	v.Files = []IncidentFileDetailView{}
	for k := range files {
		x := IncidentFileDetailView{fileView(&files[k]), []IncidentCustodyView{}}
		if sight.All {
			list, err := s.store.custody(ctx, s.DB, files[k].ID)
			if err != nil {
				return v, err
			}
			x.Custody = module.ListOf(list, custodyView).Items
		}
		v.Files = append(v.Files, x)
	}
	return v, nil
}

// Dossier is an incident packed to be handed over. Who gets it closes it.
type Dossier struct {
	Code string
	Sums string // SHA-256 of SHA256SUMS: what stands in the minutes of the handover
	Size int64
	file *os.File
}

// WriteTo copies the packed dossier.
func (d *Dossier) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, d.file) }

// Close removes it from the disk.
func (d *Dossier) Close() error { return errors.Join(d.file.Close(), os.Remove(d.file.Name())) }

// Pack makes a dossier: the incident, its timeline and its files with their chain of
// custody, and the hashes of all of it. Each file is held against its hash, and a
// damaged one is left out and named. That it was made, with the hash of the hashes,
// stands in the audit trail and in the chain of evidence. Errors: Denied, NotFound,
// Conflict, Invalid, Busy.
func (s *Service) Pack(ctx context.Context, id, why string) (_ *Dossier, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentHandle); err != nil {
		return nil, err
	}
	i, sight, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return nil, err
	}
	why = strings.TrimSpace(why)
	switch n := len([]rune(why)); {
	case !sight.All || !p.Can(module.ActionIncidentHandle, i.Unit):
		return nil, fault.New(fault.Denied, "a dossier is made by the incident's own unit").WithCode("permission.denied")
	case i.Secrecy != "":
		return nil, secret()
	case n == 0 || n > maxTitle:
		return nil, bad("why", "reason", "say in at most %d letters what the dossier is for", maxTitle)
	}
	select {
	case s.packing <- struct{}{}:
		defer func() { <-s.packing }()
	default:
		return nil, fault.New(fault.Busy, "another dossier is being made; try again in a moment").WithCode("incident.dossier-busy")
	}
	files, err := s.store.files(ctx, s.DB, i.ID)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	if free, err := s.DiskFree(); err != nil || size+diskReserve > free {
		return nil, errors.Join(err, fault.New(fault.Busy, "there is no room for the dossier: %d MiB of the disk are free", free>>20).WithCode("incident.file-disk"))
	}
	out, err := os.CreateTemp(s.Dir, "*"+partSuffix)
	if err != nil {
		return nil, err
	}
	d := &Dossier{Code: i.Code, file: out}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	pack := &packing{zip: zip.NewWriter(out), at: s.Now()}
	if err := s.packFiles(ctx, &i, files, why, pack); err != nil {
		return nil, err
	}
	if err := s.packTexts(ctx, id, pack); err != nil {
		return nil, err
	}
	if d.Sums, err = pack.end(); err != nil {
		return nil, err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		detail := map[string]string{"why": why, "sums": d.Sums, "files": strconv.Itoa(len(files))}
		if s.Chain != nil {
			if err := s.Chain.NoteExport(ctx, tx, map[string]string{"incident": i.Code, "sums": d.Sums, "by": p.Name, "reason": why}); err != nil {
				return err
			}
		}
		if err := s.note(ctx, tx, &i, "dossier", detail); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.dossier", Object: "incident:" + i.ID, Detail: detail})
	})
	if err != nil {
		return nil, err
	}
	if d.Size, err = out.Seek(0, io.SeekEnd); err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	return d, err
}

// packFiles copies the bytes, the same ones once, under names nothing opens by.
func (s *Service) packFiles(ctx context.Context, i *Incident, files []File, why string, pack *packing) error {
	done := map[string]bool{}
	for _, f := range files {
		if !f.Destroyed.IsZero() {
			continue
		}
		_, body, err := s.take(ctx, i, f, Handling{Kind: Copied, Why: why})
		var e *fault.Error
		if errors.As(err, &e) && (e.Code == "incident.file-damaged" || e.Code == "incident.file-destroyed") {
			continue // its custody says so
		}
		if err != nil {
			return err
		}
		if !done[f.SHA256] {
			done[f.SHA256] = true
			err = pack.add("files/"+f.SHA256+".bin", func(w io.Writer) error { _, err := io.Copy(w, body); return err })
		}
		if err = errors.Join(err, body.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) packTexts(ctx context.Context, id string, pack *packing) error {
	v, err := s.Export(ctx, id)
	if err != nil {
		return err
	}
	timeline := [][]string{{"at", "stored", "kind", "text", "detail", "tlp", "by", "struck"}}
	for _, e := range v.Timeline {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		timeline = append(timeline, []string{stamp(e.At.Time), stamp(e.Stored.Time), e.Kind, e.Text, string(detail), e.TLP, e.By.DisplayName, e.Struck})
	}
	custody := [][]string{{"file", "name", "sha256", "type", "mismatch", "at", "kind", "whom", "why", "intact", "found", "by"}}
	for _, f := range v.Files {
		for _, c := range f.Custody {
			custody = append(custody, []string{f.ID, f.Name, f.SHA256, f.Detected, strconv.FormatBool(f.Mismatch), stamp(c.At.Time), c.Kind, c.Whom, c.Why,
				strconv.FormatBool(c.Intact), c.Found, c.By.DisplayName})
		}
	}
	return errors.Join(
		pack.add("incident.json", func(w io.Writer) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(v)
		}),
		pack.table("timeline.csv", timeline), pack.table("custody.csv", custody),
		pack.add("README.md", func(w io.Writer) error { _, err := w.Write(dossierText); return err }),
	)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// packing is a ZIP file being written, with the hashes of what is in it.
type packing struct {
	zip  *zip.Writer
	at   time.Time
	sums strings.Builder
}

func (p *packing) add(name string, write func(io.Writer) error) error {
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at})
	if err != nil {
		return err
	}
	hash := sha256.New()
	if err := write(io.MultiWriter(w, hash)); err != nil {
		return err
	}
	fmt.Fprintf(&p.sums, "%s  %s\n", hex.EncodeToString(hash.Sum(nil)), name)
	return nil
}

// table writes a CSV file, in which no cell is a formula.
func (p *packing) table(name string, rows [][]string) error {
	return p.add(name, func(w io.Writer) error {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out := csv.NewWriter(w)
		for _, row := range rows {
			for k, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					row[k] = "'" + cell
				}
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

// end writes the list of hashes and returns the hash of that.
func (p *packing) end() (string, error) {
	sums := p.sums.String()
	w, err := p.zip.CreateHeader(&zip.FileHeader{Name: "SHA256SUMS", Method: zip.Deflate, Modified: p.at})
	if err == nil {
		_, err = io.WriteString(w, sums)
	}
	sum := sha256.Sum256([]byte(sums))
	return hex.EncodeToString(sum[:]), errors.Join(err, p.zip.Close())
}

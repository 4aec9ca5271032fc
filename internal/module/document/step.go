package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// needs is the action that a verb needs.
func (v Verb) needs() module.Action {
	switch v {
	case Approve, Return:
		return module.ActionDocumentApprove
	case Send, Acknowledge:
		return module.ActionDocumentSend
	}
	return module.ActionDocumentDraft
}

// Take does a step. Errors: Denied, NotFound, Conflict (document.changed,
// document.state, document.own, document.gaps, document.no-address,
// document.drill), Invalid.
func (s *Service) Take(ctx context.Context, id string, do Do) (Document, []Step, error) {
	p := module.PrincipalOf(ctx)
	action := do.Verb.needs()
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return Document{}, nil, err
	}
	if err := p.Require(action); err != nil {
		return Document{}, nil, err
	}
	d, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return d, nil, err
	}
	if (do.Verb == Withdraw && !d.State.Editable()) && p.Require(module.ActionDocumentApprove) != nil {
		return d, nil, fault.New(fault.Denied, "what was approved is withdrawn by who may approve").WithCode("permission.denied")
	}
	if d.Version != do.Version {
		return d, nil, changed()
	}
	now := s.Now()
	if do.At.IsZero() {
		do.At = now
	}
	if do.Verb == Send {
		if err := s.reachable(ctx, &d, &do); err != nil {
			return d, nil, err
		}
	}
	// What the case says is read before the transaction, which should be short.
	var r rendering
	if do.Verb == Approve {
		if r, err = s.rendered(ctx, &d); err != nil {
			return d, nil, err
		}
		if len(r.missing) > 0 && !do.Gaps {
			return d, nil, fault.New(fault.Conflict, "not known yet: %s; fill it in, or approve it with the gaps", strings.Join(s.fieldNames(r.missing), "; ")).
				WithCode("document.gaps").OnField("body.gaps")
		}
	}
	var steps []Step
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if d, err = s.get(ctx, tx, p, id); err != nil {
			return err
		}
		if d.Version != do.Version {
			return changed()
		}
		to, err := d.step(do, now)
		if err != nil {
			return err
		}
		x := Step{ID: module.NewID(), Verb: do.Verb, At: do.At, ByID: p.ID, By: p.DisplayName, Note: strings.TrimSpace(do.Note), Channel: do.Channel,
			Receiver: strings.TrimSpace(do.Receiver), Receipt: strings.TrimSpace(do.Receipt), Hash: d.Hash, Stored: now}
		d.State, d.ChangedAt, d.Version = to, now, d.Version+1
		switch do.Verb {
		case Approve:
			wrote, err := s.store.wrote(ctx, tx, id, p.ID)
			if err != nil {
				return err
			}
			if wrote {
				return fault.New(fault.Conflict, "who wrote a document does not approve it; ask somebody else who may sign").WithCode("document.own")
			}
			if err := s.approve(ctx, tx, p, &d, r); err != nil {
				return err
			}
			x.Hash = d.Hash
		case Send:
			d.SentAt = do.At
		}
		if ok, err := s.store.update(ctx, tx, &d); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		if err := s.store.addStep(ctx, tx, id, &x); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, &d, &x); err != nil {
			return err
		}
		if err := s.notify(ctx, tx, &d, &x); err != nil {
			return err
		}
		if err := s.trail(ctx, tx, "document."+string(do.Verb), &d, map[string]string{
			"note": x.Note, "channel": x.Channel, "receiver": x.Receiver, "receipt": x.Receipt, "hash": x.Hash,
		}); err != nil {
			return err
		}
		steps, err = s.store.steps(ctx, tx, id)
		return err
	})
	if err != nil {
		return d, nil, err
	}
	s.Wake()
	return d, steps, nil
}

// fieldNames are the fields in words.
func (s *Service) fieldNames(fields []string) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		if list[i] = s.book.names[f]; list[i] == "" {
			list[i] = f
		}
	}
	return list
}

// approve numbers the document and freezes it with its Word file.
func (s *Service) approve(ctx context.Context, tx bun.Tx, p module.Principal, d *Document, r rendering) error {
	now := s.Now()
	kind := strings.ToUpper(strings.TrimSpace(d.Content.Kind))
	if kind == "" {
		kind = "CÔNG VĂN"
	}
	d.Series = fmt.Sprintf("%s/%s/%d", d.Issuer, kind, now.In(s.Zone).Year())
	if d.Drill {
		d.Series = "drill/" + d.Series // an exercise takes no number of the real book
	}
	number, err := sqldb.NextNumber(ctx, tx, "document_numbers", d.Series)
	if err != nil {
		return err
	}
	d.Number, d.ApprovedBy, d.ApprovedName, d.ApprovedAt = number, p.ID, p.DisplayName, now
	final := r.doc
	final.Number, final.Date = int(number), now.In(s.Zone)
	d.Final, d.Code, d.Title = &final, final.Code(), module.Text(final.Title(), maxTitle)
	var file bytes.Buffer
	if r.own != nil {
		r.values[fieldCode], r.values[fieldDate] = d.Code, paper.Day(final.Date)
		_, err = r.own.Fill(&file, r.values)
	} else {
		err = paper.WriteDOCX(&file, &final)
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file.Bytes())
	d.Hash, d.Size, d.File = hex.EncodeToString(sum[:]), int64(file.Len()), fileName(d.Code)+".docx"
	return s.store.saveFile(ctx, tx, d.ID, "docx", file.Bytes())
}

// fileName is a code as a name of a file, in plain letters.
func fileName(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, module.Fold(code))
}

// reachable refuses to send where a recipient has no address, and fills in who
// received it.
func (s *Service) reachable(ctx context.Context, d *Document, do *Do) error {
	if d.Drill {
		if do.Channel != "exercise" {
			return drillChannel(true)
		}
		if do.Receiver == "" {
			do.Receiver = "Ban tổ chức diễn tập"
		}
		return nil
	}
	if len(d.Content.To) == 0 && strings.TrimSpace(do.Receiver) == "" {
		return fault.New(fault.Conflict, "the document has no recipient; say who took it").WithCode("document.no-recipient").OnField("body.receiver")
	}
	to, err := s.Resolve(ctx, d.Content.To)
	if err != nil {
		return err
	}
	var without, at []string
	for _, r := range to {
		if r.Address == "" {
			without = append(without, r.Name+": "+remedies[r.Kind])
		}
		at = append(at, r.Address)
	}
	if len(without) > 0 {
		return fault.New(fault.Conflict, "no address is known of %s", strings.Join(without, "; ")).WithCode("document.no-address").OnField("body.receiver")
	}
	if strings.TrimSpace(do.Receiver) == "" {
		do.Receiver = strings.Join(at, ", ")
		if r := []rune(do.Receiver); len(r) > maxReceiver {
			do.Receiver = string(r[:maxReceiver-1]) + "…"
		}
	}
	return nil
}

var remedies = map[RecipientKind]string{
	ToUnit:      "enter its duty mail or address in the register of units",
	ToCatalogue: "an administrator enters it under the recipients of duties",
	ToFree:      "write it into the document",
}

// Resolve fills in where the recipients are reached. Errors: those of the
// catalogue.
func (s *Service) Resolve(ctx context.Context, to []SentTo) ([]SentTo, error) {
	list := append([]SentTo{}, to...)
	var catalogue map[string]string
	for i := range list {
		r := &list[i]
		switch r.Kind {
		case ToUnit:
			r.Address = s.Units.Reached(unitID(r.ID))
		case ToCatalogue:
			if catalogue == nil {
				catalogue = map[string]string{}
				known, err := s.Duties.Addressees(ctx)
				if err != nil {
					return nil, err
				}
				for _, a := range known {
					catalogue[a.ID] = a.Address
				}
			}
			r.Address = catalogue[r.ID]
		}
	}
	return list, nil
}

// tell tells other modules how far the document is.
func (s *Service) tell(ctx context.Context, tx bun.Tx, d *Document, x *Step) error {
	state, ok := map[Verb]module.PaperState{Approve: module.PaperApproved, Send: module.PaperSent, Acknowledge: module.PaperAcknowledged, Withdraw: module.PaperWithdrawn}[x.Verb]
	if !ok || d.Number == 0 {
		return nil
	}
	body, err := json.Marshal(module.Paper{
		ID: d.ID, Form: d.Form, Number: d.Code, Title: module.Text(d.Title, 400), Subject: d.Subject, Obligation: d.Obligation, Unit: d.Unit, Drill: d.Drill, State: state,
		At: x.At, By: x.ByID, ByName: x.By, File: d.File, Hash: d.Hash, Size: d.Size, Channel: x.Channel, Receiver: x.Receiver, Receipt: x.Receipt,
	})
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{{Kind: module.FactPaper, Unit: d.Unit, Body: body}})
}

// Preview is a document as it would go out now, or as it went.
type Preview struct {
	Paper   paper.Document
	Texts   []string // of a Word template, which has no layout here
	Missing []Missing
}

// Missing is a field that is not known yet.
type Missing struct {
	Field string `json:"field"`
	Name  string `json:"name"`
	Where string `json:"where" doc:"where it is filled in: system, requirements, inventory, unit, letterhead, dossier; empty: in the document"`
}

// missing are fields that are not known yet, in words.
func (s *Service) missing(fields []string) []Missing {
	list := make([]Missing, len(fields))
	for i, name := range s.fieldNames(fields) {
		list[i] = Missing{fields[i], name, s.book.where[fields[i]]}
	}
	return list
}

// Look draws the document. Errors: Denied, NotFound, Conflict document.secret.
func (s *Service) Look(ctx context.Context, id string) (Preview, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return Preview{}, err
	}
	d, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return Preview{}, err
	}
	if d.Final != nil && !d.Own() {
		return Preview{Paper: *d.Final}, nil
	}
	if d.Final != nil {
		data, _, err := s.store.file(ctx, s.DB, id, "docx")
		if err != nil {
			return Preview{}, err
		}
		t, _, err := paper.ParseWord(d.File, data, s.known())
		if err != nil {
			return Preview{}, err
		}
		return Preview{Paper: *d.Final, Texts: t.Texts(nil)}, nil
	}
	r, err := s.rendered(ctx, &d)
	if err != nil {
		return Preview{}, err
	}
	return Preview{Paper: r.doc, Texts: r.texts, Missing: s.missing(r.missing)}, nil
}

// File returns the document as a file: the frozen one, or of a draft how it looks
// now. Errors: Denied, NotFound, Conflict document.no-pdf.
func (s *Service) File(ctx context.Context, id, format string) (name string, data []byte, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return "", nil, err
	}
	d, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return "", nil, err
	}
	if d.Own() && format == "pdf" {
		return "", nil, fault.New(fault.Conflict, "a document of your own Word template has no PDF here; open the DOCX and export it").WithCode("document.no-pdf")
	}
	name = "du-thao-" + fileName(d.Form) + "." + format
	if d.Number > 0 {
		name = fileName(d.Code) + "." + format
		if data, ok, err := s.store.file(ctx, s.DB, id, format); err != nil || ok {
			return name, data, err
		}
	}
	var out bytes.Buffer
	final := d.Final
	if final == nil {
		r, err := s.rendered(ctx, &d)
		if err != nil {
			return "", nil, err
		}
		if r.own != nil {
			_, err = r.own.Fill(&out, r.values)
			return name, out.Bytes(), err
		}
		final = &r.doc
	}
	if format == "docx" {
		err = paper.WriteDOCX(&out, final)
		return name, out.Bytes(), err
	}
	if err = paper.WritePDF(&out, final); err != nil || d.Number == 0 {
		return name, out.Bytes(), err
	}
	// The first PDF of a document that was approved is the one that stays, whatever
	// later versions of the product would draw.
	if err = s.store.saveFile(ctx, s.DB, id, "pdf", out.Bytes()); err != nil {
		return "", nil, err
	}
	data, _, err = s.store.file(ctx, s.DB, id, "pdf")
	return name, data, err
}

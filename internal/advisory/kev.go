package advisory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

const maxKnown = 100_000

type kevEntry struct {
	CVE        string   `json:"cveID"`
	Vendor     string   `json:"vendorProject"`
	Product    string   `json:"product"`
	Name       string   `json:"vulnerabilityName"`
	Added      string   `json:"dateAdded"`
	Text       string   `json:"shortDescription"`
	Action     string   `json:"requiredAction"`
	Due        string   `json:"dueDate"`
	Ransomware string   `json:"knownRansomwareCampaignUse"`
	CWEs       []string `json:"cwes"`
}

// ReadKEV reads the catalogue of known exploited vulnerabilities and hands its
// entries to each, which may end it with an error. Errors: fault.Invalid,
// TooLarge, those of each.
func ReadKEV(file string, data []byte, each func(Known) error) (Catalogue, error) {
	if err := checkJSON(file, data); err != nil {
		return Catalogue{}, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	k := kevReader{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data)), each: each}
	if err := k.run(); err != nil {
		return Catalogue{}, err
	}
	if !k.listed {
		return Catalogue{}, bad(file, "vulnerabilities", "missing; the file is not the KEV catalogue, or not whole: download it again")
	}
	return k.head, nil
}

type kevReader struct {
	file   string
	data   []byte
	dec    *json.Decoder
	each   func(Known) error
	head   Catalogue
	listed bool
}

// broken says where reading ended.
func (k *kevReader) broken(place string, err error) error {
	at := k.dec.InputOffset()
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = e.Offset
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return bad(k.file, fmt.Sprintf("%s.%s (%s)", place, e.Field, lineOf(k.data, at)), "a %s where %s belongs", e.Value, kindName(e.Type.Kind().String()))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return bad(k.file, lineOf(k.data, at), "the file ends in the middle; download it again")
	}
	return bad(k.file, lineOf(k.data, at), "broken JSON (%v); download the file again", err)
}

func (k *kevReader) run() error {
	if t, err := k.dec.Token(); err != nil || t != json.Delim('{') {
		return bad(k.file, "line 1", "not a JSON object; the KEV catalogue is one")
	}
	for k.dec.More() {
		t, err := k.dec.Token()
		if err != nil {
			return k.broken("$", err)
		}
		name, _ := t.(string)
		switch name {
		case "vulnerabilities":
			if err := k.entries(); err != nil {
				return err
			}
		case "catalogVersion", "dateReleased":
			var text string
			if err := k.dec.Decode(&text); err != nil {
				return k.broken(name, err)
			}
			if name == "catalogVersion" {
				k.head.Version = clip(text, 40)
			} else {
				k.head.Released = moment(text)
			}
		default:
			var skip json.RawMessage
			if err := k.dec.Decode(&skip); err != nil {
				return k.broken(name, err)
			}
		}
	}
	if _, err := k.dec.Token(); err != nil {
		return k.broken("$", err)
	}
	return nil
}

func (k *kevReader) entries() error {
	if t, err := k.dec.Token(); err != nil || t != json.Delim('[') {
		return bad(k.file, "vulnerabilities ("+lineOf(k.data, k.dec.InputOffset())+")", "not a list")
	}
	k.listed = true
	for k.dec.More() {
		place := fmt.Sprintf("vulnerabilities[%d]", k.head.Count)
		if k.head.Count == maxKnown {
			return bad(k.file, place, "more than %d entries", maxKnown)
		}
		var e kevEntry
		if err := k.dec.Decode(&e); err != nil {
			return k.broken(place, err)
		}
		if !IsCVE(e.CVE) {
			return bad(k.file, place+".cveID ("+lineOf(k.data, k.dec.InputOffset())+")", "%q is no CVE number", clip(e.CVE, 40))
		}
		x := Known{
			CVE: e.CVE, Vendor: named(e.Vendor), Product: named(e.Product), Name: clip(e.Name, maxTitle), Added: moment(e.Added), Due: moment(e.Due),
			Text: paragraph(e.Text, maxText), Action: paragraph(e.Action, maxText), Ransomware: strings.EqualFold(e.Ransomware, "known"),
		}
		if len(e.CWEs) > 0 {
			x.Weakness = cwePattern.FindString(e.CWEs[0])
		}
		if err := k.each(x); err != nil {
			return err
		}
		k.head.Count++
	}
	if _, err := k.dec.Token(); err != nil {
		return k.broken("vulnerabilities", err)
	}
	return nil
}

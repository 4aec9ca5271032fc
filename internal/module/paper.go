package module

import (
	"encoding/json"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// FactPaper tells that an official document went a step further; the body is a
// [Paper].
const FactPaper FactKind = "paper"

// PaperState is how far an official document is.
type PaperState string

// The states others are told of.
const (
	PaperApproved     PaperState = "approved" // signed for, and it has its number
	PaperSent         PaperState = "sent"
	PaperAcknowledged PaperState = "acknowledged"
	PaperWithdrawn    PaperState = "withdrawn"
)

// Paper is an official document, as modules tell one another of it.
type Paper struct {
	ID         string       `json:"id"`
	Form       string       `json:"form"`   // kind of document: initial-notice
	Number     string       `json:"number"` // 05/BC-TTANM
	Title      string       `json:"title"`
	Subject    Subject      `json:"subject"`    // what it is about
	Obligation string       `json:"obligation"` // id of the obligation it discharges; "" none
	Unit       event.UnitID `json:"unit"`
	Drill      bool         `json:"drill"`
	State      PaperState   `json:"state"`
	At         time.Time    `json:"at"`
	By         string       `json:"by"` // user id
	ByName     string       `json:"byName"`
	File       string       `json:"file"` // its name
	Hash       string       `json:"hash"` // SHA-256 of the file, in hexadecimal digits
	Size       int64        `json:"size"`
	Channel    string       `json:"channel"`  // how it was sent
	Receiver   string       `json:"receiver"` // who took it, or the address
	Receipt    string       `json:"receipt"`  // what the recipient gave back
}

// ReadPaper reads the body of a FactPaper.
func ReadPaper(f Fact) (Paper, error) {
	var p Paper
	if err := json.Unmarshal(f.Body, &p); err != nil {
		return p, fault.New(fault.Invalid, "fact %s: %w", f.ID, err)
	}
	return p, nil
}

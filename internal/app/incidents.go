package app

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/query"
)

// incidentAlerts shows module incident the alerts, its sibling.
type incidentAlerts struct{ alerts *alert.Service }

// Alert implements [incident.Alerts].
func (x incidentAlerts) Alert(ctx context.Context, id string) (incident.Alert, error) {
	a, err := x.alerts.Read(ctx, id)
	if err != nil {
		return incident.Alert{}, err
	}
	return incident.Alert{ID: a.ID, Title: a.Title, TitleVi: a.TitleVi, Level: a.Level, Rule: a.RuleID, Unit: a.Unit,
		Entity: observableOf(a.EntityField, a.EntityValue), First: a.FirstSeen, Drill: a.Drill != ""}, nil
}

// incidentEvents looks for observables in what units sent, through the search that
// people use: with its permission, its scope and its note in the trail.
type incidentEvents struct{ search *search.Service }

// maxPlaces bounds the hosts a search tells of.
const maxPlaces = 500

// Seen implements [incident.Events].
func (x incidentEvents) Seen(ctx context.Context, value string, from, to time.Time) ([]incident.Seen, bool, error) {
	q := query.Quote(value) + " | stats count, min(time), max(time) by unit, host | head " + strconv.Itoa(maxPlaces+1)
	table, _, err := x.search.Table(ctx, search.Request{Query: q, From: from, To: to})
	if err != nil {
		return nil, false, err
	}
	rows := table.Rows[:min(len(table.Rows), maxPlaces)]
	found := make([]incident.Seen, len(rows))
	for i, r := range rows {
		found[i] = incident.Seen{Unit: event.UnitID(r[0].Text), Host: r[1].Text, Events: int64(r[2].Number), First: r[3].Time, Last: r[4].Time}
	}
	return found, len(table.Rows) > maxPlaces, nil
}

// observableOf is the entity of an alert as an incident notes it.
func observableOf(field, value string) incident.Observable {
	o := incident.Observable{Type: "other", Value: value}
	if a, err := netip.ParseAddr(value); err == nil {
		o.Type = "ipv6-addr"
		if a.Unmap().Is4() {
			o.Type = "ipv4-addr"
		}
		return o
	}
	switch field {
	case "host", "Computer":
		o.Type = "hostname"
	case "user", "User", "TargetUserName", "SubjectUserName":
		o.Type = "user-account"
	case "Image", "command", "CommandLine":
		o.Type = "process"
	}
	return o
}

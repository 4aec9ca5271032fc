package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/signature"
)

// trustedRoots reads the authorities whose signatures are trusted.
func trustedRoots(paths []string) (*x509.CertPool, error) {
	files := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.New(fault.Invalid, "signatures.trusted: %w", err).OnField("signatures.trusted")
		}
		files[path] = text
	}
	roots, err := signature.Roots(files)
	if err != nil {
		return nil, fault.New(fault.Invalid, "signatures.trusted: %w", err).OnField("signatures.trusted")
	}
	return roots, nil
}

// dossierSystems shows module dossier the register, its sibling.
type dossierSystems struct{ *system.Service }

// System implements [dossier.Systems].
func (x dossierSystems) System(ctx context.Context, id string) (dossier.System, error) {
	found, err := x.Get(ctx, id)
	if err != nil {
		return dossier.System{}, err
	}
	return x.told(&found), nil
}

// Systems implements [dossier.Systems].
func (x dossierSystems) Systems(ctx context.Context) ([]dossier.System, error) {
	found, err := x.All(ctx)
	return x.allTold(found), err
}

// SystemsAt implements [dossier.Systems].
func (x dossierSystems) SystemsAt(ctx context.Context, end time.Time) ([]dossier.System, error) {
	found, err := x.AllAt(ctx, end)
	return x.allTold(found), err
}

func (x dossierSystems) allTold(found []system.System) []dossier.System {
	list := make([]dossier.System, len(found))
	for i := range found {
		list[i] = x.told(&found[i])
	}
	return list
}

func (x dossierSystems) told(s *system.System) dossier.System {
	return dossier.System{Registered: s.Registered(x.Units), Regulation: dossier.Decision(s.Regulation), Plan: s.Deployment,
		PlannedApproval: s.PlannedApproval, PlannedDeployment: s.PlannedDeployment, Entered: s.CreatedAt}
}

// Aspects describes a system by what calls for a new level when it changes. Of counts
// of persons only on which side of the decree's bounds they are.
func (x dossierSystems) Aspects(ctx context.Context, id string) (map[level.Aspect]string, error) {
	s, err := x.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var technology []string
	for _, v := range s.Services {
		technology = append(technology, v.Name+" "+v.OS)
	}
	slices.Sort(technology)
	d := s.Data
	return map[level.Aspect]string{
		level.Purpose: s.Type + " " + s.Purpose, level.Scope: s.Extent + " " + s.Serves, level.Technology: strings.Join(technology, "; "),
		level.Data: fmt.Sprint(d.Important, d.Core, d.Secret, d.Basic > 0, d.Basic >= 100_000, d.Sensitive > 0, d.Sensitive >= 10_000),
	}, nil
}

package unit

import "github.com/lachan-vn/lachan/internal/event"

// Below returns the units under id in the tree, none while units have no parents.
func (s *Service) Below(event.UnitID) []event.UnitID { return nil }

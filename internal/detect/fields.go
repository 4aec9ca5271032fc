package detect

import (
	"unsafe"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// sigmaFields shows the fields of an event to the rule engine as they lie in
// memory. The two field types are the same, part for part; they are two because
// sigma is a library of its own and event is not. Copying them cost each event
// more than many a rule does. The engine only reads its event, and keeps nothing.
func sigmaFields(fields []event.Field) []sigma.Field {
	return unsafe.Slice((*sigma.Field)(unsafe.Pointer(unsafe.SliceData(fields))), len(fields))
}

// These do not compile when the types or their kinds stop being the same.
var (
	_ [0]struct{} = [unsafe.Sizeof(event.Field{}) - unsafe.Sizeof(sigma.Field{})]struct{}{}
	_ [0]struct{} = [unsafe.Offsetof(event.Field{}.Name) - unsafe.Offsetof(sigma.Field{}.Name)]struct{}{}
	_ [0]struct{} = [unsafe.Offsetof(event.Field{}.Value) - unsafe.Offsetof(sigma.Field{}.Value)]struct{}{}
	_ [0]struct{} = [unsafe.Offsetof(event.Field{}.Kind) - unsafe.Offsetof(sigma.Field{}.Kind)]struct{}{}
	_ [0]struct{} = [unsafe.Sizeof(event.Null) - unsafe.Sizeof(sigma.Null)]struct{}{}

	_ [0]struct{} = [int(event.String) - int(sigma.String)]struct{}{}
	_ [0]struct{} = [int(event.Number) - int(sigma.Number)]struct{}{}
	_ [0]struct{} = [int(event.Bool) - int(sigma.Bool)]struct{}{}
	_ [0]struct{} = [int(event.Null) - int(sigma.Null)]struct{}{}
)

package evtx

// The limits hold for hostile files; real ones stay far below. A chunk is
// 64 KiB, so only references (a template used many times, a value used in
// many holes) can make more out of it than it holds.
const (
	maxDepth       = 32       // nested elements, nested fragments
	maxRecordText  = 1 << 20  // bytes of field values in one record
	maxChunkText   = 16 << 20 // the same over all records of one chunk
	maxChunkSteps  = 1 << 20  // tokens compiled and slots run for one chunk
	maxChunkSlots  = 1 << 16  // slots and pieces of text kept for one chunk
	maxFreshSlots  = 256      // slots of a template whose names are compared with each other
	maxRecordField = 1 << 13  // fields in one record
	maxInterned    = 1 << 15  // field names remembered across chunks
	maxInternedLen = 256      // bytes of such a name
	maxName        = 1024     // bytes of a field name with all its prefixes
	maxProblems    = 1000     // problems kept in full; the rest only counted
	maxSpare       = 256      // programs of earlier chunks kept for their memory
	pageBytes      = 64 << 10 // memory that the values of one record share with others
)

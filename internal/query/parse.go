package query

// Parse reads a query; the empty text matches everything.
func Parse(text string) (*Query, error) {
	return &Query{Text: text}, nil
}

//go:build !sigmalite

package main

// absent says who is not in the race, and how to let it in.
const absent = "sigmalite does not race: its module is not required here; in test/peers run `go get github.com/runreveal/sigmalite@latest`, then make bench-peers PEERTAGS=sigmalite"

func optional() []entrant { return nil }

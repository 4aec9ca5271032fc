//go:build race

package sigma

// raceDetector tells that sync.Pool, and with it package regexp, throws memory
// away at random to provoke races.
const raceDetector = true

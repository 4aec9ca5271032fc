// Package sample makes up the events of a province for benchmarks and tests: as
// many as asked for, over as many days as asked for, the same ones for the same
// seed, and fast enough never to be what is measured.
//
// A province has about fifty agencies of very different size, each with its
// workstations, servers, firewall, name server and web server, and the rhythm of
// an office: busy in the morning and after lunch, quiet at night and at weekends.
// Most records are Windows events. They are varied from templates: ones written
// for the purpose, or recorded events that the caller hands in. What makes events
// differ in life differs here and agrees within one event: time, host, record
// number, process and thread numbers, process and session identities, users,
// addresses, ports, home folders. The rest stands as it is in the template.
//
// A few records are planted at known counts (see [Needles]), and what a search
// must find is counted while the events are made (see [Truth]), so that a
// benchmark checks its answers.
//
// It is pure: no clock, no I/O, no goroutine. Start reading at [New] and
// [Stream.Next].
package sample

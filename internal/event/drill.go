package event

import "strings"

// DrillField names the exercise an event was put in by, for searches. It is a field
// like any other, which a log may claim too; what belongs to an exercise goes by the
// credential.
const DrillField = "labels.drill"

const drillCredential = "drill:"

// DrillCredential is the credential of what those who lead an exercise put in. No
// sender can show it: the node gives credentials, also to what relays bring.
func DrillCredential(drill string) string { return drillCredential + drill }

// DrillOf returns the exercise a credential is of, "" for that of a real sender.
func DrillOf(credential string) string {
	drill, ok := strings.CutPrefix(credential, drillCredential)
	if !ok {
		return ""
	}
	return drill
}

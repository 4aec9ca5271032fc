// Package sigma compiles Sigma detection rules into a ruleset and tells which
// of its rules a log event matches.
//
// It implements the detection rules of the Sigma specification 2.1 with all
// modifiers: escapes and wildcards, case-insensitivity over Unicode, null,
// empty and absent told apart, numbers of any size compared exactly,
// conditions with quantifiers, log source scoping, filters; and correlation
// rules of all types but those with a boolean expression as condition.
//
// Everything that can be wrong with a rule is found by [Parse] and [Compile]
// and reported as a [Problem] with file, line, column, reason and remedy;
// matching cannot fail, takes no lock and allocates nothing once warm. A
// [Ruleset] is immutable and safe for any number of goroutines.
//
// The package is pure: no files, no network, no goroutines, no clock. Rules
// come in as bytes, events as flat lists of fields.
//
// # How to use it
//
//	rules, problems := sigma.Parse(text, "whoami.yml")
//	set, more := sigma.Compile(rules, sigma.DefaultMapping(), sigma.Options{})
//	set.Match(&sigma.Event{Fields: fields}, func(r *sigma.Rule) { … })
//
// Parse every file, Compile all rules at once, and show the problems to whoever
// wrote the rules: what is refused does not protect. [Lint] finds, before that,
// what is legal and cannot be meant.
//
// An event is a list of [Field], flat: a nested field has a dotted name, an array
// repeats its name. Windows events say by their fields Channel and EventID which
// log source they are; all others by [Event].Source. A [Mapping] can say more.
//
// Keep one [Matcher] for each goroutine where speed counts; [Ruleset.Match] takes
// one from a pool. To load other rules, compile another ruleset and swap it in.
//
// The examples below go on from there, in this order: the whole of it, Event,
// Parse, Compile, Options (placeholders), ParseMapping, ParsePipeline,
// Rule.IsFilter, Ruleset.Match, Correlator, Ruleset.Explain, Lint.
//
// # From rule to match
//
// Parse turns YAML into a [Rule] with its detection section as written.
// Compile runs the values through their modifiers (modifiers.go), makes
// boolean expressions over predicates (expr.go, predicate.go), groups the
// rules by log source (scope.go) and builds one index per group (index.go).
// Matching looks up the groups an event's log source calls for, lets each
// group's index report the predicates that hold, and evaluates only the rules
// that could match then (eval.go). The plain evaluation of every rule,
// expr.holds, stays as the yardstick the tests measure the index against.
//
// [Ruleset.Explain] uses that plain evaluation to tell, for one rule and one
// event, what each part of the condition saw and why it held or not, and which
// parts of the values made it hold (explain.go, explainspan.go, explaintext.go).
//
// # Correlations
//
// Filters and correlation rules come out of Parse as a [Rule], too. Compile
// adds filters to the rules they are for and resolves what correlations refer
// to. Matching concerns detection rules alone; whoever wants correlations hands
// each hit to a [Correlator] (correlator.go) and keeps the hits of a
// [Ruleset.Silent] rule from becoming alerts. The correlator has no clock and
// no storage: it takes hits in the order of event time, holding them back for a
// stated allowance, forgets the groups nearest their end when it holds too
// much, counts what it could not do exactly, and hands its state out and takes
// it back (correlatorstate.go).
//
// # Pipelines
//
// Rules name fields as Sysmon does, events as whoever sent them. A [Pipeline], in
// the YAML format of pySigma, says how the one becomes the other: [ParsePipeline]
// reads it and Compile applies those of [Options].Pipelines to a copy of each
// rule, so that the rules stay as they are and Match costs the same.
// [Rule.AsWritten] leads from the copies of a Ruleset back to them.
//
// All transformations of rules that pySigma has are supported (the table is in
// pipelinesteps.go), but for those that write text of queries or fetch
// placeholder values from files, addresses and commands, and all conditions
// (pipelineconditiontable.go). docs/format/pipeline.md lists them, with their
// parameters and the few places where a rule keeps its meaning that pySigma
// would widen.
//
// Placeholders, %name% under the expand modifier, get their values from the
// variables of pipelines or from Options.Placeholders. A rule with one that has
// no values is refused.
//
// # Choices where the specification leaves room
//
//   - null matches an absent field and an explicit null; the empty text
//     matches only an empty string. [Options].NullMatchesEmpty makes null match both.
//   - A lone * matches any value that is not null, also an empty one.
//   - neq is the negation of the item, so it holds for an absent field.
//   - Case-insensitive means equal under Unicode simple case folding, as in
//     strings.EqualFold. Nothing is normalised.
//   - A number in a rule equals an event's number or text of the same numeric
//     value: 4688, "4688" and 4688.0. Quoted, it is compared as text.
//     Hexadecimal text is never a number.
//   - A field with several values (an array) satisfies an item if one of its
//     values does.
//   - A keyword is looked for in each value separately, not in field names
//     and not across fields.
//   - Field names are compared exactly, but for spaces, which do not count:
//     ThreatName finds "Threat Name".
//   - A filter's condition must hold for a rule to match, so an exclusion is
//     written "condition: not selection", as the reference tools have it.
//   - A correlation groups and counts values without regard to case; a hit
//     without a field it groups by does not take part.
//   - A correlation's timespan includes both its ends, and a match uses up the
//     events of its group. Correlations that need all events of a timespan
//     begin it with the group's first event (see Correlator).
//   - Regular expressions are those of package regexp, searched for anywhere.
//   - Time units are read off the timestamp as written, in its own zone.
//
// # Limits
//
// What a rule may ask for, and what all rules of a ruleset may together, is
// bounded by the constants [MaxValues], [MaxSteps], [MaxRulesetSteps] and so on;
// a rule beyond them is refused when it is loaded, with its place and a remedy.
// So rules from strangers cost at most their own refusal: there is no value, no
// expression and no nesting of theirs that matching would stall at. Time is
// bounded by steps for each byte of an event, memory by the text of the values.
// The limits are far above what rules written by people need, SigmaHQ's whole
// collection included.
package sigma

// Package comparison is one run of the harness from its options to its
// reports: it finds the clients that are there, enters a network namespace of
// its own, measures, shows how it goes, and writes raw data and reports, also
// of what was measured before an interruption.
package comparison

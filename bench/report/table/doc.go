// Package table groups the results of a run into what a reader looks at: a
// section for each scenario, in it a work for each setting, in that a series
// for each client, and of a series one cell for each metric.
//
// # Contract
//
//	Section (scenario) --> Work (setting) --> Series (client) --> Cell (metric)
//
// Sections come in the order of result.Scenarios, works in the order in which
// they were first measured, and series in the order of the header's clients. A
// scenario that is not known has all its figures as headlines. Results that
// failed are in no series; they are the section's failures.
//
// A cell is the median over the rounds with its interval, and its ratio to the
// first client, paired within the rounds that both have. Cells are computed when
// asked for, and kept: bootstraps take a millisecond.
//
// The texts of numbers, ratios and headings are the same in every report, so
// they are made here as well.
package table

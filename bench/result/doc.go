// Package result says what a measurement is: of whom, at which work, under
// which setting, and with which figures. Scenarios make results, reports read
// them; neither knows the other.
//
// # Contract
//
// A Result is one measurement of one client in one round. Results of the same
// Scenario, Setting and Client are repetitions; those of the same round ran
// side by side in time, so that figures of two clients are compared within it.
// Figures are numbers by name, and the names are those of Metrics, which gives
// each its unit, and which way is better. A scenario's headline metrics are in
// Scenarios: they make its table, and are what a regression is looked for in.
//
// Its JSON is one line of the raw data.
package result

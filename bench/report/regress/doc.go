// Package regress compares two runs: whether the client under development has
// become worse.
//
// # What is compared
//
// For each scenario, setting and client that both runs have, each headline
// metric with a better way (package result): the ratio of the new median to the
// old one. Only the client under development is judged; the others are shown.
//
// Two kinds of noise stand in the way. Rounds differ from each other, which the
// rounds themselves tell; and a whole run differs from the next by what the
// machine does meanwhile, which no number of rounds tells. The other clients do:
// programs that have not changed between the runs are controls, and the median
// of their ratios is what the machine did. It is taken out, per scenario and
// metric, when at least MinControls control cells have that metric.
//
// # What a regression is
//
// The interval of the ratio is
//
//	change ± Certainty · √(noise² + drift²)      in logarithms
//
// with noise the standard error of both medians, from the deviation within the
// rounds, but at least what is usual for that metric and client in these runs:
// five values that happen to lie close together are no surer than their
// neighbours. drift is DriftAlone; beside controls it is DriftControlled and the
// standard error of what they say. A regression is an interval that lies wholly beyond the least effect
// (Options.MinEffect), so what it says is: worse by more than that, and not by
// chance. An improvement is the same the other way. A work at which the client
// fails in all rounds, and did not before, is a regression too.
//
// # Why these numbers
//
// Many metrics are looked at, so each must be quite sure. Simulated with 60
// metrics, 5 rounds with a noise of 3 to 8 %, a drift of 3 to 4 % between the
// runs and 1.5 % more for each cell, and now and then a round of four times the
// noise:
//
//	                            4 controls   alone
//	no change, but a regression     < 1 %    < 3 %
//	20 % lost in one metric at 6 settings, found:
//	  at any of them, noise 3 %     100 %     99 %
//	                  noise 5 %      99 %     97 %
//	                  noise 8 %      90 %     85 %
//
// A slower program loses in more than one metric, so it is found more often
// than that. One or two rounds more help little: what limits is the drift.
//
// # What cannot be judged
//
// A cell with fewer than MinRounds in either run. What is near 0 has no ratio to
// speak of: figures are compared after adding Slack of their unit, below which
// the system's counters mean nothing.
//
// Runs of other machines, kernels or options are compared all the same, with a
// warning for each difference: the figures may differ for that reason.
package regress

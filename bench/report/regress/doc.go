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
// Many metrics are looked at, so each must be quite sure. How often a comparison
// says regression, simulated 800 times with 40 metrics in 5 rounds, runs that
// drift by 3 % each and every figure by another 1.5 %:
//
//	noise of a round   nothing changed       a fifth lost in two metrics
//	                   controls   alone      controls   alone
//	      3 %            0.0 %    0.1 %       100 %      97 %
//	      5 %            0.4 %    0.5 %       100 %      96 %
//	      8 %            0.7 %    1.5 %        97 %      84 %
//
// More rounds help little beside controls, and hardly without: what limits then
// is the drift.
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

// Package cores keeps this process, and what it starts, to some of the machine's
// cores, so that a client and the load generator take none from each other.
//
// # Contract
//
// Allowed are the cores that this process may run on. Pin keeps all of its
// threads to some of them, and with them the threads and processes that they
// start from then on; those that run already stay where they are. It is undone by
// Pin(Allowed()) of before. Callers take turns: it is the whole process that
// moves.
//
// # What it does not do
//
// It keeps nobody else from those cores, nor the kernel's own work.
package cores

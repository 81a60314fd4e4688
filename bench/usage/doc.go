// Package usage reads what processes take from the machine: CPU time of all
// threads, living and ended, and of children that were waited for; memory that
// is resident, and that is their own; context switches; bytes read from and
// written to disks.
//
// # Contract
//
// It reads the /proc of Linux, which the caller passes as a file system. Group
// and Tree look through all processes of the machine. Who samples often asks
// Members or Descendants once, and then Of again and again, which reads three
// small files a process and one a thread.
//
// A process that ends meanwhile counts as not there. CPU time comes in steps of
// 10 ms a process, so a measurement should last seconds.
//
// # What it does not do
//
// It keeps nothing: a measurement is the difference of two Usages. It knows
// nothing of processes that left their group or whose parent has ended before
// they did.
package usage

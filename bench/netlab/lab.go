package netlab

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
)

// Limits of labs.
const (
	// MaxLabs is how many labs fit side by side into one network namespace:
	// their share of addresses is a sixteenth.
	MaxLabs = 16
	// MaxHosts bounds the hosts of a lab: a bridge has 1,023 ports, and one
	// machine runs no more clients than that.
	MaxHosts = 1000
	// numSources is how many addresses Sources gives before it begins again.
	numSources = 4094
)

// Errors of New and Host.
var (
	ErrSystem = errors.New("network namespaces need Linux")
	ErrRoot   = errors.New("network namespaces need root")
	ErrLabs   = fmt.Errorf("%d labs are there already", MaxLabs)
	ErrHosts  = fmt.Errorf("a lab has no more than %d hosts", MaxHosts)
)

// Lab is a bridge with hosts round it.
type Lab struct {
	slot       int
	congestion string
	netem      bool
	hosts      []*Host // those made so far, closed ones as well
}

// Available says in one line why a lab with hosts on such lines cannot be made
// here, or is nil. It makes one to find out.
func Available(lines ...Line) error {
	lab, err := New("")
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err = lab.Host(line); err != nil {
			break
		}
	}
	return errors.Join(err, lab.Close())
}

// New makes a lab in the network namespace of the caller. congestion is the TCP
// congestion control of its hosts; empty is what new namespaces have. The lab
// is the caller's to Close.
func New(congestion string) (*Lab, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrSystem
	}
	if os.Geteuid() != 0 {
		return nil, ErrRoot
	}
	for _, program := range []string{"ip", "tc"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is not installed (Debian package iproute2)", program)
		}
	}
	if err := removeLeftovers(); err != nil {
		return nil, err
	}
	l := &Lab{congestion: congestion}
	if err := l.takeSlot(); err != nil {
		return nil, err
	}
	if err := l.setUp(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// taken is what ip(8) says of a name that is in use.
const taken = "File exists"

// takeSlot makes the bridge with the first free number: only one of two
// processes can.
func (l *Lab) takeSlot() error {
	for l.slot = range MaxLabs {
		err := commands("ip link add " + l.bridge() + " type bridge forward_delay 0 stp_state 0")
		if err == nil || !strings.Contains(err.Error(), taken) {
			return err
		}
	}
	return ErrLabs
}

func (l *Lab) setUp() error {
	err := commands(
		fmt.Sprintf("ip link set %s alias %d", l.bridge(), os.Getpid()),
		"ip link set lo up",
		fmt.Sprintf("ip addr add %s dev %s", netip.PrefixFrom(l.Addr(), slotBits), l.bridge()),
		fmt.Sprintf("ip link set %s up", l.bridge()),
		fmt.Sprintf("ip route add local %s dev lo", l.sources()),
	)
	if err != nil {
		return err
	}
	l.netem = commands("tc qdisc add dev "+l.bridge()+" root netem delay 1ms") == nil
	if l.netem {
		err = commands("tc qdisc del dev " + l.bridge() + " root")
	}
	return err
}

// Addr is the caller's address in the lab.
func (l *Lab) Addr() netip.Addr { return l.address(18, 1) }

// slotBits is the length of the prefix of a lab's share.
const slotBits = 20

// address is number n of the lab's share of 198.18.0.0/16 or 198.19.0.0/16.
func (l *Lab) address(second byte, n int) netip.Addr {
	return netip.AddrFrom4([4]byte{198, second, byte(l.slot<<4 | n>>8), byte(n)})
}

func (l *Lab) sources() netip.Prefix { return netip.PrefixFrom(l.address(19, 0), slotBits) }

// Sources returns a source of further addresses of the caller, another one each
// time, for connections to hosts. It is safe for several goroutines.
func (l *Lab) Sources() func() netip.Addr {
	var last atomic.Uint32
	return func() netip.Addr { return l.address(19, int((last.Add(1)-1)%numSources)+1) }
}

// Userspace tells whether hosts whose lines have delay or loss are joined
// through this process.
func (l *Lab) Userspace() bool { return !l.netem }

// Close removes the lab and its hosts.
func (l *Lab) Close() error {
	var errs []error
	for _, h := range l.hosts {
		errs = append(errs, h.Close())
	}
	if exists(l.bridge()) {
		errs = append(errs, l.leaveSlot())
	}
	return errors.Join(errs...)
}

// leaveSlot removes what is outside of hosts; the bridge, which holds the slot,
// is the last of it.
func (l *Lab) leaveSlot() error {
	_ = commands(fmt.Sprintf("ip route del local %s dev lo", l.sources())) // not there when setting up failed
	return commands("ip link del " + l.bridge())
}

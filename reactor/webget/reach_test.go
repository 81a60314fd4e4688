package webget

import (
	"net"
	"testing"
)

func TestReach(t *testing.T) {
	check := func(r reach, addr string, want bool) {
		t.Helper()
		err := r.control("tcp", net.JoinHostPort(addr, "80"), nil)
		if (err == nil) != want {
			t.Errorf("reach %d to %s: %v", r, addr, err)
		}
	}
	for _, addr := range []string{
		"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0",
		"::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
	} {
		check(anywhere, addr, true)
		check(noLoopback, addr, false)
		check(publicOnly, addr, false)
	}
	for _, addr := range []string{
		"10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1",
		"240.0.0.1", "255.255.255.255", "224.0.0.1", "ff02::1", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1",
		"::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::c0a8:1", "2002:c0a8:1::1",
		"::10.0.0.1", "2001::1", "2001:db8::1",
	} {
		check(anywhere, addr, true)
		check(noLoopback, addr, true)
		check(publicOnly, addr, false)
	}
	for _, addr := range []string{
		"8.8.8.8", "2001:4860:4860::8888", "100.128.0.1", "172.32.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
	} {
		check(anywhere, addr, true)
		check(noLoopback, addr, true)
		check(publicOnly, addr, true)
	}
	if publicOnly.control("tcp", "name:80", nil) == nil {
		t.Error("connects to what is no address")
	}
	if publicConn(&net.UnixConn{}) {
		t.Error("a connection within the machine is taken for public")
	}
}

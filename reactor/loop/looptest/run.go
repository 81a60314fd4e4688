package looptest

import "testing"

// Run tests the networks that mk makes; mk is called once for each test, with
// that test's t.
func Run(t *testing.T, mk func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		test func(*rig)
	}{
		{"opens both ends once", testOpen},
		{"spreads accepted connections", testSpread},
		{"refused dial", testRefused},
		{"silent dial times out", testSilent},

		{"echo is exact", testEcho},
		{"readable again while bytes are left", testReadableAgain},
		{"empty buffers", testEmptyBuffers},
		{"many buffers", testManyBuffers},
		{"discards what it is asked to", testDiscard},
		{"looks ahead", testPeek},
		{"writable after a full socket", testWritable},
		{"low water holds nothing back for good", testLowWater},

		{"sends files exactly", testSendFile},
		{"sends frames exactly", testSendFrames},
		{"sends a short file", testSendShortFile},

		{"close in Opened", testCloseInOpened},
		{"close in Readable", testCloseInReadable},
		{"close in Writable", testCloseInWritable},
		{"close in Tick", testCloseInTick},
		{"close in a post", testCloseInPost},
		{"close another in Readable", testCloseOther},
		{"close another in Closed", testCloseInClosed},
		{"the first reason wins", testCloseTwice},
		{"peer closes behind its bytes", testPeerClose},

		{"move with bytes behind it", testMove},
		{"move in Opened", testMoveInOpened},
		{"move many times", testMoveMany},

		{"posts in order", testPostOrder},
		{"posts between loops", testPostAcross},
		{"ticks", testTicks},
		{"time goes on", testNow},

		{"stop closes all", testStop},
		{"stop ends dials", testStopDials},
		{"stop listening keeps connections", testStopListening},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newRig(t, mk(t))) })
	}
}

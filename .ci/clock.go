package time

import "syscall"

// wallShift moves the wall clock forward, so that the local time at the process's start is that of CI_CLOCK, as in
// "00:30". The monotonic clock, by which timers and durations go, stays as it is. Forward alone, because servers beside
// the process keep their clock, and an event must not come from the future.
var wallShift = func() int64 {
	clock, found := syscall.Getenv("CI_CLOCK")
	if !found {
		return 0
	}
	want, err := Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	sec, _, _ := runtimeNow()
	hour, minute, _ := Unix(sec, 0).Clock()
	minutes := (want.Hour()-hour)*60 + want.Minute() - minute
	return int64((minutes+24*60)%(24*60)) * 60
}()

func shiftedNow() (sec int64, nsec int32, mono int64) {
	sec, nsec, mono = runtimeNow()
	if sec < 1e9 {
		return sec, nsec, mono // the clock of a synctest bubble, which begins in 2000
	}
	return sec + wallShift, nsec, mono
}

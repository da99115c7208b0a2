package ouratest

import (
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

func TestEncodeHeartRate(t *testing.T) {
	t.Parallel()
	for _, row := range []oura.HeartRate{
		{}, {Timestamp: time.Unix(1e9, 5e8).UTC(), BPM: 61, Source: oura.HeartRateSourceSleep},
		{Source: "made_up", TimestampUnix: new(int64(-7))},
		{Timestamp: time.Unix(1e9, 0).In(time.FixedZone("", -3600)), BPM: -1, Source: "made\x00up", TimestampUnix: new(int64(7))},
	} {
		names := []string{"timestamp", "bpm", "source", "timestamp_unix"} // a list takes the general way
		if fast, general := string(encode(row, nil)), string(encode(row, names)); fast != general {
			t.Errorf("got %s, want %s", fast, general)
		}
	}
}

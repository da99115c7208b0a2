package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"
)

// The baseline: what a user would write with net/http and encoding/json, and the plainest structs that hold the data.
// Null is zero in them, and a gap in a series is, too.

type plainPage[T any] struct {
	Data      []T    `json:"data"`
	NextToken string `json:"next_token"`
}

type plainHeartRate struct {
	BPM       int       `json:"bpm"`
	Source    string    `json:"source"`
	Timestamp time.Time `json:"timestamp"`
}

type plainDailySleep struct {
	ID           string `json:"id"`
	Contributors struct {
		DeepSleep   int `json:"deep_sleep"`
		Efficiency  int `json:"efficiency"`
		Latency     int `json:"latency"`
		REMSleep    int `json:"rem_sleep"`
		Restfulness int `json:"restfulness"`
		Timing      int `json:"timing"`
		TotalSleep  int `json:"total_sleep"`
	} `json:"contributors"`
	Day       string    `json:"day"`
	Score     int       `json:"score"`
	Timestamp time.Time `json:"timestamp"`
}

type plainSample struct {
	Interval  float64   `json:"interval"`
	Items     []float64 `json:"items"`
	Timestamp time.Time `json:"timestamp"`
}

type plainDailyActivity struct {
	ID                string  `json:"id"`
	Class5Min         string  `json:"class_5_min"`
	Score             int     `json:"score"`
	ActiveCalories    int     `json:"active_calories"`
	AverageMETMinutes float64 `json:"average_met_minutes"`
	Contributors      struct {
		MeetDailyTargets  int `json:"meet_daily_targets"`
		MoveEveryHour     int `json:"move_every_hour"`
		RecoveryTime      int `json:"recovery_time"`
		StayActive        int `json:"stay_active"`
		TrainingFrequency int `json:"training_frequency"`
		TrainingVolume    int `json:"training_volume"`
	} `json:"contributors"`
	EquivalentWalkingDistance int         `json:"equivalent_walking_distance"`
	HighActivityMETMinutes    int         `json:"high_activity_met_minutes"`
	HighActivityTime          int         `json:"high_activity_time"`
	InactivityAlerts          int         `json:"inactivity_alerts"`
	LowActivityMETMinutes     int         `json:"low_activity_met_minutes"`
	LowActivityTime           int         `json:"low_activity_time"`
	MediumActivityMETMinutes  int         `json:"medium_activity_met_minutes"`
	MediumActivityTime        int         `json:"medium_activity_time"`
	MET                       plainSample `json:"met"`
	MetersToTarget            int         `json:"meters_to_target"`
	NonWearTime               int         `json:"non_wear_time"`
	RestingTime               int         `json:"resting_time"`
	SedentaryMETMinutes       int         `json:"sedentary_met_minutes"`
	SedentaryTime             int         `json:"sedentary_time"`
	Steps                     int         `json:"steps"`
	TargetCalories            int         `json:"target_calories"`
	TargetMeters              int         `json:"target_meters"`
	TotalCalories             int         `json:"total_calories"`
	Day                       string      `json:"day"`
	Timestamp                 time.Time   `json:"timestamp"`
}

type plainSleep struct {
	ID                 string      `json:"id"`
	AverageBreath      float64     `json:"average_breath"`
	AverageHeartRate   float64     `json:"average_heart_rate"`
	AverageHRV         int         `json:"average_hrv"`
	AwakeTime          int         `json:"awake_time"`
	BedtimeEnd         time.Time   `json:"bedtime_end"`
	BedtimeStart       time.Time   `json:"bedtime_start"`
	Day                string      `json:"day"`
	DeepSleepDuration  int         `json:"deep_sleep_duration"`
	Efficiency         int         `json:"efficiency"`
	HeartRate          plainSample `json:"heart_rate"`
	HRV                plainSample `json:"hrv"`
	Latency            int         `json:"latency"`
	LightSleepDuration int         `json:"light_sleep_duration"`
	LowBatteryAlert    bool        `json:"low_battery_alert"`
	LowestHeartRate    int         `json:"lowest_heart_rate"`
	Movement30Sec      string      `json:"movement_30_sec"`
	Period             int         `json:"period"`
	Readiness          struct {
		Contributors struct {
			ActivityBalance     int `json:"activity_balance"`
			BodyTemperature     int `json:"body_temperature"`
			HRVBalance          int `json:"hrv_balance"`
			PreviousDayActivity int `json:"previous_day_activity"`
			PreviousNight       int `json:"previous_night"`
			RecoveryIndex       int `json:"recovery_index"`
			RestingHeartRate    int `json:"resting_heart_rate"`
			SleepBalance        int `json:"sleep_balance"`
			SleepRegularity     int `json:"sleep_regularity"`
		} `json:"contributors"`
		Score                     int     `json:"score"`
		TemperatureDeviation      float64 `json:"temperature_deviation"`
		TemperatureTrendDeviation float64 `json:"temperature_trend_deviation"`
	} `json:"readiness"`
	ReadinessScoreDelta   int    `json:"readiness_score_delta"`
	REMSleepDuration      int    `json:"rem_sleep_duration"`
	RestlessPeriods       int    `json:"restless_periods"`
	SleepPhase5Min        string `json:"sleep_phase_5_min"`
	SleepPhase30Sec       string `json:"sleep_phase_30_sec"`
	SleepScoreDelta       int    `json:"sleep_score_delta"`
	SleepAlgorithmVersion string `json:"sleep_algorithm_version"`
	SleepAnalysisReason   string `json:"sleep_analysis_reason"`
	TimeInBed             int    `json:"time_in_bed"`
	TotalSleepDuration    int    `json:"total_sleep_duration"`
	Type                  string `json:"type"`
}

// engine decodes a body.
type engine func(body io.Reader, v any) error

// useStandard decodes from the stream, as most programs do.
func useStandard(body io.Reader, v any) error { return json.NewDecoder(body).Decode(v) }

// whole reads the body first, which is the fastest way of the other libraries.
func whole(unmarshal func([]byte, any) error) engine {
	return func(body io.Reader, v any) error {
		b, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		return unmarshal(b, v)
	}
}

var (
	useV2        = whole(func(b []byte, v any) error { return jsonv2.Unmarshal(b, v) })
	useGoccy     = whole(func(b []byte, v any) error { return goccy.Unmarshal(b, v) })
	useSegmentio = whole(func(b []byte, v any) error { return segmentio.Unmarshal(b, v) })
)

// get sends one request, as everyone knows it.
func get(ctx context.Context, e env, path string, query url.Values, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.origin+"/v2/usercollection/"+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+accessToken)
	resp, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return read(resp.Body)
}

// plainWalk goes through all pages of a collection.
func plainWalk[T any](decode engine, path string, query url.Values, sum func(*T) int) run {
	return func(ctx context.Context, e env) (rows, total int, err error) {
		q := url.Values{}
		maps.Copy(q, query)
		for {
			var p plainPage[T]
			if err := get(ctx, e, path, q, func(body io.Reader) error { return decode(body, &p) }); err != nil {
				return rows, total, err
			}
			for i := range p.Data {
				rows++
				total += sum(&p.Data[i])
			}
			if p.NextToken == "" {
				return rows, total, nil
			}
			q.Set("next_token", p.NextToken)
		}
	}
}

func plainGet[T any](decode engine, path string, sum func(*T) int) run {
	return func(ctx context.Context, e env) (int, int, error) {
		var v T
		err := get(ctx, e, path, nil, func(body io.Reader) error { return decode(body, &v) })
		return 1, sum(&v), err
	}
}

// floor reads the bytes and knows nothing of them but how many pages there are.
func floor(path string, query url.Values, pages int) run {
	return func(ctx context.Context, e env) (int, int, error) {
		q := url.Values{}
		maps.Copy(q, query)
		var bytes int64
		for n := range pages {
			q.Set("next_token", fmt.Sprint(n))
			err := get(ctx, e, path, q, func(body io.Reader) error {
				n, err := io.Copy(io.Discard, body)
				bytes += n
				return err
			})
			if err != nil {
				return 0, 0, err
			}
		}
		if bytes == 0 {
			return 0, 0, errors.New("no bytes came")
		}
		return 0, 0, nil
	}
}

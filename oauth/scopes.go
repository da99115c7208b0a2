package oauth

import (
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// The scopes of the Oura API. [ScopeFor] tells which one a collection needs.
const (
	// ScopeEmail is the email address in the personal info.
	ScopeEmail = "email"
	// ScopePersonal is age, weight, height and sex in the personal info.
	ScopePersonal = "personal"
	// ScopeDaily is daily activity, readiness, sleep and stress, sleep documents, sleep time and rest mode.
	ScopeDaily = "daily"
	// ScopeHeartRate is the heart rate time series.
	ScopeHeartRate = "heartrate"
	// ScopeWorkout is workouts.
	ScopeWorkout = "workout"
	// ScopeTag is tags and enhanced tags.
	ScopeTag = "tag"
	// ScopeSession is guided and unguided sessions.
	ScopeSession = "session"
	// ScopeSpO2 is the daily blood oxygen. Its retired name is "spo2Daily".
	ScopeSpO2 = "spo2"
	// ScopeStress is daily resilience. Daily stress is in [ScopeDaily].
	ScopeStress = "stress"
	// ScopeHeartHealth is cardiovascular age and VO2 max.
	ScopeHeartHealth = "heart_health"
	// ScopeRingConfiguration is the ring's configuration and its battery level.
	ScopeRingConfiguration = "ring_configuration"
	// ScopeReproductiveCycle is cycle phases, fertile windows and the like, for Oura's partners only and not in [AllScopes].
	ScopeReproductiveCycle = "reproductive_cycle"
	// ScopeMetabolic is blood glucose, for Oura's partners only.
	ScopeMetabolic = "metabolic"
	// ScopePregnancy is pregnancies, for Oura's partners only.
	ScopePregnancy = "pregnancy"
	// ScopeResearch is the intervals between heartbeats, for Oura's partners only.
	ScopeResearch = "research"
	// ScopeBiomarkers is for Oura's partners only.
	ScopeBiomarkers = "biomarkers"
)

// keyScope is where a token's extras, and its stored form, have the scope.
const keyScope = "scope"

// scopePrefix stands before the names at Moi's consent page, and before granted names in every response.
const scopePrefix = "extapi:"

// partnerScopes are for Oura's partners only.
var partnerScopes = []string{ScopeReproductiveCycle, ScopeMetabolic, ScopePregnancy, ScopeResearch, ScopeBiomarkers}

// GrantedScopes returns the scopes that a token carries, by the names of this package: the prefix "extapi:" is taken
// off and retired names are replaced.
//
// It is nil where the service did not say, which means unknown and not none. A grant can be smaller than what was asked
// for, because a person may untick scopes and the service drops unknown names in silence: compare with [MissingScopes]
// right after the exchange.
func GrantedScopes(t *oauth2.Token) []string {
	return scopeNames([]string{scopeOf(t)})
}

// MissingScopes returns those of the wanted scopes that a token does not carry, in the order wanted. It is empty where
// the granted scopes are unknown.
func MissingScopes(t *oauth2.Token, wanted ...string) []string {
	granted := GrantedScopes(t)
	if granted == nil {
		return nil
	}
	var missing []string
	for _, name := range scopeNames(wanted) {
		if !slices.Contains(granted, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// scopeName is the name of this package for one of the service's: without prefix, and not retired.
func scopeName(name string) string {
	for strings.HasPrefix(name, scopePrefix) {
		name = strings.TrimPrefix(name, scopePrefix)
	}
	if name == "spo2Daily" {
		return ScopeSpO2
	}
	return name
}

// scopeNames is names as this package writes them, each once, however they were written.
func scopeNames(names []string) []string {
	var out []string
	for name := range strings.FieldsSeq(strings.Join(names, " ")) {
		if name = scopeName(name); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// writtenScopes is names as a consent page wants them.
func writtenScopes(prefix string, names []string) []string {
	out := scopeNames(names)
	for i := range out {
		out[i] = prefix + out[i]
	}
	return out
}

// scopeOf reads the scope as RFC 6749 writes it, one string, and as some servers do, an array.
func scopeOf(t *oauth2.Token) string {
	if t == nil {
		return ""
	}
	return joinScope(t.Extra(keyScope))
}

func joinScope(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []string:
		return strings.Join(v, " ")
	case []any:
		var names []string
		for _, item := range v {
			if name, ok := item.(string); ok {
				names = append(names, name)
			}
		}
		return strings.Join(names, " ")
	}
	return ""
}

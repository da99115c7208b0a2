package ouratest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/internal/person"
)

// ServiceOption configures a [Service]. One that is nil, or has an impossible value, is an error of [StartService], with
// which [NewService] panics.
type ServiceOption func(*serviceConfig) error

// liveSchedule is ten repetitions over about an hour; how they are spread is not known.
var liveSchedule = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 6 * time.Minute, 8 * time.Minute,
	10 * time.Minute, 12 * time.Minute, 15 * time.Minute,
}

func defaultServiceConfig() *serviceConfig {
	return &serviceConfig{ //nolint:gosec // G101: the secret of a fake application is no secret
		addr:         "127.0.0.1:0",
		now:          time.Now,
		history:      365,
		users:        []string{""},
		loc:          time.UTC,
		endpoints:    newEndpoints(),
		clientID:     "fake-client-id",
		clientSecret: "fake-client-secret",
		family:       moiFamily,
		expiresIn:    30 * 24 * time.Hour,
		schedule:     liveSchedule,
	}
}

func newEndpoints() map[string]*endpoint {
	all := map[string]*endpoint{"personal_info": {}, "subscription": {}, "token": {}, "revoke": {}}
	for name := range catalog {
		all[name] = new(endpoint)
	}
	return all
}

// WithAddr is where the service listens, as in "127.0.0.1:8080". The default is a free port on loopback. Do not let
// strangers reach it: whoever can is given tokens.
func WithAddr(addr string) ServiceOption { return always(func(c *serviceConfig) { c.addr = addr }) }

// WithClock is the service's time: the data ends there, tokens and codes expire by it. It must be safe for concurrent
// use. See also [Service.Advance].
func WithClock(now func() time.Time) ServiceOption {
	return func(c *serviceConfig) error {
		if now == nil {
			return errors.New("ouratest: WithClock: the function is nil; leave the option out for time.Now")
		}
		c.now = now
		return nil
	}
}

// WithHistory is how many days of data each person has, today included; the default is 365. With 0 there is none but
// what [User.Add] puts there.
func WithHistory(days int) ServiceOption {
	return always(func(c *serviceConfig) { c.history = max(days, 0) })
}

// WithUsers makes one person for each name, in place of the one without a name. [Service.Client] is of the first.
func WithUsers(names ...string) ServiceOption {
	return always(func(c *serviceConfig) {
		if len(names) > 0 {
			c.users = names
		}
	})
}

// WithLocation is where the persons live; the default is UTC.
func WithLocation(loc *time.Location) ServiceOption {
	return func(c *serviceConfig) error {
		if loc == nil {
			return errors.New("ouratest: WithLocation: the location is nil; leave the option out for UTC")
		}
		c.loc = loc
		return nil
	}
}

// WithData applies the options to all documents and rows of the service.
func WithData(opts ...DataOption) ServiceOption {
	return func(c *serviceConfig) error {
		c.data = append(c.data, opts...)
		return configure(new(person.Recipe), opts)
	}
}

// WithEndDates says what a bare end_date means; the default is what the live service does.
func WithEndDates(e EndDates) ServiceOption { return always(func(c *serviceConfig) { c.ends = e }) }

// WithUnknownProperties gives about every third document and row, and the person, a property that no version of the SDK
// knows, "made_up", as the live service adds some without notice. Where a request names its fields, it is left out.
func WithUnknownProperties() ServiceOption {
	return always(func(c *serviceConfig) { c.unknown = true })
}

// WithLateRows has the rows of every third hour of a time series appear only this long after their own time, when later
// rows have long been there, as from a ring that was out of reach. A program that goes on after the newest row it
// has never sees them. What [User.Add] puts there is there at once.
func WithLateRows(delay time.Duration) ServiceOption {
	return func(c *serviceConfig) error {
		if delay < 0 {
			return fmt.Errorf("ouratest: WithLateRows(%v): the delay must not be negative", delay)
		}
		c.lateRows = delay
		return nil
	}
}

// WithPageSize is how many items of the collection come at a time, by its path: "sleep", "vO2_max". The default is all
// documents in one page, and 1,000 rows of a time series. A collection that there is not is an error.
func WithPageSize(collection string, n int) ServiceOption {
	return func(c *serviceConfig) error {
		if err := known(collection); err != nil {
			return err
		}
		c.endpoints[collection].setPageSize(n)
		return nil
	}
}

// WithAppCredentials replaces the client id and secret of the one application.
func WithAppCredentials(id, secret string) ServiceOption {
	return always(func(c *serviceConfig) { c.clientID, c.clientSecret = id, secret })
}

// WithMoi registers the application in today's portal, which is the default. Its token endpoint is that of the Moi
// family; that of the Cloud family refuses it, an exchange with 401 and a refresh with 400, and a code that was sent
// there is lost. Both consent pages take it. Moi's grants names with the prefix "extapi:" and drops bare ones without a
// word; Cloud's takes bare names and forwards to Moi's.
func WithMoi() ServiceOption { return always(func(c *serviceConfig) { c.family = moiFamily }) }

// WithCloud registers the application in the old portal, which has closed. Its token endpoint is that of the Cloud
// family; that of the Moi family refuses it with 401, and a code that was sent there is lost.
func WithCloud() ServiceOption { return always(func(c *serviceConfig) { c.family = cloudFamily }) }

// WithRedirectURLs are the redirect URLs of the application, compared to the letter: the consent page answers another one
// with 400. Without it, any http URL on localhost is good, since tests listen on ports that they learn late. One on
// 127.0.0.1 never is.
func WithRedirectURLs(urls ...string) ServiceOption {
	return always(func(c *serviceConfig) { c.redirectURLs = append(c.redirectURLs, urls...) })
}

// WithExpiresIn is how long access tokens live; the default is 30 days.
func WithExpiresIn(d time.Duration) ServiceOption {
	return always(func(c *serviceConfig) { c.expiresIn = d })
}

// WithGrantedScopes is all that anyone is granted, whatever is asked for: a grant can come back smaller.
func WithGrantedScopes(scopes ...string) ServiceOption {
	return always(func(c *serviceConfig) { c.granted = append([]string{}, scopes...) })
}

// WithScopeInCallback names what was granted in the callback alone: the answers of the token endpoint, a refresh's too,
// lack their scope. By default both have it.
func WithScopeInCallback() ServiceOption {
	return always(func(c *serviceConfig) { c.scopeInCallback = true })
}

// WithRateLimit refuses what exceeds n requests of the application in any window of this length, with a 429 that says
// when to come back. By default there is no limit.
func WithRateLimit(n int, window time.Duration) ServiceOption {
	return always(func(c *serviceConfig) { c.appLimit = limit{n, window} })
}

// WithTokenRateLimit is the same for each access token, as the newer documentation has it.
func WithTokenRateLimit(n int, window time.Duration) ServiceOption {
	return always(func(c *serviceConfig) { c.tokenLimit = limit{n, window} })
}

// WithDeliverySchedule is how long to wait before each repetition of a webhook delivery that failed; there are as many
// as delays. The default is the live service's ten over about an hour: tests give short ones, or none.
func WithDeliverySchedule(delays ...time.Duration) ServiceOption {
	return always(func(c *serviceConfig) { c.schedule = delays })
}

// WithDuplicateDeliveries delivers every event twice, which the live service does now and then.
func WithDuplicateDeliveries() ServiceOption {
	return always(func(c *serviceConfig) { c.duplicates = true })
}

// WithSameSignature repeats a delivery with the timestamp and the signature of its first attempt. Whether the live service
// does, nobody has recorded; by default each attempt is signed anew.
func WithSameSignature() ServiceOption {
	return always(func(c *serviceConfig) { c.sameSignature = true })
}

// WithDisorder delivers the events of one [Service.Emit] last first.
func WithDisorder() ServiceOption { return always(func(c *serviceConfig) { c.disorder = true }) }

// WithHandler serves the paths that begin with the prefix, as in "/fake/", by the handler that is made for the
// service. Its requests are not in [Service.Requests]; limits and faults do not apply to them.
func WithHandler(prefix string, handler func(*Service) http.Handler) ServiceOption {
	return func(c *serviceConfig) error {
		if handler == nil {
			return errors.New("ouratest: WithHandler: the function is nil; leave the option out")
		}
		c.handlerPrefix, c.handler = prefix, handler
		return nil
	}
}

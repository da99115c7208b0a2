package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/contract"
	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// watch counts what the kit served, by operation and status, and fails the test where the document does not allow it.
type watch struct {
	t     *testing.T
	allow func(contract.Difference) bool // oddities that were asked for

	mu   sync.Mutex
	seen map[string]int
	odd  map[string]int // by the last word of the place
}

func newWatch(t *testing.T) *watch {
	return &watch{t: t, seen: map[string]int{}, odd: map[string]int{}}
}

func (w *watch) report(operation string, e contract.Exchange, differences []contract.Difference) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[fmt.Sprint(operation, " ", e.Status)]++
	for _, d := range differences {
		if w.allow != nil && w.allow(d) {
			w.odd[path.Base(d.Pointer)]++
			continue
		}
		w.t.Errorf("%s %s: %d: %v", e.Method, e.URL, e.Status, d)
	}
}

// through is the option that makes a client's exchanges pass the watch.
func (w *watch) through(s *ouratest.Service) oura.Option {
	return oura.WithHTTPClient(&http.Client{Transport: &contract.Transport{
		Document: document(w.t), Base: s.HTTPClient().Transport, Report: w.report,
	}})
}

// newService has, beside the data of its person, what is rare there: a cardiovascular age with an id, and a rest mode
// period.
func newService(t *testing.T, data []ouratest.DataOption, opts ...ouratest.ServiceOption) *ouratest.Service {
	t.Helper()
	s := ouratest.NewService(append(opts, ouratest.WithData(data...))...)
	t.Cleanup(s.Close)
	today := oura.DateOf(s.Now().UTC())
	age := ouratest.DailyCardiovascularAge(today, data...)
	age.ID = new("age-1")
	s.User().Add(age, ouratest.RestModePeriod(today.AddDays(-9), data...))
	for _, c := range everyCollection() {
		if !generated(c) {
			doc := reflect.New(models[c.Name]).Elem()
			if err := json.Unmarshal(fixtures.Document(c.Path, fixtures.Full), doc.Addr().Interface()); err != nil {
				t.Fatal(err)
			}
			doc.FieldByName("Day").Set(reflect.ValueOf(today))
			s.User().Add(doc.Interface())
		}
	}
	return s
}

// generated reports whether the kit makes data for a collection by itself.
func generated(c oura.Collection) bool {
	_, ok := person.New(person.Recipe{}).Document(c.Path, oura.Date{Year: 2026, Month: 3, Day: 12})
	return ok || !c.Dated
}

// endpoints yields the fields of a client that read a collection: those with a method of that name.
func endpoints(c *oura.Client, method string) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	for field, value := range reflect.ValueOf(c).Elem().Fields() {
		if field.IsExported() && value.Kind() == reflect.Pointer && value.MethodByName(method).IsValid() &&
			strings.Contains(value.Type().String(), "[") {
			found[field.Name] = value
		}
	}
	return found
}

// items lists a collection to its end.
func items(t *testing.T, name string, endpoint reflect.Value, opts ...any) []reflect.Value {
	t.Helper()
	args := []reflect.Value{reflect.ValueOf(t.Context())}
	for _, o := range opts {
		args = append(args, reflect.ValueOf(o))
	}
	var list []reflect.Value
	for item, err := range endpoint.MethodByName("List").Call(args)[0].Seq2() {
		if !err.IsNil() {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, item)
	}
	return list
}

// idOf is the id of a document, or "" where it has none.
func idOf(doc reflect.Value) string {
	id := reflect.Indirect(doc.FieldByName("ID"))
	if !id.IsValid() { // a nil pointer
		return ""
	}
	return id.String()
}

// readAll reads the last weeks of every collection, the first document of each by id, one that is not there, and the
// last row of each series.
func readAll(t *testing.T, c *oura.Client, today oura.Date) {
	t.Helper()
	days := oura.Days(today.AddDays(-40), today)
	for name, endpoint := range endpoints(c, "Get") {
		var opts []any
		if name != "RingConfiguration" { // it has no dates
			opts = append(opts, days)
		}
		docs := items(t, name, endpoint, opts...)
		if len(docs) == 0 {
			t.Errorf("%s is empty", name)
			continue
		}
		hasID := slices.IndexFunc(docs, func(doc reflect.Value) bool { return idOf(doc) != "" })
		if hasID < 0 {
			t.Errorf("%s has no ids", name)
			continue
		}
		for _, id := range []string{idOf(docs[hasID]), "not-there"} {
			result := endpoint.MethodByName("Get").Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(id)})
			err, _ := reflect.TypeAssert[error](result[1])
			if (id == "not-there") != errors.Is(err, oura.ErrNotFound) || id != "not-there" && err != nil {
				t.Errorf("%s.Get(%s): %v", name, id, err)
			}
		}
	}
	end := today.AddDays(1).In(time.UTC)
	for name, endpoint := range endpoints(c, "Latest") {
		if rows := items(t, name, endpoint, oura.Between(end.AddDate(0, 0, -3), end)); len(rows) == 0 {
			t.Errorf("%s is empty", name)
		}
		result := endpoint.MethodByName("Latest").Call([]reflect.Value{reflect.ValueOf(t.Context())})
		if err, _ := reflect.TypeAssert[error](result[1]); err != nil {
			t.Errorf("%s.Latest: %v", name, err)
		}
	}
	if _, err := c.PersonalInfo(t.Context()); err != nil {
		t.Errorf("PersonalInfo: %v", err)
	}
}

// subscribe makes every call about subscriptions.
func subscribe(t *testing.T, c *oura.Client, callback string) {
	t.Helper()
	request := oura.SubscriptionRequest{
		CallbackURL: callback, VerificationToken: "v", EventType: oura.EventTypeUpdate, DataType: oura.DataTypeSleep,
	}
	ctx, subs := t.Context(), c.Subscriptions
	made, err := subs.Create(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := subs.Create(ctx, request); err != nil || again.ID != made.ID {
		t.Errorf("a second one of the same types: %v, %v; want the first after a 409", again, err)
	}
	request.DataType = oura.DataTypeVO2Max
	for name, call := range map[string]func() error{
		"get":    func() error { _, err := subs.Get(ctx, made.ID); return err },
		"list":   func() error { _, err := subs.List(ctx); return err },
		"update": func() error { _, err := subs.Update(ctx, made.ID, request); return err },
		"renew":  func() error { _, err := subs.Renew(ctx, made.ID); return err },
	} {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := subs.Delete(ctx, made.ID); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := subs.Get(ctx, made.ID); !errors.Is(err, oura.ErrNotFound) {
		t.Errorf("get after delete: %v", err)
	}
}

// Everything that the service serves is allowed by the document, in each of its operations, page after page.
func TestServiceHolds(t *testing.T) {
	t.Parallel()
	service := newService(t, nil, ouratest.WithHistory(60),
		ouratest.WithPageSize("sleep", 7), ouratest.WithPageSize("daily_activity", 5), ouratest.WithPageSize("heartrate", 200))
	w := newWatch(t)
	client := service.Client(w.through(service))
	readAll(t, client, oura.DateOf(service.Now().UTC()))
	_, secret := service.AppCredentials()
	callback := httptest.NewServer(&webhook.Handler{ClientSecret: secret, VerificationToken: "v"})
	t.Cleanup(callback.Close)
	subscribe(t, client, callback.URL)
	w.answeredAll()
	for _, call := range []string{"GetSleep 404", "GetSubscription 403", "CreateSubscription 409"} {
		if w.seen[call] == 0 {
			t.Errorf("no %s among %v", call, slices.Sorted(maps.Keys(w.seen)))
		}
	}
	if w.seen["ListSleep 200"] < 5 || w.seen["ListHeartRate 200"] < 5 {
		t.Errorf("not many pages: %v", w.seen)
	}
}

// answeredAll fails the test where not every operation of the document was answered with success.
func (w *watch) answeredAll() {
	w.t.Helper()
	var want, got []string
	for _, item := range document(w.t).T.Paths.Map() {
		for _, operation := range item.Operations() {
			want = append(want, operation.OperationID)
		}
	}
	for call := range w.seen {
		operation, status, _ := strings.Cut(call, " ")
		if status[0] == '2' {
			got = append(got, operation)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("operations that were answered (-want +got):\n%s", diff)
	}
}

// The sandbox differs in nothing either: it has the lists, and its single documents end in a 500.
func TestSandboxHolds(t *testing.T) {
	t.Parallel()
	service := newService(t, nil, ouratest.WithHistory(10))
	w := newWatch(t)
	client := service.Client(w.through(service), oura.WithSandbox(), oura.WithRetry(oura.NoRetry))
	all := endpoints(client, "List")
	for _, c := range everyCollection() {
		if len(items(t, c.Name, all[c.Name])) == 0 && generated(c) {
			t.Errorf("%s is empty", c.Name)
		}
	}
	if _, err := client.Sleep.Get(t.Context(), "some-id"); !errors.Is(err, oura.ErrServer) {
		t.Errorf("a single document: %v", err)
	}
}

// Oddities that are asked for and that the document allows.
func TestAllowedOdditiesHold(t *testing.T) {
	t.Parallel()
	tests := map[string][]ouratest.DataOption{
		"no more than required": {ouratest.WithOnlyRequired()},
		"what is often missing": {ouratest.WithoutID(), ouratest.WithoutTimestampUnix(), ouratest.WithoutOffset()},
		"no data":               {ouratest.WithGaps(0.3), ouratest.WithoutScore(), ouratest.WithoutReadings()},
		"in progress":           {ouratest.WithoutEnd()},
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newService(t, data, ouratest.WithHistory(30))
			readAll(t, service.Client(newWatch(t).through(service)), oura.DateOf(service.Now().UTC()))
		})
	}
}

// Unknown enum values are the one oddity that the document does not allow, and they differ in nothing else.
func TestUnknownEnumsAreTheOnlyDifference(t *testing.T) {
	t.Parallel()
	service := newService(t, []ouratest.DataOption{ouratest.WithUnknownEnums()}, ouratest.WithHistory(30))
	w := newWatch(t)
	w.allow = func(d contract.Difference) bool { return slices.Contains(enumProperties(t), path.Base(d.Pointer)) }
	readAll(t, service.Client(w.through(service)), oura.DateOf(service.Now().UTC()))
	if diff := cmp.Diff(enumProperties(t), slices.Sorted(maps.Keys(w.odd))); diff != "" {
		t.Errorf("properties with unknown values (-want +got):\n%s", diff)
	}
}

// enumProperties are the names of the properties of documents that have enums.
func enumProperties(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	unmade := map[string]bool{}
	for _, c := range everyCollection() {
		unmade[c.Name] = !generated(c)
	}
	for name, schema := range document(t).T.Components.Schemas {
		if models[name] == nil || unmade[name] || strings.Contains(name, "Subscription") {
			continue
		}
		for key, property := range schema.Value.Properties {
			if len(sure(property.Value).Enum) > 0 {
				names[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Errors of the service have the forms that the document gives them.
func TestServiceErrorsHold(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		fault  ouratest.Fault
		status int
	}{
		"rate limit":    {ouratest.RateLimited(time.Second), 429},
		"missing scope": {ouratest.MissingScope(), 401},
		"expired":       {ouratest.Expired(), 401},
		"forbidden":     {ouratest.Forbidden(), 403},
		"server error":  {ouratest.ServerError(), 500},
		"bad gateway":   {ouratest.ServerError(http.StatusBadGateway), 502},
		"HTML":          {ouratest.HTML(http.StatusGatewayTimeout), 504},
	}
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newService(t, nil, ouratest.WithHistory(5))
			service.Fail("sleep", test.fault)
			w := newWatch(t)
			client := service.Client(w.through(service), oura.WithRetry(oura.NoRetry))
			if _, err := client.Sleep.Get(t.Context(), "some-id"); err == nil {
				t.Error("no error")
			}
			if w.seen[fmt.Sprint("GetSleep ", test.status)] == 0 {
				t.Errorf("no %d among %v", test.status, w.seen)
			}
		})
	}
	t.Run("requests that do not validate", func(t *testing.T) {
		t.Parallel()
		service := newService(t, nil, ouratest.WithHistory(5))
		w := newWatch(t)
		client := &http.Client{Transport: &contract.Transport{Document: document(t), Base: service.HTTPClient().Transport, Report: w.report}}
		for _, target := range []string{"/v2/usercollection/sleep?start_date=2026-02-30", "/v2/usercollection/heartrate?start_datetime=soon", "/v2/usercollection/sleep"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, service.URL+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(target, "?") {
				service.Token().SetAuthHeader(req)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			if resp.StatusCode < 400 {
				t.Errorf("%s is answered with %d", target, resp.StatusCode)
			}
		}
	})
}

// everyCollection lists the collections of a client that sends nothing.
func everyCollection() []oura.Collection {
	c, err := oura.NewClient(oura.WithSandbox())
	if err != nil {
		panic(err)
	}
	return c.Collections()
}

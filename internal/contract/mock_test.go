package contract_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/oura-go/sdk/internal/contract"
	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// What the mock serves is allowed by the document too, in each of its operations: the fixtures, put into the mock as a
// test would, come out as the service would send them.
func TestMockHolds(t *testing.T) {
	t.Parallel()
	mock := ouratest.New(t)
	for path, item := range document(t).T.Paths.Map() {
		collection, isCollection := strings.CutPrefix(path, "/usercollection/")
		if !isCollection || strings.Contains(collection, "/") || collection == fixtures.PersonalInfo {
			continue
		}
		field := reflect.ValueOf(mock).Elem().FieldByName(strings.TrimPrefix(item.Get.OperationID, "List"))
		add := field.MethodByName("Add")
		for _, kind := range []string{fixtures.Full, fixtures.Nulls} {
			doc := reflect.New(add.Type().In(0).Elem())
			if err := json.Unmarshal(fixtures.Document(collection, kind), doc.Interface()); err != nil {
				t.Fatal(err)
			}
			add.Call([]reflect.Value{doc.Elem()})
		}
		field.MethodByName("PageSize").Call([]reflect.Value{reflect.ValueOf(1)})
	}
	var me oura.PersonalInfo
	if err := json.Unmarshal(fixtures.Document(fixtures.PersonalInfo, fixtures.Full), &me); err != nil {
		t.Fatal(err)
	}
	mock.PersonalInfo(me)
	mock.Subscriptions.Receiver(&webhook.Handler{ClientSecret: "secret", VerificationToken: "v"})

	w := newWatch(t)
	client := mock.Client(oura.WithHTTPClient(&http.Client{Transport: &contract.Transport{
		Document: document(t), Base: mock.Transport, Report: w.report,
	}}))
	readAll(t, client, oura.Date{Year: 2026, Month: 3, Day: 13})
	subscribe(t, client, "https://app.example.com/hook")
	w.answeredAll()
	if w.seen["ListSleep 200"] < 2 || w.seen["ListHeartRate 200"] < 2 {
		t.Errorf("not many pages: %v", w.seen)
	}
}

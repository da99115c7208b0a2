// Package misuse asks mock and service for what they cannot do. The lines that end in "no" do not compile, the others do.
package misuse

import (
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

func both(mock *ouratest.Mock, service *ouratest.Service) {
	// Whatever can go wrong with a response can go wrong anywhere.
	for _, f := range []ouratest.Fault{ouratest.RateLimited(time.Second), ouratest.LostAnswer(), {}} {
		mock.Sleep.FailOnce(f).Fail(f)
		service.Endpoints.Sleep.FailOnce(f).Fail(f)
		mock.PersonalInfo(oura.PersonalInfo{}).FailOnce(f).Fail(f)
		service.Endpoints.PersonalInfo.FailOnce(f).Fail(f)
		mock.Subscriptions.FailOnce(f).Fail(f)
		service.Endpoints.Subscriptions.FailOnce(f).Fail(f)
		service.Endpoints.Token.FailOnce(f).Fail(f)
		service.Endpoints.Revoke.FailOnce(f).Fail(f)
	}
	// Pages are those of collections.
	mock.Sleep.FailOnce(ouratest.Malformed(1)).Fail(ouratest.Malformed(1)).PageSize(1)
	service.Endpoints.Sleep.FailOnce(ouratest.Malformed(1)).Fail(ouratest.Malformed(1)).PageSize(1)
	mock.PersonalInfo(oura.PersonalInfo{}).FailOnce(ouratest.Malformed(1)) // no
	service.Endpoints.PersonalInfo.FailOnce(ouratest.Malformed(1))         // no
	mock.Subscriptions.FailOnce(ouratest.Malformed(1))                     // no
	service.Endpoints.Subscriptions.Fail(ouratest.Malformed(1))            // no
	service.Endpoints.Token.FailOnce(ouratest.Malformed(1))                // no
	service.Endpoints.Revoke.Fail(ouratest.Malformed(1))                   // no
	mock.PersonalInfo(oura.PersonalInfo{}).PageSize(1)                     // no
	service.Endpoints.PersonalInfo.PageSize(1)                             // no
	service.Endpoints.Token.PageSize(1)                                    // no
	mock.PersonalInfo(oura.PersonalInfo{}).Add(ouratest.PersonalInfo())    // no
	// A mock has no sign-in, and a service holds documents by person.
	mock.Token.FailOnce(ouratest.ServerError())              // no
	service.Endpoints.Sleep.Add(ouratest.Sleep(oura.Date{})) // no
	mock.Sleep.Add(ouratest.DailySleep(oura.Date{}))         // no
	// Names of collections are checked.
	mock.Sleeps.FailOnce(ouratest.ServerError())              // no
	service.Endpoints.Sleeps.FailOnce(ouratest.ServerError()) // no
}

package ouratest

import (
	"fmt"
	"reflect"
	"slices"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/person"
	"github.com/oura-go/sdk/oura"
)

func (s *Service) newUser(name string) *User {
	p := who(slices.Concat([]DataOption{sleepGaps}, s.cfg.data, []DataOption{WithPerson(name), WithZone(s.cfg.loc), WithoutTimestampUnix(), WithoutID()}))
	info := PersonalInfo(WithPerson(name))
	sets := map[string]person.Set{}
	if s.cfg.history > 0 {
		sets = p.Year(s.cfg.history, s.Now)
	}
	u := &User{ID: info.ID, Name: name, service: s, over: map[string]*added{}, data: &backend{
		rules: rules{now: s.Now, ends: s.cfg.ends}, sets: sets, endpoints: s.cfg.endpoints,
		info: func() (oura.PersonalInfo, bool) { return info, true }, unknown: s.cfg.unknown,
	}}
	for collection, spec := range catalog {
		base, over := sets[collection], new(added)
		switch {
		case base == nil:
			sets[collection] = over.from
		case spec.series && s.cfg.lateRows > 0:
			sets[collection] = over.over(late(base, s.cfg.lateRows, s.Now))
		default:
			sets[collection] = over.over(base)
		}
		u.over[collection] = over
	}
	u.access = s.grants.permanent(u.data).access
	return u
}

// AddUser adds a person with data of their own. A name that there is already gives that person.
func (s *Service) AddUser(name string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.Name == name {
			return u
		}
	}
	u := s.newUser(name)
	s.users = append(s.users, u)
	return u
}

// Users are all persons, in the order in which they were made.
func (s *Service) Users() []*User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users)
}

// User is the first person.
func (s *Service) User() *User { return s.Users()[0] }

// person finds a user by name or id; "" is the first.
func (s *Service) person(who string) (*User, error) {
	for _, u := range s.Users() {
		if who == "" || who == u.Name || who == u.ID {
			return u, nil
		}
	}
	return nil, fmt.Errorf("there is no person %q", who)
}

// Add puts documents and rows of any model beside the person's own; one with the id of another replaces it. They are
// served as they are, with the keys that the live service leaves out. It panics for a type that no collection has.
func (u *User) Add(docs ...any) {
	for _, doc := range docs {
		s := specOf(doc)
		if s == nil {
			panic(fmt.Sprintf("ouratest: no collection holds a %T; pass documents by value, as the builders return them", doc))
		}
		u.over[s.name].put(s.item(doc))
	}
}

// Remove takes away the document with the id, of whatever collection.
func (u *User) Remove(id string) {
	for _, a := range u.over {
		a.remove(id)
	}
}

// Token issues a grant to the application as if the person had consented: to all scopes if none is named.
func (u *User) Token(scopes ...string) *oauth2.Token {
	if len(scopes) == 0 {
		scopes = allScopes()
	}
	return u.service.grants.issue(u.data, scopes).token(u.service.cfg.expiresIn)
}

// Client reads the person's data, with a token for all scopes that does not expire. Options are added to it.
func (u *User) Client(opts ...oura.Option) *oura.Client {
	s := u.service
	c, err := oura.NewClient(append([]oura.Option{
		oura.WithBaseURL(s.URL),
		oura.WithHTTPClient(s.HTTPClient()),
		oura.WithAccessToken(u.access),
		oura.WithAppCredentials(s.AppCredentials()),
	}, opts...)...)
	if err != nil {
		panic("ouratest: " + err.Error())
	}
	return c
}

// specOf finds the collection of a document; nil where no collection holds its type.
func specOf(doc any) *spec {
	for _, s := range catalog {
		if s.model == reflect.TypeOf(doc) {
			return s
		}
	}
	return nil
}

// Client is a client of the first person, with a token for all scopes that does not expire, and with the application's
// credentials. Options are added to it.
func (s *Service) Client(opts ...oura.Option) *oura.Client { return s.User().Client(opts...) }

// Token is [User.Token] of the first person.
func (s *Service) Token(scopes ...string) *oauth2.Token { return s.User().Token(scopes...) }

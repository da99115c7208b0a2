// Package oauth obtains, keeps, renews and ends grants of the Oura API.
//
// The refresh tokens of this service are single use: every refresh returns a new one and voids the old one. A
// program that loses a refresh token, or that sends one twice, sends a person back to the consent page. Everything here
// is built around that fact.
//
//	job                                   use
//	a configuration                       [Moi], its [Family.Config]
//	ask for consent, command line         [Login]
//	ask for consent, without a browser    [Login] with [WithPaste]
//	ask for consent, web application      [Callback]
//	ask for consent, by hand              [AuthCodeURL], [CallbackCode], [Exchange]
//	what the person granted               [GrantedScopes], [MissingScopes], [ScopeFor]
//	tokens for the client                 [NewTokenSource], or [Sources] for many people
//	where one person's grant is kept      [FileStore], [MemoryStore], or your own [Store]
//	where many people's grants are kept   package [github.com/oura-go/sdk/oauth/sqlstore]
//	encrypt what is kept                  [WithSealing], [Sealer]
//	end a grant                           [Disconnect], [Revoke]
//
// Register the application first, at https://developer.ouraring.com/applications. That gives the id and the secret, and
// fixes the redirect URL, which has to be the same everywhere, character by character. For a program on the person's
// own machine register one like this, on localhost and not on 127.0.0.1:
//
//	cfg := oauth.Moi.Config(id, secret, "http://localhost:8910/callback", oauth.AllScopes()...)
//
// Scopes are written as the constants of this package; the names that travel carry the prefix that the consent page
// wants.
//
// [Moi] is right for every application of that portal, and for most older ones. [Cloud] is for those applications of
// the closed portal that Moi refuses. An application that was refreshed at Cloud until now takes its grants along to
// Moi with [WithMovedFrom].
//
// # A command-line program
//
// It asks for consent when there is no grant or the grant is dead, and goes on with the same source. That a grant was
// revoked can show at a request only: a client's error that is [ErrReauthorize] calls for Login too.
//
//	store := oauth.NewFileStore("token.json")
//	ts, err := oauth.NewTokenSource(ctx, cfg, store)
//	if err != nil {
//		return err
//	}
//	_, err = ts.TokenContext(ctx)
//	if errors.Is(err, oauth.ErrNoToken) || errors.Is(err, oauth.ErrReauthorize) {
//		_, err = oauth.Login(ctx, cfg, store)
//	}
//	if err != nil {
//		return err
//	}
//	client, err := oura.NewClient(oura.WithTokenSource(ts))
//
// # A web application
//
// It keeps a grant for each of its users. The handler at the redirect URL's path exchanges the code, and Success stores
// the token for who is logged in:
//
//	callback := &oauth.Callback{
//		Config: cfg,
//		Success: func(w http.ResponseWriter, r *http.Request, token *oauth2.Token) {
//			if err := grants.For(userOf(r)).Save(r.Context(), token); err != nil {
//				http.Error(w, "Please try again.", http.StatusInternalServerError)
//				return
//			}
//			http.Redirect(w, r, "/", http.StatusSeeOther)
//		},
//	}
//	http.HandleFunc("GET /connect", callback.Begin)
//	http.Handle("GET /callback", callback)
//
// Here grants is a [github.com/oura-go/sdk/oauth/sqlstore.Store], or a function of yours that finds the user's
// [FileStore]. Elsewhere [Sources] hands out the user's source, one for all who ask:
//
//	sources, err := oauth.NewSources(ctx, cfg, grants.For)
//	ts, err := sources.For(user)
//
// # What a person has to do, and what can wait
//
//	error                                 meaning and cure
//	*[ConfigError]                        the configuration cannot work and nothing was sent: change the field that it names
//	*[ConsentPageError]                   the consent page refuses: compare the redirect URL with the registered one,
//	                                      character by character, and the client id
//	[ErrConsentDenied]                    the person said no
//	[ErrState], [ErrCodeUsed], [ErrNoCode]  the callback is another's, old or incomplete: begin the consent again
//	[ErrIssuer]                           the callback comes from another service and its code was not sent: begin again
//	[ErrPaste]                            nothing was pasted, or not the address that failed to load
//	[MissingScopes] is not empty          the person unticked scopes, or the portal does not allow them: ask again
//	[ErrReauthorize]                      the grant is dead: ask for consent again
//	[ErrNoToken]                          nothing is stored yet: ask for consent
//	[ErrWrongGrant]                       the stored grant is of another token URL: use that, take it along with
//	                                      [WithMovedFrom], or ask for consent
//	[ErrJustRefreshed]                    the service rejects a token that is less than 60 s old: report it
//	*[SaveError]                          refreshed but not stored: mend the store and call again, nothing is lost
//	*[TokenError] 429, 5xx                passing: try again later, the store is untouched
//	*[TokenError] invalid_client,
//	invalid_request, unauthorized_client  configuration: a wrong id or secret, or the other [Family], which the text names;
//	                                      waiting cures nothing
//
// # Secrets
//
// No error, and no type of this package under any formatting verb, in JSON or in slog, shows a token, a client secret,
// a code or a key. An [oauth2.Token] is not a type of this package and prints what it holds: do not log one.
package oauth

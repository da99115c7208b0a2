package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/oura-go/sdk/api"
)

// Document is openapi.yaml, ready to check exchanges. It is safe for concurrent use.
type Document struct {
	T *openapi3.T

	router  routers.Router
	options *openapi3filter.Options
}

// Load reads and validates an OpenAPI document.
func Load(path string) (*Document, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("contract: %s: %w", path, err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("contract: %s: %w", path, err)
	}
	if err := spellOut(doc); err != nil {
		return nil, fmt.Errorf("contract: %s: %w", path, err)
	}
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.PlainBodyDecoder)
	return &Document{T: doc, router: router, options: &openapi3filter.Options{
		IncludeResponseStatus:             true,
		RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults:               true,
		AuthenticationFunc:                authenticate,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{
			openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
				"date":            format(api.ParseDate),
				"date-time":       format(parseInstant),
				"local-date-time": format(api.ParseLocalDateTime),
				"day-or-instant":  format(parseDayOrInstant),
			}),
		},
	}}, nil
}

// spellOut writes every schema in full, without references, which changes nothing of its meaning. The references within a
// schema are those of its direct children, and the walk comes to every schema.
func spellOut(doc *openapi3.T) error {
	return doc.WalkSchemas(func(_ string, schema *openapi3.SchemaRef) error {
		for _, child := range children(schema.Value) {
			child.Ref = ""
		}
		return nil
	})
}

// children returns the schemas within one, of the keywords that the document uses.
func children(s *openapi3.Schema) []*openapi3.SchemaRef {
	list := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, slices.Collect(maps.Values(s.Properties)))
	if s.Items != nil {
		list = append(list, s.Items)
	}
	return list
}

func parseInstant(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) }

func parseDayOrInstant(s string) (any, error) {
	if !strings.Contains(s, "T") {
		return api.ParseDate(s)
	}
	return parseInstant(s)
}

func format[T any](parse func(string) (T, error)) openapi3.StringFormatValidator {
	return openapi3.NewCallbackValidator(func(s string) error {
		_, err := parse(s)
		return err
	})
}

// authenticate asks for the credential of a security scheme, not for its worth.
func authenticate(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	header := in.RequestValidationInput.Request.Header
	value := header.Get("Authorization")
	if in.SecurityScheme.Type == "apiKey" {
		value = header.Get(in.SecurityScheme.Name)
	} else if token, ok := strings.CutPrefix(value, "Bearer "); !ok || token == "" {
		value = ""
	}
	if value == "" {
		return in.NewError(nil)
	}
	return nil
}

// Exchange is a request and its answer.
type Exchange struct {
	Method      string
	URL         *url.URL
	Header      http.Header
	RequestBody []byte

	Status     int
	Answer     http.Header // of the answer
	AnswerBody []byte
}

// Difference is one thing that the document does not allow.
type Difference struct {
	// Operation is the operationId, empty where the document has no such operation.
	Operation string

	// In is "request" or "response".
	In string

	// Pointer is the place in the body, as in "/data/0/day"; empty for the whole, or where it is not the body.
	Pointer string

	Err error
}

// String returns the difference in a line or a few.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s %s: %v", d.Operation, d.In, d.Pointer, d.Err)
}

// origin is where the document says that the service is. Exchanges with a service elsewhere are checked as if they had
// gone there.
const origin = "https://api.ouraring.com"

// Check returns what the document does not allow of an exchange, and the operation that it belongs to. Where the answer
// is an error, the request is not held against the document: refusing it was right.
func (d *Document) Check(ctx context.Context, e Exchange) (operation string, differences []Difference) {
	target, err := url.Parse(origin + e.URL.EscapedPath() + "?" + e.URL.RawQuery)
	if err != nil {
		return "", []Difference{{In: "request", Err: err}}
	}
	req := &http.Request{
		Method: e.Method, URL: target, Host: target.Host, Header: e.Header.Clone(),
		Body: io.NopCloser(bytes.NewReader(e.RequestBody)), ContentLength: int64(len(e.RequestBody)),
	}
	route, params, err := d.router.FindRoute(req)
	if err != nil {
		return "", []Difference{{In: "request", Err: fmt.Errorf("%s %s: %w", e.Method, e.URL.Path, err)}}
	}
	operation = route.Operation.OperationID
	in := &openapi3filter.RequestValidationInput{
		Request: req.WithContext(ctx), PathParams: params, Route: route, Options: d.options,
	}
	if e.Status < 400 {
		differences = append(differences, d.checkRequest(ctx, in)...)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: e.Status, Header: e.Answer, Options: d.options,
	}
	answer.SetBodyBytes(e.AnswerBody)
	if err := openapi3filter.ValidateResponse(ctx, answer); err != nil {
		differences = append(differences, found(operation, "response", err)...)
	} else if e.Status == http.StatusNoContent && len(e.AnswerBody) > 0 {
		differences = append(differences, Difference{operation, "response", "", errors.New("a body where there is none")})
	}
	return operation, differences
}

func (d *Document) checkRequest(ctx context.Context, in *openapi3filter.RequestValidationInput) []Difference {
	operation := in.Route.Operation
	var differences []Difference
	for name := range in.Request.URL.Query() {
		if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			err := fmt.Errorf("the query has %q, which the operation does not take", name)
			differences = append(differences, Difference{operation.OperationID, "request", "", err})
		}
	}
	if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
		differences = append(differences, found(operation.OperationID, "request", err)...)
	}
	return differences
}

// found takes the error of a validator apart, so that each value at fault is one difference.
func found(operation, in string, err error) []Difference {
	places := map[string][]error{}
	for _, leaf := range leaves(err) {
		pointer := pointerTo(leaf.InstanceLocation)
		places[pointer] = append(places[pointer], leaf)
	}
	if len(places) == 0 { // not about the schema of a body
		return []Difference{{operation, in, "", err}}
	}
	var differences []Difference
	for _, pointer := range slices.Sorted(maps.Keys(places)) {
		differences = append(differences, Difference{operation, in, pointer, errors.Join(places[pointer]...)})
	}
	return differences
}

// leaves returns the errors of the JSON Schema validator at the bottom of err.
func leaves(err error) []*jsonschema.ValidationError {
	var below []error
	switch e := err.(type) { //nolint:errorlint // this walks the chain itself, and errors.As would stop at the first
	case *jsonschema.ValidationError:
		if len(e.Causes) == 0 {
			return []*jsonschema.ValidationError{e}
		}
		for _, cause := range e.Causes {
			below = append(below, cause)
		}
	case openapi3.MultiError: // it has no Unwrap
		below = e
	case interface{ Unwrap() error }:
		below = []error{e.Unwrap()}
	}
	var list []*jsonschema.ValidationError
	for _, e := range below {
		list = append(list, leaves(e)...)
	}
	return list
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

func pointerTo(location []string) string {
	var b strings.Builder
	for _, key := range location {
		b.WriteString("/" + escape.Replace(key))
	}
	return b.String()
}

package api

// Page is the envelope of every list: some items, and the token of the page after them.
type Page[T any] struct {
	// The items of this page; may be empty.
	Data []T `json:"data"`

	// Token of the next page. Nil or empty on the last one.
	NextToken *string `json:"next_token"`
}

package decode

import "testing"

func TestProperty(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"a":1,"day":"x","b":[{"day":2}]}`: `"x"`,
		`{"day":"x","day":null}`:            `null`,
		`{"d\u0061y": {"a":[]} }`:           `{"a":[]}`,
		`{"Day":1}`:                         "",
		`{"day":1`:                          "",
		`{"day":1,}`:                        "",
		`[{"day":1}]`:                       "",
		`"day"`:                             "",
		``:                                  "",
	} {
		if got, ok := Property([]byte(doc), "day"); string(got) != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t, want %q", doc, got, ok, want)
		}
	}
}

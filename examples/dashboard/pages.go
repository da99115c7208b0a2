package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/oura-go/sdk/oura"
)

//go:embed templates
var templates embed.FS

// layouts are the pages by name, each with the frame that all have.
var layouts = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"welcome", "trouble", "night", "trends", "activity", "year"} {
		t := template.New("layout.html").Funcs(template.FuncMap{"weekdays": weekdays})
		all[name] = template.Must(t.ParseFS(templates, "templates/layout.html", "templates/"+name+".html"))
	}
	return all
}()

// page is what every template gets.
type page struct {
	Title     string
	Name      string // of the template, and of its place in the navigation
	Connected bool   // whether there are data to show
	CanLeave  bool   // whether there is a grant to end
	View      any
}

// patience is how long a page may take to be made. A wait that does not fit into it fails at once, and says how long it
// would have been.
const patience = 20 * time.Second

// page makes a handler of a function that reads what a page shows.
func (a *app) page(read func(ctx context.Context, c *oura.Client, r *http.Request) (page, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		client, err := a.client(r)
		if errors.Is(err, errNotConnected) {
			if r.URL.Path != "/" {
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			a.render(w, http.StatusOK, page{Title: "Connect your ring", Name: "welcome"})
			return
		}
		if err != nil {
			a.trouble(w, r, err)
			return
		}
		p, err := read(ctx, client, r)
		if err != nil {
			a.trouble(w, r, err)
			return
		}
		p.Connected, p.CanLeave = true, a.fixed == nil
		a.render(w, http.StatusOK, p)
	}
}

// render writes the page as a whole, or that it could not be made.
func (a *app) render(w http.ResponseWriter, status int, p page) {
	var out bytes.Buffer
	if err := layouts[p.Name].Execute(&out, p); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w)
}

package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net/http"
)

//go:embed templates
var templates embed.FS

// layouts are the pages by name, each with the frame that all have.
var layouts = func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range []string{"welcome", "copying", "trouble", "disconnect", "night", "trends", "activity", "year"} {
		t := template.New("layout.html").Funcs(template.FuncMap{"weekdays": weekdays, "level": func(i int) int { return i + 1 }})
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
	Copy      standing
	Notice    *trouble // beside the data: why there is nothing newer
	View      any
}

// page makes a handler of a function that reads what a page shows from the copy.
func (a *app) page(read func(ctx context.Context, s standing, r *http.Request) (page, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		person, err := a.person(r)
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
		now := person.standing(r.Context(), a)
		p := page{Title: "Copying your data", Name: "copying", View: now}
		switch {
		case now.Me == nil && now.Err != nil:
			err = now.Err
		case now.Me == nil:
			w.Header().Set("Refresh", "1")
		default:
			if err = now.notShared(); err == nil {
				p, err = read(r.Context(), now, r)
			}
		}
		if err != nil {
			a.trouble(w, r, err)
			return
		}
		p.Connected, p.CanLeave, p.Copy = true, a.fixed == nil, now
		if now.Err != nil {
			p.Notice = new(a.describe(now.Err, r))
		}
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
